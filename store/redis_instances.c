#include "store/redis_instances.h"

#include "store/clock.h"
#include "store/redis_lost.h"
#include "store/redis_post.h"
#include "store/redis_presence.h"
#include "store/redis_wills.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* --- The log of the bus: silent when the other connection has something to say, too. --- */

/* A first loss waits for the next attempt: either that ends it, or the outage is longer. */
static void
note_bus_lost(sio_redis_store *s, const char *reason)
{
    sio_redis_hearing *h = &s->hearing;
    char               text[sizeof h->reason + 96];

    snprintf(h->reason, sizeof h->reason, "%s", reason);
    if (h->said || !sio_redis_client_up(s->client))
        return;
    if (h->lost_ms == 0) {
        h->lost_ms = sio_now_ms();
        return;
    }
    snprintf(text, sizeof text,
             "does not let us hear other instances (%s); serving local clients only; retrying",
             h->reason);
    sio_redis_store_log(s, SIO_STORE_WARN, text, NULL);
    h->said = true;
}

static void
note_bus_back(sio_redis_store *s)
{
    sio_redis_hearing *h = &s->hearing;
    char               text[sizeof h->reason + 96];

    if (h->said) {
        sio_redis_store_log(s, SIO_STORE_INFO, "lets us hear other instances again", NULL);
    } else if (h->lost_ms != 0) {
        snprintf(text, sizeof text,
                 "ended the subscription (%s); what was sent in %" PRIu64 " ms is missed",
                 h->reason, sio_now_ms() - h->lost_ms);
        sio_redis_store_log(s, SIO_STORE_WARN, text, NULL);
    }
    h->said = false;
    h->lost_ms = 0;
}

/* --- Hearing. --- */

/* Tell the ears when both connections have become usable, or one of them is not any more. */
static void
tell_ears(sio_redis_store *s)
{
    sio_redis_hearing *h = &s->hearing;
    const bool up = h->bus != NULL && sio_redis_bus_up(h->bus) && sio_redis_client_up(s->client);

    if (up == h->up)
        return;
    h->up = up;
    if (up)
        h->ears.up(h->ears.arg);
    else
        h->ears.down(h->ears.arg);
}

static void
on_redis_instances_message(void *arg, bool direct, sio_view bytes)
{
    sio_redis_store *s = arg;

    s->store.counters.heard++;
    s->hearing.ears.message(s->hearing.ears.arg, direct, bytes);
}

static void
on_bus_up(void *arg)
{
    note_bus_back(arg);
    tell_ears(arg);
}

static void
on_bus_down(void *arg, const char *reason)
{
    note_bus_lost(arg, reason);
    tell_ears(arg);
}

static void
on_partitions_heard(void *arg)
{
    const sio_store_ears *ears = &((sio_redis_store *)arg)->hearing.ears;

    if (ears->heard != NULL)
        ears->heard(ears->arg);
}

void
sio_redis_instances_up(sio_redis_store *s)
{
    if (s->hearing.bus != NULL) {
        sio_redis_bus_hurry(s->hearing.bus);
        sio_redis_presence_begin(s);
    }
    tell_ears(s);
}

void
sio_redis_instances_down(sio_redis_store *s)
{
    sio_redis_presence_end(s);
    s->hearing.lost_ms = 0; /* an outage of both has its line */
    tell_ears(s);
}

static int
start_hearing(sio_redis_store *s, const sio_redis_key *own)
{
    const sio_redis_bus_cfg cfg = {.base = s->base,
                                   .url = &s->url,
                                   .primary = sio_redis_store_primary(s),
                                   .tls = s->tls,
                                   .cast = sio_redis_store_home_key(s, "cast", SIO_VIEW("")),
                                   .message = on_redis_instances_message,
                                   .partitions = &s->hearing.partitions,
                                   .up = on_bus_up,
                                   .heard = on_partitions_heard,
                                   .down = on_bus_down,
                                   .arg = s};

    return sio_redis_bus_new(&s->hearing.bus, &cfg, own);
}

static int
redis_instances_hear(sio_store *self, sio_view tag, const sio_store_ears *ears)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    sio_redis_hearing  *h = &s->hearing;
    const sio_redis_key own = sio_redis_store_home_key(s, "to:", tag);

    if (h->bus == NULL) {
        if (start_hearing(s, &own) != SIO_OK)
            return SIO_ERR_NOMEM;
        sio_redis_presence_begin(s);
    }
    h->ears = *ears;
    h->up = false; /* until the new tag is heard */
    memcpy(h->tag, tag.data, sizeof h->tag);
    sio_redis_bus_move(h->bus, &own);
    return SIO_OK;
}

/* --- Telling. --- */

static int
redis_instances_publish(sio_store *self, sio_view tag, sio_view bytes)
{
    sio_redis_store          *s = sio_redis_store_of(self);
    const bool                is_cast = tag.len == 0;
    const sio_redis_addressee to = {.is_cast = is_cast, .tag = tag};
    const sio_redis_key       channel = is_cast ? sio_redis_store_home_key(s, "cast", SIO_VIEW(""))
                                                : sio_redis_store_home_key(s, "to:", tag);

    return sio_redis_post_message(s, sio_redis_key_view(&channel), bytes, &to);
}

/* --- Partitions. --- */

static void
redis_partition_join(sio_store *self, unsigned number)
{
    sio_redis_store      *s = sio_redis_store_of(self);
    sio_redis_partitions *p = &s->hearing.partitions;

    if (p->joined[number])
        return;
    p->joined[number] = true;
    if (s->hearing.bus != NULL)
        sio_redis_bus_join(s->hearing.bus, number);
}

static void
redis_partition_leave(sio_store *self, unsigned number)
{
    sio_redis_store      *s = sio_redis_store_of(self);
    sio_redis_partitions *p = &s->hearing.partitions;

    if (!p->joined[number])
        return;
    p->joined[number] = false;
    if (s->hearing.bus != NULL)
        sio_redis_bus_leave(s->hearing.bus, number);
}

static bool
redis_partitions_are_heard(const sio_store *self)
{
    const sio_redis_hearing *h = &((const sio_redis_store *)(const void *)self)->hearing;

    return h->bus != NULL && sio_redis_bus_up(h->bus) && h->partitions.n_unheard == 0;
}

static int
redis_partition_publish(sio_store *self, unsigned number, sio_view bytes)
{
    sio_redis_store          *s = sio_redis_store_of(self);
    const sio_redis_key       channel = sio_redis_partitions_key(&s->hearing.partitions, number);
    const sio_redis_addressee to = {.is_cast = false};

    return sio_redis_post_message(s, sio_redis_key_view(&channel), bytes, &to);
}

/* --- The sets. --- */

static void
touch(sio_store *self, sio_view tag)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    const sio_redis_key instances = sio_redis_store_instances_key(s);
    const sio_redis_key sessions = sio_redis_store_sessions_key(s, tag);
    const sio_redis_key wills = sio_redis_wills_key(s, tag);

    sio_redis_post_command(s, "SADD", &instances, &tag);
    sio_redis_post_expiry(s, &instances, SIO_REDIS_SETS_TTL_MS);
    sio_redis_post_expiry(s, &sessions, SIO_REDIS_SETS_TTL_MS);
    sio_redis_presence_tell(s, tag);
    sio_redis_post_expiry(s, &wills, SIO_REDIS_SETS_TTL_MS);
}

static void
forget(sio_store *self, sio_view tag)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    const sio_redis_key instances = sio_redis_store_instances_key(s);
    const sio_redis_key sessions = sio_redis_store_sessions_key(s, tag);

    sio_redis_post_command(s, "SREM", &instances, &tag);
    sio_redis_post_command(s, "DEL", &sessions, NULL);
    sio_redis_presence_forget(s, tag);
}

static void
session_add(sio_store *self, sio_view tag, sio_view id)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    const sio_redis_key sessions = sio_redis_store_sessions_key(s, tag);

    sio_redis_post_command(s, "SADD", &sessions, &id);
}

static void
session_remove(sio_store *self, sio_view tag, sio_view id)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    const sio_redis_key sessions = sio_redis_store_sessions_key(s, tag);

    sio_redis_post_command(s, "SREM", &sessions, &id);
}

const struct sio_store_instance_ops sio_redis_instance_ops = {
    .listen = redis_instances_hear,
    .publish = redis_instances_publish,
    .touch = touch,
    .remove = forget,
    .list = sio_redis_lost_list_instances,
    .probe = sio_redis_presence_probe,
    .session_add = session_add,
    .session_remove = session_remove,
    .lost_claim = sio_redis_lost_claim,
    .lost_check = sio_redis_lost_check,
    .lost_take = sio_redis_lost_take,
};

const struct sio_store_partition_ops sio_redis_partition_ops = {
    .join = redis_partition_join,
    .leave = redis_partition_leave,
    .are_heard = redis_partitions_are_heard,
    .publish = redis_partition_publish,
};
