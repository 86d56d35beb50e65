/*
 * server/socketio/args.c - arguments made one by one: sio_args_new() and others of siobroker.h.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/buf.h"
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/utf8.h"
#include "server/siobroker.h"

struct sio_args {
    sio_buf     json;  /* "[" and elements, without the bracket that ends it */
    sio_buf     bytes; /* of all attachments, one behind the other */
    sio_buf     ends;  /* a size_t for each: where its bytes end */
    sio_buf     views; /* sio_bytes, made when they are asked for */
    bool        failed;
    sio_content content;
};

sio_args *
sio_args_new(void)
{
    sio_args *a = calloc(1, sizeof *a);

    if (a == NULL)
        return NULL;
    sio_buf_init(&a->json, SIZE_MAX);
    sio_buf_init(&a->bytes, SIZE_MAX);
    sio_buf_init(&a->ends, SIZE_MAX);
    sio_buf_init(&a->views, SIZE_MAX);
    sio_args_clear(a);
    return a;
}

void
sio_args_clear(sio_args *a)
{
    if (a == NULL)
        return;
    sio_buf_clear(&a->json);
    sio_buf_clear(&a->bytes);
    sio_buf_clear(&a->ends);
    sio_buf_clear(&a->views);
    a->failed = false;
    sio_buf_add_char(&a->json, '[');
}

void
sio_args_free(sio_args *a)
{
    if (a == NULL)
        return;
    sio_buf_fini(&a->json);
    sio_buf_fini(&a->bytes);
    sio_buf_fini(&a->ends);
    sio_buf_fini(&a->views);
    free(a);
}

/* The array that the next argument is to be added to. */
static sio_buf *
begin_argument(sio_args *a)
{
    if (a->json.len > 1)
        sio_buf_add_char(&a->json, ',');
    return &a->json;
}

void
sio_args_text_n(sio_args *a, const char *text, size_t len)
{
    if (a == NULL)
        return;
    if (!sio_utf8_valid((sio_view){text, len}))
        a->failed = true;
    else
        sio_buf_add_json_string(begin_argument(a), (sio_view){text, len}, SIO_JSON_PLAIN);
}

void
sio_args_text(sio_args *a, const char *text)
{
    if (text == NULL)
        sio_args_null(a);
    else
        sio_args_text_n(a, text, strlen(text));
}

static void
add_word(sio_args *a, const char *word)
{
    if (a != NULL)
        sio_buf_add_str(begin_argument(a), word);
}

void
sio_args_null(sio_args *a)
{
    add_word(a, "null");
}

void
sio_args_bool(sio_args *a, bool value)
{
    add_word(a, value ? "true" : "false");
}

void
sio_args_int(sio_args *a, long long value)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%lld", value);
    add_word(a, digits);
}

/* With the digits that it takes to read the same again, and a point whatever the locale. */
void
sio_args_double(sio_args *a, double value)
{
    char  digits[40];
    char *comma;

    if (!isfinite(value)) {
        sio_args_null(a);
        return;
    }
    snprintf(digits, sizeof digits, "%.15g", value);
    if (strtod(digits, NULL) != value)
        snprintf(digits, sizeof digits, "%.17g", value);
    if ((comma = strchr(digits, ',')) != NULL)
        *comma = '.';
    add_word(a, digits);
}

void
sio_args_json(sio_args *a, const char *json, size_t len)
{
    const sio_view value = sio_json_read_trim((sio_view){json, len});

    if (a == NULL)
        return;
    if (sio_json_validate(value, SIO_JSON_MAX_DEPTH - 1) != SIO_OK)
        a->failed = true;
    else
        sio_buf_add_view(begin_argument(a), value);
}

void
sio_args_bytes(sio_args *a, const void *bytes, size_t len)
{
    size_t end;

    if (a == NULL)
        return;
    sio_buf_add_str(begin_argument(a), "{\"_placeholder\":true,\"num\":");
    sio_buf_add_u64(&a->json, a->ends.len / sizeof end);
    sio_buf_add_char(&a->json, '}');
    sio_buf_add(&a->bytes, bytes, len);
    end = a->bytes.len;
    sio_buf_add(&a->ends, &end, sizeof end);
}

static void
list_attachments(sio_args *a)
{
    const size_t *ends = (const void *)a->ends.data;
    const size_t  n = a->ends.len / sizeof *ends;
    size_t        begin = 0;

    sio_buf_clear(&a->views);
    for (size_t i = 0; i < n; i++) {
        const sio_bytes one = {a->bytes.len > 0 ? a->bytes.data + begin : "", ends[i] - begin};

        sio_buf_add(&a->views, &one, sizeof one);
        begin = ends[i];
    }
}

/* The bracket is there, and the next argument overwrites it. */
const sio_content *
sio_args_content(sio_args *a, const char *event)
{
    if (a == NULL || event == NULL)
        return NULL;
    list_attachments(a);
    if (!sio_buf_reserve(&a->json, 1) || a->failed || a->bytes.failed || a->ends.failed ||
        a->views.failed)
        return NULL;
    a->json.data[a->json.len] = ']';
    a->content = (sio_content){
        .event = event,
        .event_len = strlen(event),
        .args_json = a->json.data,
        .args_len = a->json.len + 1,
        .attachments = (const void *)a->views.data,
        .n_attachments = a->ends.len / sizeof(size_t),
    };
    return &a->content;
}

/* --- Texts alone. --- */

static sio_args *
args_of_texts(va_list texts)
{
    sio_args   *a = sio_args_new();
    const char *text;

    while ((text = va_arg(texts, const char *)) != NULL)
        sio_args_text(a, text);
    return a;
}

int
sio_emit_texts(sio_socket *socket, const char *event, ...)
{
    va_list   texts;
    sio_args *args;
    int       rc;

    va_start(texts, event);
    args = args_of_texts(texts);
    va_end(texts);
    rc = sio_emit_n(socket, sio_args_content(args, event), 0, NULL, NULL);
    sio_args_free(args);
    return rc;
}

int
sio_broadcast_texts(sio_namespace *nsp, const sio_to *to, const char *event, ...)
{
    va_list   texts;
    sio_args *args;
    int       rc;

    va_start(texts, event);
    args = args_of_texts(texts);
    va_end(texts);
    rc = sio_broadcast_n(nsp, to, sio_args_content(args, event));
    sio_args_free(args);
    return rc;
}
