/*
 * tests/fuzz/fuzz_eio3_payload.c - protocol/eio3_payload.h and eio3_jsonp.h: taking
 * any body apart ends, in order and inside the body; its packets come back when
 * they are put together again in either form; text that is encoded twice is found
 * out; and a payload survives the JSONP envelope.
 */
#include "tests/fuzz/must.h"
#include "protocol/eio3_jsonp.h"
#include "protocol/eio3_payload.h"
#include "protocol/eio3_text.h"
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/utf8.h"
#include "protocol/utf8_repair.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_PACKETS = 32 };

/* Take body apart; returns how many packets there are. */
static size_t
split(sio_eio3_form form, sio_view body, sio_eio_packet *packets)
{
    sio_eio3_payload_iter it;
    sio_view              rest = body;
    size_t                n = 0;
    int                   rc;

    sio_eio3_payload_begin(&it, form, body, MAX_PACKETS);
    while ((rc = sio_eio3_payload_next(&it, &packets[n])) == 1) {
        const sio_eio_packet *p = &packets[n++];

        must(p->type <= SIO_EIO_NOOP);
        must_be_inside(p->data, rest);
        rest.len = (size_t)(rest.data + rest.len - (p->data.data + p->data.len));
        rest.data = p->data.data + p->data.len;
        if (n == MAX_PACKETS)
            break;
    }
    must(rc == 0 || rc == 1 || rc == SIO_BAD);
    if (n == MAX_PACKETS)
        must(sio_eio3_payload_next(&it, &packets[0]) != 1);
    return n;
}

/* Put the packets together in that form, and take them apart again. */
static void
check_again(sio_eio3_form form, const sio_eio_packet *packets, size_t n)
{
    sio_eio_packet again[MAX_PACKETS];
    sio_buf        joined;

    sio_buf_init(&joined, SIZE_MAX);
    for (size_t i = 0; i < n; i++)
        sio_eio3_payload_add(&joined, form, &packets[i]);
    must(!joined.failed);
    if (n > 0)
        must(split(form, sio_buf_view(&joined), again) == n);
    for (size_t i = 0; i < n; i++) {
        must(again[i].type == packets[i].type);
        if (again[i].form == packets[i].form)
            must(sio_view_eq(again[i].data, packets[i].data));
        else
            must(again[i].form == SIO_EIO_BASE64 && packets[i].form == SIO_EIO_BINARY);
    }
    sio_buf_fini(&joined);
}

static void
check_form(sio_eio3_form form, sio_view body)
{
    sio_eio_packet packets[MAX_PACKETS];
    const size_t   n = split(form, body, packets);

    if (n == MAX_PACKETS)
        return; /* the first one was written over */
    check_again(SIO_EIO3_TEXT, packets, n);
    check_again(SIO_EIO3_BYTES, packets, n);
}

/*
 * By itself text is changed only if it holds a control above ASCII, and then for all that follows.
 */
static void
check_judge(sio_view text)
{
    sio_eio3_encoding e = SIO_EIO3_TEXT_UNKNOWN;
    sio_buf           once;

    sio_buf_init(&once, SIZE_MAX);
    if (sio_eio3_text_undouble(&e, text, &once)) {
        must(e == SIO_EIO3_TEXT_TWICE && memchr(text.data, 0xC2, text.len) != NULL);
        must(sio_utf8_valid(sio_buf_view(&once)) && once.len < text.len);
    } else {
        must(once.len == 0);
    }
    sio_buf_fini(&once);
}

static void
check_undouble(sio_view text)
{
    sio_buf twice, once;
    bool    is_ascii = true;

    sio_buf_init(&twice, SIZE_MAX);
    sio_buf_init(&once, SIZE_MAX);
    for (size_t i = 0; i < text.len; i++) {
        char         utf8[SIO_UTF8_MAX_BYTES];
        const size_t n = sio_utf8_put((unsigned char)text.data[i], utf8);

        is_ascii = is_ascii && (unsigned char)text.data[i] < 0x80;
        sio_buf_add(&twice, utf8, n);
    }
    must(sio_utf8_repair_doubled(sio_buf_view(&twice), &once) == !is_ascii);
    must(is_ascii ? once.len == 0 : sio_view_eq(sio_buf_view(&once), text));
    sio_buf_clear(&once);
    check_judge(text);
    if (sio_utf8_repair_doubled(text, &once))
        must(sio_utf8_valid(sio_buf_view(&once)) && once.len < text.len);
    sio_buf_fini(&once);
    sio_buf_fini(&twice);
}

static void
check_jsonp(sio_view text)
{
    static const char head[] = "___eio[0](", tail[] = ");";
    sio_buf           answer, payload;
    sio_view          literal;

    sio_buf_init(&answer, SIZE_MAX);
    sio_buf_init(&payload, SIZE_MAX);
    sio_eio3_jsonp_encode(SIO_VIEW("0"), text, &answer);
    literal = (sio_view){answer.data + sizeof head - 1, answer.len - sizeof head - sizeof tail + 2};
    must(sio_json_validate(literal, 0) == SIO_OK);
    must(sio_json_read_string(literal, &payload) == SIO_OK);
    must(sio_view_eq(sio_buf_view(&payload), text));
    sio_buf_clear(&payload);
    sio_eio3_jsonp_decode(text, &payload);
    must(payload.len <= text.len);
    sio_buf_fini(&payload);
    sio_buf_fini(&answer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_view bytes = {(const char *)data, size};
    sio_buf        text;

    sio_buf_init(&text, SIZE_MAX);
    sio_utf8_repair(bytes, &text);
    check_form(SIO_EIO3_TEXT, sio_buf_view(&text));
    check_form(SIO_EIO3_BYTES, bytes);
    check_undouble(sio_buf_view(&text));
    check_jsonp(sio_buf_view(&text));
    sio_buf_fini(&text);
    return 0;
}
