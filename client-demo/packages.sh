#!/bin/sh
# client-demo/packages.sh check|install NEED... - is everything here that NEED takes?
#
# Called by the Makefile before each build. Needs: build, demo, test, deb, root, asan, lint; and
# python or php, for a demo with that BACKEND.
# Looks for the things themselves (a header, a command), not for package names, so it is content
# with any way of installing them. "check" names what is missing and fails; "install" has apt-get
# install just that. Silent and quick when nothing is missing.
set -eu

# What each need takes, and the Debian package that brings it: a header, a command, a file, or a
# part of clang's runtime.
table() {
    cat <<'END'
build header  crypt.h                   libcrypt-dev
build header  openssl/ssl.h             libssl-dev
build header  zlib.h                    zlib1g-dev
build header  event2/event.h            libevent-dev
build header  hiredis/async.h           libhiredis-dev
build header  cjson/cJSON.h             libcjson-dev
build header  curl/curl.h               libcurl4-openssl-dev
build command cmake                     cmake
build command xz                        xz-utils
build command node                      nodejs
build command npm                       npm
build file    /etc/ssl/certs/ca-certificates.crt  ca-certificates
demo  command nginx                     nginx
python command python3                  python3
php   command php                       php-cli
test  command python3                   python3
test  command php                       php-cli
test  command chromium                  chromium
test  command pkg-config                pkg-config
test  command openssl                   openssl
test  command mandoc                    mandoc
test  command zsh                       zsh
test  command lintian                   lintian
test  command haproxy                   haproxy
test  file    /usr/lib/nginx/modules/ngx_stream_module.so libnginx-mod-stream
test  command apache2                   apache2-bin
test  command lighttpd                  lighttpd
test  command caddy                     caddy
test  command varnishd                  varnish
test  file    /usr/lib/python3/dist-packages/socketIO_client python3-socketio-client
test  file    /usr/lib/python3/dist-packages/socketio python3-socketio
test  file    /usr/lib/python3/dist-packages/redis python3-redis
test  file    /usr/share/fonts/truetype fonts-dejavu-core
deb   command dh                        debhelper
deb   command dpkg-buildpackage         dpkg-dev
root  command debootstrap               debootstrap
asan  command clang                     clang
asan  runtime libclang_rt.asan          libclang-rt-dev
asan  runtime libclang_rt.fuzzer        libclang-rt-dev
asan  command llvm-symbolizer           llvm
lint  command clang-format              clang-format
lint  command clang-tidy                clang-tidy
lint  command cppcheck                  cppcheck
END
    # A Redis of the user's own makes ours unnecessary in the demo; tests always start theirs.
    [ -n "${REDIS_URL:-}" ] || echo "demo command redis-server redis-server"
    echo "test command redis-server redis-server"
}

# Daemons live in sbin, which is not on every user's path.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

has_headers() {
    printf '#include <%s>\n' "$@" | ${CC:-cc} -E -x c - >/dev/null 2>&1
}

has() {
    case $1 in
    header) has_headers "$2" ;;
    command) command -v "$2" >/dev/null ;;
    file) [ -e "$2" ] ;;
    # In a folder that Debian 12 names after the system, and clang 19 after the target.
    runtime) ls "$(clang -print-resource-dir 2>/dev/null)"/lib/*/"$2"* >/dev/null 2>&1 ;;
    esac
}

# The packages missing for the needs named, one per line. One compiler run answers for all headers
# in the usual case that none is missing.
missing() {
    pattern=$(echo "$*" | tr ' ' '|')
    rows=$(table | grep -E "^($pattern) ")
    # shellcheck disable=SC2046 # header names hold no blanks
    has_headers $(echo "$rows" | awk '$2 == "header" { print $3 }') stddef.h &&
        rows=$(echo "$rows" | grep -v ' header ')
    echo "$rows" | while read -r _ kind what package; do
        has "$kind" "$what" || echo "$package"
    done | sort -u
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# Installing redis-server or a proxy must not start them: policy-rc.d refuses for that long, unless
# the machine has one of its own.
install_packages() {
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        # shellcheck disable=SC2064 # now, not then
        trap "as_root rm -f $policy" EXIT
        trap 'exit 130' INT TERM
        printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
        as_root chmod 755 $policy
    fi
    apt_get "$@" || {
        as_root apt-get -qq update
        apt_get "$@"
    }
}

apt_get() {
    log=$(mktemp)
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq -y --no-install-recommends install "$@" >"$log" 2>&1 && status=0 || status=$?
    [ $status = 0 ] || tail -n 5 "$log" >&2
    rm -f "$log"
    return $status
}

action=$1
shift
packages=$(missing "$@" | tr '\n' ' ')
[ -n "$packages" ] || exit 0

if [ "$action" = check ]; then
    echo "missing: ${packages}- \"make deps\" installs what building needs" >&2
    exit 1
fi
if ! command -v apt-get >/dev/null; then
    echo "missing: ${packages}(Debian's names) - please install them" >&2
    exit 1
fi
echo "Installing ${packages}(needed for: $*); this can take some minutes"
# shellcheck disable=SC2086 # a list of names
install_packages $packages
