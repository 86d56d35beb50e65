#include "server/cluster/failure.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/cluster/module.h"
#include "server/cluster/outbox.h"
#include "server/config/config.h"

enum { TELL_EVERY_MS = 1000 };

/* An instance that was lost, while its sessions are being announced. */
typedef struct {
    sio_link       link; /* in cluster.obituaries */
    sio_env       *env;
    sio_store_req *take; /* NULL: to be asked again at the next beat */
    unsigned       n_announced;
    char           tag[SIO_STORE_TAG_LEN + 1];
} obituary;

/* --- Others. --- */

static void failure_announce(obituary *o);

static void
obituary_free(obituary *o)
{
    sio_store_cancel(o->take);
    sio_link_remove(&o->link);
    free(o);
}

static void
tell_application(sio_env *env, sio_view id)
{
    char text[SIO_STORE_MAX_ID + 1];

    if (id.len > SIO_STORE_MAX_ID || memchr(id.data, '\0', id.len) != NULL) {
        env->stats.bad_messages++; /* no session had that id */
        return;
    }
    memcpy(text, id.data, id.len);
    text[id.len] = '\0';
    env->stats.lost_sessions++;
    sio_cluster_module_session_lost(env, id);
    if (env->cluster->on_lost != NULL)
        env->cluster->on_lost(text, "instance lost", env->cluster->lost_arg);
}

static void
on_failure_taken(void *arg, int rc, const sio_view *ids, size_t n)
{
    obituary *o = arg;

    o->take = NULL;
    if (rc != SIO_OK)
        return; /* asked again at the next beat */
    o->n_announced += (unsigned)n;
    if (n > 0) {
        for (size_t i = 0; i < n; i++)
            tell_application(o->env, ids[i]);
        failure_announce(o);
        return;
    }
    sio_log_at(&o->env->log, SIO_LOG_WARN, SIO_EVENT_INSTANCE_LOST, NULL,
               "instance %s is lost; %u of its sessions announced here", o->tag, o->n_announced);
    obituary_free(o);
}

static void
failure_announce(obituary *o)
{
    sio_env       *env = o->env;
    sio_store_req *take = sio_store_lost_take(
        env->store, sio_view_of(o->tag), env->cfg->client_store_expiration_ms, on_failure_taken, o);

    if (take != NULL)
        o->take = take;
}

static void
write_obituary(sio_env *env, const char *tag)
{
    obituary *o = calloc(1, sizeof *o);

    if (o == NULL) {
        sio_log_error(&env->log, NULL, "out of memory: the end of instance %s is not announced",
                      tag);
        return;
    }
    o->env = env;
    memcpy(o->tag, tag, sizeof o->tag);
    sio_link_init(&o->link);
    sio_link_append(&env->cluster->obituaries, &o->link);
    failure_announce(o);
}

static void
on_claimed(void *arg, int rc)
{
    sio_peer *peer = arg;
    sio_env  *env = peer->env;
    char      tag[SIO_STORE_TAG_LEN + 1];

    peer->claim = NULL;
    if (rc != SIO_OK && rc != SIO_ERR_NOT_FOUND)
        return; /* tried again at the next beat */
    memcpy(tag, peer->tag, sizeof tag);
    env->stats.lost_instances++;
    sio_peer_bury(peer);
    write_obituary(env, tag);
    sio_cluster_module_instance_gone(env, tag);
}

void
sio_failure_claim(sio_peer *peer)
{
    sio_store_req *req;

    if (peer->claim != NULL)
        return;
    sio_log_at(&peer->env->log, SIO_LOG_INFO, SIO_EVENT_INSTANCE_SILENT, NULL,
               "instance %s is silent", peer->tag);
    req = sio_store_lost_claim(peer->env->store, sio_view_of(peer->tag), on_claimed, peer);
    if (req != NULL)
        peer->claim = req;
}

/* --- This one. --- */

static void
on_checked(void *arg, int rc)
{
    sio_env *env = arg;

    env->cluster->check = NULL;
    if (env->phase == SIO_STOPPING)
        return;
    if (rc == SIO_OK)
        env->cluster->declared_lost(env);
    else if (rc == SIO_ERR_NOT_FOUND)
        sio_cluster_module_tell(env, SIO_CLUSTER_CONFIRMED);
}

void
sio_failure_check_self(sio_env *env)
{
    sio_store_req *req;

    if (env->cluster->check != NULL)
        return;
    req = sio_store_lost_check(env->store, sio_view_of(env->tag), on_checked, env);
    if (req != NULL)
        env->cluster->check = req;
}

void
sio_failure_forget_check(sio_env *env)
{
    sio_store_cancel(env->cluster->check);
    env->cluster->check = NULL;
}

/* It is alive, and does not know what the others think. */
void
sio_failure_tell(sio_env *env, sio_view tag)
{
    const uint64_t      now_ms = sio_timer_wheel_now_ms(&env->timers);
    sio_cluster_message m = {.kind = SIO_CM_LOST, .from = sio_view_of(env->tag)};
    sio_buf            *out = &env->cluster->message;

    if (now_ms < env->cluster->told_ms + TELL_EVERY_MS)
        return;
    env->cluster->told_ms = now_ms;
    sio_buf_clear(out);
    sio_cluster_message_encode(&m, out);
    if (!out->failed)
        (void)sio_outbox_send(env, tag, sio_buf_view(out));
}

/* --- Life. --- */

void
sio_failure_beat(sio_env *env)
{
    sio_link *list = &env->cluster->obituaries, *next;

    for (sio_link *l = list->next; l != list; l = next) {
        obituary *o = SIO_CONTAINER(l, obituary, link);

        next = l->next;
        if (o->take == NULL)
            failure_announce(o);
    }
}

void
sio_failure_quit(sio_env *env)
{
    sio_cluster *c = env->cluster;

    sio_failure_forget_check(env);
    while (!sio_link_empty(&c->obituaries))
        obituary_free(SIO_CONTAINER(c->obituaries.next, obituary, link));
}
