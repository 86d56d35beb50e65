#include "store/redis_cluster.h"

#include "protocol/result.h"
#include "store/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAUSE_MS = 100,         /* between two questions, at least */
    AGAIN_MS = 250,         /* while something is wrong */
    NOW_AND_THEN_MS = 30000 /* while nothing seems to be */
};

static const char nobody_knows[] = "no node of the cluster says where its slot is";

typedef struct {
    sio_redis_cluster *all;
    sio_redis_client  *client;
    sio_redis_place    place;
    bool               is_known;    /* whether it can be used */
    bool               is_refusing; /* it has said that the cluster is down */
    bool               is_asked;    /* whether it still is */
} node;

struct sio_redis_cluster {
    sio_redis_cluster_cfg cfg;
    node                 *nodes[SIO_REDIS_MAX_NODES]; /* as the places of slots; NULL: no memory */
    sio_redis_slots       slots, fresh;               /* what is known, and what was just read */
    bool                  is_mapped;                  /* slots are known */
    sio_redis_route       home;
    bool                  is_home_up;
    sio_link              routes;
    struct event         *timer; /* the next question */
    struct event         *apply; /* `fresh` is to be made use of, outside of hiredis */
    bool                  is_asking;
    bool                  said; /* the log knows that a node does not say who has which slot */
    unsigned              last_asked; /* index of the node */
    uint64_t              asked_ms;
};

/* --- Whether something is wrong. --- */

static bool
is_well(const sio_redis_cluster *c)
{
    if (!c->is_mapped || !c->is_home_up)
        return false;
    for (unsigned i = 0; i < c->slots.n_places; i++)
        if (c->nodes[i] == NULL || c->nodes[i]->is_refusing ||
            !sio_redis_client_up(c->nodes[i]->client))
            return false;
    return true;
}

static void
cluster_arm(sio_redis_cluster *c, uint64_t wait_ms)
{
    const struct timeval wait = sio_timeval_ms(wait_ms);

    event_add(c->timer, &wait);
}

/* Something is wrong, or has changed. */
void
sio_redis_cluster_look(sio_redis_cluster *c)
{
    const uint64_t since_ms = sio_now_ms() - c->asked_ms;

    if (!c->is_asking)
        cluster_arm(c, since_ms < PAUSE_MS ? PAUSE_MS - since_ms : 0);
}

void
sio_redis_cluster_note_home(sio_redis_cluster *c, bool is_up)
{
    c->is_home_up = is_up;
    if (!is_up)
        sio_redis_cluster_look(c);
}

/* --- Nodes. --- */

static void
note_settled(node *n)
{
    n->is_known = true;
    n->all->cfg.settled(n->all->cfg.arg);
}

static void
on_node_up(void *arg)
{
    node *n = arg;

    n->is_refusing = false;
    n->all->cfg.up(n->all->cfg.arg, n->client);
    sio_redis_cluster_look(n->all);
}

static bool
are_all_lost(const sio_redis_cluster *c)
{
    for (unsigned i = 0; i < c->slots.n_places; i++)
        if (c->nodes[i] != NULL &&
            (!c->nodes[i]->is_known || sio_redis_client_up(c->nodes[i]->client)))
            return false;
    return true;
}

static void
on_node_down(void *arg, const char *reason)
{
    node *n = arg;

    (void)reason; /* the link has logged it */
    note_settled(n);
    if (are_all_lost(n->all))
        sio_redis_primary_fail(&n->all->home.primary, nobody_knows);
    sio_redis_cluster_look(n->all);
}

static void
on_node_settled(void *arg)
{
    note_settled(arg);
}

static sio_redis_client *other_node(void *arg, sio_view error, bool *with_asking);

static int
open_client(node *n)
{
    const sio_redis_cluster_cfg *cfg = &n->all->cfg;
    sio_redis_url                url = {.at = n->place, .has_auth = cfg->url->has_auth};
    const sio_redis_link_cfg     link_cfg = {.base = cfg->base,
                                             .url = &url,
                                             .tls = cfg->tls,
                                             .form = SIO_REDIS_REPLIES_NESTED,
                                             .up = on_node_up,
                                             .down = on_node_down,
                                             .settled = on_node_settled,
                                             .arg = n,
                                             .settled_arg = n,
                                             .log = cfg->log,
                                             .log_arg = cfg->log_arg,
                                             .counters = cfg->counters};
    int                          rc;

    memcpy(url.user, cfg->url->user, sizeof url.user);
    memcpy(url.password, cfg->url->password, sizeof url.password);
    if ((rc = sio_redis_client_new(&n->client, &link_cfg, cfg->max_pending)) == SIO_OK)
        sio_redis_client_set_guide(n->client, &(sio_redis_guide){.other = other_node, .arg = n});
    return rc;
}

/* NULL: no memory. What is in its slots can not be used, then. */
static node *
node_new(sio_redis_cluster *c, const sio_redis_place *place)
{
    node *n = calloc(1, sizeof *n);

    if (n == NULL)
        return NULL;
    n->all = c;
    n->place = *place;
    if (open_client(n) == SIO_OK)
        return n;
    free(n);
    return NULL;
}

/* Nothing is sent to it any more, and who waits for it is told so. */
static void
node_retire(node *n)
{
    if (n == NULL)
        return;
    sio_redis_client_retire(n->client);
    free(n);
}

/* The node at this place; NULL: there is no room. */
static node *
add_node(sio_redis_cluster *c, const sio_redis_place *place)
{
    const unsigned n_before = c->slots.n_places;
    const unsigned i = sio_redis_slots_add(&c->slots, place);

    if (i == SIO_REDIS_NOBODY)
        return NULL;
    if (i == n_before)
        c->nodes[i] = node_new(c, place);
    return c->nodes[i];
}

static void
add_seeds(sio_redis_cluster *c)
{
    for (unsigned i = 0; i < c->cfg.url->n_seeds; i++)
        (void)add_node(c, &c->cfg.url->seeds[i]);
}

/* --- What a node says of others, and of the cluster. --- */

static bool
begins_with(sio_view text, sio_view word)
{
    return text.len >= word.len && memcmp(text.data, word.data, word.len) == 0;
}

static sio_redis_client *
other_node(void *arg, sio_view error, bool *with_asking)
{
    node              *n = arg, *to;
    sio_redis_place    place;
    sio_redis_redirect kind = sio_redis_slots_read_redirect(error, &n->place, &place);

    if (begins_with(error, SIO_VIEW("CLUSTERDOWN"))) {
        n->is_refusing = true;
        sio_redis_cluster_look(n->all);
    }
    if (kind == SIO_REDIS_NO_REDIRECT)
        return NULL;
    *with_asking = kind == SIO_REDIS_ASK;
    if (kind == SIO_REDIS_MOVED)
        sio_redis_cluster_look(n->all);
    to = add_node(n->all, &place);
    return to != NULL ? to->client : NULL;
}

typedef struct {
    sio_redis_call     call; /* first: the client frees it */
    sio_redis_cluster *c;
    node              *n;
} question;

static void
nothing_late(sio_redis_call *call, const redisReply *reply)
{
    (void)call;
    (void)reply;
}

/* False: no memory, and the answer will not come. */
static bool
ask(node *n, const char *about, sio_redis_call_fn answer)
{
    sio_redis_command command = {.argc = 0};
    question         *q = calloc(1, sizeof *q);

    if (q == NULL)
        return false;
    q->call.answer = answer;
    q->call.late = nothing_late;
    q->call.exempt = true;
    q->c = n->all;
    q->n = n;
    sio_redis_command_add(&command, SIO_VIEW("CLUSTER"));
    sio_redis_command_add(&command, sio_view_of(about));
    (void)sio_redis_client_send(n->client, &q->call, &command);
    return true;
}

static void
on_state(sio_redis_call *call, const redisReply *reply)
{
    static const char good[] = "cluster_state:ok";
    node             *n = ((question *)(void *)call)->n;

    n->is_asked = false;
    if (!n->is_refusing || reply == NULL || reply->type != REDIS_REPLY_STRING ||
        memmem(reply->str, reply->len, good, sizeof good - 1) == NULL)
        return;
    n->is_refusing = false;
    n->all->cfg.up(n->all->cfg.arg, n->client);
}

static void
cluster_say(const sio_redis_cluster *c, int level, const char *what, const char *reason)
{
    char name[SIO_REDIS_MAX_NAME], text[SIO_REDIS_MAX_NAME + 512];

    if (c->cfg.log == NULL)
        return;
    sio_redis_url_name(c->cfg.url, name);
    snprintf(text, sizeof text, "Redis at %s %s%s%s%s", name, what, reason != NULL ? " (" : "",
             reason != NULL ? reason : "", reason != NULL ? ")" : "");
    c->cfg.log(c->cfg.log_arg, level, text);
}

/* It may not be asked, or is no node of a cluster. */
static void
note_mute(sio_redis_cluster *c, const char *reason)
{
    if (!c->said)
        cluster_say(c, SIO_STORE_ERROR, "does not say who has which slot", reason);
    c->said = true;
}

static void
on_slots(sio_redis_call *call, const redisReply *reply)
{
    const question    *q = (question *)(void *)call;
    sio_redis_cluster *c = q->c;

    c->is_asking = false;
    cluster_arm(c, AGAIN_MS);
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR)
        note_mute(c, reply->str);
    if (reply == NULL || sio_redis_slots_read(&c->fresh, reply, &q->n->place) != SIO_OK ||
        c->fresh.n_places == 0)
        return;
    c->said = false;
    event_active(c->apply, 0, 0);
}

/* The next one that can be asked; NULL: there is none. */
static node *
next_to_ask(sio_redis_cluster *c)
{
    for (unsigned i = 1; i <= c->slots.n_places; i++) {
        const unsigned next = (c->last_asked + i) % c->slots.n_places;
        node          *n = c->nodes[next];

        if (n != NULL && sio_redis_client_well(n->client)) {
            c->last_asked = next;
            return n;
        }
    }
    return NULL;
}

static void
ask_for_slots(sio_redis_cluster *c)
{
    node *n = next_to_ask(c);

    c->asked_ms = sio_now_ms();
    cluster_arm(c, AGAIN_MS);
    if (n == NULL) {
        add_seeds(c);
        return;
    }
    c->is_asking = true; /* until on_slots() */
    if (!ask(n, "SLOTS", on_slots))
        c->is_asking = false;
}

static void
on_cluster_timer(evutil_socket_t fd, short events, void *arg)
{
    sio_redis_cluster *c = arg;

    (void)fd;
    (void)events;
    for (unsigned i = 0; i < c->slots.n_places; i++) {
        node *n = c->nodes[i];

        if (n == NULL || !n->is_refusing || n->is_asked || !sio_redis_client_up(n->client))
            continue;
        n->is_asked = true; /* until on_state() */
        n->is_asked = ask(n, "INFO", on_state) && n->is_asked;
    }
    if (!c->is_asking)
        ask_for_slots(c);
}

/* --- The map. --- */

static void
say_nodes(const sio_redis_cluster *c)
{
    char text[32];

    snprintf(text, sizeof text, "has %u primaries", c->slots.n_places);
    cluster_say(c, SIO_STORE_INFO, text, NULL);
}

/* Take the node of this place out of a list; NULL: it is not there. */
static node *
take_out(node **nodes, unsigned n, const sio_redis_place *place)
{
    for (unsigned i = 0; i < n; i++) {
        node *found = nodes[i];

        if (found == NULL || !sio_redis_place_eq(&found->place, place))
            continue;
        nodes[i] = NULL;
        return found;
    }
    return NULL;
}

/* The nodes are those of the map: known ones stay, others come, and the rest goes. */
static bool
renew_nodes(sio_redis_cluster *c)
{
    node          *old[SIO_REDIS_MAX_NODES];
    const unsigned n_old = c->slots.n_places;
    bool           is_new = false;

    memcpy(old, c->nodes, sizeof old);
    c->slots = c->fresh;
    for (unsigned i = 0; i < c->slots.n_places; i++) {
        c->nodes[i] = take_out(old, n_old, &c->slots.places[i]);
        if (c->nodes[i] != NULL)
            continue;
        c->nodes[i] = node_new(c, &c->slots.places[i]);
        is_new = true;
    }
    for (unsigned i = 0; i < n_old; i++) {
        is_new = is_new || old[i] != NULL;
        node_retire(old[i]);
    }
    return is_new;
}

static void
on_apply(evutil_socket_t fd, short events, void *arg)
{
    sio_redis_cluster *c = arg;
    const bool         was_mapped = c->is_mapped;

    (void)fd;
    (void)events;
    c->is_mapped = true;
    if (renew_nodes(c) || !was_mapped)
        say_nodes(c);
    sio_redis_route_update_all(&c->routes, &c->slots);
    cluster_arm(c, is_well(c) ? NOW_AND_THEN_MS : AGAIN_MS);
    c->cfg.settled(c->cfg.arg);
}

/* --- Who has a key. --- */

sio_redis_client *
sio_redis_cluster_client(const sio_redis_cluster *c, sio_view key)
{
    const unsigned owner = c->slots.owner[sio_redis_slots_of(key)];

    return owner != SIO_REDIS_NOBODY && c->nodes[owner] != NULL ? c->nodes[owner]->client : NULL;
}

bool
sio_redis_cluster_is_home(const sio_redis_cluster *c, sio_view key)
{
    return sio_redis_slots_of(key) == c->home.slot;
}

sio_redis_primary *
sio_redis_cluster_home(sio_redis_cluster *c)
{
    return &c->home.primary;
}

void
sio_redis_cluster_follow(sio_redis_cluster *c, sio_redis_route *route, sio_view key)
{
    sio_redis_route_join(route, &c->routes, &c->slots, key);
}

bool
sio_redis_cluster_is_settled(const sio_redis_cluster *c)
{
    for (unsigned i = 0; i < c->slots.n_places; i++)
        if (c->nodes[i] != NULL && !c->nodes[i]->is_known)
            return false;
    return true;
}

/* --- Life. --- */

int
sio_redis_cluster_new(sio_redis_cluster **out, const sio_redis_cluster_cfg *cfg)
{
    sio_redis_cluster *c = calloc(1, sizeof *c);

    if (c == NULL)
        return SIO_ERR_NOMEM;
    c->cfg = *cfg;
    sio_link_init(&c->routes);
    sio_redis_slots_init(&c->slots);
    sio_redis_cluster_follow(c, &c->home, cfg->home);
    c->timer = evtimer_new(cfg->base, on_cluster_timer, c);
    c->apply = event_new(cfg->base, -1, 0, on_apply, c);
    if (c->timer == NULL || c->apply == NULL) {
        sio_redis_cluster_free(c);
        return SIO_ERR_NOMEM;
    }
    add_seeds(c);
    *out = c;
    return SIO_OK;
}

void
sio_redis_cluster_free(sio_redis_cluster *c)
{
    if (c == NULL)
        return;
    for (unsigned i = 0; i < c->slots.n_places; i++) {
        node *n = c->nodes[i];

        c->nodes[i] = NULL;
        if (n != NULL)
            sio_redis_client_free(n->client);
        free(n);
    }
    if (c->timer != NULL)
        event_free(c->timer);
    if (c->apply != NULL)
        event_free(c->apply);
    free(c);
}
