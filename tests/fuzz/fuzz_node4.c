/*
 * tests/fuzz/fuzz_node4.c - protocol/node4_event.h, node4_request.h and msgpack_json.h: the input
 * is what was published on a channel of events, or of requests. What is read is valid JSON, and
 * when it may be told to Node it is read the same from what is written then.
 */
#include "protocol/base64.h"
#include "protocol/cluster_message.h"
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/node4_channel.h"
#include "protocol/node4_cluster.h"
#include "protocol/node4_entry.h"
#include "protocol/node4_request.h"
#include "protocol/node4_response.h"
#include "protocol/node4_session.h"
#include "protocol/placeholder.h"
#include "tests/fuzz/must.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BYTES = 1 << 20 };

#define NOBODY SIO_VIEW("nobody")

static void
check_list(sio_view list)
{
    sio_view room;

    while (list.len > 0)
        must(sio_cluster_message_next_packet(&list, &room, NULL));
}

/* It goes to clients. */
static void
check_event(const sio_node4_event *e)
{
    must(sio_json_read_kind_of(e->name) == SIO_JSON_STRING);
    must(sio_json_validate(e->name, 0) == SIO_OK);
    must(e->args.len == 0 || (sio_json_read_kind_of(e->args) == SIO_JSON_ARRAY &&
                              sio_json_validate(e->args, SIO_MSGPACK_MAX_DEPTH) == SIO_OK));
    must(e->n_attachments == 0 || sio_placeholder_check(e->args, e->n_attachments) == SIO_OK);
    check_list(e->rooms);
    check_list(e->except);
}

static void
must_be_same(const sio_node4_event *a, const sio_node4_event *b)
{
    must(sio_view_eq(a->nsp, b->nsp) && sio_view_eq(a->rooms, b->rooms));
    must(sio_view_eq(a->except, b->except) && a->is_volatile == b->is_volatile);
    must(a->no_compress == b->no_compress && a->timeout_ms == b->timeout_ms);
}

/* Numbers may be written in another way once; from then on nothing changes. */
static void
check_round_trip(const sio_node4_event *first)
{
    sio_node4_reader r;
    sio_node4_event  second;
    sio_buf          once, twice;

    if (sio_node4_event_obstacle(first) != NULL)
        return;
    sio_node4_reader_init(&r, 2 * (size_t)MAX_BYTES);
    sio_buf_init(&once, SIZE_MAX);
    sio_buf_init(&twice, SIZE_MAX);
    sio_node4_event_add(&once, SIO_VIEW("abcdef"), first);
    must(!once.failed);
    must(sio_node4_event_read(&r, sio_buf_view(&once), SIO_VIEW("abcdef"), &second) == SIO_DROPPED);
    if (sio_node4_event_read(&r, sio_buf_view(&once), NOBODY, &second) == SIO_OK) {
        must_be_same(first, &second);
        sio_node4_event_add(&twice, SIO_VIEW("abcdef"), &second);
        must(sio_view_eq(sio_buf_view(&once), sio_buf_view(&twice)));
    } else {
        must(first->n_attachments > 0); /* one stands in more than ten places now */
    }
    sio_buf_fini(&twice);
    sio_buf_fini(&once);
    sio_node4_reader_fini(&r);
}

static void
check_request(const sio_node4_request *q)
{
    check_list(q->moved);
    check_list(q->event.rooms);
    check_list(q->event.except);
    must(q->request_id.len == 0 || sio_json_validate(q->request_id, 0) == SIO_OK);
    if (q->kind == SIO_NODE4_ASK)
        check_event(&q->event);
    if (q->kind == SIO_NODE4_SERVER_SIDE && q->event.args.len > 0)
        must(sio_json_validate(q->event.args, SIO_MSGPACK_MAX_DEPTH) == SIO_OK);
}

static void
check_response(const sio_node4_response *a)
{
    must(a->value.len == 0 || sio_json_validate(a->value, SIO_JSON_MAX_DEPTH) == SIO_OK);
    must(a->kind != SIO_NODE4_SOCKET_LIST || sio_json_read_kind_of(a->value) == SIO_JSON_ARRAY);
    must(a->n_attachments == 0 || sio_placeholder_check(a->value, a->n_attachments) == SIO_OK);
}

static void
check_cluster(const sio_node4_cluster_message *m)
{
    if (m->kind == SIO_NODE4_CLUSTER_EVENT)
        check_event(&m->q.event);
    else if (m->kind == SIO_NODE4_CLUSTER_REQUEST)
        check_request(&m->q);
    else
        check_response(&m->answer);
}

static void
check_channel(sio_view bytes)
{
    sio_view rest, room;

    if (sio_node4_channel_of(SIO_VIEW("io"), bytes, &rest) == SIO_NODE4_NO_TOPIC)
        return;
    must_be_inside(rest, bytes);
    if (sio_node4_channel_is_about(rest, SIO_VIEW(""), &room))
        must_be_inside(room, rest);
}

/* All of it is what each type of entry says. */
static void
check_entries(sio_node4_reader *r, sio_view bytes)
{
    static const char *const  types[] = {"3", "4", "5", "6", "7", "8", "9", "10", "11", "12"};
    sio_node4_cluster_message m;
    sio_buf                   message;

    sio_buf_init(&message, MAX_BYTES);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const sio_node4_entry e = {.uid = SIO_VIEW("x"),
                                   .nsp = SIO_VIEW("/"),
                                   .type = sio_view_of(types[i]),
                                   .data = bytes};

        if (sio_node4_entry_read(r, &e, NOBODY, &message, &m) == SIO_OK)
            check_cluster(&m);
    }
    sio_buf_fini(&message);
}

/* It is the MessagePack of a record, and what is read of one can be written, and read again. */
static void
check_record(sio_node4_reader *r, sio_view bytes)
{
    const sio_view    id = SIO_VIEW("p");
    sio_node4_session s;
    sio_buf           text, message, again;

    sio_buf_init(&text, SIZE_MAX);
    sio_buf_init(&message, MAX_BYTES);
    sio_buf_init(&again, SIZE_MAX);
    sio_base64_encode(bytes, &text);
    if (sio_node4_session_read(r, sio_buf_view(&text), id, &message, &s) == SIO_OK) {
        check_list(s.rooms);
        must(s.data.len == 0 || sio_json_validate(s.data, SIO_MSGPACK_MAX_DEPTH) == SIO_OK);
        if (sio_node4_session_add(&again, &s, id) == SIO_OK)
            must(sio_node4_session_read(r, sio_buf_view(&again), id, &message, &s) == SIO_OK);
    }
    sio_buf_fini(&again);
    sio_buf_fini(&message);
    sio_buf_fini(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_view            bytes = {(const char *)data, size};
    sio_node4_reader          r;
    sio_node4_event           e;
    sio_node4_request         q;
    sio_node4_response        a;
    sio_node4_cluster_message m;

    check_channel(bytes);
    sio_node4_reader_init(&r, MAX_BYTES);
    if (sio_node4_event_read(&r, bytes, NOBODY, &e) == SIO_OK) {
        check_event(&e);
        check_round_trip(&e);
    }
    if (sio_node4_request_read(&r, bytes, NOBODY, &q) == SIO_OK)
        check_request(&q);
    if (sio_node4_response_read(&r, bytes, &a) == SIO_OK)
        check_response(&a);
    if (sio_node4_cluster_read(&r, bytes, NOBODY, &m) == SIO_OK)
        check_cluster(&m);
    check_entries(&r, bytes);
    check_record(&r, bytes);
    sio_node4_reader_fini(&r);
    return 0;
}
