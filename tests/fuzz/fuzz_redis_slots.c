/*
 * tests/fuzz/fuzz_redis_slots.c - store/redis_slots.h: the input is what a node of Redis Cluster
 * says, an error or the answer to CLUSTER SLOTS. Whatever that is, places have a host and a port,
 * and slots belong to places that there are.
 */
#include <stdint.h>
#include <string.h>

#include "protocol/result.h"
#include "store/redis_slots.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const sio_redis_place asked = {.host = "asked", .port = 7};
static sio_redis_slots       slots;

static void
check_place(const sio_redis_place *place)
{
    must(place->port != 0);
    must(memchr(place->host, '\0', sizeof place->host) != NULL && place->host[0] != '\0');
}

static void
check_slots(const redisReply *reply)
{
    if (sio_redis_slots_read(&slots, reply, &asked) != SIO_OK)
        return;
    must(slots.n_places <= SIO_REDIS_MAX_NODES);
    for (unsigned i = 0; i < slots.n_places; i++)
        check_place(&slots.places[i]);
    for (unsigned i = 0; i < SIO_REDIS_N_SLOTS; i++)
        must(slots.owner[i] == SIO_REDIS_NOBODY || slots.owner[i] < slots.n_places);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_view  text = {(const char *)data, size};
    sio_redis_place to;
    redisReader    *reader = redisReaderCreate();
    void           *reply = NULL;

    must(sio_redis_slots_of(text) < SIO_REDIS_N_SLOTS);
    if (sio_redis_slots_read_redirect(text, &asked, &to) != SIO_REDIS_NO_REDIRECT)
        check_place(&to);
    if (redisReaderFeed(reader, (const char *)data, size) == REDIS_OK &&
        redisReaderGetReply(reader, &reply) == REDIS_OK && reply != NULL) {
        check_slots(reply);
        freeReplyObject(reply);
    }
    redisReaderFree(reader);
    return 0;
}
