/*
 * server/socketio/emit.c - what applications send to one client, and arguments as trees.
 *
 * Rules: spec/socketio-0.9.md section 6.2.
 */
#include <cjson/cJSON.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/utf8.h"
#include "server/socketio/acks.h"
#include "server/socketio/arguments.h"
#include "server/socketio/broadcast.h"

/* --- Sending to one client. --- */

/* Whoever would be told waits for nobody when the client has left. */
static int
await_ack(sio_socket *socket, sio_packet *p, const sio_ack_wish *wish)
{
    if (!socket->connected)
        return sio_env_fail(socket->nsp->env, "the client has left");
    return sio_acks_await_of(socket, p, wish);
}

/* wish->fn NULL: no acknowledgement is asked for. */
static int
emit(sio_socket *socket, sio_view event, const sio_arguments *args, const sio_ack_wish *wish,
     bool is_volatile)
{
    sio_packet p;
    int        rc = sio_arguments_event_packet(socket->nsp, event, args, &p);

    if (rc == 0 && wish->fn != NULL)
        rc = await_ack(socket, &p, wish);
    if (rc == 0 && socket->connected)
        sio_broadcast_send_to_socket(socket, &p, is_volatile);
    return rc;
}

int
sio_emit_binary(sio_socket *socket, const char *event, const char *args_json,
                const sio_bytes *attachments, size_t n, sio_ack_fn fn, void *arg)
{
    const sio_arguments args = {sio_view_of(args_json), attachments, n, false};
    const sio_ack_wish  wish = {.fn = fn, .arg = arg};

    return emit(socket, sio_view_of(event), &args, &wish, false);
}

int
sio_emit_ack(sio_socket *socket, const char *event, const char *args_json, sio_ack_fn fn, void *arg)
{
    return sio_emit_binary(socket, event, args_json, NULL, 0, fn, arg);
}

int
sio_emit(sio_socket *socket, const char *event, const char *args_json)
{
    return sio_emit_binary(socket, event, args_json, NULL, 0, NULL, NULL);
}

int
sio_emit_volatile(sio_socket *socket, const char *event, const char *args_json)
{
    const sio_arguments args = {.json = sio_view_of(args_json)};
    const sio_ack_wish  wish = {.fn = NULL};

    return emit(socket, sio_view_of(event), &args, &wish, true);
}

int
sio_emit_ack_within(sio_socket *socket, const char *event, const char *args_json,
                    unsigned timeout_ms, sio_ack_fn fn, void *arg)
{
    const sio_arguments args = {.json = sio_view_of(args_json)};
    const sio_ack_wish  wish = {
         .fn = fn, .arg = arg, .is_kept = true, .has_timeout = true, .timeout_ms = timeout_ms};

    return emit(socket, sio_view_of(event), &args, &wish, false);
}

int
sio_emit_n(sio_socket *socket, const sio_content *c, unsigned timeout_ms, sio_ack_fn fn, void *arg)
{
    const sio_ack_wish wish = {.fn = fn,
                               .arg = arg,
                               .is_kept = timeout_ms > 0,
                               .has_timeout = timeout_ms > 0,
                               .timeout_ms = timeout_ms};
    sio_arguments      args;

    if (c == NULL)
        return sio_arguments_no_content(socket->nsp->env);
    args = sio_arguments_of_content(c);
    return emit(socket, sio_arguments_event_of(c), &args, &wish, c->is_volatile);
}

/* p asks for an acknowledgement when there is an fn for it. */
static int
send_message(sio_socket *socket, sio_packet *p, sio_ack_fn fn, void *arg)
{
    const sio_ack_wish wish = {.fn = fn, .arg = arg};

    if (fn != NULL && await_ack(socket, p, &wish) != 0)
        return -1;
    if (socket->connected)
        sio_broadcast_send_to_socket(socket, p, false);
    return 0;
}

int
sio_send_ack(sio_socket *socket, const char *text, size_t len, sio_ack_fn fn, void *arg)
{
    sio_packet p = {.type = SIO_PACKET_MESSAGE, .nsp = socket->nsp->name, .data = {text, len}};

    if (!sio_utf8_valid(p.data))
        return sio_env_fail(socket->nsp->env, "the text is not UTF-8");
    return send_message(socket, &p, fn, arg);
}

int
sio_send(sio_socket *socket, const char *text, size_t len)
{
    return sio_send_ack(socket, text, len, NULL, NULL);
}

int
sio_send_json_n(sio_socket *socket, const char *json, size_t len, sio_ack_fn fn, void *arg)
{
    sio_packet p = {.type = SIO_PACKET_JSON,
                    .nsp = socket->nsp->name,
                    .data = sio_json_read_trim((sio_view){json, len})};

    if (sio_json_validate(p.data, SIO_JSON_MAX_DEPTH) != SIO_OK)
        return sio_env_fail(socket->nsp->env, "the message is not JSON");
    return send_message(socket, &p, fn, arg);
}

int
sio_send_json_ack(sio_socket *socket, const char *json, sio_ack_fn fn, void *arg)
{
    return sio_send_json_n(socket, json, sio_view_of(json).len, fn, arg);
}

int
sio_send_json(sio_socket *socket, const char *json)
{
    return sio_send_json_ack(socket, json, NULL, NULL);
}

/* --- Arguments as trees. --- */

int
sio_emit_tree(sio_socket *socket, const char *event, const cJSON *args, sio_ack_fn fn, void *arg)
{
    char *text;
    int   rc = sio_arguments_print(socket->nsp->env, args, &text);

    if (rc == 0)
        rc = sio_emit_ack(socket, event, text, fn, arg);
    sio_arguments_free_text(text);
    return rc;
}

int
sio_ack_tree(sio_socket *socket, const sio_event *event, const cJSON *args)
{
    char *text;
    int   rc = sio_arguments_print(socket->nsp->env, args, &text);

    if (rc == 0)
        rc = sio_ack(socket, event, text);
    sio_arguments_free_text(text);
    return rc;
}

int
sio_broadcast_tree(sio_namespace *nsp, const sio_to *to, const char *event, const cJSON *args)
{
    char *text;
    int   rc = sio_arguments_print(nsp->env, args, &text);

    if (rc == 0)
        rc = sio_broadcast(nsp, to, event, text);
    sio_arguments_free_text(text);
    return rc;
}
