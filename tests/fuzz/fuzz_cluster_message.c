/*
 * tests/fuzz/fuzz_cluster_message.c - protocol/cluster_message.h: what is decoded
 * from any bytes lies inside them, holds only lists that can be walked to their
 * end, and is the same after it was encoded and decoded again; a part of what was
 * encoded is never a message.
 */
#include "tests/fuzz/must.h"
#include "protocol/cluster_message.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { N_TEXTS = 14, N_NUMBERS = 10 };

/* All members that are bytes. */
static void
list_texts(const sio_cluster_message *m, sio_view *texts)
{
    const sio_view all[N_TEXTS] = {m->from, m->id,      m->origin, m->transport, m->reason,
                                   m->body, m->packets, m->nsp,    m->room,      m->except,
                                   m->name, m->args,    m->data,   m->session};

    memcpy(texts, all, sizeof all);
}

/* All members that are numbers. */
static void
list_numbers(const sio_cluster_message *m, uint64_t *numbers)
{
    const uint64_t all[N_NUMBERS] = {m->kind,  m->seq,  m->ack,      m->channel,  m->count,
                                     m->flags, m->type, m->has_room, m->revision, m->verdict};

    memcpy(numbers, all, sizeof all);
}

static void
must_be_same(const sio_cluster_message *a, const sio_cluster_message *b)
{
    sio_view texts_a[N_TEXTS], texts_b[N_TEXTS];
    uint64_t numbers_a[N_NUMBERS], numbers_b[N_NUMBERS];

    list_texts(a, texts_a);
    list_texts(b, texts_b);
    for (size_t i = 0; i < N_TEXTS; i++)
        must(sio_view_eq(texts_a[i], texts_b[i]));
    list_numbers(a, numbers_a);
    list_numbers(b, numbers_b);
    must(memcmp(numbers_a, numbers_b, sizeof numbers_a) == 0);
}

/* Take the list apart and put it together again: the same bytes. */
static void
check_packets(sio_view packets)
{
    sio_view rest = packets, packet;
    sio_buf  again;
    bool     is_binary;

    sio_buf_init(&again, SIZE_MAX);
    while (sio_cluster_message_next_packet(&rest, &packet, &is_binary)) {
        must_be_inside(packet, packets);
        sio_cluster_message_add_packet(&again, packet, is_binary);
    }
    must(rest.len == 0 && sio_view_eq(sio_buf_view(&again), packets));
    sio_buf_fini(&again);
}

static void
check_again(const sio_cluster_message *m, size_t longest)
{
    sio_cluster_message again;
    sio_buf             out;

    sio_buf_init(&out, longest); /* unknown and empty fields are gone, nothing is added */
    sio_cluster_message_encode(m, &out);
    must(!out.failed);
    must(sio_cluster_message_decode(sio_buf_view(&out), &again) == SIO_OK);
    must_be_same(&again, m);
    must(sio_cluster_message_decode((sio_view){out.data, out.len - 1}, &again) == SIO_BAD);
    must(sio_cluster_message_decode((sio_view){out.data, out.len / 2}, &again) == SIO_BAD);
    sio_buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_view      bytes = {(const char *)data, size};
    sio_cluster_message m;
    sio_view            texts[N_TEXTS];

    if (sio_cluster_message_decode(bytes, &m) != SIO_OK)
        return 0;
    list_texts(&m, texts);
    for (size_t i = 0; i < N_TEXTS; i++)
        must_be_inside(texts[i], bytes);
    check_packets(m.packets);
    check_again(&m, size);
    return 0;
}
