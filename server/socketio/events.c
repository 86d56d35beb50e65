/*
 * server/socketio/events.c - what clients send to the application: events and messages.
 *
 * Rules: spec/socketio-0.9.md sections 6.2 and 6.4.
 */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_tree.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"
#include "server/socketio/emit.h"
#include "server/socketio/namespace.h"

typedef struct {
    sio_link     link; /* in nsp->handlers */
    char        *name;
    sio_event_fn fn;
    void        *arg;
} event_handler;

/* --- Registering. --- */

/* Is that the name in the packet? Some are numbers. */
static bool
is_name(sio_view literal, const char *name)
{
    if (literal.len > 0 && literal.data[0] != '"')
        return sio_view_eq(literal, sio_view_of(name));
    return sio_json_read_string_equals(literal, sio_view_of(name));
}

static event_handler *
find_handler(const sio_namespace *nsp, sio_view name_literal)
{
    for (sio_link *l = nsp->handlers.next; l != &nsp->handlers; l = l->next) {
        event_handler *h = SIO_CONTAINER(l, event_handler, link);

        if (is_name(name_literal, h->name))
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
            sio_log_error(&nsp->env->log, NULL, "out of memory: no handler for %s", name);
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
sio_events_free_handlers(sio_namespace *nsp)
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
        if (sio_json_read_string_equals(name_literal, cfg->blacklist.items[i]))
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

static void
receive_message(sio_socket *socket, const sio_incoming *in)
{
    const sio_namespace *nsp = socket->nsp;

    if (in->type == SIO_PACKET_MESSAGE)
        call(socket, in, nsp->on_message, nsp->message_arg);
    else
        call(socket, in, nsp->on_json, nsp->json_arg);
}

/* What clients that know no messages make of one: an event with the text, or another value. */
static void
receive_event_message(sio_socket *socket, const sio_incoming *in)
{
    sio_incoming  message = *in;
    sio_json_iter it;
    sio_buf       text;

    message.type = SIO_PACKET_JSON;
    sio_json_read_array_begin(&it, in->args);
    if (!sio_json_read_array_next(&it, &message.data))
        message.data = SIO_VIEW("null");
    sio_buf_init(&text, SIZE_MAX);
    if (sio_json_read_string(message.data, &text) == SIO_OK) {
        message.type = SIO_PACKET_MESSAGE;
        message.data = sio_buf_view(&text);
    }
    if (text.failed)
        sio_mailbox_fail(&socket->session->mailbox, "out of memory");
    else
        receive_message(socket, &message);
    sio_buf_fini(&text);
}

static void
receive_event(sio_socket *socket, const sio_incoming *in)
{
    const sio_namespace *nsp = socket->nsp;
    const event_handler *h;

    if (is_blacklisted(nsp->env->cfg, in->name))
        return;
    if ((h = find_handler(nsp, in->name)) != NULL)
        call(socket, in, h->fn, h->arg);
    else if (sio_json_read_string_equals(in->name, SIO_VIEW("message")))
        receive_event_message(socket, in);
}

void
sio_events_receive(sio_socket *socket, const sio_incoming *in)
{
    if (in->type == SIO_PACKET_EVENT)
        receive_event(socket, in);
    else
        receive_message(socket, in);
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
    sio_json_read_array_begin(&it, event->in->args);
    while (sio_json_read_array_next(&it, &element))
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
        *event->tree = sio_json_tree((sio_view){args, len});
    return *event->tree;
}

const char *
sio_event_data(const sio_event *event, size_t *len)
{
    *len = event->in->data.len;
    return event->in->data.data;
}

const sio_bytes *
sio_event_attachments(const sio_event *event, size_t *n)
{
    *n = event->in->n_attachments;
    return event->in->attachments;
}
