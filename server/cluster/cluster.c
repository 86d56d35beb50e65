#include "server/cluster/cluster.h"

#include <stdlib.h>
#include <string.h>

#include "server/adapter/native.h"
#include "server/roaming/directory.h"
#include "server/cluster/failure.h"
#include "server/adapter/node09.h"
#include "server/base/random.h"
#include "server/roaming/proxy_request.h"
#include "server/roaming/owner_request.h"
#include "server/adapter/respondent.h"
#include "server/server.h"
#include "server/engine/session.h"
#include "server/roaming/proxy_session.h"
#include "server/adapter/survey.h"

enum { BEATS_IN_TIMEOUT = 5 };

static sio_view
cluster_own_tag(const sio_server *s)
{
    return (sio_view){s->cluster.tag, SIO_STORE_TAG_LEN};
}

/* --- Messages to all. --- */

int
sio_cluster_cast(sio_server *s, sio_cluster_message *m)
{
    sio_buf *out = &s->cluster.message;

    if (s->store == NULL) /* it does not listen yet */
        return SIO_ERR_UNAVAILABLE;
    m->from = cluster_own_tag(s);
    sio_buf_clear(out);
    sio_cluster_message_encode(m, out);
    if (!out->failed)
        return sio_store_publish(s->store, SIO_VIEW(""), sio_buf_view(out));
    sio_log_error(&s->log, NULL, "out of memory: the other instances are not told");
    return SIO_ERR_NOMEM;
}

sio_cast_id
sio_cluster_next_cast(sio_server *s)
{
    if (s->node09.is_on) /* processes of Node know no numbers */
        return (sio_cast_id){.number = 0};
    return (sio_cast_id){cluster_own_tag(s), ++s->cluster.n_casts};
}

/* --- Instances that go. --- */

bool
sio_cluster_is_lost(const sio_server *s, sio_view tag)
{
    const sio_cluster *c = &s->cluster;
    const unsigned     n = c->n_lost < SIO_CLUSTER_N_LOST ? c->n_lost : SIO_CLUSTER_N_LOST;

    for (unsigned i = 0; i < n; i++)
        if (sio_view_eq(tag, (sio_view){c->lost[i], SIO_STORE_TAG_LEN}))
            return true;
    return false;
}

/* Everything that depended on the peer ends. Its tag never comes back. */
void
sio_cluster_bury(sio_peer *peer)
{
    sio_cluster *c = &peer->server->cluster;

    memcpy(c->lost[c->n_lost++ % SIO_CLUSTER_N_LOST], peer->tag, SIO_STORE_TAG_LEN);
    sio_owner_request_peer_gone(peer);
    sio_proxy_request_peer_gone(peer);
    sio_proxy_session_peer_gone(peer);
    sio_directory_drop_forwards(peer);
    sio_recovery_transfer_peer_gone(peer);
    sio_respondent_drop(peer);
    sio_survey_peer_gone(peer);
    sio_peer_free(peer);
}

/* --- Messages in. --- */

static void
hear_cast(sio_peer *peer, const sio_cluster_message *m)
{
    switch (m->kind) {
    case SIO_CM_CAST:
        peer->heard_cast = m->count;
        sio_native_hear(peer, m);
        break;
    case SIO_CM_SURVEY:
    case SIO_CM_FETCH:
    case SIO_CM_MOVE:
        sio_native_hear(peer, m);
        break;
    case SIO_CM_BYE:
        sio_cluster_bury(peer);
        break;
    default: /* a beat, or of a newer instance */
        break;
    }
}

static void
hear_direct(sio_peer *peer, const sio_cluster_message *m)
{
    switch (m->kind) {
    case SIO_CM_OWNS:
    case SIO_CM_ENDED:
        sio_directory_hear(peer, m);
        break;
    case SIO_CM_OPEN:
    case SIO_CM_POST:
    case SIO_CM_END:
    case SIO_CM_WROTE:
    case SIO_CM_CLOSED:
    case SIO_CM_PROBE:
    case SIO_CM_UPGRADING:
    case SIO_CM_MESSAGE:
        sio_owner_request_hear(peer, m);
        break;
    case SIO_CM_PACKETS:
    case SIO_CM_ASIDE:
    case SIO_CM_FINISH:
        sio_proxy_session_hear(peer, m);
        break;
    case SIO_CM_POSTED:
    case SIO_CM_READY:
        sio_proxy_request_hear(peer, m);
        break;
    case SIO_CM_UNKNOWN: /* the number belongs to one of them */
        sio_proxy_session_hear(peer, m);
        sio_proxy_request_hear(peer, m);
        break;
    case SIO_CM_RECOVER:
    case SIO_CM_RECOVERED:
        sio_recovery_transfer_hear(peer, m);
        break;
    case SIO_CM_ANSWER:
        sio_survey_hear(peer, m);
        break;
    default: /* of a newer instance */
        break;
    }
}

/* Whoever can write to Redis can send anything: what does not say who it is from, for one. */
static bool
is_message(sio_view bytes, sio_cluster_message *m)
{
    return sio_cluster_message_decode(bytes, m) == SIO_OK && sio_peer_is_tag(m->from) &&
           (m->origin.len == 0 || sio_peer_is_tag(m->origin));
}

static void
on_cluster_message(void *arg, bool direct, sio_view bytes)
{
    sio_server         *s = arg;
    sio_cluster_message m;
    sio_peer           *peer;

    if (s->stopping) /* the others have been told that it has gone */
        return;
    if (!is_message(bytes, &m)) {
        s->stats.bad_messages++;
        return;
    }
    if (sio_view_eq(m.from, cluster_own_tag(s))) {
        if (m.kind == SIO_CM_BEAT && m.count <= sio_timer_wheel_now_ms(&s->wheel))
            s->cluster.heard_self_ms = m.count;
        return;
    }
    if (m.kind == SIO_CM_LOST) {
        if (direct)
            sio_failure_be_reborn(s);
        return;
    }
    if ((peer = sio_peer_meet(s, m.from)) == NULL) {
        if (m.kind != SIO_CM_BYE && sio_cluster_is_lost(s, m.from))
            sio_failure_tell(s, m.from);
        return;
    }
    peer->heard_ms = sio_timer_wheel_now_ms(&s->wheel);
    if (!direct)
        hear_cast(peer, &m);
    else if (sio_peer_hear(peer, &m))
        hear_direct(peer, &m);
}

/* --- Up and down. --- */

static void
on_listed(void *arg, int rc, const sio_view *tags, size_t n)
{
    sio_server *s = arg;

    s->cluster.list = NULL;
    for (size_t i = 0; rc == SIO_OK && i < n; i++)
        if (sio_peer_is_tag(tags[i]))
            (void)sio_peer_meet(s, tags[i]); /* one that died unseen will be found silent */
        else
            s->stats.bad_messages++;
}

static void
list_instances(sio_server *s)
{
    sio_store_req *req;

    sio_store_cancel(s->cluster.list);
    s->cluster.list = NULL;
    req = sio_store_instances_list(s->store, on_listed, s);
    if (req != NULL)
        s->cluster.list = req;
}

static void
say_beat(sio_server *s)
{
    sio_cluster_message m = {.kind = SIO_CM_BEAT, .count = sio_timer_wheel_now_ms(&s->wheel)};

    (void)sio_cluster_cast(s, &m);
    sio_store_instance_touch(s->store, cluster_own_tag(s));
}

/* So that nobody waits for it, or takes its sessions for lost. */
static void
say_goodbye(sio_server *s)
{
    sio_cluster_message m = {.kind = SIO_CM_BYE};

    (void)sio_cluster_cast(s, &m);
    sio_store_instance_remove(s->store, cluster_own_tag(s));
}

/* Redis may have lost its memory; and nobody was heard while it was away. */
static void
on_cluster_up(void *arg)
{
    sio_server    *s = arg;
    const uint64_t now_ms = sio_timer_wheel_now_ms(&s->wheel);

    s->cluster.up = true;
    s->cluster.up_ms = now_ms;
    if (s->stopping) {
        say_goodbye(s); /* it may have been lost */
        return;
    }
    say_beat(s);
    sio_failure_check_self(s);
    sio_node09_resend_up(s);
    list_instances(s);
    for (sio_link *l = s->cluster.peer_list.next; l != &s->cluster.peer_list; l = l->next) {
        sio_peer *peer = SIO_CONTAINER(l, sio_peer, link);

        peer->heard_ms = now_ms;
        sio_peer_resume(peer);
    }
}

static void
on_cluster_down(void *arg)
{
    sio_server *s = arg;

    s->cluster.up = false;
    sio_node09_resend_down(s);
}

/* Who does not even hear itself can not say that others are silent. */
static bool
hears_itself(const sio_server *s, uint64_t now_ms)
{
    return s->cluster.up && now_ms <= s->cluster.heard_self_ms + s->cfg.instance_timeout_ms / 2;
}

static void
beat_peer(sio_peer *peer, uint64_t now_ms)
{
    const sio_server *s = peer->server;

    sio_peer_beat(peer);
    if (!hears_itself(s, now_ms)) {
        peer->heard_ms = now_ms;
    } else if (now_ms > peer->heard_ms + s->cfg.instance_timeout_ms) {
        sio_failure_claim(peer);
    }
}

/* Has a peer not been told something, as there was no memory for it? */
static bool
owes_a_message(const sio_cluster *c)
{
    for (sio_link *l = c->peer_list.next; l != &c->peer_list; l = l->next)
        if (SIO_CONTAINER(l, sio_peer, link)->broken)
            return true;
    return false;
}

/*
 * What the peer was not told it will never hear, so what both know of each other does not agree any
 * more. It is this instance that ends, not the peer: that has memory, and clients of its own.
 */
static void
end_and_begin_anew(sio_server *s)
{
    sio_log_error(&s->log, NULL,
                  "out of memory: a message to another instance is lost; the sessions of this one "
                  "end");
    sio_server_end_sessions(s, "out of memory");
    say_goodbye(s);
    sio_cluster_begin_anew(s);
}

static void
on_beat_timer(sio_timer *timer)
{
    sio_server    *s = SIO_CONTAINER(timer, sio_server, cluster.beat_timer);
    sio_cluster   *c = &s->cluster;
    const uint64_t now_ms = sio_timer_wheel_now_ms(&s->wheel);
    const bool     was_frozen = now_ms > c->last_beat_ms + s->cfg.instance_timeout_ms / 2;
    sio_link      *next;

    c->last_beat_ms = now_ms;
    sio_timer_set(&s->wheel, timer, s->cfg.instance_timeout_ms / BEATS_IN_TIMEOUT);
    if (owes_a_message(c)) {
        end_and_begin_anew(s);
        return;
    }
    if (c->up)
        say_beat(s);
    if (was_frozen) {
        sio_failure_check_self(s);
        for (sio_link *l = c->peer_list.next; l != &c->peer_list; l = l->next)
            SIO_CONTAINER(l, sio_peer, link)->heard_ms = now_ms; /* nothing was heard meanwhile */
    }
    for (sio_link *l = c->peer_list.next; l != &c->peer_list; l = next) {
        next = l->next;
        beat_peer(SIO_CONTAINER(l, sio_peer, link), now_ms);
    }
    sio_failure_beat(s);
}

/* --- Life. --- */

static void
listen_to_others(sio_server *s)
{
    const sio_store_ears ears = {
        .message = on_cluster_message, .up = on_cluster_up, .down = on_cluster_down, .arg = s};

    s->cluster.up = false;
    if (sio_store_listen(s->store, cluster_own_tag(s), &ears) != SIO_OK)
        sio_log_error(&s->log, NULL, "out of memory: the other instances are not heard");
}

void
sio_cluster_begin_anew(sio_server *s)
{
    while (!sio_link_empty(&s->cluster.peer_list))
        sio_cluster_bury(SIO_CONTAINER(s->cluster.peer_list.next, sio_peer, link));
    sio_recovery_forget(s); /* nobody knows what was missed in the meantime */
    s->cluster.n_lost = 0;  /* the others are not lost, and will be met again */
    if (sio_random_text(s->cluster.tag, SIO_STORE_TAG_LEN) == SIO_OK)
        listen_to_others(s);
    else
        sio_log_error(&s->log, NULL, "no random numbers: the other instances are not heard");
}

int
sio_cluster_init(sio_server *s)
{
    sio_cluster *c = &s->cluster;

    sio_link_init(&c->peer_list);
    sio_link_init(&c->obituaries);
    sio_buf_init(&c->message, SIZE_MAX);
    c->beat_timer.fire = on_beat_timer;
    if (sio_hash_init(&c->peers) != SIO_OK || sio_hash_init(&c->sinks) != SIO_OK ||
        sio_hash_init(&c->relays) != SIO_OK || sio_hash_init(&c->channels) != SIO_OK ||
        sio_hash_init(&c->forwards) != SIO_OK || sio_hash_init(&c->surveys) != SIO_OK)
        return SIO_ERR_NOMEM;
    return sio_random_text(c->tag, SIO_STORE_TAG_LEN);
}

int
sio_cluster_join(sio_server *s)
{
    if (s->cfg.redis[0] == '\0')
        return SIO_OK;
    s->cluster.last_beat_ms = sio_timer_wheel_now_ms(&s->wheel);
    sio_timer_set(&s->wheel, &s->cluster.beat_timer, s->cfg.instance_timeout_ms / BEATS_IN_TIMEOUT);
    listen_to_others(s);
    return SIO_OK;
}

static void
on_barrier(void *arg, int rc)
{
    sio_server *s = arg;

    (void)rc; /* without an answer in time, Redis has got what it could get */
    s->cluster.barrier = NULL;
    sio_proxy_session_answer_all(s);
    s->n_expiring--;
    sio_server_check_drained(s);
}

void
sio_cluster_leave(sio_server *s)
{
    sio_store_req *req;

    sio_proxy_request_close_all(s);
    sio_proxy_session_close_all(s);
    if (s->store == NULL || s->cfg.redis[0] == '\0')
        return;
    say_goodbye(s);
    sio_timer_cancel(&s->wheel, &s->cluster.beat_timer);
    s->n_expiring++;
    req = sio_store_lost_check(s->store, cluster_own_tag(s), on_barrier, s);
    if (req != NULL)
        s->cluster.barrier = req;
}

void
sio_cluster_quit(sio_server *s)
{
    sio_cluster *c = &s->cluster;

    sio_timer_cancel(&s->wheel, &c->beat_timer);
    sio_failure_quit(s);
    sio_store_cancel(c->list);
    sio_store_cancel(c->barrier);
    c->list = c->barrier = NULL;
    while (!sio_link_empty(&c->peer_list))
        sio_cluster_bury(SIO_CONTAINER(c->peer_list.next, sio_peer, link));
    sio_proxy_session_drop_all(s);
}

void
sio_cluster_fini(sio_server *s)
{
    sio_cluster *c = &s->cluster;

    sio_hash_fini(&c->peers);
    sio_hash_fini(&c->sinks);
    sio_hash_fini(&c->relays);
    sio_hash_fini(&c->channels);
    sio_hash_fini(&c->forwards);
    sio_hash_fini(&c->surveys);
    sio_buf_fini(&c->message);
}

/* --- Sessions. --- */

void
sio_cluster_tell_home(sio_server *s, sio_view id, uint8_t kind)
{
    sio_cluster_message m = {.kind = kind, .id = id};
    sio_peer           *home = sio_directory_home_of(s, id);

    if (home != NULL)
        sio_peer_send(home, &m);
}

void
sio_cluster_opened(sio_session *session)
{
    sio_store_session_add(session->server->store, cluster_own_tag(session->server),
                          session->node.key);
    sio_cluster_tell_home(session->server, session->node.key, SIO_CM_OWNS);
}

void
sio_cluster_ended(sio_session *session)
{
    sio_store_session_remove(session->server->store, cluster_own_tag(session->server),
                             session->node.key);
}

void
sio_cluster_forgotten(sio_session *session)
{
    sio_cluster_tell_home(session->server, session->node.key, SIO_CM_ENDED);
}

void
sio_on_lost(sio_server *io, void (*fn)(const char *id, const char *reason, void *arg), void *arg)
{
    io->cluster.on_lost = fn;
    io->cluster.lost_arg = arg;
}
