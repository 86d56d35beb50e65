/*
 * tests/unit/store/instances_fixture.h - what the tests of store/instances.h share: instances,
 * which are stores with a tag that remember what they hear.
 */
#ifndef SIO_TESTS_UNIT_INSTANCES_FIXTURE_H
#define SIO_TESTS_UNIT_INSTANCES_FIXTURE_H

#include "tests/unit/store/store_fixture.h"

#include "store/instances.h"

#include <stdarg.h>

typedef struct {
    sio_store *s;
    sio_view   tag;
    unsigned   n_up, n_down, n_direct, n_cast;
    unsigned   n_disorder; /* messages whose number is not the one after the last */
    unsigned   last_number;
    size_t     len;
    char       text[64]; /* the beginning of the last message */
    char       sum;      /* of all its bytes */
    unsigned   n_unheard;
    char       unheard[SIO_STORE_TAG_LEN + 1]; /* whom the last of these was for */
} instance;

static inline void
on_message(void *arg, bool direct, sio_view bytes)
{
    instance *i = arg;
    unsigned  number;

    if (direct)
        i->n_direct++;
    else
        i->n_cast++;
    i->len = bytes.len;
    i->sum = 0;
    for (size_t at = 0; at < bytes.len; at++)
        i->sum ^= bytes.data[at];
    snprintf(i->text, sizeof i->text, "%.*s", (int)(bytes.len < 60 ? bytes.len : 60), bytes.data);
    if (sscanf(i->text, "#%u", &number) != 1)
        return;
    if (number != i->last_number + 1)
        i->n_disorder++;
    i->last_number = number;
}

static inline void
on_up(void *arg)
{
    ((instance *)arg)->n_up++;
}

static inline void
on_down(void *arg)
{
    ((instance *)arg)->n_down++;
}

static inline void
on_unheard(void *arg, sio_view tag)
{
    instance *i = arg;

    i->n_unheard++;
    snprintf(i->unheard, sizeof i->unheard, "%.*s", (int)tag.len, tag.data);
}

static inline void
listen_as(instance *i, sio_view tag)
{
    const sio_store_ears ears = {
        .message = on_message, .up = on_up, .down = on_down, .unheard = on_unheard, .arg = i};

    i->tag = tag;
    CHECK_INT(sio_store_listen(i->s, i->tag, &ears), SIO_OK);
}

/* Does not wait. address NULL: the server's port. */
static inline void
start_at(instance *i, const char *address, sio_view tag)
{
    *i = (instance){.s = redis_store_at(address, NULL, 0)};
    listen_as(i, tag);
}

static inline void
start(instance *i, sio_view tag)
{
    start_at(i, NULL, tag);
    UNTIL(i->n_up == 1);
}

static inline int
send_text(instance *from, const char *tag, const char *text)
{
    return sio_store_publish(from->s, sio_view_of(tag), sio_view_of(text));
}

/* As redis_server_command(), with arguments. */
__attribute__((format(printf, 1, 2))) static inline long long
command(const char *format, ...)
{
    char    text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return redis_server_command(&server, text);
}

#endif
