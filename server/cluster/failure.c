#include "server/cluster/failure.h"

#include <stdlib.h>
#include <string.h>

#include "server/cluster/cluster.h"
#include "server/adapter/node09.h"
#include "server/server.h"
#include "server/engine/session.h"

enum { TELL_EVERY_MS = 1000 };

/* An instance that was lost, while its sessions are being announced. */
typedef struct {
    sio_link       link; /* in cluster.obituaries */
    sio_server    *server;
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
tell_application(sio_server *s, sio_view id)
{
    char text[SIO_STORE_MAX_ID + 1];

    if (id.len > SIO_STORE_MAX_ID || memchr(id.data, '\0', id.len) != NULL) {
        s->stats.bad_messages++; /* no session had that id */
        return;
    }
    memcpy(text, id.data, id.len);
    text[id.len] = '\0';
    s->stats.lost_sessions++;
    sio_node09_publish_ended(s, id);
    if (s->cluster.on_lost != NULL)
        s->cluster.on_lost(text, "instance lost", s->cluster.lost_arg);
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
            tell_application(o->server, ids[i]);
        failure_announce(o);
        return;
    }
    sio_log_warn(&o->server->log, NULL, "instance %s is lost; %u of its sessions announced here",
                 o->tag, o->n_announced);
    obituary_free(o);
}

static void
failure_announce(obituary *o)
{
    sio_server    *s = o->server;
    sio_store_req *take = sio_store_lost_take(
        s->store, sio_view_of(o->tag), s->cfg.client_store_expiration_ms, on_failure_taken, o);

    if (take != NULL)
        o->take = take;
}

static void
write_obituary(sio_server *s, const char *tag)
{
    obituary *o = calloc(1, sizeof *o);

    if (o == NULL) {
        sio_log_error(&s->log, NULL, "out of memory: the end of instance %s is not announced", tag);
        return;
    }
    o->server = s;
    memcpy(o->tag, tag, sizeof o->tag);
    sio_link_init(&o->link);
    sio_link_append(&s->cluster.obituaries, &o->link);
    failure_announce(o);
}

static void
on_claimed(void *arg, int rc)
{
    sio_peer   *peer = arg;
    sio_server *s = peer->server;
    char        tag[SIO_STORE_TAG_LEN + 1];

    peer->claim = NULL;
    if (rc != SIO_OK && rc != SIO_ERR_NOT_FOUND)
        return; /* tried again at the next beat */
    memcpy(tag, peer->tag, sizeof tag);
    s->stats.lost_instances++;
    sio_cluster_bury(peer);
    write_obituary(s, tag);
}

void
sio_failure_claim(sio_peer *peer)
{
    sio_store_req *req;

    if (peer->claim != NULL)
        return;
    sio_log_info(&peer->server->log, NULL, "instance %s is silent", peer->tag);
    req = sio_store_lost_claim(peer->server->store, sio_view_of(peer->tag), on_claimed, peer);
    if (req != NULL)
        peer->claim = req;
}

/* --- This one. --- */

/*
 * It was frozen, or cut off from Redis, for so long that the others have announced the end of its
 * sessions. So they end, and it goes on as a new instance.
 */
void
sio_failure_be_reborn(sio_server *s)
{
    sio_store_cancel(s->cluster.check); /* it asks about the old name */
    s->cluster.check = NULL;
    sio_log_error(&s->log, NULL,
                  "declared lost by the other instances: it was frozen, or could not reach Redis, "
                  "for longer than \"instance timeout\"; its sessions end");
    sio_server_end_sessions(s, "instance lost");
    sio_cluster_begin_anew(s);
}

static void
on_checked(void *arg, int rc)
{
    sio_server *s = arg;

    s->cluster.check = NULL;
    if (s->stopping)
        return;
    if (rc == SIO_OK)
        sio_failure_be_reborn(s);
    else if (rc == SIO_ERR_NOT_FOUND)
        sio_sessions_register(s);
}

void
sio_failure_check_self(sio_server *s)
{
    sio_store_req *req;

    if (s->cluster.check != NULL)
        return;
    req = sio_store_lost_check(s->store, sio_view_of(s->cluster.tag), on_checked, s);
    if (req != NULL)
        s->cluster.check = req;
}

/* It is alive, and does not know what the others think. */
void
sio_failure_tell(sio_server *s, sio_view tag)
{
    const uint64_t      now_ms = sio_timer_wheel_now_ms(&s->wheel);
    sio_cluster_message m = {.kind = SIO_CM_LOST, .from = sio_view_of(s->cluster.tag)};
    sio_buf            *out = &s->cluster.message;

    if (now_ms < s->cluster.told_ms + TELL_EVERY_MS)
        return;
    s->cluster.told_ms = now_ms;
    sio_buf_clear(out);
    sio_cluster_message_encode(&m, out);
    if (!out->failed)
        (void)sio_store_publish(s->store, tag, sio_buf_view(out));
}

/* --- Life. --- */

void
sio_failure_beat(sio_server *s)
{
    sio_link *list = &s->cluster.obituaries, *next;

    for (sio_link *l = list->next; l != list; l = next) {
        obituary *o = SIO_CONTAINER(l, obituary, link);

        next = l->next;
        if (o->take == NULL)
            failure_announce(o);
    }
}

void
sio_failure_quit(sio_server *s)
{
    sio_cluster *c = &s->cluster;

    sio_store_cancel(c->check);
    c->check = NULL;
    while (!sio_link_empty(&c->obituaries))
        obituary_free(SIO_CONTAINER(c->obituaries.next, obituary, link));
}
