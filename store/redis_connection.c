#include "store/redis_connection.h"

#include "protocol/result.h"
#include "store/redis_events.h"

#include <stdio.h>
#include <string.h>

static void
close_relay(sio_redis_connection *c)
{
    sio_redis_relay_free(c->relay);
    c->relay = NULL;
}

void
sio_redis_connection_close(sio_redis_connection *c)
{
    redisAsyncContext *ac = c->ac;

    c->ac = NULL;
    if (ac != NULL)
        redisAsyncFree(ac); /* hiredis itself waits until its callback, if in one, has returned */
    close_relay(c);
}

static void
give_up(sio_redis_connection *c, const char *reason)
{
    sio_redis_connection_close(c);
    c->ears.ended(c->ears.arg, reason, false);
}

/* --- It is made. --- */

/* From here on hiredis speaks to the relay. */
static bool
start_tls(sio_redis_connection *c)
{
    int inner;

    if (c->tls == NULL)
        return true;
    if (sio_redis_relay_new(&c->relay, c->tls, c->base, c->ac->c.fd, c->host, &inner) != SIO_OK)
        return false;
    sio_redis_events_move(c->ac, inner);
    return true;
}

/* When status is bad, hiredis frees ac as soon as this returns; nothing may be freed in here. */
static void
on_connected(const redisAsyncContext *ac, int status)
{
    sio_redis_connection *c = ac->data;

    if (ac != c->ac)
        return;
    if (status != REDIS_OK) {
        c->ac = NULL;
        c->ears.ended(c->ears.arg, ac->c.errstr, false); /* ac->errstr is not filled in yet */
    } else if (start_tls(c)) {
        c->ears.open(c->ears.arg);
    } else {
        give_up(c, "out of memory");
    }
}

/* --- It ends. --- */

/* Why, as far as somebody here knows; else NULL. */
static const char *
fault_of(const sio_redis_connection *c)
{
    const char *fault = sio_redis_replies_fault(&c->replies);

    return fault == NULL && c->relay != NULL ? sio_redis_relay_fault(c->relay) : fault;
}

/* hiredis frees ac as soon as this returns. What the relay says goes with it. */
static void
on_disconnected(const redisAsyncContext *ac, int status)
{
    sio_redis_connection *c = ac->data;
    const char           *fault;
    char                  reason[256];

    if (ac != c->ac)
        return; /* we let go of it ourselves */
    fault = fault_of(c);
    snprintf(reason, sizeof reason, "%s",
             fault != NULL        ? fault
             : status == REDIS_OK ? "connection closed"
                                  : ac->errstr);
    c->ac = NULL;
    close_relay(c);
    c->ears.ended(c->ears.arg, fault == sio_redis_replies_too_large ? fault : reason,
                  fault == NULL && status != REDIS_OK && ac->err != REDIS_ERR_OOM);
}

/* --- It begins. --- */

static bool
adopt(sio_redis_connection *c, redisAsyncContext *ac)
{
    char reason[sizeof ac->c.errstr];

    c->ac = ac;
    if (ac == NULL) {
        give_up(c, "out of memory");
        return false;
    }
    ac->data = c;
    if (ac->err != 0) {
        snprintf(reason, sizeof reason, "%s", ac->errstr);
        give_up(c, reason);
        return false;
    }
    evutil_make_socket_closeonexec(ac->c.fd);
    if (sio_redis_events_attach(ac, c->base) != SIO_OK) {
        give_up(c, "out of memory");
        return false;
    }
    sio_redis_replies_use(&c->replies, ac, c->form);
    redisAsyncSetConnectCallback(ac, on_connected);
    redisAsyncSetDisconnectCallback(ac, on_disconnected);
    return true;
}

bool
sio_redis_connection_open(sio_redis_connection *c, const char *address,
                          const sio_redis_place *place)
{
    memcpy(c->host, place->host, sizeof c->host);
    if (!adopt(c, redisAsyncConnect(address, place->port)))
        return false;
    redisEnableKeepAlive(&c->ac->c); /* finds a dead peer while nothing is being asked */
    return true;
}

bool
sio_redis_connection_open_unix(sio_redis_connection *c, const char *path)
{
    return adopt(c, redisAsyncConnectUnix(path));
}

bool
sio_redis_connection_awaits_tls(const sio_redis_connection *c)
{
    return c->relay != NULL && !sio_redis_relay_is_open(c->relay);
}

/* --- Life. --- */

void
sio_redis_connection_init(sio_redis_connection *c, struct event_base *base, sio_redis_tls *tls,
                          sio_redis_replies_form form, const sio_redis_connection_ears *ears)
{
    *c = (sio_redis_connection){.base = base, .tls = tls, .form = form, .ears = *ears};
    sio_redis_replies_init(&c->replies);
}

void
sio_redis_connection_fini(sio_redis_connection *c)
{
    sio_redis_connection_close(c);
    sio_redis_replies_fini(&c->replies);
}
