/*
 * tests/fuzz/fuzz_sio09_payload.c - protocol/sio09_payload.h: taking any body
 * apart ends, in order and inside the body; and the packets found in valid text
 * come back unchanged when they are put together again.
 */
#include "tests/fuzz/must.h"
#include "protocol/sio09_payload.h"
#include "protocol/utf8.h"
#include "protocol/utf8_repair.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_PACKETS = 64 };

/* Take body apart; keeps the first MAX_PACKETS packets and returns how many those are. */
static size_t
split(sio_view body, sio_view *packets)
{
    const char *const  end = body.len == 0 ? body.data : body.data + body.len;
    const char        *reached = body.data;
    sio09_payload_iter it;
    sio_view           packet;
    size_t             n = 0;

    sio09_payload_begin(&it, body);
    while (sio09_payload_next(&it, &packet)) {
        must(packet.data >= reached && packet.data <= end);
        must(packet.len <= (size_t)(end - packet.data));
        if (packet.len > 0)
            reached = packet.data + packet.len;
        if (n < MAX_PACKETS)
            packets[n++] = packet;
    }
    must(!sio09_payload_next(&it, &packet));
    return n;
}

static void
check_again(const sio_view *packets, size_t n)
{
    sio_view again[MAX_PACKETS];
    sio_buf  joined;

    sio_buf_init(&joined, SIZE_MAX);
    sio09_payload_encode(packets, n, &joined);
    if (n == 0) {
        must(joined.len == 0);
    } else {
        must(split(sio_buf_view(&joined), again) == n);
        for (size_t i = 0; i < n; i++)
            must(sio_view_eq(again[i], packets[i]));
    }
    sio_buf_fini(&joined);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sio_view packets[MAX_PACKETS];
    sio_buf  repaired;

    sio_buf_init(&repaired, SIZE_MAX);
    sio_utf8_repair((sio_view){(const char *)data, size}, &repaired);
    must(sio_utf8_valid(sio_buf_view(&repaired)));
    check_again(packets, split(sio_buf_view(&repaired), packets));
    sio_buf_fini(&repaired);

    split((sio_view){(const char *)data, size}, packets); /* as it came, whether valid or not */
    return 0;
}
