#include "server/backends/hook_socket.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base64.h"
#include "protocol/json.h"
#include "protocol/json_member.h"
#include "protocol/json_read.h"
#include "protocol/result.h"
#include "server/backends/socket_user.h"
#include "server/base/random.h"
#include "store/clock.h"

enum { MAX_DEPTH = 2000 /* of JSON that was made here */ };

/* --- The table. --- */

int
sio_hook_sockets_init(sio_hook_sockets *all, sio_env *env, void *owner)
{
    const int rc = sio_hash_init(&all->table);

    all->env = env;
    all->owner = owner;
    return rc == SIO_OK ? sio_random_text(all->event_prefix, SIO_HOOK_EVENT_PREFIX) : rc;
}

void
sio_hook_sockets_fini(sio_hook_sockets *all)
{
    sio_hash_fini(&all->table);
}

static size_t
key_size(const char *nsp_name, const char *id)
{
    return strlen(nsp_name) + 1 + strlen(id) + 1;
}

/* Both texts, the namespace first, each with its end; the last one is not part of the key. */
static sio_view
write_key(char *key, const char *nsp_name, const char *id)
{
    const size_t nsp_size = strlen(nsp_name) + 1;

    memcpy(key, nsp_name, nsp_size);
    memcpy(key + nsp_size, id, strlen(id) + 1);
    return (sio_view){key, key_size(nsp_name, id) - 1};
}

sio_hook_socket *
sio_hook_socket_find(const sio_hook_sockets *all, const char *nsp_name, const char *id)
{
    char          *key = malloc(key_size(nsp_name, id));
    sio_hash_node *node =
        key != NULL ? sio_hash_find(&all->table, write_key(key, nsp_name, id)) : NULL;

    free(key);
    return node != NULL ? SIO_CONTAINER(node, sio_hook_socket, node) : NULL;
}

/* A socket with room for its texts, which is *texts. NULL: no memory. */
static sio_hook_socket *
allocate_socket(size_t n_lines, size_t text_size, char **texts)
{
    const size_t     size = sizeof(sio_hook_socket) + n_lines * sizeof(sio_hook_line);
    sio_hook_socket *s = calloc(1, size + text_size);

    if (s != NULL)
        *texts = (char *)s + size;
    return s;
}

sio_hook_socket *
sio_hook_socket_new(sio_hook_sockets *all, const char *nsp_name, const char *id,
                    const char *handshake_json, size_t n_lines)
{
    const size_t size = key_size(nsp_name, id);
    char        *address = handshake_json != NULL ? sio_handshake_address(handshake_json) : NULL;
    char        *texts;
    sio_hook_socket *s =
        allocate_socket(n_lines, size + (address != NULL ? strlen(address) + 1 : 0), &texts);

    if (s != NULL) {
        s->all = all;
        s->node.key = write_key(texts, nsp_name, id);
        s->id = texts + strlen(nsp_name) + 1;
        if (address != NULL)
            s->address = memcpy(texts + size, address, strlen(address) + 1);
        sio_link_init(&s->events);
        for (size_t i = 0; i < n_lines; i++) {
            sio_event_line_init(&s->lines[i].line);
            s->lines[i].of = s;
        }
        sio_hash_insert(&all->table, &s->node);
    }
    free(address);
    return s;
}

void
sio_hook_socket_free(sio_hook_socket *s)
{
    while (!sio_link_empty(&s->events))
        sio_hook_event_free(SIO_CONTAINER(s->events.next, sio_hook_event, in_socket));
    sio_hash_remove(&s->all->table, &s->node);
    free(s->headers);
    free(s->state);
    free(s);
}

void
sio_hook_socket_release(sio_hook_socket *s)
{
    if (s->socket == NULL && sio_link_empty(&s->events) && !s->is_asked_about)
        sio_hook_socket_free(s);
}

/* Of its handshake; empty: not known. */
static sio_view
headers_of(const sio_hook_socket *s)
{
    sio_json_field headers = {.name = SIO_VIEW("headers")};

    if (s->socket == NULL)
        return s->headers != NULL ? sio_view_of(s->headers) : SIO_VIEW("");
    (void)sio_json_pick(sio_view_of(sio_handshake_json(s->socket)), MAX_DEPTH, &headers, 1);
    return headers.value;
}

void
sio_hook_socket_set_state(sio_hook_socket *s, sio_view members)
{
    free(s->state);
    s->state = members.len > 0 ? strndup(members.data, members.len) : NULL;
}

void
sio_hook_socket_leave(sio_hook_socket *s)
{
    const sio_view headers = s->keeps_headers ? headers_of(s) : SIO_VIEW("");
    sio_buf        state;

    free(s->headers);
    s->headers = headers.len > 0 ? strndup(headers.data, headers.len) : NULL;
    sio_buf_init(&state, SIZE_MAX);
    sio_hook_socket_add_state(s->socket, false, &state);
    sio_hook_socket_set_state(s, state.failed ? SIO_VIEW("") : sio_buf_view(&state));
    sio_buf_fini(&state);
    s->socket = NULL;
    s->all->env->stats.backend_paused -= s->is_paused;
    s->is_paused = false;
}

/* --- What it is like. --- */

static void
add_rooms(const sio_socket *socket, sio_buf *out)
{
    const char *room;

    sio_buf_add_str(out, ",\"rooms\":[");
    for (size_t i = 0; (room = sio_room(socket, i)) != NULL; i++) {
        sio_buf_add_str(out, i > 0 ? "," : "");
        sio_buf_add_json_string(out, sio_view_of(room), SIO_JSON_PLAIN);
    }
    sio_buf_add_char(out, ']');
}

void
sio_hook_socket_add_state(const sio_socket *socket, bool with_rooms, sio_buf *out)
{
    const char *user = sio_socket_user_id(socket);

    if (user != NULL)
        sio_json_member_text(out, "user", sio_view_of(user));
    sio_json_member_json(out, "data", sio_view_of(sio_socket_data(socket)));
    if (with_rooms)
        add_rooms(socket, out);
}

/* --- Events. --- */

void
sio_hook_event_empty(sio_hook_event *e)
{
    sio_buf_fini(&e->json);
    free(e->handshake);
    e->handshake = NULL;
}

void
sio_hook_event_free(sio_hook_event *e)
{
    sio_link_remove(&e->in_socket);
    sio_hook_event_empty(e);
    free(e);
}

void
sio_hook_event_keep_handshake(sio_hook_event *e, const char *handshake_json)
{
    e->handshake = strdup(handshake_json);
    if (e->handshake != NULL)
        e->queued.n_bytes += strlen(handshake_json) + 1;
}

/* 26 characters: those that are random, and a number, which need no system call. */
static void
add_event_id(sio_hook_sockets *all, sio_buf *out)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
    char              number[10];
    uint64_t          rest = ++all->n_events;

    for (size_t i = sizeof number; i > 0; rest /= 32)
        number[--i] = digits[rest % 32];
    sio_buf_add(out, all->event_prefix, SIO_HOOK_EVENT_PREFIX);
    sio_buf_add(out, number, sizeof number);
}

/* Up to where the user and data of the socket go. */
static void
add_event_head(sio_hook_event *e, const char *type, const char *transport)
{
    sio_buf_add_str(&e->json, "{\"id\":\"");
    add_event_id(e->of->all, &e->json);
    sio_buf_add_str(&e->json, "\",\"type\":\"");
    sio_buf_add_str(&e->json, type);
    sio_buf_add_str(&e->json, "\",\"time\":");
    sio_buf_add_u64(&e->json, sio_epoch_ms());
    sio_json_member_text(&e->json, "namespace", sio_view_of(sio_hook_socket_nsp_name(e->of)));
    sio_buf_add_str(&e->json, ",\"socket\":{\"id\":");
    sio_buf_add_json_string(&e->json, sio_view_of(e->of->id), SIO_JSON_PLAIN);
    if (e->of->address != NULL)
        sio_json_member_text(&e->json, "address", sio_view_of(e->of->address));
    if (transport != NULL)
        sio_json_member_text(&e->json, "transport", sio_view_of(transport));
    e->split = e->json.len;
    sio_buf_add_char(&e->json, '}');
}

/* NULL: no memory. */
static sio_hook_event *
begin_event(sio_hook_socket *s, sio_event_kind kind, const char *type, const char *transport)
{
    sio_hook_event *e = calloc(1, sizeof *e);

    if (e == NULL)
        return NULL;
    e->queued.kind = kind;
    e->of = s;
    sio_link_append(&s->events, &e->in_socket);
    sio_buf_init(&e->json, SIZE_MAX);
    add_event_head(e, type, transport);
    return e;
}

static sio_hook_event *
end_event(sio_hook_event *e)
{
    sio_buf_add_char(&e->json, '}');
    e->queued.n_bytes = sizeof *e + e->json.cap;
    if (!e->json.failed)
        return e;
    sio_hook_event_free(e);
    return NULL;
}

sio_hook_event *
sio_hook_event_connect(sio_hook_socket *s, const char *transport, const char *handshake_json,
                       const char *auth_json, const char *claims_json, bool is_recovered)
{
    static const char *const names[] = {"query", "headers", "url", "tls"};
    sio_json_field           fields[4];
    sio_hook_event          *e = begin_event(s, SIO_EVENT_CONNECT, "connect", transport);

    if (e == NULL)
        return NULL;
    for (size_t i = 0; i < 4; i++)
        fields[i] = (sio_json_field){.name = sio_view_of(names[i])};
    (void)sio_json_pick(sio_view_of(handshake_json), MAX_DEPTH, fields, 4);
    sio_json_member_json(&e->json, "auth", sio_view_of(auth_json));
    sio_json_member_json(&e->json, "claims", sio_view_of(claims_json));
    for (size_t i = 0; i < 4; i++)
        sio_json_member_json(&e->json, names[i], fields[i].value);
    sio_buf_add_str(&e->json, is_recovered ? ",\"recovered\":true" : ",\"recovered\":false");
    return end_event(e);
}

static void
add_attachments(sio_hook_event *e, const sio_content *content)
{
    if (content->n_attachments == 0)
        return;
    sio_buf_add_str(&e->json, ",\"attachments\":");
    for (size_t i = 0; i < content->n_attachments; i++) {
        sio_buf_add_str(&e->json, i > 0 ? ",\"" : "[\"");
        sio_base64_encode(content->attachments[i], &e->json);
        sio_buf_add_char(&e->json, '"');
    }
    sio_buf_add_char(&e->json, ']');
}

sio_hook_event *
sio_hook_event_emitted(sio_hook_socket *s, const sio_event *event, unsigned ack_timeout_ms)
{
    sio_content     content;
    sio_hook_event *e = begin_event(s, SIO_EVENT_EMITTED, "event", sio_transport_name(s->socket));

    if (e == NULL)
        return NULL;
    if (sio_event_content(event, &content) != 0) {
        sio_hook_event_free(e);
        return NULL;
    }
    sio_json_member_text(&e->json, "name", (sio_view){content.event, content.event_len});
    sio_json_member_json(&e->json, "args",
                         content.args_len > 0 ? (sio_view){content.args_json, content.args_len}
                                              : SIO_VIEW("[]"));
    add_attachments(e, &content);
    if (sio_event_wants_ack(event) &&
        sio_ack_token(s->socket, event, ack_timeout_ms, e->token) == 0)
        sio_json_member_text(&e->json, "ack", sio_view_of(e->token));
    return end_event(e);
}

/* Its state, as it is now, goes into it at once. */
static sio_hook_event *
end_with_state(sio_hook_event *e, const char *reason, sio_view state)
{
    e->has_all = true;
    if (e->json.len > 0 && !e->json.failed)
        e->json.len--; /* the end of the socket */
    sio_buf_add_view(&e->json, state);
    sio_buf_add_char(&e->json, '}');
    sio_json_member_text(&e->json, "reason", sio_view_of(reason));
    return end_event(e);
}

sio_hook_event *
sio_hook_event_disconnect(sio_hook_socket *s, const char *reason)
{
    sio_hook_event *e =
        begin_event(s, SIO_EVENT_DISCONNECT, "disconnect", sio_transport_name(s->socket));
    sio_buf state;

    if (e == NULL)
        return NULL;
    sio_buf_init(&state, SIZE_MAX);
    sio_hook_socket_add_state(s->socket, true, &state);
    e->json.failed = e->json.failed || state.failed;
    e = end_with_state(e, reason, sio_buf_view(&state));
    sio_buf_fini(&state);
    return e;
}

sio_hook_event *
sio_hook_event_lost(sio_hook_socket *s, const char *reason, sio_view state)
{
    sio_hook_event *e = begin_event(s, SIO_EVENT_DISCONNECT, "disconnect", NULL);

    return e != NULL ? end_with_state(e, reason, state) : NULL;
}

/* The event but for its end, with the state of its socket. */
static void
add_event_with_state(const sio_hook_event *e, bool with_rooms, sio_buf *out)
{
    const sio_view json = {e->json.data, e->json.len - 1};

    if (e->has_all) {
        sio_buf_add_view(out, json);
        return;
    }
    sio_buf_add(out, json.data, e->split);
    if (e->of->socket != NULL)
        sio_hook_socket_add_state(e->of->socket, with_rooms, out);
    else
        sio_buf_add_view(out, sio_view_of(e->of->state));
    sio_buf_add(out, json.data + e->split, json.len - e->split);
}

void
sio_hook_event_add_json(const sio_hook_event *e, sio_hook_event_more more, sio_buf *out)
{
    const bool is_connect = e->queued.kind == SIO_EVENT_CONNECT || e->is_notice;

    add_event_with_state(e, more.rooms, out);
    if (more.headers && !is_connect)
        sio_json_member_json(out, "headers", headers_of(e->of));
    sio_buf_add_char(out, '}');
}
