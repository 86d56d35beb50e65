/*
 * server/events.c - what clients send to the application: events, messages, acknowledgements.
 *
 * Rules: spec/socketio-0.9.md sections 6.2 and 6.4.
 */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "server/emit.h"
#include "server/namespace.h"
#include "server/server.h"
#include "server/session.h"

enum { MAX_WAITING_ACKS = 1000 }; /* a client that never answers must not fill the memory */

typedef struct {
    sio_link     link; /* in nsp->handlers */
    char        *name;
    sio_event_fn fn;
    void        *arg;
} event_handler;

struct sio_event {
    const sio_incoming *in;
    cJSON             **tree; /* made on demand, freed after the callback */
};

/* A callback that waits for the acknowledgement of the client. */
typedef struct {
    sio_link   link; /* in socket->acks, oldest first */
    uint64_t   id;
    sio_ack_fn fn;
    void      *arg;
} waiting_ack;

/* --- Registering. --- */

static event_handler *
find_handler(const sio_namespace *nsp, sio_view name_literal)
{
    for (sio_link *l = nsp->handlers.next; l != &nsp->handlers; l = l->next) {
        event_handler *h = SIO_CONTAINER(l, event_handler, link);

        if (sio_json_string_equals(name_literal, sio_view_of(h->name)))
            return h;
    }
    return NULL;
}

void
sio_on(sio_namespace *nsp, const char *name, sio_event_fn fn, void *arg)
{
    event_handler *h = NULL;

    for (sio_link *l = nsp->handlers.next; l != &nsp->handlers && h == NULL; l = l->next)
        if (strcmp(SIO_CONTAINER(l, event_handler, link)->name, name) == 0)
            h = SIO_CONTAINER(l, event_handler, link);
    if (h == NULL) {
        if ((h = calloc(1, sizeof *h)) == NULL || (h->name = strdup(name)) == NULL) {
            free(h);
            sio_log_error(&nsp->server->log, NULL, "out of memory: no handler for %s", name);
            return;
        }
        sio_link_append(&nsp->handlers, &h->link);
    }
    h->fn = fn;
    h->arg = arg;
}

void
sio_on_message(sio_namespace *nsp, sio_event_fn fn, void *arg)
{
    nsp->on_message = fn;
    nsp->message_arg = arg;
}

void
sio_on_json(sio_namespace *nsp, sio_event_fn fn, void *arg)
{
    nsp->on_json = fn;
    nsp->json_arg = arg;
}

void
sio_namespace_free_handlers(sio_namespace *nsp)
{
    while (!sio_link_empty(&nsp->handlers)) {
        event_handler *h = SIO_CONTAINER(nsp->handlers.next, event_handler, link);

        sio_link_remove(&h->link);
        free(h->name);
        free(h);
    }
}

/* --- Receiving. --- */

static bool
is_blacklisted(const sio_cfg *cfg, sio_view name_literal)
{
    for (size_t i = 0; i < cfg->blacklist.n; i++)
        if (sio_json_string_equals(name_literal, cfg->blacklist.items[i]))
            return true;
    return false;
}

static void
call(sio_socket *socket, const sio_incoming *in, sio_event_fn fn, void *arg)
{
    cJSON          *tree = NULL;
    const sio_event event = {.in = in, .tree = &tree};

    if (fn != NULL)
        fn(socket, &event, arg);
    cJSON_Delete(tree);
}

void
sio_socket_receive(sio_socket *socket, const sio_incoming *in)
{
    const sio_namespace *nsp = socket->nsp;
    const event_handler *h;

    if (in->type == SIO_PACKET_MESSAGE)
        call(socket, in, nsp->on_message, nsp->message_arg);
    else if (in->type == SIO_PACKET_JSON)
        call(socket, in, nsp->on_json, nsp->json_arg);
    else if (!is_blacklisted(&nsp->server->cfg, in->name) &&
             (h = find_handler(nsp, in->name)) != NULL)
        call(socket, in, h->fn, h->arg);
}

/* --- What an event holds. --- */

const char *
sio_event_args(const sio_event *event, size_t *len)
{
    const sio_view args = event->in->args.len > 0 ? event->in->args : SIO_VIEW("[]");

    *len = args.len;
    return args.data;
}

const char *
sio_event_arg(const sio_event *event, size_t i, size_t *len)
{
    sio_json_iter it;
    sio_view      element;

    if (event->in->args.len == 0)
        return NULL;
    sio_json_array_begin(&it, event->in->args);
    while (sio_json_array_next(&it, &element))
        if (i-- == 0) {
            *len = element.len;
            return element.data;
        }
    return NULL;
}

const struct cJSON *
sio_event_tree(const sio_event *event)
{
    size_t      len;
    const char *args = sio_event_args(event, &len);

    if (*event->tree == NULL)
        *event->tree = cJSON_ParseWithLength(args, len);
    return *event->tree;
}

const char *
sio_event_data(const sio_event *event, size_t *len)
{
    *len = event->in->data.len;
    return event->in->data.data;
}

/* --- Acknowledging what a client sent. --- */

struct sio_ack_later {
    sio_server *server;
    char       *nsp;
    char       *ack_id;
    char        session_id[SIO_SESSION_ID_MAX + 1];
};

bool
sio_event_wants_ack(const sio_event *event)
{
    return event->in->ack_id.len > 0;
}

int
sio_ack(sio_socket *socket, const sio_event *event, const char *args_json)
{
    sio_packet ack = {
        .type = SIO_PACKET_ACK, .nsp = socket->nsp->name, .ack_id = event->in->ack_id};

    if (sio_check_args(socket->nsp->server, args_json, &ack.args) != 0)
        return -1;
    if (ack.ack_id.len > 0 && socket->connected)
        sio_session_send(socket->session, &ack);
    return 0;
}

static void
free_ack_later(sio_ack_later *ack)
{
    free(ack->nsp);
    free(ack->ack_id);
    free(ack);
}

sio_ack_later *
sio_ack_keep(sio_socket *socket, const sio_event *event)
{
    const sio_view id = event->in->ack_id;
    sio_ack_later *ack;

    if (id.len == 0 || (ack = calloc(1, sizeof *ack)) == NULL)
        return NULL;
    ack->server = socket->nsp->server;
    memcpy(ack->session_id, socket->session->id, sizeof ack->session_id);
    ack->nsp = strdup(socket->nsp->name.data);
    ack->ack_id = strndup(id.data, id.len);
    if (ack->nsp != NULL && ack->ack_id != NULL)
        return ack;
    free_ack_later(ack);
    return NULL;
}

int
sio_ack_now(sio_ack_later *ack, const char *args_json)
{
    sio_packet p = {
        .type = SIO_PACKET_ACK, .nsp = sio_view_of(ack->nsp), .ack_id = sio_view_of(ack->ack_id)};
    sio_session *session = sio_session_find(ack->server, sio_view_of(ack->session_id));
    const int    rc = sio_check_args(ack->server, args_json, &p.args);

    if (rc == 0 && session != NULL && sio_session_socket(session, p.nsp) != NULL)
        sio_session_send(session, &p);
    free_ack_later(ack);
    return rc;
}

void
sio_ack_drop(sio_ack_later *ack)
{
    if (ack != NULL)
        free_ack_later(ack);
}

/* --- Acknowledgements that the application waits for. --- */

static void
free_ack(sio_socket *socket, waiting_ack *ack)
{
    sio_link_remove(&ack->link);
    socket->n_acks--;
    free(ack);
}

void
sio_socket_free_acks(sio_socket *socket)
{
    while (!sio_link_empty(&socket->acks))
        free_ack(socket, SIO_CONTAINER(socket->acks.next, waiting_ack, link));
}

int
sio_socket_await_ack(sio_socket *socket, sio_packet *p, sio_ack_fn fn, void *arg)
{
    waiting_ack *ack = calloc(1, sizeof *ack);

    if (ack == NULL)
        return -1;
    if (socket->n_acks >= MAX_WAITING_ACKS) { /* the oldest has the least hope */
        socket->nsp->server->stats.acks_given_up++;
        free_ack(socket, SIO_CONTAINER(socket->acks.next, waiting_ack, link));
    }
    ack->id = ++socket->last_ack_id;
    ack->fn = fn;
    ack->arg = arg;
    sio_link_init(&ack->link);
    sio_link_append(&socket->acks, &ack->link);
    socket->n_acks++;
    p->has_id = true;
    p->id = ack->id;
    return 0;
}

static waiting_ack *
find_ack(const sio_socket *socket, sio_view ack_id)
{
    uint64_t id = 0;

    if (ack_id.len > 18)
        return NULL;
    for (size_t i = 0; i < ack_id.len; i++)
        id = id * 10 + (uint64_t)(ack_id.data[i] - '0');
    for (sio_link *l = socket->acks.next; l != &socket->acks; l = l->next)
        if (SIO_CONTAINER(l, waiting_ack, link)->id == id)
            return SIO_CONTAINER(l, waiting_ack, link);
    return NULL;
}

void
sio_socket_receive_ack(sio_socket *socket, sio_view ack_id, sio_view args)
{
    waiting_ack *ack = find_ack(socket, ack_id);
    sio_ack_fn   fn;
    void        *arg;

    if (ack == NULL)
        return;
    fn = ack->fn;
    arg = ack->arg;
    free_ack(socket, ack); /* once only: a repeated acknowledgement is ignored */
    if (args.len == 0)
        args = SIO_VIEW("[]");
    fn(socket, args.data, args.len, arg);
}
