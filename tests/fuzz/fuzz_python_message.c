/*
 * tests/fuzz/fuzz_python_message.c - protocol/python_message.h: the input is what was published.
 * What is read may go to clients, and is read the same from what is written then.
 */
#include "protocol/cluster_message.h"
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/placeholder.h"
#include "protocol/python_message.h"
#include "tests/fuzz/must.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BYTES = 1 << 20 };

static const sio_python_writer writer = {.cluster = SIO_VIEW_INIT("a"),
                                         .host_id = SIO_VIEW_INIT("b")};

static void
check_list(sio_view list)
{
    sio_view room;

    while (list.len > 0)
        must(sio_cluster_message_next_packet(&list, &room, NULL));
}

static void
check_message(const sio_python_message *m)
{
    check_list(m->rooms);
    check_list(m->except);
    if (m->method != SIO_PYTHON_EMIT)
        return;
    must(sio_json_read_kind_of(m->name) == SIO_JSON_STRING);
    must(m->args.len == 0 || (sio_json_read_kind_of(m->args) == SIO_JSON_ARRAY &&
                              sio_json_validate(m->args, SIO_JSON_MAX_DEPTH) == SIO_OK));
    must(m->n_attachments == 0 || sio_placeholder_check(m->args, m->n_attachments) == SIO_OK);
}

/* Names may be written in another way once; from then on nothing changes. */
static void
check_again(const sio_python_message *first)
{
    sio_python_reader  r;
    sio_python_message second;
    sio_buf            once, twice;
    int                rc;

    sio_python_message_reader_init(&r, 8 * MAX_BYTES);
    sio_buf_init(&once, SIZE_MAX);
    sio_buf_init(&twice, SIZE_MAX);
    sio_python_message_add(&once, &writer, first);
    must(sio_python_message_read(&r, sio_buf_view(&once), SIO_VIEW("a"), &second) == SIO_DROPPED);
    rc = sio_python_message_read(&r, sio_buf_view(&once), SIO_VIEW("other"), &second);
    must(rc == SIO_OK || rc == SIO_BAD); /* one level deeper it may be too deep */
    if (rc == SIO_OK) {
        check_message(&second);
        sio_python_message_add(&twice, &writer, &second);
        must(first->rooms.len > 0 || sio_view_eq(sio_buf_view(&once), sio_buf_view(&twice)));
    }
    sio_buf_fini(&twice);
    sio_buf_fini(&once);
    sio_python_message_reader_fini(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sio_python_reader  r;
    sio_python_message m;

    if (size > MAX_BYTES / 2)
        return 0;
    sio_python_message_reader_init(&r, MAX_BYTES);
    if (sio_python_message_read(&r, (sio_view){(const char *)data, size}, SIO_VIEW("sio"), &m) ==
        SIO_OK) {
        check_message(&m);
        check_again(&m);
    }
    sio_python_message_reader_fini(&r);
    return 0;
}
