#include "server/script/interpreter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server/script/interrupt.h"
#include "server/script/stack.h"
#include "store/clock.h"

enum {
    STACK_BYTES = 4 * 1024 * 1024, /* of 8 MiB that a process has as a rule */
    RESERVE_BYTES = 1024 * 1024,   /* for the error that says that there is no memory */
    REPORT_BYTES = 4 * 1024 * 1024
};

/* A promise that was rejected, and nobody has said what to do then. */
typedef struct {
    sio_link link;
    JSValue  promise, reason;
} rejection;

sio_interpreter *
sio_interpreter_of(JSContext *context)
{
    return JS_GetContextOpaque(context);
}

/* --- Errors. --- */

/* Of what lib/ could not tell, since it is not there yet, or there is no memory. */
static void
report_plainly(sio_interpreter *in, JSValueConst error)
{
    const char *text = JS_IsNull(error) ? NULL : JS_ToCString(in->context, error);

    sio_log_line(in->io, 0, text != NULL ? text : "Uncaught InternalError: out of memory");
    JS_FreeCString(in->context, text);
    if (text == NULL)
        JS_FreeValue(in->context, JS_GetException(in->context));
}

/*
 * lib/errors.js tells it on standard error, as Node does, and answers with the status that the
 * program ends with; -1: process.on('uncaughtException') has taken it. That may need more memory.
 */
static int
ask_about_error(sio_interpreter *in, const char *hook, int n_args, JSValueConst *args)
{
    JSValue fn = JS_GetPropertyStr(in->context, in->hooks, hook);
    JSValue answer = JS_EXCEPTION;
    int     status = 1;

    in->memory.max_bytes += REPORT_BYTES;
    if (JS_IsFunction(in->context, fn))
        answer = JS_Call(in->context, fn, JS_UNDEFINED, n_args, args);
    JS_FreeValue(in->context, fn);
    if (JS_IsNumber(answer))
        (void)JS_ToInt32(in->context, &status, answer);
    if (JS_HasException(in->context))
        JS_FreeValue(in->context, JS_GetException(in->context));
    if (JS_IsException(answer) && !in->has_ended) /* else it is what process.exit() throws */
        report_plainly(in, args[0]);
    JS_FreeValue(in->context, answer);
    in->memory.max_bytes -= REPORT_BYTES;
    return status;
}

static void
report_error(sio_interpreter *in, const char *hook, int n_args, JSValueConst *args)
{
    const int status = ask_about_error(in, hook, n_args, args);

    if (status >= 0)
        sio_interpreter_end(in, status);
}

/* QuickJS throws null when there is no memory for an error. */
static JSValue
take_exception(sio_interpreter *in)
{
    JSValue error = JS_GetException(in->context);

    if (!JS_IsNull(error) || !in->memory.is_short)
        return error;
    in->memory.max_bytes += REPORT_BYTES;
    JS_ThrowInternalError(in->context, "out of memory");
    in->memory.max_bytes -= REPORT_BYTES;
    return JS_GetException(in->context);
}

void
sio_interpreter_report(sio_interpreter *in)
{
    JSValue error = take_exception(in);

    if (in->is_interrupted)
        sio_log_line(in->io, 1, "what did not return has been ended by a signal");
    else if (!in->has_ended) /* else it is what has ended it */
        report_error(in, "uncaught", 1, &error);
    in->is_interrupted = false;
    JS_FreeValue(in->context, error);
}

static void
free_rejection(sio_interpreter *in, rejection *r)
{
    sio_link_remove(&r->link);
    JS_FreeValue(in->context, r->promise);
    JS_FreeValue(in->context, r->reason);
    free(r);
}

static rejection *
find_rejection(sio_interpreter *in, JSValueConst promise)
{
    for (sio_link *l = in->rejections.next; l != &in->rejections; l = l->next) {
        rejection *r = SIO_CONTAINER(l, rejection, link);

        if (JS_VALUE_GET_PTR(r->promise) == JS_VALUE_GET_PTR(promise))
            return r;
    }
    return NULL;
}

static void
on_rejection(JSContext *context, JSValueConst promise, JSValueConst reason, JS_BOOL is_handled,
             void *arg)
{
    sio_interpreter *in = arg;
    rejection       *r = find_rejection(in, promise);

    if (is_handled && r != NULL)
        free_rejection(in, r);
    if (is_handled || r != NULL || (r = calloc(1, sizeof *r)) == NULL)
        return;
    r->promise = JS_DupValue(context, promise);
    r->reason = JS_DupValue(context, reason);
    sio_link_init(&r->link);
    sio_link_append(&in->rejections, &r->link);
}

void
sio_interpreter_forget_rejection(sio_interpreter *in, JSValueConst promise)
{
    rejection *r = find_rejection(in, promise);

    if (r != NULL)
        free_rejection(in, r);
}

/* What nobody has caught when all is done that was put off. */
static void
report_rejections(sio_interpreter *in)
{
    while (!sio_link_empty(&in->rejections) && !in->has_ended) {
        rejection *r = SIO_CONTAINER(in->rejections.next, rejection, link);
        JSValue    args[2] = {JS_DupValue(in->context, r->reason),
                              JS_DupValue(in->context, r->promise)};

        free_rejection(in, r);
        report_error(in, "unhandled", 2, args);
        JS_FreeValue(in->context, args[0]);
        JS_FreeValue(in->context, args[1]);
    }
}

/* --- Calls. --- */

/* Where it is that the script does not return from. */
static void
warn_of_endless(sio_interpreter *in, uint64_t now_ms)
{
    char *place = sio_stack_place(in->context);
    char  ms[32];

    snprintf(ms, sizeof ms, " for %llu ms", (unsigned long long)(now_ms - in->began_ms));
    sio_buf_clear(&in->scratch);
    sio_buf_add_str(&in->scratch, "the script does not return, and nobody is served: ");
    sio_buf_add_str(&in->scratch, in->doing);
    if (in->event.len > 0) {
        sio_buf_add_str(&in->scratch, " \"");
        sio_buf_add_view(&in->scratch, in->event);
        sio_buf_add_char(&in->scratch, '"');
    }
    sio_buf_add_str(&in->scratch, ms);
    if (place != NULL) {
        sio_buf_add_str(&in->scratch, ", at ");
        sio_buf_add_str(&in->scratch, place);
    }
    sio_buf_add_char(&in->scratch, '\0');
    if (!in->scratch.failed)
        sio_log_line(in->io, 1, in->scratch.data);
    free(place);
}

/* Asked by QuickJS every so many steps. Anything but 0 ends what runs. */
static int
on_interrupt(JSRuntime *runtime, void *arg)
{
    sio_interpreter *in = arg;
    const uint64_t   now_ms = sio_now_ms();

    (void)runtime;
    if (in->has_ended)
        return 1;
    if (in->doing == NULL || now_ms < in->began_ms + in->warn_after_ms)
        return 0;
    if (now_ms >= in->warn_at_ms) {
        in->warn_at_ms = now_ms + 1000;
        warn_of_endless(in, now_ms);
    }
    in->is_interrupted = sio_interrupt_is_asked();
    return in->is_interrupted;
}

/* process.nextTick() goes first, as in Node; lib/timers.js keeps that queue. */
static void
run_ticks(sio_interpreter *in)
{
    JSValue fn, result;

    if (!in->has_ticks)
        return;
    in->has_ticks = false; /* what throws leaves those behind it, and says so */
    fn = JS_GetPropertyStr(in->context, in->hooks, "ticks");
    if (JS_IsFunction(in->context, fn)) {
        result = JS_Call(in->context, fn, JS_UNDEFINED, 0, NULL);
        if (JS_IsException(result))
            sio_interpreter_report(in);
        JS_FreeValue(in->context, result);
    }
    JS_FreeValue(in->context, fn);
}

/* All promises, and then what they have put off: as in Node. */
static void
run_put_off(sio_interpreter *in)
{
    JSContext *context;
    int        rc;

    while (!in->has_ended && !in->is_exiting) {
        run_ticks(in);
        while (!in->has_ended && (rc = JS_ExecutePendingJob(in->runtime, &context)) != 0)
            if (rc < 0)
                sio_interpreter_report(in);
        run_ticks(in);
        if (in->has_ticks || JS_IsJobPending(in->runtime))
            continue;
        report_rejections(in);
        if (!in->has_ticks && !JS_IsJobPending(in->runtime))
            break;
    }
}

JSValue
sio_interpreter_call(sio_interpreter *in, const char *what, JSValueConst fn, JSValueConst self,
                     int n_args, JSValueConst *args)
{
    const char *outer = in->doing;
    JSValue     result;

    if (in->has_ended)
        return JS_UNDEFINED;
    for (int i = 0; i < n_args; i++)
        if (JS_IsException(args[i])) { /* no memory for what it is to be told */
            sio_interpreter_report(in);
            return JS_UNDEFINED;
        }
    in->doing = what;
    if (in->depth++ == 0) {
        in->began_ms = sio_now_ms();
        in->warn_at_ms = in->began_ms + in->warn_after_ms;
    }
    result = JS_Call(in->context, fn, self, n_args, args);
    if (JS_IsException(result)) {
        sio_interpreter_report(in);
        result = JS_UNDEFINED;
    }
    if (in->depth == 1)
        run_put_off(in);
    in->depth--;
    in->doing = outer;
    return result;
}

JSValue
sio_interpreter_call_hook(sio_interpreter *in, const char *what, const char *hook,
                          JSValueConst self, int n_args, JSValueConst *args)
{
    JSValue fn = JS_GetPropertyStr(in->context, in->hooks, hook);
    JSValue result = sio_interpreter_call(in, what, fn, self, n_args, args);

    JS_FreeValue(in->context, fn);
    return result;
}

void
sio_interpreter_end(sio_interpreter *in, int status)
{
    if (in->has_ended)
        return;
    in->has_ended = true;
    in->status = status;
    sio_stop(in->io);
}

JSValue
sio_interpreter_throw(JSContext *context)
{
    const char *why = sio_error(sio_interpreter_of(context)->io);

    return JS_ThrowTypeError(context, "%s", *why != '\0' ? why : "out of memory");
}

/* JS_ParseJSON() wants a NUL behind the text. */
JSValue
sio_interpreter_json(sio_interpreter *in, const char *text, size_t len)
{
    sio_buf_clear(&in->scratch);
    sio_buf_add(&in->scratch, text, len);
    sio_buf_add_char(&in->scratch, '\0');
    if (in->scratch.failed)
        return JS_ThrowOutOfMemory(in->context);
    return JS_ParseJSON(in->context, in->scratch.data, len, "<json>");
}

/* --- Life. --- */

/* No more than half of what the process has: what is called from the script needs some, too. */
static size_t
stack_bytes(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur / 2 > STACK_BYTES)
        return STACK_BYTES;
    return limit.rlim_cur / 2;
}

sio_interpreter *
sio_interpreter_new(sio_server *io, const sio_interpreter_limits *limits)
{
    sio_interpreter *in = calloc(1, sizeof *in);

    if (in == NULL)
        return NULL;
    in->io = io;
    in->warn_after_ms = limits->warn_after_ms;
    in->hooks = JS_UNDEFINED;
    in->worker = -1;
    sio_link_init(&in->sockets);
    sio_link_init(&in->decisions);
    sio_link_init(&in->acks);
    sio_link_init(&in->guards);
    sio_link_init(&in->listeners);
    sio_link_init(&in->connections);
    sio_link_init(&in->pages);
    sio_link_init(&in->outgoing);
    sio_link_init(&in->rejections);
    sio_buf_init(&in->scratch, SIZE_MAX);
    in->out.fd = STDOUT_FILENO;
    in->err.fd = STDERR_FILENO;
    in->memory =
        (sio_memory){.max_bytes = limits->max_memory_bytes, .reserve_bytes = RESERVE_BYTES};
    if ((in->runtime = sio_memory_new_runtime(&in->memory)) != NULL)
        in->context = JS_NewContext(in->runtime);
    if (in->context != NULL)
        in->hooks = JS_NewObject(in->context);
    if (!JS_IsObject(in->hooks)) {
        sio_interpreter_free(in);
        return NULL;
    }
    JS_SetContextOpaque(in->context, in);
    JS_SetMaxStackSize(in->runtime, stack_bytes());
    JS_SetInterruptHandler(in->runtime, on_interrupt, in);
    JS_SetHostPromiseRejectionTracker(in->runtime, on_rejection, in);
    return in;
}

void
sio_interpreter_free(sio_interpreter *in)
{
    if (in == NULL)
        return;
    while (!sio_link_empty(&in->rejections))
        free_rejection(in, SIO_CONTAINER(in->rejections.next, rejection, link));
    if (in->context != NULL) {
        JS_FreeValue(in->context, in->hooks);
        JS_FreeContext(in->context);
    }
    if (in->runtime != NULL)
        JS_FreeRuntime(in->runtime);
    sio_buf_fini(&in->scratch);
    free(in);
}
