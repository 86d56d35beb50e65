/*
 * tests/fuzz/fuzz_sio5_decoder.c - protocol/sio5_decoder.h: a connection of several
 * messages, which are the packets of an Engine.IO 4 payload. What comes out is
 * whole, its attachments are the bytes that came, in order, and nothing of it
 * depends on messages that are gone.
 */
#include "tests/fuzz/must.h"
#include "protocol/base64.h"
#include "protocol/eio4_payload.h"
#include "protocol/json.h"
#include "protocol/placeholder.h"
#include "protocol/sio5_decoder.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_PACKETS = 100, MAX_ATTACHMENTS = 5, MAX_WAITING_BYTES = 200 };

typedef struct {
    sio5_decoder decoder;
    sio_buf      bytes;    /* of the attachments since the last text */
    bool         as_bytes; /* decode base64 before, every other time */
} connection;

static void
check_packet(const connection *c, const sio5_packet *p, bool was_waiting)
{
    sio_view rest = sio_buf_view(&c->bytes);
    sio_buf  json;

    must(was_waiting == (p->n_attachments > 0));
    for (unsigned i = 0; i < p->n_attachments; i++) {
        const sio_view a = p->attachments[i];

        must(a.len <= rest.len && (a.len == 0 || memcmp(a.data, rest.data, a.len) == 0));
        if (a.len > 0)
            rest = (sio_view){rest.data + a.len, rest.len - a.len};
    }
    must(rest.len == 0);

    sio_buf_init(&json, SIZE_MAX);
    sio_buf_add_char(&json, '[');
    sio_placeholder_to_base64(p->args, p->attachments, p->n_attachments, &json);
    sio_buf_add_char(&json, ']');
    must(sio_json_validate(sio_buf_view(&json), SIO_JSON_MAX_DEPTH) == SIO_OK);
    sio_buf_fini(&json);
}

/* Add a message that is gone afterwards, if it was not the packet itself. */
static int
add(connection *c, const sio_eio_packet *message)
{
    const bool     was_waiting = sio5_decoder_is_waiting(&c->decoder);
    sio_eio_packet m = *message;
    sio5_packet    p;
    sio_buf        copy;
    int            rc;

    sio_buf_init(&copy, SIZE_MAX);
    if (m.form == SIO_EIO_BASE64) {
        sio_base64_decode(m.data, &c->bytes);
        c->as_bytes = !c->as_bytes;
    } else {
        sio_buf_clear(&c->bytes);
    }
    if (m.form == SIO_EIO_BASE64 && c->as_bytes) {
        sio_base64_decode(m.data, &copy);
        m.form = SIO_EIO_BINARY;
    } else {
        sio_buf_add_view(&copy, m.data);
    }
    m.data = sio_buf_view(&copy);
    rc = sio5_decoder_add(&c->decoder, &m, &p);
    if (was_waiting)
        sio_buf_fini(&copy);
    if (rc == SIO_OK)
        check_packet(c, &p, was_waiting);
    sio_buf_fini(&copy);
    must(sio5_decoder_is_waiting(&c->decoder) == (rc == SIO_PARTIAL));
    return rc;
}

static void
run(sio_view body, sio5_revision revision)
{
    const sio5_rules      rules = {revision, 16, MAX_ATTACHMENTS, MAX_WAITING_BYTES};
    connection            c = {.as_bytes = false};
    sio_eio4_payload_iter it;
    sio_eio_packet        message;
    int                   rc = SIO_OK;

    sio5_decoder_init(&c.decoder, &rules);
    sio_buf_init(&c.bytes, SIZE_MAX);
    sio_eio4_payload_begin(&it, body, MAX_PACKETS);
    while ((rc == SIO_OK || rc == SIO_PARTIAL) && sio_eio4_payload_next(&it, &message) == 1)
        rc = add(&c, &message);
    sio_buf_fini(&c.bytes);
    sio5_decoder_fini(&c.decoder);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_view body = {(const char *)data, size};

    run(body, SIO5_REVISION_4);
    run(body, SIO5_REVISION_5);
    return 0;
}
