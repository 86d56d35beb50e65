#include "store/redis_bus.h"

#include "store/clock.h"
#include "store/redis_link.h"
#include "store/redis_replies.h"

#include <stdlib.h>

struct sio_redis_bus {
    sio_redis_bus_cfg cfg;
    sio_redis_link   *link;
    struct event     *timer; /* pending while SUBSCRIBE has not been answered */
    sio_redis_key     own;
    bool              hears_cast, hears_own;
    bool              awaits_cast;     /* a cast has been sent since a message was heard */
    uint64_t          silent_since_ms; /* when the first such cast was confirmed; 0: not yet */
};

bool
sio_redis_bus_up(const sio_redis_bus *bus)
{
    return bus->hears_cast && bus->hears_own;
}

/* --- Messages. --- */

static void
heard(sio_redis_bus *bus, bool direct, sio_view bytes)
{
    bus->awaits_cast = false;
    bus->silent_since_ms = 0;
    bus->cfg.message(bus->cfg.arg, direct, bytes);
}

static void
confirmed(sio_redis_bus *bus, bool direct)
{
    if (direct)
        bus->hears_own = true;
    else
        bus->hears_cast = true;
    if (!sio_redis_bus_up(bus))
        return;
    event_del(bus->timer);
    bus->cfg.up(bus->cfg.arg);
}

static sio_view
redis_bus_text_of(const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_STRING)
        return (sio_view){"", 0};
    return (sio_view){reply->str, reply->len};
}

static void
partition_confirmed(sio_redis_bus *bus)
{
    sio_redis_partitions *p = bus->cfg.partitions;

    if (p->n_unheard > 0 && --p->n_unheard == 0)
        bus->cfg.heard(bus->cfg.arg);
}

/*
 * ["message", <channel>, <bytes>] or [SIO_REDIS_SUBSCRIBED, <channel>, <number>]; NULL at the end.
 */
static void
on_redis_bus_reply(redisAsyncContext *ac, void *r, void *arg)
{
    sio_redis_bus    *bus = arg;
    const redisReply *reply = r;
    sio_view          kind, channel;
    bool              direct, is_partition;

    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY || reply->elements != 3 ||
        ac != sio_redis_link_context(bus->link))
        return;
    kind = redis_bus_text_of(reply->element[0]);
    channel = redis_bus_text_of(reply->element[1]);
    direct = sio_view_eq(channel, sio_redis_key_view(&bus->own));
    is_partition = !direct && sio_redis_partitions_has(bus->cfg.partitions, channel);
    if (!direct && !is_partition && !sio_view_eq(channel, sio_redis_key_view(&bus->cfg.cast)))
        return; /* the own channel of before */
    if (sio_view_eq(kind, SIO_VIEW("message")))
        heard(bus, direct, redis_bus_text_of(reply->element[2]));
    else if (!sio_view_eq(kind, SIO_VIEW(SIO_REDIS_SUBSCRIBED)))
        return;
    else if (is_partition)
        partition_confirmed(bus);
    else
        confirmed(bus, direct);
}

void
sio_redis_bus_cast_sent(sio_redis_bus *bus)
{
    bus->awaits_cast = true;
}

/* The confirmation may overtake the cast; but then the cast is not far. */
void
sio_redis_bus_cast_confirmed(sio_redis_bus *bus)
{
    const uint64_t now_ms = sio_now_ms();

    if (!bus->awaits_cast || !sio_redis_bus_up(bus))
        return;
    if (bus->silent_since_ms == 0)
        bus->silent_since_ms = now_ms;
    else if (now_ms - bus->silent_since_ms >= SIO_REDIS_BUS_SILENCE_MS)
        sio_redis_link_drop(bus->link, "our own messages do not come back");
}

/* --- Subscribing. --- */

/* verb <channel> [channel] */
static bool
send_command(sio_redis_bus *bus, const char *verb, const sio_redis_key *a, const sio_redis_key *b)
{
    redisAsyncContext *ac = sio_redis_link_context(bus->link);
    const char        *argv[3] = {verb, a->text};
    size_t             len[3] = {strlen(verb), a->len};
    int                argc = 2;

    if (b != NULL) {
        argv[argc] = b->text;
        len[argc++] = b->len;
    }
    return redisAsyncCommandArgv(ac, on_redis_bus_reply, bus, argc, argv, len) == REDIS_OK;
}

/* The channel for all and the own one. */
static bool
subscribe_to_both(sio_redis_bus *bus)
{
    const struct timeval patience = sio_timeval_ms(SIO_REDIS_BUS_SILENCE_MS);

    event_add(bus->timer, &patience);
    return send_command(bus, "SUBSCRIBE", &bus->cfg.cast, &bus->own);
}

static bool
subscribe_to_partition(sio_redis_bus *bus, unsigned number)
{
    const sio_redis_key channel = sio_redis_partitions_key(bus->cfg.partitions, number);

    bus->cfg.partitions->n_unheard++;
    return send_command(bus, "SUBSCRIBE", &channel, NULL);
}

/* Partitions first: Redis confirms in that order, so that all are heard when the own channel is. */
static void
redis_bus_subscribe(void *arg)
{
    sio_redis_bus              *bus = arg;
    const sio_redis_partitions *p = bus->cfg.partitions;
    unsigned                    i = 0;
    bool                        ok = true;

    for (; ok && (i = sio_redis_partitions_next(p, i)) < SIO_STORE_MAX_PARTITIONS; i++)
        ok = subscribe_to_partition(bus, i);
    if (!ok || !subscribe_to_both(bus))
        sio_redis_link_drop(bus->link, "out of memory");
}

void
sio_redis_bus_join(sio_redis_bus *bus, unsigned number)
{
    if (sio_redis_link_context(bus->link) == NULL)
        return;
    if (!subscribe_to_partition(bus, number))
        sio_redis_link_drop(bus->link, "out of memory");
    else
        sio_redis_link_flush(bus->link); /* before anybody is told that somebody has joined */
}

void
sio_redis_bus_leave(sio_redis_bus *bus, unsigned number)
{
    const sio_redis_key channel = sio_redis_partitions_key(bus->cfg.partitions, number);

    if (sio_redis_link_context(bus->link) != NULL &&
        !send_command(bus, "UNSUBSCRIBE", &channel, NULL))
        sio_redis_link_drop(bus->link, "out of memory");
}

static void
on_redis_bus_timer(evutil_socket_t fd, short events, void *arg)
{
    sio_redis_bus *bus = arg;

    (void)fd;
    (void)events;
    sio_redis_link_drop(bus->link, "no answer to SUBSCRIBE");
}

static void
on_redis_bus_down(void *arg, const char *reason)
{
    sio_redis_bus *bus = arg;

    event_del(bus->timer);
    bus->hears_cast = bus->hears_own = bus->awaits_cast = false;
    bus->silent_since_ms = 0;
    bus->cfg.partitions->n_unheard = 0;
    bus->cfg.down(bus->cfg.arg, reason);
}

void
sio_redis_bus_move(sio_redis_bus *bus, const sio_redis_key *own)
{
    const sio_redis_key old = bus->own;

    bus->own = *own;
    bus->hears_own = false;
    if (sio_redis_link_context(bus->link) == NULL)
        return;
    if (!subscribe_to_both(bus))
        sio_redis_link_drop(bus->link, "out of memory");
    if (sio_redis_link_context(bus->link) != NULL &&
        !sio_view_eq(sio_redis_key_view(&old), sio_redis_key_view(own)))
        (void)send_command(bus, "UNSUBSCRIBE", &old,
                           NULL); /* if this fails: on_reply hears it in vain */
}

void
sio_redis_bus_hurry(sio_redis_bus *bus)
{
    sio_redis_link_hurry(bus->link);
}

/* --- Life. --- */

int
sio_redis_bus_new(sio_redis_bus **out, const sio_redis_bus_cfg *cfg, const sio_redis_key *own)
{
    sio_redis_bus           *bus = calloc(1, sizeof *bus);
    const sio_redis_link_cfg link_cfg = {.base = cfg->base,
                                         .url = cfg->url,
                                         .primary = cfg->primary,
                                         .tls = cfg->tls,
                                         .form = SIO_REDIS_REPLIES_HEARD,
                                         .up = redis_bus_subscribe,
                                         .down = on_redis_bus_down,
                                         .arg = bus};

    if (bus == NULL)
        return SIO_ERR_NOMEM;
    bus->cfg = *cfg;
    bus->own = *own;
    bus->timer = evtimer_new(cfg->base, on_redis_bus_timer, bus);
    if (bus->timer == NULL || sio_redis_link_new(&bus->link, &link_cfg) != SIO_OK) {
        sio_redis_bus_free(bus);
        return SIO_ERR_NOMEM;
    }
    bus->cfg.url = NULL; /* the link has its copy */
    *out = bus;
    return SIO_OK;
}

void
sio_redis_bus_free(sio_redis_bus *bus)
{
    if (bus == NULL)
        return;
    sio_redis_link_free(bus->link);
    if (bus->timer != NULL)
        event_free(bus->timer);
    free(bus);
}
