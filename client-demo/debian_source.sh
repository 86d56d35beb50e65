# client-demo/debian_source.sh - the pinned source of a library, from the machine's Debian mirror.
#
# For the scripts beside it that build one, which source this file with these set:
#   library version sha256   of what; the source must have that SHA-256
#   pool                     its path in the pool of Debian
#   log                      where the downloader writes
#   given given_as           a copy that the user names, or empty; and the variable that names it
#   mirror mirror_as         likewise a mirror

# The file of $1, and its sum.
is_right() {
    [ -f "$1" ] && echo "$sha256  $1" | sha256sum --check --status
}

mirrors() {
    if [ -n "$mirror" ]; then
        echo "$mirror"
    elif command -v apt-get >/dev/null; then
        apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sort -u
    fi
}

# apt's own downloader knows the machine's proxies and is there on every Debian.
download() {
    if [ -x /usr/lib/apt/apt-helper ]; then
        /usr/lib/apt/apt-helper download-file "$1" "$2"
    else
        curl --fail --silent --show-error --location --output "$2" "$1"
    fi >>"$log" 2>&1
}

fetch() {
    for from in $(mirrors); do
        download "${from%/}/$pool" "$1.new" && is_right "$1.new" || continue
        mv "$1.new" "$1"
        return 0
    done
    rm -f "$1.new"
    echo "$library $version could not be downloaded ($log tells why);" \
        "set $mirror_as to a Debian mirror or $given_as to a copy of its source" >&2
    return 1
}

# Print the path of a copy that is right; it is downloaded to $1 if it is not there yet.
source_file() {
    : >"$log"
    if [ -n "$given" ]; then
        is_right "$given" || {
            echo "$given: not the source of $library $version (SHA-256 $sha256)" >&2
            return 1
        }
        echo "$given"
    else
        is_right "$1" || fetch "$1" || return 1
        echo "$1"
    fi
}
