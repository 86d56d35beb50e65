/*
 * tests/fuzz/fuzz_sio5_packet.c - protocol/sio5_packet.h and placeholder.h: decoded
 * parts lie inside the text, JSON parts are valid, and a decoded packet encodes to
 * a text that decodes to the same packet and encodes to itself, in all revisions
 * and in ASCII; placeholders are in range and can all be replaced.
 */
#include "tests/fuzz/must.h"
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/placeholder.h"
#include "protocol/sio5_packet.h"
#include "protocol/utf8.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEPTH = 16, ATTACHMENTS = 10 };

static bool
is_array_of(sio_view elements)
{
    sio_buf b;
    bool    valid;

    sio_buf_init(&b, SIZE_MAX);
    sio_buf_add_char(&b, '[');
    sio_buf_add_view(&b, elements);
    sio_buf_add_char(&b, ']');
    valid = sio_json_validate(sio_buf_view(&b), DEPTH) == SIO_OK;
    sio_buf_fini(&b);
    return valid;
}

static void
check_placeholders(const sio5_packet *p)
{
    sio_view             attachments[ATTACHMENTS] = {SIO_VIEW("abc")};
    sio_placeholder_iter it;
    sio_placeholder      found;
    sio_buf              b;

    sio_placeholder_begin(&it, p->args);
    while (sio_placeholder_next(&it, &found)) {
        must_be_inside(found.text, p->args);
        must(found.attachment < p->n_attachments);
    }
    sio_buf_init(&b, SIZE_MAX);
    sio_placeholder_to_base64(p->args, attachments, p->n_attachments, &b);
    must(is_array_of(sio_buf_view(&b)));
    must(sio_placeholder_check(sio_buf_view(&b), 0) == SIO_OK);
    sio_buf_fini(&b);
}

static void
check_fields(const sio5_packet *p, sio_view text)
{
    const sio_json_kind name = sio_json_read_kind_of(p->name);

    must_be_inside(p->nsp, text);
    must_be_inside(p->query, text);
    must_be_inside(p->id, text);
    must_be_inside(p->name, text);
    must_be_inside(p->args, text);
    must_be_inside(p->data, text);
    must(p->nsp.len == 0 || (p->nsp.len > 1 && p->nsp.data[0] == '/'));
    must(p->nsp.len == 0 || memchr(p->nsp.data, ',', p->nsp.len) == NULL);
    must(p->id.len <= SIO5_MAX_ID_DIGITS && p->n_attachments <= ATTACHMENTS);
    must(name == SIO_JSON_NONE || name == SIO_JSON_STRING || name == SIO_JSON_NUMBER);
    must(p->name.len > 0 || p->type == SIO5_ACK || p->args.len == 0);
    must(is_array_of(p->args));
    must(p->data.len == 0 || sio_json_validate(p->data, DEPTH) == SIO_OK);
    if (p->n_attachments > 0)
        check_placeholders(p);
}

/* id counts for EVENT and ACK only: the others have none, or it means nothing. */
static void
check_same(const sio5_packet *a, const sio5_packet *b)
{
    const bool has_id = a->type == SIO5_EVENT || a->type == SIO5_ACK;

    must(a->type == b->type && a->n_attachments == b->n_attachments);
    must(sio_view_eq(a->nsp, b->nsp) && sio_view_eq(a->query, b->query));
    must(!has_id || sio_view_eq(a->id, b->id));
    must(sio_view_eq(a->name, b->name) && sio_view_eq(a->args, b->args));
    must(sio_view_eq(a->data, b->data));
}

/* Encode p, decode that, and encode it again. */
static void
check_round(const sio5_packet *p, const sio5_rules *rules, sio5_revision revision, unsigned flags)
{
    sio5_packet again;
    sio_buf     once, twice;

    sio_buf_init(&once, SIZE_MAX);
    sio_buf_init(&twice, SIZE_MAX);
    sio5_packet_encode(p, revision, flags, &once);
    must(sio5_packet_decode(sio_buf_view(&once), rules, &again) == SIO_OK);
    check_fields(&again, sio_buf_view(&once));
    if (flags == SIO5_PLAIN)
        check_same(p, &again);
    else if (p->nsp.len + p->query.len == 0)
        must(sio_utf8_utf16_units(sio_buf_view(&once)) == once.len);
    sio5_packet_encode(&again, revision, flags, &twice);
    must(sio_view_eq(sio_buf_view(&once), sio_buf_view(&twice)));
    sio_buf_fini(&twice);
    sio_buf_fini(&once);
}

static void
check_revision(sio_view text, sio5_revision decoded_as)
{
    const sio5_rules rules = {decoded_as, DEPTH, ATTACHMENTS, 0};
    sio5_packet      p;

    if (sio5_packet_decode(text, &rules, &p) != SIO_OK)
        return;
    check_fields(&p, text);
    p.id = sio5_packet_id(&p);
    check_round(&p, &rules, decoded_as, SIO5_PLAIN);
    check_round(&p, &rules, decoded_as, SIO5_ASCII);
    if (decoded_as == SIO5_REVISION_4)
        check_round(&p, &rules, SIO5_REVISION_3, SIO5_PLAIN);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_view       text = {(const char *)data, size};
    sio_placeholder_iter it;
    sio_placeholder      found;

    check_revision(text, SIO5_REVISION_4);
    check_revision(text, SIO5_REVISION_5);

    (void)sio_placeholder_check(text, 1); /* on anything: must end, inside the text */
    sio_placeholder_begin(&it, text);
    while (sio_placeholder_next(&it, &found))
        must_be_inside(found.text, text);
    return 0;
}
