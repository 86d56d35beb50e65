#include "server/cluster/wills.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/cluster/module.h"
#include "server/config/config.h"
#include "server/siobroker.h"
#include "store/wills.h"

enum { MAX_ID = 64, AGAIN_MS = 1000, MAX_BYTES = 16 * 1024 * 1024 /* from others */ };

typedef struct {
    sio_hash_node node; /* in wills->table */
    size_t        len;
    char          text[]; /* id NUL will, as in the store; and a NUL */
} will;

/* An instance that is gone. */
typedef struct {
    sio_link       link; /* in wills->successions */
    sio_env       *env;
    sio_store_req *move; /* NULL: the timer is set */
    sio_timer      timer;
    unsigned       n_taken;
    char           tag[SIO_STORE_TAG_LEN + 1];
} succession;

/* --- Those of this instance. --- */

static sio_view
wills_own_tag(const sio_env *env)
{
    return (sio_view){env->tag, SIO_STORE_TAG_LEN};
}

static sio_view
entry_of(const will *w)
{
    return (sio_view){w->text, w->len};
}

static will *
will_find(const sio_env *env, sio_view id)
{
    sio_hash_node *node = sio_hash_find(&env->cluster->wills.table, id);

    return node != NULL ? SIO_CONTAINER(node, will, node) : NULL;
}

/* id and text as one. NULL when out of memory. */
static will *
will_new(sio_view id, sio_view text)
{
    const size_t len = id.len + 1 + text.len;
    will        *w = calloc(1, sizeof *w + len + 1);

    if (w == NULL)
        return NULL;
    w->len = len;
    memcpy(w->text, id.data, id.len);
    if (text.len > 0)
        memcpy(w->text + id.len + 1, text.data, text.len);
    w->node.key = (sio_view){w->text, id.len};
    return w;
}

static void
will_forget(sio_env *env, will *w)
{
    sio_hash_remove(&env->cluster->wills.table, &w->node);
    free(w);
}

/* What the store could not take now is told again, as a part of all: register_all(). */
static void
tell_store(sio_env *env, const will *w, int (*tell)(sio_store *store, sio_view tag, sio_view will))
{
    sio_wills *wills = &env->cluster->wills;

    if (wills->is_registered && tell(env->store, wills_own_tag(env), entry_of(w)) == SIO_ERR_FULL)
        sio_timer_set(&env->timers, &wills->timer, AGAIN_MS);
}

/* Also in the store. */
static void
revoke(sio_env *env, will *w)
{
    if (w == NULL)
        return;
    tell_store(env, w, sio_store_will_remove);
    will_forget(env, w);
}

int
sio_set_will(sio_server *io, const char *id, const char *text)
{
    sio_env       *env = sio_env_of(io);
    const sio_view key = sio_view_of(id), value = sio_view_of(text);
    will          *old = will_find(env, key), *w;

    if (key.len == 0 || key.len > MAX_ID || value.len > env->cfg->max_stored_bytes)
        return sio_env_fail(env, "an id has 1 to 64 bytes, a will at most \"max stored bytes\"");
    if (text == NULL) {
        revoke(env, old);
        return 0;
    }
    if (old != NULL && strcmp(old->text + key.len + 1, text) == 0)
        return 0;
    if ((w = will_new(key, value)) == NULL)
        return sio_env_fail_memory(env);
    revoke(env, old);
    sio_hash_insert(&env->cluster->wills.table, &w->node);
    tell_store(env, w, sio_store_will_add);
    return 0;
}

bool
sio_wills_are_left(const sio_env *env)
{
    return env->cluster->wills.is_registered && env->cluster->wills.table.n_items > 0;
}

/* All, from the beginning: with those that were revoked while Redis was away. */
static void
register_all(sio_env *env)
{
    sio_wills *wills = &env->cluster->wills;

    wills->is_registered = true;
    sio_store_wills_remove_all(env->store, wills_own_tag(env));
    for (sio_hash_node *n = NULL; (n = sio_hash_next(&wills->table, n)) != NULL;)
        tell_store(env, SIO_CONTAINER(n, will, node), sio_store_will_add);
}

static void
on_register_again(sio_timer *timer)
{
    sio_env *env = SIO_CONTAINER(timer, sio_cluster, wills.timer)->env;

    if (env->cluster->wills.is_registered && env->phase != SIO_STOPPING)
        register_all(env);
}

/*
 * Those of an instance that was declared lost have gone to others. Otherwise it ends its sessions
 * and lives on, and so do they, under its next name.
 */
static void
wills_end_sessions(sio_env *env, const char *reason)
{
    sio_wills     *wills = &env->cluster->wills;
    sio_hash_node *node;

    if (strcmp(reason, "instance lost") != 0)
        sio_store_wills_remove_all(env->store, wills_own_tag(env));
    else
        while ((node = sio_hash_any(&wills->table)) != NULL)
            will_forget(env, SIO_CONTAINER(node, will, node));
    wills->is_registered = false;
}

/* --- Those of others. --- */

static void
succession_free(succession *s)
{
    sio_store_cancel(s->move);
    sio_timer_cancel(&s->env->timers, &s->timer);
    sio_link_remove(&s->link);
    free(s);
}

/* Whoever can write to Redis can put anything there. NULL: it is none, or there is no memory. */
static will *
will_of_entry(sio_view entry)
{
    const char *nul = entry.len > 0 ? memchr(entry.data, '\0', entry.len) : NULL;
    sio_view    id, text;

    if (nul == NULL || nul == entry.data || nul - entry.data > MAX_ID || entry.len > MAX_BYTES)
        return NULL;
    id = (sio_view){entry.data, (size_t)(nul - entry.data)};
    text = (sio_view){nul + 1, entry.len - id.len - 1};
    return sio_view_has_nul(text) ? NULL : will_new(id, text);
}

/*
 * It is among our own in the store already, unless these were registered again in the same moment.
 * The application may revoke it in the call.
 */
static void
inherit(sio_env *env, sio_view entry)
{
    const sio_wills *wills = &env->cluster->wills;
    will *kept = will_of_entry(entry), *told = kept != NULL ? will_of_entry(entry) : NULL;
    will *old = kept != NULL ? will_find(env, kept->node.key) : NULL;

    if (told == NULL) {
        sio_log_error(&env->log, NULL, "out of memory, or not a will: it is passed over");
        free(kept);
        return;
    }
    if (old != NULL && sio_view_eq(entry_of(old), entry))
        will_forget(env, old);
    else
        revoke(env, old);
    sio_hash_insert(&env->cluster->wills.table, &kept->node);
    tell_store(env, kept, sio_store_will_add);
    env->stats.inherited_wills++;
    wills->on_will(told->text, told->text + told->node.key.len + 1, wills->arg);
    free(told);
}

static void take_over(succession *s);

static void
on_moved(void *arg, int rc, sio_view entry)
{
    succession *s = arg;

    s->move = NULL;
    if (rc == SIO_OK) {
        s->n_taken++;
        inherit(s->env, entry);
        take_over(s);
    } else if (rc == SIO_ERR_NOT_FOUND) {
        if (s->n_taken > 0)
            sio_log_warn(&s->env->log, NULL, "%u wills of instance %s taken over", s->n_taken,
                         s->tag);
        succession_free(s);
    } else {
        sio_timer_set(&s->env->timers, &s->timer, AGAIN_MS);
    }
}

static void
take_over(succession *s)
{
    sio_env       *env = s->env;
    sio_store_req *move =
        sio_store_will_move(env->store, sio_view_of(s->tag), wills_own_tag(env), on_moved, s);

    if (move != NULL) /* else it has been answered already */
        s->move = move;
}

static void
on_take_over_again(sio_timer *timer)
{
    take_over(SIO_CONTAINER(timer, succession, timer));
}

static void
wills_instance_gone(sio_env *env, const char *tag)
{
    succession *s;

    if (env->cluster->wills.on_will == NULL)
        return; /* those who want them take them */
    if ((s = calloc(1, sizeof *s)) == NULL) {
        sio_log_error(&env->log, NULL, "out of memory: the wills of instance %s are not taken over",
                      tag);
        return;
    }
    s->env = env;
    memcpy(s->tag, tag, SIO_STORE_TAG_LEN);
    s->timer.fire = on_take_over_again;
    sio_link_init(&s->link);
    sio_link_append(&env->cluster->wills.successions, &s->link);
    take_over(s);
}

static void
abandon_successions(sio_env *env)
{
    sio_link *list = &env->cluster->wills.successions;

    while (!sio_link_empty(list))
        succession_free(SIO_CONTAINER(list->next, succession, link));
}

void
sio_on_will(sio_server *io, void (*fn)(const char *id, const char *will, void *arg), void *arg)
{
    sio_wills *wills = &sio_env_of(io)->cluster->wills;

    wills->on_will = fn;
    wills->arg = arg;
}

/* --- Life. --- */

int
sio_wills_init(sio_env *env)
{
    sio_wills *wills = &env->cluster->wills;

    sio_link_init(&wills->successions);
    wills->timer.fire = on_register_again;
    return sio_hash_init(&wills->table);
}

void
sio_wills_fini(sio_env *env)
{
    sio_wills     *wills = &env->cluster->wills;
    sio_hash_node *node;

    abandon_successions(env);
    sio_timer_cancel(&env->timers, &wills->timer);
    while ((node = sio_hash_any(&wills->table)) != NULL)
        will_forget(env, SIO_CONTAINER(node, will, node));
    sio_hash_fini(&wills->table);
}

const sio_cluster_module sio_wills_module = {
    .end_sessions = wills_end_sessions,
    .instance_gone = wills_instance_gone,
    .on =
        {
            [SIO_CLUSTER_CONFIRMED] = register_all,
            [SIO_CLUSTER_LEAVING] = abandon_successions,
            [SIO_CLUSTER_QUIT] = abandon_successions,
        },
};
