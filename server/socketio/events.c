#include "server/socketio/events.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/json_tree.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"
#include "server/socketio/guard.h"
#include "server/socketio/io.h"
#include "server/socketio/namespace.h"
#include "server/socketio/observer.h"

typedef struct {
    sio_hash_node node; /* in nsp->handlers, by name */
    sio_event_fn  fn;
    void         *arg;
    char          name[];
} event_handler;

/* --- Registering. --- */

static event_handler *
find_handler(const sio_namespace *nsp, sio_view name)
{
    sio_hash_node *node = sio_hash_find(&nsp->handlers, name);

    return node != NULL ? SIO_CONTAINER(node, event_handler, node) : NULL;
}

/* Its own, or that of its parent. */
static const event_handler *
find_inherited(const sio_namespace *nsp, sio_view name)
{
    const event_handler *h = find_handler(nsp, name);

    return h == NULL && nsp->parent != NULL ? find_handler(nsp->parent, name) : h;
}

static event_handler *
handler_new(sio_namespace *nsp, sio_view name)
{
    event_handler *h = calloc(1, sizeof *h + name.len);

    if (h == NULL)
        return NULL;
    if (name.len > 0)
        memcpy(h->name, name.data, name.len);
    h->node.key = (sio_view){h->name, name.len};
    sio_hash_insert(&nsp->handlers, &h->node);
    return h;
}

int
sio_on(sio_namespace *nsp, const char *name, sio_event_fn fn, void *arg)
{
    event_handler *h = find_handler(nsp, sio_view_of(name));

    if (h == NULL && (h = handler_new(nsp, sio_view_of(name))) == NULL)
        return sio_env_fail_memory(nsp->env);
    h->fn = fn;
    h->arg = arg;
    return 0;
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
sio_on_any(sio_namespace *nsp, sio_event_fn fn, void *arg)
{
    nsp->on_any = fn;
    nsp->any_arg = arg;
}

int
sio_use_events(sio_namespace *nsp, sio_filter_fn fn, void *arg)
{
    sio_filter *filters = realloc(nsp->filters, (nsp->n_filters + 1) * sizeof *filters);

    if (filters == NULL)
        return sio_env_fail_memory(nsp->env);
    nsp->filters = filters;
    nsp->filters[nsp->n_filters++] = (sio_filter){fn, arg};
    return 0;
}

void
sio_events_free_handlers(sio_namespace *nsp)
{
    sio_hash_node *node;

    while ((node = sio_hash_any(&nsp->handlers)) != NULL) {
        sio_hash_remove(&nsp->handlers, node);
        free(SIO_CONTAINER(node, event_handler, node));
    }
}

/* --- Receiving. --- */

/* For the name in a packet: a JSON string with its quotes, or a number. */
static const event_handler *
handler_for(const sio_namespace *nsp, sio_view literal)
{
    const event_handler *h;
    sio_buf              name;

    if (literal.data[0] != '"')
        return find_inherited(nsp, literal);
    if (memchr(literal.data, '\\', literal.len) == NULL)
        return find_inherited(nsp, (sio_view){literal.data + 1, literal.len - 2});
    sio_buf_init(&name, SIZE_MAX);
    (void)sio_json_read_string(literal, &name);
    h = name.failed ? NULL : find_inherited(nsp, sio_buf_view(&name));
    sio_buf_fini(&name);
    return h;
}

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
    sio_event_parts parts = {.tree = NULL};
    const sio_event event = {.in = in, .parts = &parts};

    if (fn == NULL)
        return;
    sio_buf_init(&parts.name, SIZE_MAX);
    fn(socket, &event, arg);
    sio_buf_fini(&parts.name);
    cJSON_Delete(parts.tree);
}

/* What fn answers about it. */
static bool
ask_about(sio_socket *socket, const sio_incoming *in,
          bool (*fn)(sio_socket *socket, const sio_event *event))
{
    sio_event_parts parts = {.tree = NULL};
    const sio_event event = {.in = in, .parts = &parts};
    bool            answer;

    sio_buf_init(&parts.name, SIZE_MAX);
    answer = fn(socket, &event);
    sio_buf_fini(&parts.name);
    cJSON_Delete(parts.tree);
    return answer;
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
    if ((h = handler_for(nsp, in->name)) != NULL)
        call(socket, in, h->fn, h->arg);
    else if (sio_json_read_string_equals(in->name, SIO_VIEW("message")))
        receive_event_message(socket, in);
}

/* --- Receiving, whatever it is called. --- */

static bool
call_any(sio_socket *socket, const sio_incoming *in)
{
    call(socket, in, socket->nsp->on_any, socket->nsp->any_arg);
    return true;
}

static bool
pass(const sio_namespace *nsp, sio_socket *socket, const sio_event *event)
{
    for (unsigned i = 0; i < nsp->n_filters; i++)
        if (!nsp->filters[i].fn(socket, event, nsp->filters[i].arg) || !socket->connected)
            return false;
    return true;
}

/* Does it pass all filters, those of the parent first? */
static bool
pass_all(sio_socket *socket, const sio_event *event)
{
    const sio_namespace *nsp = socket->nsp;

    return (nsp->parent == NULL || pass(nsp->parent, socket, event)) && pass(nsp, socket, event);
}

static bool
call_filters(sio_socket *socket, const sio_incoming *in)
{
    return ask_about(socket, in, pass_all);
}

/* A message as clients send it that know none: the event "message", with it for an argument. */
static bool
call_with_message(sio_socket *socket, const sio_incoming *in,
                  bool (*fn)(sio_socket *socket, const sio_incoming *in))
{
    bool         passes = false;
    sio_incoming event = *in;
    sio_buf      args;

    sio_buf_init(&args, SIZE_MAX);
    sio_buf_add_char(&args, '[');
    if (in->type == SIO_PACKET_MESSAGE)
        sio_buf_add_json_string(&args, in->data, SIO_JSON_PLAIN);
    else
        sio_buf_add_view(&args, in->data);
    sio_buf_add_char(&args, ']');
    event.name = SIO_VIEW("\"message\"");
    event.args = sio_buf_view(&args);
    if (args.failed)
        sio_mailbox_fail(&socket->session->mailbox, "out of memory");
    else
        passes = fn(socket, &event);
    sio_buf_fini(&args);
    return passes;
}

/* Whatever it is, as an event. Does fn let it pass? */
static bool
call_as_event(sio_socket *socket, const sio_incoming *in,
              bool (*fn)(sio_socket *socket, const sio_incoming *in))
{
    if (in->type != SIO_PACKET_EVENT)
        return call_with_message(socket, in, fn);
    return is_blacklisted(socket->nsp->env->cfg, in->name) || fn(socket, in);
}

static bool
has_filters(const sio_namespace *nsp)
{
    return nsp->n_filters > 0 || (nsp->parent != NULL && nsp->parent->n_filters > 0);
}

/*
 * Whoever hears all hears it first, then it is filtered (socket.io 4, Socket.onevent). False:
 * nobody else is to hear it.
 */
static bool
tell_any(sio_socket *socket, const sio_incoming *in)
{
    if (socket->nsp->on_any != NULL)
        (void)call_as_event(socket, in, call_any);
    if (socket->connected && has_filters(socket->nsp) && !call_as_event(socket, in, call_filters))
        return false;
    return socket->connected;
}

static bool
is_let_through(sio_socket *socket, const sio_incoming *in)
{
    if (!sio_guard_listens(socket->nsp->env))
        return true;
    return ask_about(socket, in, sio_guard_hears) && socket->connected;
}

void
sio_events_receive(sio_socket *socket, const sio_incoming *in)
{
    const sio_env *env = socket->nsp->env;

    if (!is_let_through(socket, in))
        return;
    if (env->io->onlooker != NULL)
        env->io->onlooker->received(socket, in);
    if (!tell_any(socket, in))
        return;
    if (in->type == SIO_PACKET_EVENT)
        receive_event(socket, in);
    else
        receive_message(socket, in);
}

/* --- What an event holds. --- */

/* A number, or a string with its quotes. */
static sio_view
name_of(const sio_event *event)
{
    const sio_view literal = event->in->name;
    sio_buf       *name = &event->parts->name;

    if (literal.len == 0)
        return SIO_VIEW("message");
    if (literal.data[0] != '"')
        return literal;
    if (memchr(literal.data, '\\', literal.len) == NULL)
        return (sio_view){literal.data + 1, literal.len - 2};
    sio_buf_clear(name);
    (void)sio_json_read_string(literal, name);
    return name->failed ? SIO_VIEW("")
                        : (sio_view){name->data != NULL ? name->data : "", name->len};
}

const char *
sio_event_name(const sio_event *event, size_t *len)
{
    const sio_view name = name_of(event);

    *len = name.len;
    return event->parts->name.failed ? NULL : name.data;
}

bool
sio_event_has_handler(const sio_socket *socket, const sio_event *event)
{
    const sio_namespace *nsp = socket->nsp;
    const sio_incoming  *in = event->in;
    const event_handler *h;
    bool                 is_text = in->type == SIO_PACKET_MESSAGE;

    if (in->type == SIO_PACKET_EVENT) {
        if ((h = handler_for(nsp, in->name)) != NULL)
            return h->fn != NULL;
        if (!sio_json_read_string_equals(in->name, SIO_VIEW("message")))
            return false;
        is_text = sio_json_read_kind_of(sio_json_read_elements(in->args)) == SIO_JSON_STRING;
    }
    return is_text ? nsp->on_message != NULL : nsp->on_json != NULL;
}

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

    if (event->parts->tree == NULL)
        event->parts->tree = sio_json_tree((sio_view){args, len});
    return event->parts->tree;
}

const char *
sio_event_text(const sio_event *event, size_t i)
{
    if (i > INT_MAX)
        return NULL;
    return cJSON_GetStringValue(cJSON_GetArrayItem(sio_event_tree(event), (int)i));
}

const char *
sio_event_text_within(const sio_event *event, size_t i, size_t max_bytes)
{
    const char *text = sio_event_text(event, i);

    return text != NULL && text[0] != '\0' && strnlen(text, max_bytes + 1) <= max_bytes ? text
                                                                                        : NULL;
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

int
sio_event_content(const sio_event *event, sio_content *c)
{
    *c = (sio_content){.n_attachments = event->in->n_attachments,
                       .attachments = event->in->attachments};
    c->event = sio_event_name(event, &c->event_len);
    c->args_json = sio_event_args(event, &c->args_len);
    return c->event != NULL ? 0 : -1;
}
