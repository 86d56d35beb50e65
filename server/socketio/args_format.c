/*
 * server/socketio/args_format.c - arguments made by a format: sio_args_add() and others of
 * siobroker.h.
 */
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "protocol/buf.h"
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/utf8.h"
#include "server/siobroker.h"

typedef struct {
    const char *at; /* the rest of the format */
    va_list     values;
    sio_buf     json;
    bool        is_bad;
} formatting;

/* What stands between '%' and the letter of a conversion. */
typedef struct {
    int      len; /* of a text; -1: up to its NUL */
    unsigned n_long;
    bool     is_size;
} conversion_flags;

static conversion_flags
take_flags(formatting *f)
{
    conversion_flags flags = {.len = -1};

    if (strncmp(f->at, ".*s", 3) == 0) {
        flags.len = va_arg(f->values, int);
        f->at += 2;
    }
    for (; *f->at == 'l'; f->at++)
        flags.n_long++;
    if ((flags.is_size = *f->at == 'z'))
        f->at++;
    return flags;
}

static void
add_format_text(formatting *f, const conversion_flags *flags)
{
    const char *text = va_arg(f->values, const char *);
    sio_view    view;

    if (text == NULL) {
        sio_buf_add_str(&f->json, "null");
        return;
    }
    view = (sio_view){text, flags->len >= 0 ? (size_t)flags->len : strlen(text)};
    if (!sio_utf8_valid(view))
        f->is_bad = true;
    else
        sio_buf_add_json_string(&f->json, view, SIO_JSON_PLAIN);
}

static void
add_signed(formatting *f, const conversion_flags *flags)
{
    const long long value = flags->is_size        ? va_arg(f->values, ptrdiff_t)
                            : flags->n_long == 0u ? va_arg(f->values, int)
                            : flags->n_long == 1u ? va_arg(f->values, long)
                                                  : va_arg(f->values, long long);

    if (value < 0)
        sio_buf_add_char(&f->json, '-');
    sio_buf_add_u64(&f->json, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static void
add_unsigned(formatting *f, const conversion_flags *flags)
{
    sio_buf_add_u64(&f->json, flags->is_size        ? va_arg(f->values, size_t)
                              : flags->n_long == 0u ? va_arg(f->values, unsigned)
                              : flags->n_long == 1u ? va_arg(f->values, unsigned long)
                                                    : va_arg(f->values, unsigned long long));
}

/* f->at is behind the '%'; afterwards behind the conversion. */
static void
convert(formatting *f)
{
    const conversion_flags flags = take_flags(f);
    const bool             is_number = flags.n_long <= 2 && (flags.n_long == 0 || !flags.is_size);

    if (*f->at == 's' && flags.n_long == 0 && !flags.is_size)
        add_format_text(f, &flags);
    else if (*f->at == 'd' && is_number)
        add_signed(f, &flags);
    else if (*f->at == 'u' && is_number)
        add_unsigned(f, &flags);
    else if (*f->at == '%')
        sio_buf_add_char(&f->json, '%');
    else
        f->is_bad = true; /* what follows it can not be taken, either */
    f->at += *f->at != '\0';
}

static void
fill_format(formatting *f)
{
    while (*f->at != '\0' && !f->is_bad) {
        const size_t n = strcspn(f->at, "%");

        sio_buf_add(&f->json, f->at, n);
        f->at += n;
        if (*f->at == '%') {
            f->at++;
            convert(f);
        }
    }
}

/* Each value of list, an array, becomes an argument; a list that is none makes args no content. */
static void
add_each(sio_args *args, sio_view list, bool is_bad)
{
    sio_json_iter it;
    sio_view      value;

    if (is_bad || sio_json_validate(list, SIO_JSON_MAX_DEPTH) != SIO_OK) {
        sio_args_json(args, "", 0);
        return;
    }
    sio_json_read_array_begin(&it, list);
    while (sio_json_read_array_next(&it, &value))
        sio_args_json(args, value.data, value.len);
}

static void
add_formatted(sio_args *args, const char *format, va_list values)
{
    formatting f = {.at = format};

    va_copy(f.values, values);
    sio_buf_init(&f.json, SIZE_MAX);
    sio_buf_add_char(&f.json, '[');
    fill_format(&f);
    sio_buf_add_char(&f.json, ']');
    add_each(args, sio_buf_view(&f.json), f.is_bad || f.json.failed);
    sio_buf_fini(&f.json);
    va_end(f.values);
}

void
sio_args_add(sio_args *args, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    add_formatted(args, format, values);
    va_end(values);
}

static sio_args *
args_of_format(const char *format, va_list values)
{
    sio_args *args = sio_args_new();

    add_formatted(args, format, values);
    return args;
}

int
sio_emitf(sio_socket *socket, const char *event, const char *format, ...)
{
    va_list   values;
    sio_args *args;
    int       rc;

    va_start(values, format);
    args = args_of_format(format, values);
    va_end(values);
    rc = sio_emit_n(socket, sio_args_content(args, event), 0, NULL, NULL);
    sio_args_free(args);
    return rc;
}

int
sio_broadcastf(sio_namespace *nsp, const sio_to *to, const char *event, const char *format, ...)
{
    va_list   values;
    sio_args *args;
    int       rc;

    va_start(values, format);
    args = args_of_format(format, values);
    va_end(values);
    rc = sio_broadcast_n(nsp, to, sio_args_content(args, event));
    sio_args_free(args);
    return rc;
}

int
sio_ackf(sio_socket *socket, const sio_event *event, const char *format, ...)
{
    va_list   values;
    sio_args *args;
    int       rc;

    va_start(values, format);
    args = args_of_format(format, values);
    va_end(values);
    rc = sio_ack_n(socket, event, sio_args_content(args, ""));
    sio_args_free(args);
    return rc;
}
