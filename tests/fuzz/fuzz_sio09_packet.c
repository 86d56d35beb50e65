/*
 * tests/fuzz/fuzz_sio09_packet.c - protocol/sio09_packet.h: decoded parts lie
 * inside the text, JSON parts are valid, and a decoded packet encodes to a text
 * that decodes to the same packet and encodes to itself.
 */
#include "tests/fuzz/must.h"
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/sio09_packet.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEPTH 16u

static void
must_be_kind(sio_view json, sio_json_kind kind)
{
    if (json.len == 0)
        return;
    must(sio_json_validate(json, DEPTH) == SIO_OK);
    must(kind == SIO_JSON_NONE || sio_json_read_kind_of(json) == kind);
}

static void
check_fields(const sio09_packet *p, sio_view text)
{
    must_be_inside(p->endpoint, text);
    must_be_inside(p->id, text);
    must_be_inside(p->data, text);
    must_be_inside(p->name, text);
    must_be_inside(p->args, text);
    must_be_inside(p->ack_id, text);
    must((p->ack == SIO_ACK_NONE) == (p->id.len == 0));
    must(p->endpoint.len == 0 || memchr(p->endpoint.data, ':', p->endpoint.len) == NULL);
    must(!p->data_ok || p->type == SIO09_JSON);
    if (p->type == SIO09_JSON) {
        must(p->data_ok == (p->data.len > 0));
        must_be_kind(p->data, SIO_JSON_NONE);
    }
    must_be_kind(p->name, SIO_JSON_STRING);
    must_be_kind(p->args, p->args_is_array ? SIO_JSON_ARRAY : SIO_JSON_NONE);
    must(p->type != SIO09_ACK || p->args.len == 0 || p->args_is_array);
}

static void
check_same(const sio09_packet *a, const sio09_packet *b)
{
    must(a->type == b->type && a->ack == b->ack);
    must(sio_view_eq(a->endpoint, b->endpoint) && sio_view_eq(a->id, b->id));
    must(sio_view_eq(a->data, b->data) && a->data_ok == b->data_ok);
    must(sio_view_eq(a->name, b->name) && sio_view_eq(a->ack_id, b->ack_id));
    must(a->args_is_array == b->args_is_array);
    must(a->type == SIO09_ACK || sio_view_eq(a->args, b->args)); /* ACK: put on one line */
    must(a->reason == b->reason && a->advice == b->advice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_view text = {(const char *)data, size};
    sio09_packet   first, second;
    sio_buf        once, twice;

    if (sio09_packet_decode(text, DEPTH, &first) != SIO_OK)
        return 0;
    check_fields(&first, text);

    sio_buf_init(&once, SIZE_MAX);
    sio_buf_init(&twice, SIZE_MAX);
    sio09_packet_encode(&first, &once);
    must(sio09_packet_decode(sio_buf_view(&once), DEPTH, &second) == SIO_OK);
    check_fields(&second, sio_buf_view(&once));
    check_same(&first, &second);
    sio09_packet_encode(&second, &twice);
    must(sio_view_eq(sio_buf_view(&once), sio_buf_view(&twice)));
    sio_buf_fini(&twice);
    sio_buf_fini(&once);
    return 0;
}
