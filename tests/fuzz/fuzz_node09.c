/*
 * tests/fuzz/fuzz_node09.c - protocol/node09_envelope.h and node09_packet.h: the input is the name
 * of a channel, a line feed, and what was published there. Decoded parts lie inside the input and
 * are valid JSON; what is encoded again decodes to the same.
 */
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/node09_envelope.h"
#include "protocol/node09_packet.h"
#include "tests/fuzz/must.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEPTH = 16, NODE_ID = 7 };

/* A packet that was decoded can be sent to a client, and arrives as the same packet. */
static void
check_packet(sio_view object)
{
    sio09_packet first, second, wire;
    sio_buf      texts, once, twice, text;

    sio_buf_init(&texts, SIZE_MAX);
    if (sio_node09_packet_decode(object, DEPTH, &texts, &first) == SIO_OK) {
        sio_buf_init(&once, SIZE_MAX);
        sio_buf_init(&twice, SIZE_MAX);
        sio_buf_init(&text, SIZE_MAX);
        sio09_packet_encode(&first, &text);
        must(sio09_packet_decode(sio_buf_view(&text), DEPTH, &wire) == SIO_OK);
        must(wire.type == first.type && wire.ack == first.ack);
        must(sio_view_eq(wire.endpoint, first.endpoint) && sio_view_eq(wire.id, first.id));
        must(sio_view_eq(wire.data, first.data) && sio_view_eq(wire.ack_id, first.ack_id));
        must(sio_view_eq(wire.name, first.name) && wire.reason == first.reason);
        sio_node09_packet_encode(&first, &once);
        must(sio_node09_packet_decode(sio_buf_view(&once), DEPTH, &texts, &second) == SIO_OK);
        sio_node09_packet_encode(&second, &twice);
        must(sio_view_eq(sio_buf_view(&once), sio_buf_view(&twice)));
        sio_buf_fini(&text);
        sio_buf_fini(&twice);
        sio_buf_fini(&once);
    }
    sio_buf_fini(&texts);
}

static void
check_record(sio_view record)
{
    sio_buf used;

    sio_buf_init(&used, SIZE_MAX);
    sio_node09_envelope_add_used_record(&used, record);
    must(sio_json_validate(sio_buf_view(&used), DEPTH) == SIO_OK);
    must(sio_json_read_kind_of(sio_buf_view(&used)) == SIO_JSON_OBJECT);
    must(!sio_node09_envelope_is_issued(sio_buf_view(&used)));
    sio_buf_fini(&used);
}

/* Written by us, the same message is read the same. */
static void
check_round_trip(sio_node09_version version, const sio_node09_message *m)
{
    sio_node09_message again;
    sio_buf            channel, text;

    sio_buf_init(&channel, SIZE_MAX);
    sio_buf_init(&text, SIZE_MAX);
    sio_node09_envelope_add_channel(version, m->kind, m->id, &channel);
    sio_node09_envelope_begin(version, m->kind, m->id, NODE_ID, &text);
    for (size_t i = 0; i < SIO_NODE09_MAX_ARGS; i++)
        sio_node09_envelope_add_json(&text, m->args[i].len > 0 ? m->args[i] : SIO_VIEW("null"));
    sio_node09_envelope_end(&text);
    must(sio_node09_envelope_is_from(sio_buf_view(&text), NODE_ID));
    must(sio_node09_envelope_decode(version, sio_buf_view(&channel), sio_buf_view(&text), DEPTH,
                                    &again) == SIO_OK);
    must(again.kind == m->kind && sio_view_eq(again.id, m->id));
    must(sio_view_eq(again.node_id, SIO_VIEW("7")));
    for (size_t i = 0; i < SIO_NODE09_MAX_ARGS; i++)
        must(sio_view_eq(again.args[i], m->args[i]));
    sio_buf_fini(&text);
    sio_buf_fini(&channel);
}

static void
check_message(sio_node09_version version, sio_view channel, sio_view text)
{
    sio_node09_message m;

    if (sio_node09_envelope_decode(version, channel, text, DEPTH, &m) != SIO_OK)
        return;
    must((m.id.len == 0) == (m.kind == SIO_NODE09_DISPATCH));
    must_be_inside(m.node_id, text);
    for (size_t i = 0; i < SIO_NODE09_MAX_ARGS; i++) {
        must_be_inside(m.args[i], text);
        must(m.args[i].len == 0 || sio_json_validate(m.args[i], DEPTH) == SIO_OK);
    }
    check_round_trip(version, &m);
    if (m.kind == SIO_NODE09_RECEIVE)
        check_packet(m.args[0]);
    if (m.kind == SIO_NODE09_HANDSHAKE)
        check_record(m.args[0]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *const begin = (const char *)data;
    const char *const feed = size > 0 ? memchr(begin, '\n', size) : NULL;
    sio_view          channel, text;

    if (feed == NULL)
        return 0;
    channel = (sio_view){begin, (size_t)(feed - begin)};
    text = (sio_view){feed + 1, size - channel.len - 1};
    check_message(SIO_NODE09_16, channel, text);
    check_message(SIO_NODE09_17, channel, text);
    return 0;
}
