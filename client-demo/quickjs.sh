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

# What scripts are used to of V8, where QuickJS has no switch for it:
#   - server/script/stack.c writes the "stack" of an error;
#   - a recursion without end throws a RangeError, in the words that programs look for;
#   - a loop knows its place in the source when it asks whether it is to be interrupted;
#   - of a module that throws the error goes to who imports it, and is no unhandled rejection.
adapt() {
    cat >"$1/adapt.sed" <<'END'
s/str = JS_NewString(ctx, (char \*)dbuf\.buf);/str = SIO_STACK;/
s/JS_ThrowInternalError(ctx, "stack overflow")/SIO_OVERFLOW/
s/if (unlikely(js_poll_interrupts(ctx)))/if (SIO_PLACE, unlikely(js_poll_interrupts(ctx)))/
s/\*pvalue = JS_PromiseResult(ctx, promise);/& SIO_HANDLED;/
s/^#define JS_INTERRUPT_COUNTER_INIT .*/&\
#define SIO_STACK sio_stack_text(ctx, error_obj, (char *)dbuf.buf)\
#define SIO_OVERFLOW JS_ThrowRangeError(ctx, "Maximum call stack size exceeded")\
#define SIO_PLACE sf->cur_pc = pc + 1\
#define SIO_HANDLED \\\
    ctx->rt->host_promise_rejection_tracker( \\\
        ctx, promise, *pvalue, TRUE, ctx->rt->host_promise_rejection_tracker_opaque)\
JSValue sio_stack_text(JSContext *ctx, JSValueConst error, const char *frames);/
END
    sed -i -f "$1/adapt.sed" "$1/quickjs.c"
    [ "$(grep -cE 'SIO_(STACK|OVERFLOW|PLACE|HANDLED)' "$1/quickjs.c")" = 14 ]
}

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
adapt "$source" || {
    echo "quickjs: this is not the source that client-demo/quickjs.sh knows" >&2
    exit 1
}
(build "$source") >>"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    exit 1
}
rm -rf "$source"
