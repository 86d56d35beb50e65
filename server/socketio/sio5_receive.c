#include "server/socketio/sio5_receive.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json_read.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"
#include "server/socketio/acks.h"
#include "server/socketio/connect.h"
#include "server/socketio/dynamic.h"
#include "server/socketio/dialects.h"
#include "server/socketio/events.h"
#include "server/socketio/io.h"
#include "server/socketio/namespace.h"
#include "server/socketio/socket.h"

enum { SHARED_BIT = 62, UNKNOWN_BIT = 63 };

static sio5_client *
sio5_client_of(sio_session *s)
{
    return SIO_CONTAINER(s, sio5_client, client.session);
}

static bool
is_sio5(const sio5_client *c)
{
    return c->rules.revision == SIO5_REVISION_5;
}

/* The client does what none does: end its connection, as all servers do. */
static void
cut_off(sio_session *s, const char *what)
{
    s->env->stats.bad_packets++;
    sio_log_limit_write(&s->env->log_limits, SIO_LOG_BAD_PACKET, s->id, "cut off: %s", what);
    sio_session_end(s, "forced close", true);
}

/* --- Life. --- */

static void
on_sio5_receive_timer(sio_timer *timer)
{
    sio5_client *c = SIO_CONTAINER(timer, sio5_client, timer);

    sio_session_end(&c->client.session, c->has_joined ? "forced close" : "forced server close",
                    true);
}

int
sio5_client_init(sio_session *s, sio_view handshake, sio5_revision revision)
{
    const sio_cfg *cfg = s->env->cfg;
    sio5_client   *c = sio5_client_of(s);

    c->rules = (sio5_rules){
        .revision = revision,
        .max_depth = cfg->max_json_depth,
        .max_attachments = cfg->max_attachments,
        .max_waiting_bytes = cfg->max_payload * (cfg->max_attachments + 1), /* a message for each */
    };
    sio5_decoder_init(&c->decoder, &c->rules);
    sio_link_init(&c->held);
    c->timer.fire = on_sio5_receive_timer;
    return sio_client_init(s, handshake);
}

static void
set_timer(sio5_client *c)
{
    const sio_session *s = &c->client.session;

    sio_timer_set(&s->env->timers, &c->timer, s->env->cfg->connect_timeout_ms);
}

void
sio5_client_opened(sio_session *s)
{
    set_timer(sio5_client_of(s));
}

void
sio5_client_ended(sio_session *s, const char *reason)
{
    sio_client_ended(s, reason);
    sio_timer_cancel(&s->env->timers, &sio5_client_of(s)->timer);
}

/* --- Packets that wait, as the application has to decide about a namespace first. --- */

typedef struct {
    sio_link             link; /* in client->held, in the order they came */
    const sio_namespace *nsp;  /* what it waits for */
    size_t               size;
    sio5_packet          packet; /* views bytes and attachments */
    sio_view             attachments[];
} held_packet;

static size_t
size_of(const sio5_packet *p)
{
    size_t n = sizeof(held_packet) + p->nsp.len + p->query.len + p->id.len + p->name.len +
               p->args.len + p->data.len;

    for (unsigned i = 0; i < p->n_attachments; i++)
        n += sizeof(sio_view) + p->attachments[i].len;
    return n;
}

static held_packet *
held_new(const sio5_packet *p, size_t size)
{
    held_packet *h = calloc(1, size);
    char        *bytes;

    if (h == NULL)
        return NULL;
    sio_link_init(&h->link);
    h->size = size;
    h->packet = *p;
    h->packet.attachments = h->attachments;
    bytes = (char *)&h->attachments[p->n_attachments];
    sio_view_move(&h->packet.nsp, &bytes);
    sio_view_move(&h->packet.query, &bytes);
    sio_view_move(&h->packet.id, &bytes);
    sio_view_move(&h->packet.name, &bytes);
    sio_view_move(&h->packet.args, &bytes);
    sio_view_move(&h->packet.data, &bytes);
    for (unsigned i = 0; i < p->n_attachments; i++) {
        h->attachments[i] = p->attachments[i];
        sio_view_move(&h->attachments[i], &bytes);
    }
    return h;
}

static void
free_held(sio5_client *c, held_packet *h)
{
    sio_link_remove(&h->link);
    c->n_held_bytes -= h->size;
    free(h);
}

/* What waits is bounded as one packet is. */
static void
hold(sio_session *s, const sio5_packet *p, const sio_namespace *nsp)
{
    sio5_client *c = sio5_client_of(s);
    const size_t size = size_of(p);
    held_packet *h = NULL;

    if (size <= c->rules.max_waiting_bytes - c->n_held_bytes)
        h = held_new(p, size);
    if (h == NULL) {
        cut_off(s, "too much waits for a namespace");
        return;
    }
    h->nsp = nsp;
    c->n_held_bytes += size;
    sio_link_append(&c->held, &h->link);
}

/* What waits counts for the address of the client. */
static void
weigh(sio5_client *c)
{
    sio_session *s = &c->client.session;
    const size_t n = c->n_held_bytes + sio5_decoder_n_kept(&c->decoder);

    if (n > c->n_charged)
        sio_session_charge(s, n - c->n_charged);
    else
        sio_session_refund(s, c->n_charged - n);
    c->n_charged = n;
}

void
sio5_client_release(sio_session *s)
{
    sio5_client *c = sio5_client_of(s);

    while (!sio_link_empty(&c->held))
        free_held(c, SIO_CONTAINER(c->held.next, held_packet, link));
    sio5_decoder_fini(&c->decoder);
    sio_client_release(s);
}

/* --- CONNECT. --- */

/* A few far ones share a bit: then one that was not asked for may look as if it was. */
static uint64_t
bit_of(const sio_namespace *nsp)
{
    if (nsp == NULL)
        return UINT64_C(1) << UNKNOWN_BIT;
    return UINT64_C(1) << (nsp->number < SHARED_BIT ? nsp->number : SHARED_BIT);
}

static void
sio5_receive_refuse(sio_session *s, sio_view name, sio_view why)
{
    const sio_packet p = {.type = SIO_PACKET_REFUSED, .nsp = name, .text = why};

    sio_packet_send(s, &p, false);
}

/* Joining twice is ignored: clients would take another answer for another connection. */
static void
receive_connect(sio_session *s, const sio5_packet *p, sio_namespace *nsp)
{
    sio5_client *c = sio5_client_of(s);
    sio_view     auth = p->data;

    if (sio_json_read_kind_of(auth) != SIO_JSON_OBJECT)
        auth = SIO_VIEW("");
    if (nsp == NULL)
        nsp = sio_dynamic_find(s->env, p->nsp, auth);
    c->asked_for |= bit_of(nsp);
    if (nsp == NULL) {
        sio5_receive_refuse(s, p->nsp, SIO_VIEW("Invalid namespace"));
        return;
    }
    if (sio_socket_of_session(s, nsp->name) != NULL || (c->is_refused && nsp->name.len > 0))
        return;
    sio_connect_join(nsp, s, auth, p->query);
}

/* --- What comes when it has joined. --- */

/*
 * What the array of arguments is written to stays for the next event. One may come before this one
 * is over, when the application lets in what is held: it finds the place empty and brings its own.
 */
static void
receive_in(sio_socket *socket, const sio5_packet *p)
{
    sio_buf     *place = &socket->nsp->env->io->event_args;
    sio_buf      array = *place;
    sio_incoming in = {
        .type = p->type == SIO5_EVENT ? SIO_PACKET_EVENT : SIO_PACKET_ACK,
        .name = p->name,
        .ack_id = sio5_packet_id(p),
        .attachments = p->attachments,
        .n_attachments = p->n_attachments,
    };

    sio_buf_init(place, SIZE_MAX);
    sio_buf_clear(&array);
    sio_buf_add_char(&array, '[');
    sio_buf_add_view(&array, p->args);
    sio_buf_add_char(&array, ']');
    in.args = sio_buf_view(&array);
    if (array.failed)
        sio_mailbox_fail(&socket->session->mailbox, "out of memory");
    else if (p->type == SIO5_EVENT)
        sio_events_receive(socket, &in);
    else
        sio_acks_receive(socket, &in);
    sio_buf_fini(place);
    *place = array;
}

static void
receive_joined(sio_socket *socket, const sio5_packet *p)
{
    if (p->type == SIO5_DISCONNECT)
        sio_socket_leave(socket, "packet");
    else if (p->type == SIO5_EVENT ? p->name.len > 0 : p->id.len > 0)
        receive_in(socket, p);
}

/* --- All packets. --- */

/* The namespace whose decision comes before this packet, or NULL. */
static const sio_namespace *
what_comes_first(sio_session *s, const sio_namespace *nsp)
{
    const sio_namespace *main_nsp = s->env->io->default_namespace;

    if (!is_sio5(sio5_client_of(s)) && sio_connect_is_pending(s, main_nsp))
        return main_nsp; /* what guards the main one guards all (section 2.4) */
    return nsp != NULL && sio_connect_is_pending(s, nsp) ? nsp : NULL;
}

static void
receive_packet(sio_session *s, const sio5_packet *p)
{
    const sio5_client   *c = sio5_client_of(s);
    sio_namespace       *nsp = sio_namespace_find(s->env, p->nsp);
    const sio_namespace *first = what_comes_first(s, nsp);
    sio_socket          *socket;

    if (p->type == SIO5_CONNECT_ERROR) { /* in protocol 4 an unknown type looks like one */
        if (is_sio5(c))
            cut_off(s, "an error");
    } else if (first != NULL) {
        hold(s, p, first);
    } else if (p->type == SIO5_CONNECT) {
        receive_connect(s, p, nsp);
    } else if (nsp != NULL && (socket = sio_socket_of_session(s, nsp->name)) != NULL) {
        receive_joined(socket, p);
    } else if (is_sio5(c) && (c->asked_for & bit_of(nsp)) == 0) {
        cut_off(s, "a packet for a namespace that it did not ask for");
    } /* else it was refused, or has left: this was under way */
}

/* Its JSON is nested too deep. Who wants to join is told, as it would wait for ever. */
static void
drop_packet(sio_session *s, const sio5_packet *p)
{
    sio5_client *c = sio5_client_of(s);

    s->env->stats.bad_packets++;
    sio_log_limit_write(&s->env->log_limits, SIO_LOG_BAD_PACKET, s->id,
                        "dropped a packet that is nested too deep");
    if (p->type != SIO5_CONNECT || !is_sio5(c))
        return;
    c->asked_for |= bit_of(sio_namespace_find(s->env, p->nsp));
    sio5_receive_refuse(s, p->nsp, SIO_VIEW("auth is nested too deep"));
}

static void
receive_message(sio_session *s, const sio_eio_packet *message)
{
    sio5_client *c = sio5_client_of(s);
    sio5_packet  p;
    const int    rc = sio5_decoder_add(&c->decoder, message, &p);

    if (rc == SIO_PARTIAL) {
        set_timer(c);
        return;
    }
    if (rc != SIO_OK && rc != SIO_TOO_DEEP) {
        cut_off(s, "not a packet");
        return;
    }
    if (p.n_attachments > 0 && c->has_joined)
        sio_timer_cancel(&s->env->timers, &c->timer);
    if (p.counted_ack)
        s->dialect = &sio_dialect_sio3.session;
    if (rc == SIO_OK)
        receive_packet(s, &p);
    else
        drop_packet(s, &p);
    if (p.n_attachments > 0)
        sio5_decoder_fini(&c->decoder); /* an idle client holds no memory */
}

void
sio5_receive(sio_session *s, const sio_eio_packet *message)
{
    receive_message(s, message);
    weigh(sio5_client_of(s));
}

/* --- Decisions. --- */

/* Each packet that waits for nothing any more, in order; more may come to wait meanwhile. */
static void
release_once(sio_session *s)
{
    sio5_client *c = sio5_client_of(s);
    sio_link    *next;

    for (sio_link *l = c->held.next; l != &c->held && !s->ended; l = next) {
        held_packet *h = SIO_CONTAINER(l, held_packet, link);

        next = l->next;
        if (sio_connect_is_pending(s, h->nsp))
            continue;
        sio_link_remove(l);
        receive_packet(s, &h->packet);
        free_held(c, h);
    }
}

/* What is released may settle more: that is not gone into, but gone over again. */
static void
release_held(sio_session *s)
{
    sio5_client *c = sio5_client_of(s);

    c->release_again = true;
    if (c->is_releasing)
        return;
    c->is_releasing = true;
    while (c->release_again && !s->ended) {
        c->release_again = false;
        release_once(s);
    }
    c->is_releasing = false;
    weigh(c);
}

void
sio5_receive_settled(sio_session *s, const sio_namespace *nsp)
{
    sio5_client *c = sio5_client_of(s);
    const bool   joined = sio_socket_of_session(s, nsp->name) != NULL;

    if (joined && !c->has_joined) {
        c->has_joined = true;
        sio_timer_cancel(&s->env->timers, &c->timer);
    }
    if (!is_sio5(c) && nsp->name.len == 0)
        c->is_refused = !joined;
    release_held(s);
}
