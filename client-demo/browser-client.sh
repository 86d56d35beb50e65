#!/bin/sh
# client-demo/browser-client.sh WORK TARGET - the client files that the broker serves.
#
# Called by the Makefile. Installs the npm packages pinned by package-lock.json in WORK and copies
# what a browser may ask for: the client of socket.io 0.9 to TARGET, that of 4.x to TARGET/4, and
# the page of the Admin UI to TARGET/admin-ui. That package would bring socket.io for Node along,
# which its part for servers needs (--legacy-peer-deps).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$1
target=$2

mkdir -p "$work" "$target/4"
cp "$here/package.json" "$here/package-lock.json" "$work/"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
(cd "$work" && npm ci --legacy-peer-deps --ignore-scripts --no-audit --no-fund \
    --loglevel=error) >"$log" 2>&1 || {
    head -n 20 "$log" >&2
    exit 1
}
for file in socket.io.js socket.io.min.js socket.io.esm.min.js; do
    cp "$work/node_modules/socket.io-client-4/dist/$file" \
        "$work/node_modules/socket.io-client-4/dist/$file.map" "$target/4/"
done
rm -rf "$target/admin-ui"
cp -R "$work/node_modules/@socket.io/admin-ui/ui/dist" "$target/admin-ui"
find "$target/admin-ui" -name '*.map' -delete
# The page asks two hosts outside for its icons and its letters, and so tells them who uses it. The
# icons come from here instead, and the letters are those of the browser.
mkdir "$target/admin-ui/fonts"
cp "$work/node_modules/@mdi/font/css/materialdesignicons.min.css" "$target/admin-ui/css/"
cp "$work/node_modules/@mdi/font/fonts/"*.woff2 "$target/admin-ui/fonts/"
sed -i -e 's|<link rel="stylesheet" href="https://fonts.googleapis.com/[^"]*">||' \
    -e 's|https://cdn.jsdelivr.net/npm/@mdi/font@latest/css/|css/|' "$target/admin-ui/index.html"
if grep -q 'href="https://' "$target/admin-ui/index.html"; then
    echo "browser-client.sh: the page of the Admin UI asks hosts outside for its parts" >&2
    exit 1
fi
# socket.io.js last: its time tells make that all are there.
for file in socket.io.min.js WebSocketMain.swf WebSocketMainInsecure.swf socket.io.js; do
    cp "$work/node_modules/socket.io-client/dist/$file" "$target/"
done
