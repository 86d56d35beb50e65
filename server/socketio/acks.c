/*
 * server/socketio/acks.c - acknowledgements: of what a client sent, and those the application waits
 * for.
 *
 * Rules: spec/socketio-0.9.md section 6.4, spec/socketio-modern.md section 2.5.
 */
#include "server/socketio/acks.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/base/random.h"
#include "server/socketio/client.h"
#include "server/socketio/arguments.h"
#include "server/socketio/io.h"

enum {
    MAX_AWAITED = 1000,
    MAX_WITH_GIVEN_UP = 2 * MAX_AWAITED, /* these are told at the end of the turn */
    MAX_ID_DIGITS = 18,
    NOBODY = 0 /* in place of a number: it has been given up */
};

/* --- Acknowledging what a client sent. --- */

struct sio_ack_later {
    sio_namespace *nsp;
    char          *socket_id;
    char          *ack_id;
};

bool
sio_event_wants_ack(const sio_event *event)
{
    return event->in->ack_id.len > 0;
}

/* Acknowledge, unless the socket is gone or did not ask. 0, or -1 when args are not valid. */
static int
acknowledge(const sio_namespace *nsp, sio_socket *socket, sio_view ack_id,
            const sio_arguments *args)
{
    sio_packet p = {.type = SIO_PACKET_ACK, .nsp = nsp->name, .ack_id = ack_id};

    if (sio_arguments_check(nsp->env, args, &p) != 0)
        return -1;
    if (ack_id.len > 0 && socket != NULL && socket->connected)
        sio_packet_send(socket->session, &p, false);
    return 0;
}

int
sio_ack_binary(sio_socket *socket, const sio_event *event, const char *args_json,
               const sio_bytes *attachments, size_t n)
{
    const sio_arguments args = {sio_view_of(args_json), attachments, n, false};

    return acknowledge(socket->nsp, socket, event->in->ack_id, &args);
}

int
sio_ack_n(sio_socket *socket, const sio_event *event, const sio_content *c)
{
    sio_arguments args;

    if (c == NULL)
        return sio_arguments_no_content(socket->nsp->env);
    args = sio_arguments_of_content(c);
    return acknowledge(socket->nsp, socket, event->in->ack_id, &args);
}

int
sio_ack(sio_socket *socket, const sio_event *event, const char *args_json)
{
    return sio_ack_binary(socket, event, args_json, NULL, 0);
}

void
sio_ack_drop(sio_ack_later *ack)
{
    if (ack == NULL)
        return;
    free(ack->socket_id);
    free(ack->ack_id);
    sio_namespace_release(ack->nsp);
    free(ack);
}

sio_ack_later *
sio_ack_keep(sio_socket *socket, const sio_event *event)
{
    const sio_view id = event->in->ack_id;
    sio_ack_later *ack;

    if (id.len == 0) {
        (void)sio_env_fail(socket->nsp->env, "the client did not ask for it");
        return NULL;
    }
    if ((ack = calloc(1, sizeof *ack)) == NULL) {
        (void)sio_env_fail_memory(socket->nsp->env);
        return NULL;
    }
    ack->nsp = sio_namespace_hold(socket->nsp);
    ack->socket_id = strdup(sio_socket_id(socket).data);
    ack->ack_id = strndup(id.data, id.len);
    if (ack->socket_id != NULL && ack->ack_id != NULL)
        return ack;
    sio_ack_drop(ack);
    (void)sio_env_fail_memory(socket->nsp->env);
    return NULL;
}

/* ack is taken. */
static int
acknowledge_later(sio_ack_later *ack, const sio_arguments *args)
{
    const int rc =
        acknowledge(ack->nsp, sio_find(ack->nsp, ack->socket_id), sio_view_of(ack->ack_id), args);

    sio_ack_drop(ack);
    return rc;
}

int
sio_ack_now_binary(sio_ack_later *ack, const char *args_json, const sio_bytes *attachments,
                   size_t n)
{
    const sio_arguments args = {sio_view_of(args_json), attachments, n, false};

    return acknowledge_later(ack, &args);
}

int
sio_ack_now_n(sio_ack_later *ack, const sio_content *c)
{
    sio_env *const env = ack->nsp->env;
    sio_arguments  args;

    if (c == NULL) {
        sio_ack_drop(ack);
        return sio_arguments_no_content(env);
    }
    args = sio_arguments_of_content(c);
    return acknowledge_later(ack, &args);
}

int
sio_ack_now(sio_ack_later *ack, const char *args_json)
{
    return sio_ack_now_binary(ack, args_json, NULL, 0);
}

/* --- Acknowledgements that the application waits for. --- */

int
sio_acks_init(sio_env *env)
{
    const int rc = sio_random_u32(&env->io->last_ack_id);

    env->io->last_ack_id %= INT32_MAX;
    return rc;
}

uint32_t
sio_acks_next_id(sio_env *env)
{
    env->io->last_ack_id = env->io->last_ack_id % INT32_MAX + 1;
    return env->io->last_ack_id;
}

static sio_awaited_ack *
oldest(const sio_socket *socket)
{
    return SIO_CONTAINER(socket->acks.next, sio_awaited_ack, in_socket);
}

void
sio_acks_free(sio_awaited_ack *ack)
{
    sio_timer_cancel(&ack->socket->nsp->env->timers, &ack->timer);
    sio_link_remove(&ack->in_socket);
    sio_link_remove(&ack->in_ask);
    ack->socket->n_acks--;
    free(ack);
}

/* No answer will come. */
static void
acks_give_up(sio_awaited_ack *ack)
{
    const sio_ack_wish wish = ack->wish;
    sio_socket        *socket = ack->socket;

    sio_acks_free(ack);
    wish.fn(socket, NULL, 0, wish.arg);
}

void
sio_acks_give_up(sio_socket *socket)
{
    while (!sio_link_empty(&socket->acks))
        acks_give_up(oldest(socket));
}

static void
on_deadline(sio_timer *timer)
{
    acks_give_up(SIO_CONTAINER(timer, sio_awaited_ack, timer));
}

/* It is told soon: whoever sends something must not be called in that. */
static void
acks_push_out(sio_awaited_ack *ack)
{
    sio_env *env = ack->socket->nsp->env;

    env->stats.acks_given_up++;
    ack->id = NOBODY;
    sio_timer_set(&env->timers, &ack->timer, 0);
}

/* The oldest has the least hope; but some are kept. */
static bool
make_room(sio_socket *socket)
{
    if (socket->n_acks < MAX_AWAITED)
        return true;
    if (socket->n_acks >= MAX_WITH_GIVEN_UP)
        return false;
    for (sio_link *l = socket->acks.next; l != &socket->acks; l = l->next) {
        sio_awaited_ack *ack = SIO_CONTAINER(l, sio_awaited_ack, in_socket);

        if (ack->wish.is_kept || ack->id == NOBODY)
            continue;
        acks_push_out(ack);
        return true;
    }
    return false;
}

sio_awaited_ack *
sio_acks_await(sio_socket *socket, uint32_t id, const sio_ack_wish *wish)
{
    sio_awaited_ack *ack;

    if (!make_room(socket)) {
        (void)sio_env_fail(socket->nsp->env,
                           "a thousand acknowledgements of this client are awaited");
        return NULL;
    }
    if ((ack = calloc(1, sizeof *ack)) == NULL) {
        (void)sio_env_fail_memory(socket->nsp->env);
        return NULL;
    }
    ack->socket = socket;
    ack->id = id;
    ack->wish = *wish;
    ack->timer.fire = on_deadline;
    sio_link_init(&ack->in_socket);
    sio_link_init(&ack->in_ask);
    sio_link_append(&socket->acks, &ack->in_socket);
    socket->n_acks++;
    if (wish->has_timeout)
        sio_timer_set(&socket->nsp->env->timers, &ack->timer, wish->timeout_ms);
    return ack;
}

int
sio_acks_await_of(sio_socket *socket, sio_packet *p, const sio_ack_wish *wish)
{
    const uint32_t         id = sio_acks_next_id(socket->nsp->env);
    const sio_awaited_ack *ack = sio_acks_await(socket, id, wish);

    if (ack == NULL)
        return -1;
    p->has_id = true;
    p->id = ack->id;
    return 0;
}

static sio_awaited_ack *
acks_find(const sio_socket *socket, sio_view digits)
{
    uint64_t id = 0;

    if (digits.len > MAX_ID_DIGITS)
        return NULL;
    for (size_t i = 0; i < digits.len; i++)
        id = id * 10 + (uint64_t)(digits.data[i] - '0');
    for (sio_link *l = socket->acks.next; id != NOBODY && l != &socket->acks; l = l->next)
        if (SIO_CONTAINER(l, sio_awaited_ack, in_socket)->id == id)
            return SIO_CONTAINER(l, sio_awaited_ack, in_socket);
    return NULL;
}

void
sio_acks_receive(sio_socket *socket, const sio_incoming *in)
{
    const sio_view   args = in->args.len > 0 ? in->args : SIO_VIEW("[]");
    sio_awaited_ack *ack = acks_find(socket, in->ack_id);
    sio_ack_wish     wish;

    if (ack == NULL)
        return;
    wish = ack->wish;
    sio_acks_free(ack); /* once only: a repeated acknowledgement is ignored */
    socket->ack = in;
    wish.fn(socket, args.data, args.len, wish.arg);
    socket->ack = NULL;
}

const sio_bytes *
sio_ack_attachments(const sio_socket *socket, size_t *n)
{
    *n = socket->ack != NULL ? socket->ack->n_attachments : 0;
    return *n > 0 ? socket->ack->attachments : NULL;
}
