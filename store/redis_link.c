#include "store/redis_link.h"

#include "store/clock.h"
#include "store/redis_events.h"
#include "store/redis_replies.h"
#include "store/resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PATIENCE_MS = 5000, /* for one attempt: resolve, connect, log in */
    BACKOFF_FIRST_MS = 100,
    BACKOFF_MAX_MS = 5000,
    MAX_GREETINGS = 4 /* AUTH, SELECT, INFO, PING */
};

/* ASKING: the sentinels have not said yet where the primary is. */
typedef enum { WAITING, ASKING, RESOLVING, CONNECTING, GREETING, UP } link_state;

/* What the log has been told about the outage that goes on now. */
enum { SAID_AWAY = 1, SAID_REFUSED = 2 };

struct sio_redis_link {
    sio_redis_link_cfg        cfg;
    sio_store_counters       *counters; /* cfg.counters, or uncounted */
    sio_store_counters        uncounted;
    sio_redis_url             url;
    char                      name[SIO_REDIS_MAX_NAME];
    sio_redis_place           place; /* of this attempt; without a host: the unix socket */
    char                      where[SIO_REDIS_MAX_NAME]; /* UP, with sentinels: the name of that */
    sio_redis_place           last_place;                /* where it was up */
    unsigned                  next_guess; /* of cfg.primary: the place for the next attempt */
    sio_redis_primary_watcher watcher;
    bool               is_elsewhere; /* the primary is at another place: the timer takes it there */
    link_state         state;
    struct event      *timer;   /* WAITING: the next attempt. UP: idle. Else: the end of patience */
    sio_resolve       *resolve; /* RESOLVING only */
    sio_redis_relay   *relay;   /* with TLS, as long as ac */
    redisAsyncContext *ac;      /* CONNECTING, GREETING and UP only */
    sio_redis_replies  replies;
    sio_addresses      addresses;
    size_t             next_address;
    const char        *greetings[MAX_GREETINGS]; /* names of the commands sent, for the log */
    size_t             n_greetings, n_greeted;
    unsigned           n_failures;  /* in a row, connections that were brief included */
    unsigned           n_brief;     /* connections in a row */
    uint64_t           up_since_ms; /* UP only */
    unsigned           said;
    bool               was_up;
};

/* --- Log. --- */

static void
redis_link_say(sio_redis_link *link, int level, const char *verb, const char *reason,
               const char *outcome)
{
    char text[SIO_REDIS_MAX_NAME + 512];

    if (link->cfg.log == NULL)
        return;
    snprintf(text, sizeof text, "Redis at %s %s%s%s%s%s", link->name, verb,
             reason != NULL ? " (" : "", reason != NULL ? reason : "", reason != NULL ? ")" : "",
             outcome);
    link->cfg.log(link->cfg.log_arg, level, text);
}

static void
redis_link_settled(sio_redis_link *link)
{
    if (link->cfg.settled != NULL)
        link->cfg.settled(link->cfg.settled_arg);
}

static void
say_away(sio_redis_link *link, const char *reason)
{
    if (link->said == 0)
        redis_link_say(link, SIO_STORE_WARN, "is away", reason,
                       "; serving local clients only; retrying");
    link->said |= SAID_AWAY;
    link->counters->connected = 0;
    redis_link_settled(link);
}

/* Somebody has to change a setting: worth a line even when Redis was away just before. */
static void
say_refused(sio_redis_link *link, const char *command, const char *reason)
{
    char verb[32];

    snprintf(verb, sizeof verb, "refused %s", command);
    if ((link->said & SAID_REFUSED) == 0)
        redis_link_say(link, SIO_STORE_ERROR, verb, reason,
                       "; serving local clients only; retrying");
    link->said |= SAID_REFUSED;
    redis_link_settled(link);
}

static void
say_present(sio_redis_link *link)
{
    if (link->said != 0 || !link->was_up)
        redis_link_say(link, SIO_STORE_INFO, link->was_up ? "is connected again" : "is connected",
                       link->where[0] != '\0' ? link->where : NULL, "");
    link->said = 0;
    link->counters->connected = 1;
}

/* --- Life of one attempt. --- */

static void
redis_link_arm(sio_redis_link *link, uint64_t wait_ms)
{
    const struct timeval wait = sio_timeval_ms(wait_ms);

    event_add(link->timer, &wait);
}

/* Anywhere in the upper half of the interval, so that the instances do not all come at once. */
static uint64_t
backoff_ms(unsigned n_failures)
{
    uint64_t full = BACKOFF_FIRST_MS;
    uint32_t random;

    while (n_failures-- > 1 && full < BACKOFF_MAX_MS)
        full *= 2;
    if (full > BACKOFF_MAX_MS)
        full = BACKOFF_MAX_MS;
    evutil_secure_rng_get_bytes(&random, sizeof random);
    return full / 2 + random % (full / 2 + 1);
}

static void
retry_later(sio_redis_link *link)
{
    link->state = WAITING;
    link->n_failures++;
    redis_link_arm(link, backoff_ms(link->n_failures));
}

static void
close_relay(sio_redis_link *link)
{
    sio_redis_relay_free(link->relay);
    link->relay = NULL;
}

/*
 * Let go of the connection. link->ac is NULL before hiredis calls anybody back,
 * which is how those callbacks see that they are no longer meant.
 */
static void
close_context(sio_redis_link *link)
{
    redisAsyncContext *ac = link->ac;

    link->ac = NULL;
    if (ac != NULL)
        redisAsyncFree(ac); /* hiredis itself waits until its callback, if in one, has returned */
    close_relay(link);
}

/* A server that lets us in only to throw us out again is not to be asked ten times a second. */
static bool
lasted(const sio_redis_link *link)
{
    return sio_now_ms() - link->up_since_ms >= BACKOFF_MAX_MS;
}

/* The attempt is over, the log has been told. */
static void
attempt_failed(sio_redis_link *link, const char *reason)
{
    sio_resolve_cancel(link->resolve);
    link->resolve = NULL;
    link->next_address = link->addresses.n = 0;
    if (link->state == UP)
        link->n_failures = link->n_brief = lasted(link) ? 0 : link->n_brief + 1;
    if (link->state == UP)
        link->next_guess = 0;
    retry_later(link);
    if (link->cfg.down != NULL)
        link->cfg.down(link->cfg.arg, reason);
}

/* Does the name have another address to offer, or is there another place that may be meant? */
static bool
has_another(sio_redis_link *link)
{
    const sio_redis_primary *primary = link->cfg.primary;

    if (link->state == CONNECTING && link->next_address < link->addresses.n)
        return true;
    if (primary == NULL || link->state == UP || link->state == ASKING ||
        link->next_guess >= primary->n_places)
        return false;
    link->next_address = link->addresses.n = 0;
    return true;
}

static void
lost(sio_redis_link *link, const char *reason)
{
    if (has_another(link)) {
        sio_resolve_cancel(link->resolve);
        link->resolve = NULL;
        link->state = WAITING; /* not yet worth a line */
        redis_link_arm(link, 0);
        return;
    }
    say_away(link, reason);
    attempt_failed(link, reason);
}

void
sio_redis_link_drop(sio_redis_link *link, const char *reason)
{
    close_context(link);
    lost(link, reason);
}

/* --- Greeting: AUTH, SELECT, INFO, PING, sent in one go. --- */

static void
greeting_refused(sio_redis_link *link, char *text)
{
    const char *command = link->greetings[link->n_greeted];

    sio_redis_url_hide(&link->url, text);
    if (strncmp(text, "LOADING", 7) == 0) /* it has just been started; wait */
        say_away(link, text);
    else
        say_refused(link, command, text);
    close_context(link);
    attempt_failed(link, text); /* which hiredis frees after its callback */
}

/*
 * What INFO says of replication; of any other greeting all is good. Not ROLE, whose answer has
 * arrays in arrays with all replicas in them, which no other connection has a use for.
 */
static bool
is_primary(const sio_redis_link *link, const redisReply *reply)
{
    static const char role[] = "role:master";

    if (strcmp(link->greetings[link->n_greeted], "INFO") != 0)
        return true;
    return reply->type == REDIS_REPLY_STRING &&
           memmem(reply->str, reply->len, role, sizeof role - 1) != NULL;
}

/* The last greeting has been answered. */
static void
redis_link_up(sio_redis_link *link)
{
    link->state = UP;
    link->up_since_ms = sio_now_ms();
    link->addresses.n = link->next_address = 0;
    event_del(link->timer);
    if (link->was_up)
        link->counters->reconnects++;
    if (link->was_up && !sio_redis_place_eq(&link->place, &link->last_place))
        link->counters->moves++;
    link->last_place = link->place;
    if (link->cfg.primary != NULL) {
        sio_redis_url_name_place(&link->place, link->where);
        sio_redis_primary_confirm(link->cfg.primary, &link->place);
    }
    say_present(link);
    link->was_up = true;
    link->cfg.up(link->cfg.arg);
    redis_link_settled(link);
}

static void
on_greeted(redisAsyncContext *ac, void *r, void *arg)
{
    sio_redis_link *link = ac->data;
    redisReply     *reply = r;

    (void)arg;
    if (ac != link->ac || reply == NULL || link->state != GREETING)
        return; /* the connection has ended; whoever ended it goes on from there */
    if (reply->type == REDIS_REPLY_ERROR) {
        greeting_refused(link, reply->str);
    } else if (!is_primary(link, reply)) {
        sio_redis_link_drop(link, "it is a replica");
    } else if (++link->n_greeted == link->n_greetings) {
        redis_link_up(link);
    }
}

static void
redis_link_greet(sio_redis_link *link, int argc, const char *const argv[])
{
    const char *words[3];

    for (int i = 0; i < argc; i++)
        words[i] = argv[i];
    /* Without memory nothing is sent, the greeting stays incomplete, and patience ends it. */
    redisAsyncCommandArgv(link->ac, on_greeted, NULL, argc, words, NULL);
    link->greetings[link->n_greetings++] = argv[0];
}

static void
greet_all(sio_redis_link *link)
{
    char        db[16];
    const char *user_login[] = {"AUTH", link->url.user, link->url.password};
    const char *login[] = {"AUTH", link->url.password};
    const char *select_db[] = {"SELECT", db};
    const char *info[] = {"INFO", "replication"};
    const char *ping[] = {"PING"};

    link->state = GREETING;
    link->n_greetings = link->n_greeted = 0;
    if (link->url.has_auth && link->url.user[0] != '\0')
        redis_link_greet(link, 3, user_login);
    else if (link->url.has_auth)
        redis_link_greet(link, 2, login);
    if (link->url.db != 0) {
        snprintf(db, sizeof db, "%u", link->url.db);
        redis_link_greet(link, 2, select_db);
    }
    if (link->cfg.primary != NULL)
        redis_link_greet(link, 2, info);
    redis_link_greet(link, 1, ping);
}

/* --- Connecting. --- */

/* From here on hiredis speaks to the relay. */
static bool
start_tls(sio_redis_link *link)
{
    redisAsyncContext *ac = link->ac;
    int                inner;

    if (link->cfg.tls == NULL)
        return true;
    if (sio_redis_relay_new(&link->relay, link->cfg.tls, link->cfg.base, ac->c.fd, link->place.host,
                            &inner) != SIO_OK)
        return false;
    sio_redis_events_move(ac, inner);
    return true;
}

/* When status is bad, hiredis frees ac as soon as this returns; nothing may be freed in here. */
static void
on_connected(const redisAsyncContext *ac, int status)
{
    sio_redis_link *link = ac->data;

    if (ac != link->ac)
        return;
    if (status == REDIS_OK) {
        if (start_tls(link))
            greet_all(link);
        else
            sio_redis_link_drop(link, "out of memory");
        return;
    }
    link->ac = NULL;
    lost(link, ac->c.errstr); /* ac->errstr is not filled in yet at this point */
}

/*
 * A server that speaks TLS hangs up on what is no handshake. One that asks for certificates does it
 * after the handshake, and its alert may be lost with the connection.
 */
static const char *
fault_of_greeting(const sio_redis_link *link, const redisAsyncContext *ac)
{
    if (link->state != GREETING || link->n_greeted > 0 || ac->err == REDIS_ERR_OOM)
        return ac->errstr;
    return link->cfg.tls == NULL
               ? "it hangs up on the first command; does it speak TLS (rediss://)?"
               : "it hangs up on the first command; does it ask for a client certificate?";
}

/* Why the connection has ended, as far as somebody knows. */
static const char *
fault_of(const sio_redis_link *link, const redisAsyncContext *ac, int status)
{
    const char *fault = sio_redis_replies_fault(&link->replies);

    if (fault == NULL && link->relay != NULL)
        fault = sio_redis_relay_fault(link->relay);
    if (fault != NULL)
        return fault;
    if (status == REDIS_OK)
        return "connection closed";
    return fault_of_greeting(link, ac);
}

/* hiredis frees ac as soon as this returns. */
static void
on_disconnected(const redisAsyncContext *ac, int status)
{
    sio_redis_link *link = ac->data;
    const char     *fault;
    char            reason[256];

    if (ac != link->ac)
        return; /* we let go of it ourselves */
    link->ac = NULL;
    fault = fault_of(link, ac, status);
    if (link->relay == NULL) {
        lost(link, fault);
        return;
    }
    snprintf(reason, sizeof reason, "%s", fault);
    close_relay(link);
    lost(link, fault == sio_redis_replies_too_large ? fault : reason);
}

static redisAsyncContext *
open_context(sio_redis_link *link)
{
    if (link->url.path[0] != '\0')
        return redisAsyncConnectUnix(link->url.path);
    return redisAsyncConnect(link->addresses.text[link->next_address++], link->place.port);
}

static void
connect_next(sio_redis_link *link)
{
    redisAsyncContext *ac;

    link->state = CONNECTING;
    link->ac = ac = open_context(link);
    if (ac == NULL) {
        lost(link, "out of memory");
        return;
    }
    ac->data = link;
    if (ac->err != 0) {
        char reason[sizeof ac->c.errstr];

        snprintf(reason, sizeof reason, "%s", ac->errstr);
        sio_redis_link_drop(link, reason);
        return;
    }
    evutil_make_socket_closeonexec(ac->c.fd);
    if (link->url.path[0] == '\0')
        redisEnableKeepAlive(&ac->c); /* finds a dead peer while nothing is being asked */
    if (sio_redis_events_attach(ac, link->cfg.base) != SIO_OK) {
        sio_redis_link_drop(link, "out of memory");
        return;
    }
    sio_redis_replies_use(&link->replies, ac, link->cfg.form);
    redisAsyncSetConnectCallback(ac, on_connected);
    redisAsyncSetDisconnectCallback(ac, on_disconnected);
    redis_link_arm(link, PATIENCE_MS);
}

static void
on_resolved(void *arg, const sio_addresses *found, const char *error)
{
    sio_redis_link *link = arg;

    link->resolve = NULL;
    if (error != NULL) {
        lost(link, error);
        return;
    }
    link->addresses = *found;
    link->next_address = 0;
    connect_next(link);
}

static void
look_name_up(sio_redis_link *link)
{
    link->state = RESOLVING;
    if (sio_resolve_start(&link->resolve, link->cfg.base, link->place.host, on_resolved, link) !=
        SIO_OK)
        lost(link, "no memory or thread to look the name up");
    else
        redis_link_arm(link, PATIENCE_MS);
}

/* --- The primary, as sentinels say. --- */

/* To the most likely place, or to the next one after an attempt that has failed. */
static void
try_primary(sio_redis_link *link)
{
    const sio_redis_primary *primary = link->cfg.primary;

    link->state = ASKING;
    if (primary->n_places == 0 && primary->fault != NULL) {
        lost(link, primary->fault);
    } else if (primary->n_places == 0) {
        redis_link_arm(link, PATIENCE_MS);
    } else {
        if (link->next_guess >= primary->n_places)
            link->next_guess = 0;
        link->place = primary->places[link->next_guess++];
        look_name_up(link);
    }
}

/* The timer does the rest: whoever calls this has more to tell. */
static void
on_primary_changed(void *arg)
{
    sio_redis_link          *link = arg;
    const sio_redis_primary *primary = link->cfg.primary;

    link->next_guess = 0;
    link->n_failures = 0;
    if (link->state > ASKING && sio_redis_place_eq(&link->place, &primary->places[0]))
        return;
    link->is_elsewhere = link->state > ASKING;
    redis_link_arm(link, 0);
}

static void
go_elsewhere(sio_redis_link *link)
{
    char reason[SIO_REDIS_MAX_NAME + 32], where[SIO_REDIS_MAX_NAME];

    sio_redis_url_name_place(&link->cfg.primary->places[0], where);
    snprintf(reason, sizeof reason, "%s is the primary now", where);
    link->is_elsewhere = false;
    sio_redis_link_drop(link, reason);
    link->next_guess = 0;
    link->n_failures = 0;
    redis_link_arm(link, 0);
}

/* --- The next attempt. --- */

static void
attempt(sio_redis_link *link)
{
    if (link->url.path[0] != '\0' || link->next_address < link->addresses.n)
        connect_next(link);
    else if (link->cfg.primary != NULL)
        try_primary(link);
    else
        look_name_up(link);
}

static void
on_redis_link_timer(evutil_socket_t fd, short events, void *arg)
{
    sio_redis_link *link = arg;

    (void)fd;
    (void)events;
    if (link->is_elsewhere)
        go_elsewhere(link);
    else if (link->state == WAITING || (link->state == ASKING && link->cfg.primary->n_places > 0))
        attempt(link);
    else if (link->state == ASKING)
        sio_redis_link_drop(link, link->cfg.primary->fault != NULL ? link->cfg.primary->fault
                                                                   : "no sentinel answers");
    else if (link->relay != NULL && !sio_redis_relay_is_open(link->relay))
        sio_redis_link_drop(link, "no answer to the handshake of TLS");
    else
        sio_redis_link_drop(link, "no answer while connecting");
}

/* --- Public. --- */

int
sio_redis_link_new(sio_redis_link **out, const sio_redis_link_cfg *cfg)
{
    sio_redis_link *link = calloc(1, sizeof *link);

    if (link == NULL)
        return SIO_ERR_NOMEM;
    link->cfg = *cfg;
    link->counters = cfg->counters != NULL ? cfg->counters : &link->uncounted;
    link->url = *cfg->url;
    link->cfg.url = &link->url;
    link->place = link->url.at;
    sio_link_init(&link->watcher.in_watchers);
    link->watcher.changed = on_primary_changed;
    link->watcher.arg = link;
    sio_redis_replies_init(&link->replies);
    sio_redis_url_name(&link->url, link->name);
    link->timer = evtimer_new(cfg->base, on_redis_link_timer, link);
    if (link->timer == NULL) {
        sio_redis_link_free(link);
        return SIO_ERR_NOMEM;
    }
    if (cfg->primary != NULL)
        sio_redis_primary_watch(cfg->primary, &link->watcher);
    redis_link_arm(link, 0);
    *out = link;
    return SIO_OK;
}

void
sio_redis_link_free(sio_redis_link *link)
{
    if (link == NULL)
        return;
    sio_redis_primary_unwatch(&link->watcher);
    close_context(link);
    sio_resolve_cancel(link->resolve);
    if (link->timer != NULL)
        event_free(link->timer);
    sio_redis_replies_fini(&link->replies);
    free(link);
}

redisAsyncContext *
sio_redis_link_context(sio_redis_link *link)
{
    return link->state == UP ? link->ac : NULL;
}

void
sio_redis_link_take(sio_redis_link *link, sio_redis_taken fn, void *arg)
{
    link->replies.is_taken = true;
    sio_redis_events_take(link->ac, fn, arg);
}

bool
sio_redis_link_send(sio_redis_link *link, int argc, const char **argv, const size_t *len)
{
    redisAsyncContext *ac = link->ac;

    if (redisAppendCommandArgv(&ac->c, argc, argv, len) != REDIS_OK)
        return false;
    ac->ev.addWrite(ac->ev.data);
    return true;
}

const char *
sio_redis_link_where(const sio_redis_link *link)
{
    return link->where;
}

void
sio_redis_link_hurry(sio_redis_link *link)
{
    if (link->state == WAITING)
        redis_link_arm(link, 0);
}

void
sio_redis_link_silent(sio_redis_link *link)
{
    if (link->state == UP)
        say_away(link, "it does not answer");
}

void
sio_redis_link_heard(sio_redis_link *link)
{
    if (link->state == UP)
        say_present(link);
}

void
sio_redis_link_refused(sio_redis_link *link, const char *error)
{
    if (link->state == UP && link->cfg.primary != NULL && strncmp(error, "READONLY", 8) == 0)
        sio_redis_link_drop(link, "it has become a replica");
}
