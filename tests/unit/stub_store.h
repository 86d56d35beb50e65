/*
 * tests/unit/stub_store.h - a store without a Redis: it notes what it is told, and knows what the
 * test says.
 *
 * For tests of parts of server/ that need no broker. Not all functions of a store are there.
 */
#ifndef SIO_TESTS_UNIT_STUB_STORE_H
#define SIO_TESTS_UNIT_STUB_STORE_H

#include <string.h>

#include "protocol/list.h"
#include "store/channels.h"
#include "store/instances.h"
#include "store/store.h"
#include "tests/unit/check.h"

typedef struct {
    sio_store      store;
    sio_store_ears ears; /* of this instance */
    char           tag[SIO_STORE_TAG_LEN + 1];
    void (*listened)(void);                                /* under another tag; may be NULL */
    bool (*published)(sio_view channel, sio_view message); /* false: Redis does not take it */
    const char *handshake;    /* the one there is, for whoever takes it; NULL: none */
    const char *lost_session; /* of a lost instance, to be announced; NULL: none */

    int presence; /* how probes are answered; 0, SIO_OK: all instances are there */

    /* Has this instance been declared lost? Asked, and not answered. */
    sio_store_req     check;
    sio_store_done_cb checked;
    void             *checked_arg;
} stub_store;

static inline stub_store *
stub_of(sio_store *store)
{
    return (stub_store *)(void *)store;
}

/* --- Instances. --- */

static inline int
stub_listen(sio_store *self, sio_view tag, const sio_store_ears *ears)
{
    stub_store *s = stub_of(self);

    memcpy(s->tag, tag.data, tag.len);
    s->ears = *ears;
    if (s->listened != NULL)
        s->listened();
    return SIO_OK;
}

static inline int
stub_publish(sio_store *self, sio_view tag, sio_view bytes)
{
    (void)self;
    (void)tag;
    (void)bytes;
    return SIO_OK;
}

static inline void
stub_touch(sio_store *self, sio_view tag)
{
    (void)self;
    (void)tag;
}

static inline void
stub_note_session(sio_store *self, sio_view tag, sio_view id)
{
    (void)self;
    (void)tag;
    (void)id;
}

static inline sio_store_req *
stub_list(sio_store *self, sio_store_list_cb cb, void *arg)
{
    (void)self;
    cb(arg, SIO_OK, NULL, 0);
    return NULL;
}

static inline sio_store_req *
stub_probe(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg)
{
    (void)tag;
    cb(arg, stub_of(self)->presence);
    return NULL;
}

static inline sio_store_req *
stub_claim(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg)
{
    (void)self;
    (void)tag;
    cb(arg, SIO_OK);
    return NULL;
}

static inline void
stub_forget_check(sio_store_req *req)
{
    SIO_CONTAINER(req, stub_store, check)->checked = NULL;
}

static inline sio_store_req *
stub_check(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg)
{
    stub_store *s = stub_of(self);

    (void)tag;
    s->check.cancel = stub_forget_check;
    s->checked = cb;
    s->checked_arg = arg;
    return &s->check;
}

static inline void
stub_answer_check(stub_store *s, int rc)
{
    const sio_store_done_cb cb = s->checked;

    CHECK(cb != NULL);
    s->checked = NULL;
    if (cb != NULL)
        cb(s->checked_arg, rc);
}

static inline sio_store_req *
stub_take_lost(sio_store *self, sio_view tag, uint64_t data_ttl_ms, sio_store_list_cb cb, void *arg)
{
    const sio_view id = sio_view_of(stub_of(self)->lost_session);

    (void)tag;
    (void)data_ttl_ms;
    stub_of(self)->lost_session = NULL;
    cb(arg, SIO_OK, &id, id.len > 0);
    return NULL;
}

/* --- Handshakes, data of clients, and channels of others. --- */

static inline sio_store_req *
stub_take_handshake(sio_store *self, sio_view id, sio_store_take_cb cb, void *arg)
{
    const char *handshake = stub_of(self)->handshake;

    (void)id;
    stub_of(self)->handshake = NULL;
    cb(arg, handshake != NULL ? SIO_OK : SIO_ERR_NOT_FOUND, sio_view_of(handshake));
    return NULL;
}

static inline sio_store_req *
stub_expire(sio_store *self, sio_view id, uint64_t ttl_ms, sio_store_done_cb cb, void *arg)
{
    (void)self;
    (void)id;
    (void)ttl_ms;
    cb(arg, SIO_OK);
    return NULL;
}

static inline void
stub_free(sio_store *self)
{
    (void)self; /* it is the test's */
}

static inline int
stub_hear_channels(sio_store *self, const char *const *names, const char *const *patterns,
                   sio_store_heard heard, void *arg)
{
    (void)self;
    (void)names;
    (void)patterns;
    (void)heard;
    (void)arg;
    return SIO_OK;
}

static inline int
stub_publish_channel(sio_store *self, sio_view channel, sio_view bytes)
{
    const stub_store *s = stub_of(self);

    return s->published == NULL || s->published(channel, bytes) ? SIO_OK : SIO_ERR_UNAVAILABLE;
}

static inline void
stub_store_init(stub_store *s)
{
    static const struct sio_store_instance_ops instances = {
        .listen = stub_listen,
        .publish = stub_publish,
        .touch = stub_touch,
        .remove = stub_touch,
        .list = stub_list,
        .probe = stub_probe,
        .session_add = stub_note_session,
        .session_remove = stub_note_session,
        .lost_claim = stub_claim,
        .lost_check = stub_check,
        .lost_take = stub_take_lost,
    };
    static const struct sio_store_channel_ops channels = {
        .hear = stub_hear_channels,
        .publish = stub_publish_channel,
    };
    static const sio_store_ops ops = {
        .handshake_take = stub_take_handshake,
        .client_expire = stub_expire,
        .instances = &instances,
        .channels = &channels,
        .free = stub_free,
    };

    *s = (stub_store){.store = {.ops = &ops, .has_others = true}};
}

#endif
