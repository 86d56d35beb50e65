#include "server/script/stack.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/buf.h"

enum { USUAL_FRAMES = 10, MAX_FRAMES = 1000, MAX_HEAD = 8192 };

/* A line of QuickJS: "    at name (file:line:column)", "    at name (native)". */
typedef struct {
    sio_view name, file;
    unsigned line, column;
    bool     is_native;
} stack_frame;

/* --- Reading. --- */

static bool
view_begins(sio_view v, const char *text)
{
    const size_t n = strlen(text);

    return v.len >= n && memcmp(v.data, text, n) == 0;
}

/* Take ":number" from the end of it. */
static bool
take_number(sio_view *v, unsigned *number)
{
    size_t n = v->len;

    while (n > 0 && v->data[n - 1] >= '0' && v->data[n - 1] <= '9')
        n--;
    if (n == v->len || n == 0 || v->data[n - 1] != ':')
        return false;
    *number = (unsigned)strtoul(v->data + n, NULL, 10);
    v->len = n - 1;
    return true;
}

/* A name may have any character, so the place is looked for from the end. */
static void
split_frame(sio_view line, stack_frame *frame)
{
    size_t open = line.len;

    memset(frame, 0, sizeof *frame);
    frame->file = line;
    if (line.len > 0 && line.data[line.len - 1] == ')') {
        while (open > 1 && (line.data[open - 1] != '(' || line.data[open - 2] != ' '))
            open--;
        frame->name = (sio_view){line.data, open > 1 ? open - 2 : 0};
        frame->file = (sio_view){line.data + open, line.len - 1 - open};
    }
    if (view_begins(frame->name, "<anonymous>"))
        frame->name.len = 0;
    frame->is_native = frame->file.len == 6 && view_begins(frame->file, "native");
    if (take_number(&frame->file, &frame->column) && !take_number(&frame->file, &frame->line)) {
        frame->line = frame->column;
        frame->column = 0;
    }
}

static bool
is_of_lib(const stack_frame *frame)
{
    return view_begins(frame->file, "siobroker:");
}

/* Text of JSON.parse() and its kind is nowhere. */
static bool
is_shown(const stack_frame *frame)
{
    return !is_of_lib(frame) && !view_begins(frame->file, "<input>") &&
           !view_begins(frame->file, "<json>");
}

/* The next line of text that is a frame. */
static bool
next_frame(const char **text, stack_frame *frame)
{
    static const char begin[] = "    at ";

    while (**text != '\0') {
        const char    *line = *text;
        const size_t   n = strcspn(line, "\n");
        const sio_view all = {line, n};

        *text = line + n + (line[n] == '\n' ? 1 : 0);
        if (view_begins(all, begin)) {
            split_frame((sio_view){line + sizeof begin - 1, n - (sizeof begin - 1)}, frame);
            return true;
        }
    }
    return false;
}

/* A function of QuickJS that lib/ has called is a part of lib/. */
static bool
is_called_by_lib(const char *rest)
{
    stack_frame caller;

    while (next_frame(&rest, &caller))
        if (!caller.is_native)
            return is_of_lib(&caller);
    return false;
}

/* --- Writing. --- */

static void
add_place(const stack_frame *frame, sio_buf *out)
{
    const unsigned before = frame->file.len > 0 && frame->file.data[0] == '/' ? 1 : 0;
    char           text[32];

    sio_buf_add(out, frame->file.data, frame->file.len);
    if (frame->line > 0) {
        snprintf(text, sizeof text, ":%u:%u", frame->line > before ? frame->line - before : 1,
                 frame->column);
        sio_buf_add_str(out, text);
    }
}

static void
add_frame(const stack_frame *frame, sio_buf *out)
{
    sio_buf_add_str(out, "\n    at ");
    if (frame->name.len > 0) {
        sio_buf_add(out, frame->name.data, frame->name.len);
        sio_buf_add_str(out, " (");
    }
    if (frame->is_native)
        sio_buf_add_str(out, "<anonymous>");
    else
        add_place(frame, out);
    if (frame->name.len > 0)
        sio_buf_add_char(out, ')');
}

static void
add_frames(const char *text, unsigned n_left, sio_buf *out)
{
    stack_frame frame;

    while (n_left > 0 && next_frame(&text, &frame))
        if (is_shown(&frame) && !(frame.is_native && is_called_by_lib(text))) {
            add_frame(&frame, out);
            n_left--;
        }
}

/* A property that is a text; what a getter throws counts as none. */
static void
add_text_of(JSContext *context, JSValueConst error, const char *name, sio_buf *out)
{
    JSValue     value = JS_GetPropertyStr(context, error, name);
    const char *text = NULL;
    size_t      len;

    if (JS_IsString(value))
        text = JS_ToCStringLen(context, &len, value);
    if (text != NULL)
        sio_buf_add(out, text, len < MAX_HEAD ? len : MAX_HEAD);
    JS_FreeCString(context, text);
    JS_FreeValue(context, value);
    if (JS_HasException(context))
        JS_FreeValue(context, JS_GetException(context));
}

/* "Name: message", or the one that is there. */
static void
add_head(JSContext *context, JSValueConst error, sio_buf *out)
{
    size_t before;

    add_text_of(context, error, "name", out);
    before = out->len;
    if (before > 0)
        sio_buf_add_str(out, ": ");
    add_text_of(context, error, "message", out);
    if (!out->failed && out->len == before + 2 && before > 0)
        out->len = before;
}

static JSValue
global_error(JSContext *context)
{
    JSValue global = JS_GetGlobalObject(context);
    JSValue error = JS_IsObject(global) ? JS_GetPropertyStr(context, global, "Error")
                                        : JS_UNDEFINED; /* the context is being made */

    JS_FreeValue(context, global);
    return error;
}

static unsigned
frames_wanted(JSContext *context)
{
    JSValue error = global_error(context);
    JSValue limit =
        JS_IsObject(error) ? JS_GetPropertyStr(context, error, "stackTraceLimit") : JS_UNDEFINED;
    double n = USUAL_FRAMES;

    if (JS_IsNumber(limit))
        (void)JS_ToFloat64(context, &n, limit);
    JS_FreeValue(context, limit);
    JS_FreeValue(context, error);
    if (JS_HasException(context)) /* of a getter */
        JS_FreeValue(context, JS_GetException(context));
    return n >= (double)MAX_FRAMES ? MAX_FRAMES : n > 0 ? (unsigned)n : 0;
}

/* V8 has none of these. */
static void
forget_place(JSContext *context, JSValueConst error)
{
    static const char *const names[] = {"fileName", "lineNumber", "columnNumber"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        JSAtom name = JS_NewAtom(context, names[i]);

        (void)JS_DeleteProperty(context, error, name, 0);
        JS_FreeAtom(context, name);
    }
}

/* An error gets its stack on its way, too, and then it is the pending exception. */
JSValue
sio_stack_text(JSContext *context, JSValueConst error, const char *frames)
{
    const bool is_pending = JS_HasException(context);
    JSValue    pending = is_pending ? JS_GetException(context) : JS_UNDEFINED;
    sio_buf    text;
    JSValue    result = JS_UNDEFINED;

    sio_buf_init(&text, SIZE_MAX);
    add_head(context, error, &text);
    forget_place(context, error);
    add_frames(frames, frames_wanted(context), &text);
    if (!text.failed)
        result = JS_NewStringLen(context, text.len > 0 ? text.data : "", text.len);
    sio_buf_fini(&text);
    if (JS_IsException(result)) {
        JS_FreeValue(context, JS_GetException(context));
        result = JS_UNDEFINED;
    }
    if (is_pending)
        JS_Throw(context, pending);
    return result;
}

/* The first frame of an error that is made here. */
char *
sio_stack_place(JSContext *context)
{
    JSValue error = global_error(context);
    JSValue made = JS_CallConstructor(context, error, 0, NULL);
    JSValue stack = JS_IsObject(made) ? JS_GetPropertyStr(context, made, "stack") : JS_UNDEFINED;
    const char *text = JS_IsString(stack) ? JS_ToCString(context, stack) : NULL;
    const char *at = text;
    stack_frame frame;
    char       *place = NULL;

    while (at != NULL && place == NULL && next_frame(&at, &frame))
        if (frame.file.len > 0 && frame.file.data[0] == '/' &&
            asprintf(&place, "%.*s:%u:%u", (int)frame.file.len, frame.file.data, frame.line,
                     frame.column) < 0)
            place = NULL;
    JS_FreeCString(context, text);
    JS_FreeValue(context, stack);
    JS_FreeValue(context, made);
    JS_FreeValue(context, error);
    if (JS_HasException(context))
        JS_FreeValue(context, JS_GetException(context));
    return place;
}
