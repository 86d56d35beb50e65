#!/bin/sh
# client-demo/deb.sh VERSION FOLDER - the Debian packages of a tree that is built.
#
# Called by "make deb". Copies what is needed to FOLDER/siobroker-VERSION, adds debian/ and has
# dpkg-buildpackage do the rest: neither another PREFIX nor debhelper changes anything in the tree.
# Nothing is fetched. DEBFULLNAME and DEBEMAIL say who makes the packages.
set -eu

version=$1
folder=$2
tree=$folder/siobroker-$version
cd "$(dirname "$0")/.."

rm -rf "$folder"
mkdir -p "$tree"

# With their times, which tell make that all is there. What is made of tests does not matter.
tar -c --exclude=node_modules --exclude=build/obj/tests Makefile LICENSE README.md server protocol \
    store client-demo build/deps build/share build/man build/completion build/obj build/lib \
    build/flags build/where build/siobroker build/siobroker.pc build/libsiobroker.* |
    tar -x -C "$tree"

cp -r client-demo/debian "$tree/debian"
fill() {
    sed -e "s|@version@|$version|g" -e "s|@date@|$(date -R -r Makefile)|" \
        -e "s|@maintainer@|${DEBFULLNAME:-The siobroker authors} <${DEBEMAIL:-root@$(uname -n)}>|" \
        "$tree/debian/$1.in" >"$tree/debian/$1"
    rm "$tree/debian/$1.in"
}
fill control
fill changelog

# -d: packages.sh has looked for what is needed, in its way.
cd "$tree"
dpkg-buildpackage -b -d -us -uc >../build.log 2>&1 || {
    tail -n 40 ../build.log >&2
    exit 1
}
cd ..
ls ./*.deb
