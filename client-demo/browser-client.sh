#!/bin/sh
# client-demo/browser-client.sh WORK TARGET - the client files that the broker serves.
#
# Called by the Makefile. Installs the npm package pinned by package-lock.json in WORK and copies
# the four files that a browser may ask for to TARGET.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$1
target=$2

mkdir -p "$work" "$target"
cp "$here/package.json" "$here/package-lock.json" "$work/"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
(cd "$work" && npm ci --ignore-scripts --no-audit --no-fund) >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    exit 1
}
for file in socket.io.min.js WebSocketMain.swf WebSocketMainInsecure.swf socket.io.js; do
    cp "$work/node_modules/socket.io-client/dist/$file" "$target/"
done
