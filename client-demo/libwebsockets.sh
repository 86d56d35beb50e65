#!/bin/sh
# client-demo/libwebsockets.sh FOLDER - a libwebsockets that runs on libevent.
#
# Called by the Makefile, once. A system libwebsockets that has libevent built in is left to do the
# job. Otherwise (Debian 12 and 13: no libevent in it, nor as a plug-in, and its own loop is poll())
# the pinned source comes from the machine's own Debian mirror and goes to FOLDER/include and
# FOLDER/lib.
#   CFLAGS=...                        flags of the compiler; the Makefile gives those of hardening
#   LWS_TARBALL=/path/of/the.tar.gz   use this copy of the source
#   LWS_MIRROR=http://host/debian     use this Debian mirror
set -eu

library=libwebsockets
version=4.3.5
sha256=87f99ad32803ed325fceac5327aae1f5c1b417d54ee61ad36cffc8df5f5ab276
pool=pool/main/libw/libwebsockets/libwebsockets_$version.orig.tar.gz
given=${LWS_TARBALL:-} given_as=LWS_TARBALL
mirror=${LWS_MIRROR:-} mirror_as=LWS_MIRROR

folder=$1
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
log=$folder/libwebsockets.log
. "$(dirname "$0")/debian_source.sh"

# LWS_WITH_EVLIB_PLUGINS means that libevent is in a plug-in of its own, which may not be installed.
system_has_it() {
    ${CC:-cc} -E -x c - >/dev/null 2>&1 <<'END'
#include <libwebsockets.h>
#if !defined(LWS_WITH_LIBEVENT) || defined(LWS_WITH_EVLIB_PLUGINS) || \
    LWS_LIBRARY_VERSION_NUMBER < 4003000
#error no
#endif
END
}

build() {
    cmake -S "$1" -B "$1/build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$folder" \
        -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_C_COMPILER="${CC:-cc}" -DCMAKE_C_FLAGS="${CFLAGS:-}" \
        -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
        -DLWS_WITH_LIBEVENT=ON -DLWS_WITH_EVLIB_PLUGINS=OFF -DLWS_WITH_SHARED=OFF \
        -DLWS_WITHOUT_EXTENSIONS=OFF -DLWS_WITHOUT_TESTAPPS=ON -DLWS_IPV6=ON \
        -DLWS_HAVE_LIBCAP=0 -DCMAKE_EXPORT_NO_PACKAGE_REGISTRY=ON &&
        cmake --build "$1/build" --parallel "$(nproc)" && cmake --install "$1/build"
}

if system_has_it; then
    echo "libwebsockets: the system's, with libevent"
    exit 0
fi
tarball=$(source_file "$folder/libwebsockets-$version.tar.gz")
echo "libwebsockets: building $version with libevent (half a minute, once)"
source=$folder/libwebsockets-$version
rm -rf "$source"
tar -xzf "$tarball" -C "$folder"
build "$source" >>"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    exit 1
}
rm -rf "$source"
