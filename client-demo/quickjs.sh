#!/bin/sh
# client-demo/quickjs.sh FOLDER - QuickJS, the interpreter of JavaScript, as a static library.
#
# Called by the Makefile, once. The pinned source comes from the machine's own Debian mirror and goes
# to FOLDER/include/quickjs and FOLDER/lib. Debian has no package of it that is the same on 12 and 13.
#   CFLAGS=...                            flags of the compiler; the Makefile gives those of hardening
#   QUICKJS_TARBALL=/path/of/the.tar.xz   use this copy of the source
#   QUICKJS_MIRROR=http://host/debian     use this Debian mirror
set -eu

library=quickjs
version=2025.04.26
sha256=ec81da5b3249ed648dbc7df4a1654988910e66a118d9b71cb63534216efcfbbe
pool=pool/main/q/quickjs/quickjs_$version.orig.tar.xz
given=${QUICKJS_TARBALL:-} given_as=QUICKJS_TARBALL
mirror=${QUICKJS_MIRROR:-} mirror_as=QUICKJS_MIRROR

folder=$1
mkdir -p "$folder/include/quickjs" "$folder/lib"
folder=$(cd "$folder" && pwd)
log=$folder/quickjs.log
. "$(dirname "$0")/debian_source.sh"

# Its own makefile builds programs around it; the library is these files. It counts on signed
# numbers that wrap.
build() {
    cd "$1"
    for file in quickjs cutils dtoa libregexp libunicode; do
        ${CC:-cc} -O2 -fPIC -fwrapv -D_GNU_SOURCE -DCONFIG_VERSION="\"$version\"" ${CFLAGS:-} \
            -c $file.c -o $file.o &
    done
    wait
    rm -f "$folder/lib/libquickjs.a"
    ${AR:-ar} rcs "$folder/lib/libquickjs.a" quickjs.o cutils.o dtoa.o libregexp.o libunicode.o
    cp quickjs.h "$folder/include/quickjs/"
}

tarball=$(source_file "$folder/quickjs-$version.tar.xz")
echo "quickjs: building $version (half a minute, once)"
source=$folder/quickjs-$version
rm -rf "$source"
tar -xJf "$tarball" -C "$folder"
(build "$source") >>"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    exit 1
}
rm -rf "$source"
