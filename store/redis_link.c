#include "store/redis_link.h"

#include "store/clock.h"
#include "store/redis_backoff.h"
#include "store/redis_connection.h"
#include "store/redis_events.h"
#include "store/redis_greeting.h"
#include "store/redis_outage.h"
#include "store/resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENCE_MS = 5000 }; /* for one attempt: resolve, connect, log in */

/* ASKING: the sentinels have not said yet where the primary is. */
typedef enum { WAITING, ASKING, RESOLVING, CONNECTING, GREETING, UP } link_state;

struct sio_redis_link {
    sio_redis_link_cfg        cfg;
    sio_store_counters       *counters; /* cfg.counters, or uncounted */
    sio_store_counters        uncounted;
    sio_redis_url             url;
    sio_redis_outage          outage;
    sio_redis_place           place; /* of this attempt; without a host: the unix socket */
    char                      where[SIO_REDIS_MAX_NAME]; /* UP, with sentinels: the name of that */
    sio_redis_place           last_place;                /* where it was up */
    unsigned                  next_guess; /* of cfg.primary: the place for the next attempt */
    sio_redis_primary_watcher watcher;
    bool          is_elsewhere; /* the primary is at another place: the timer takes it there */
    link_state    state;
    struct event *timer;   /* WAITING: the next attempt. UP: idle. Else: the end of patience */
    sio_resolve  *resolve; /* RESOLVING only */
    sio_redis_connection connection; /* CONNECTING, GREETING and UP only */
    sio_addresses        addresses;
    size_t               next_address;
    sio_redis_greeting   greeting; /* GREETING only */
    sio_redis_backoff    backoff;
};

/* --- Log. --- */

static void
redis_link_settled(sio_redis_link *link)
{
    if (link->cfg.settled != NULL)
        link->cfg.settled(link->cfg.settled_arg);
}

static void
say_away(sio_redis_link *link, const char *reason)
{
    sio_redis_outage_away(&link->outage, reason);
    redis_link_settled(link);
}

/* --- Life of one attempt. --- */

static void
redis_link_arm(sio_redis_link *link, uint64_t wait_ms)
{
    const struct timeval wait = sio_timeval_ms(wait_ms);

    event_add(link->timer, &wait);
}

/* The attempt is over, the log has been told. */
static void
attempt_failed(sio_redis_link *link, const char *reason)
{
    sio_resolve_cancel(link->resolve);
    link->resolve = NULL;
    link->next_address = link->addresses.n = 0;
    if (link->state == UP) {
        sio_redis_backoff_down(&link->backoff);
        link->next_guess = 0;
    }
    link->state = WAITING;
    redis_link_arm(link, sio_redis_backoff_next_ms(&link->backoff));
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
    sio_redis_connection_close(&link->connection);
    lost(link, reason);
}

/* --- Greeting. --- */

static void
on_greeting_refused(void *arg, const char *command, const char *text)
{
    sio_redis_link *link = arg;

    if (strncmp(text, "LOADING", 7) == 0) /* it has just been started; wait */
        sio_redis_outage_away(&link->outage, text);
    else
        sio_redis_outage_refused(&link->outage, command, text);
    redis_link_settled(link);
    sio_redis_connection_close(&link->connection);
    attempt_failed(link, text); /* which hiredis frees after its callback */
}

static void
on_greeting_wrong(void *arg, const char *reason)
{
    sio_redis_link_drop(arg, reason);
}

/* The last greeting has been answered. */
static void
redis_link_up(void *arg)
{
    sio_redis_link *link = arg;

    link->state = UP;
    sio_redis_backoff_up(&link->backoff);
    link->addresses.n = link->next_address = 0;
    event_del(link->timer);
    if (link->outage.was_up)
        link->counters->reconnects++;
    if (link->outage.was_up && !sio_redis_place_eq(&link->place, &link->last_place))
        link->counters->moves++;
    link->last_place = link->place;
    if (link->cfg.primary != NULL) {
        sio_redis_url_name_place(&link->place, link->where);
        sio_redis_primary_confirm(link->cfg.primary, &link->place);
    }
    sio_redis_outage_over(&link->outage, link->where);
    link->cfg.up(link->cfg.arg);
    redis_link_settled(link);
}

static sio_redis_role
role_of(const sio_redis_link *link)
{
    if (link->cfg.primary == NULL)
        return SIO_REDIS_ANY;
    return link->cfg.primary->is_of_cluster ? SIO_REDIS_CLUSTER_PRIMARY : SIO_REDIS_PRIMARY;
}

static void
greet(void *arg)
{
    sio_redis_link               *link = arg;
    const sio_redis_greeting_ears ears = {.well = redis_link_up,
                                          .refused = on_greeting_refused,
                                          .wrong = on_greeting_wrong,
                                          .arg = link};

    link->state = GREETING;
    sio_redis_greeting_begin(&link->greeting, link->connection.ac, &link->url, role_of(link),
                             &ears);
}

/* --- Connecting. --- */

/*
 * A server that speaks TLS hangs up on what is no handshake. One that asks for certificates does it
 * after the handshake, and its alert may be lost with the connection.
 */
static const char *
guess_at(const sio_redis_link *link)
{
    return link->cfg.tls == NULL
               ? "it hangs up on the first command; does it speak TLS (rediss://)?"
               : "it hangs up on the first command; does it ask for a client certificate?";
}

static void
on_ended(void *arg, const char *reason, bool was_cut)
{
    sio_redis_link *link = arg;
    const bool      is_first =
        link->state == GREETING && sio_redis_greeting_is_unanswered(&link->greeting);

    lost(link, was_cut && is_first ? guess_at(link) : reason);
}

static void
connect_next(sio_redis_link *link)
{
    bool is_begun;

    link->state = CONNECTING;
    if (link->url.path[0] != '\0')
        is_begun = sio_redis_connection_open_unix(&link->connection, link->url.path);
    else
        is_begun = sio_redis_connection_open(
            &link->connection, link->addresses.text[link->next_address++], &link->place);
    if (is_begun)
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
    sio_redis_backoff_forget(&link->backoff);
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
    sio_redis_backoff_forget(&link->backoff);
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

static const char *
fault_of_asking(const sio_redis_primary *primary)
{
    if (primary->fault != NULL)
        return primary->fault;
    return primary->is_of_cluster ? "no node answers" : "no sentinel answers";
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
        sio_redis_link_drop(link, fault_of_asking(link->cfg.primary));
    else if (sio_redis_connection_awaits_tls(&link->connection))
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
    sio_redis_connection_init(
        &link->connection, cfg->base, cfg->tls, cfg->form,
        &(sio_redis_connection_ears){.open = greet, .ended = on_ended, .arg = link});
    sio_redis_outage_init(&link->outage, &link->url, cfg->log, cfg->log_arg, link->counters);
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
    sio_redis_connection_fini(&link->connection);
    sio_redis_outage_fini(&link->outage);
    sio_resolve_cancel(link->resolve);
    if (link->timer != NULL)
        event_free(link->timer);
    free(link);
}

redisAsyncContext *
sio_redis_link_context(sio_redis_link *link)
{
    return link->state == UP ? link->connection.ac : NULL;
}

void
sio_redis_link_flush(sio_redis_link *link)
{
    if (link->state == UP)
        sio_redis_events_flush(link->connection.ac);
}

void
sio_redis_link_take(sio_redis_link *link, sio_redis_taken fn, void *arg)
{
    link->connection.replies.is_taken = true;
    sio_redis_events_take(link->connection.ac, fn, arg);
}

bool
sio_redis_link_send(sio_redis_link *link, int argc, const char **argv, const size_t *len)
{
    redisAsyncContext *ac = link->connection.ac;

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
        sio_redis_outage_over(&link->outage, link->where);
}

/* What tells that the primary is elsewhere, or that there is none; NULL: something else. */
static const char *
fault_of_refusal(const sio_redis_primary *primary, const char *error)
{
    if (strncmp(error, "READONLY", 8) == 0)
        return "it has become a replica";
    if (primary->is_of_cluster && strncmp(error, "MOVED ", 6) == 0)
        return "another node has what was there";
    if (primary->is_of_cluster && strncmp(error, "CLUSTERDOWN", 11) == 0)
        return "the cluster is down";
    return NULL;
}

void
sio_redis_link_refused(sio_redis_link *link, const char *error)
{
    const char *fault =
        link->cfg.primary != NULL ? fault_of_refusal(link->cfg.primary, error) : NULL;

    if (link->state == UP && fault != NULL)
        sio_redis_link_drop(link, fault);
}
