#include "server/backends/hook_apply.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base64.h"
#include "protocol/json_read.h"
#include "server/backends/socket_user.h"
#include "server/config/config.h"

static void
complain_of_answer(const sio_hook_apply *h, const char *what)
{
    h->env->stats.bad_answers++;
    sio_log_limit_write(&h->env->log_limits, SIO_LOG_FAILURE, NULL, "%s", what);
}

static bool
is_socket_there(const sio_hook_apply *h)
{
    return *h->socket != NULL;
}

/* The contents of a string as a C string, in *buf. NULL: no memory. */
static const char *
text_of_literal(sio_view literal, sio_buf *buf)
{
    sio_buf_clear(buf);
    (void)sio_json_read_string(literal, buf);
    sio_buf_add_char(buf, '\0');
    return buf->failed ? NULL : buf->data;
}

/* --- User and data. --- */

static void
apply_user(const sio_hook_apply *h, sio_view user)
{
    const bool is_set = sio_json_read_kind_of(user) == SIO_JSON_STRING;
    char      *room = is_set ? sio_socket_user_room(user) : NULL;

    if (is_set && room == NULL) {
        complain_of_answer(h, "an answer's \"user\": out of memory");
    } else {
        sio_socket_user_leave_others(*h->socket, room);
        if (room != NULL && sio_join(*h->socket, room) != 0)
            complain_of_answer(h, "an answer's \"user\": the socket is in too many rooms");
    }
    free(room);
}

static void
apply_data(const sio_hook_apply *h, sio_view data)
{
    const bool is_set = sio_json_read_kind_of(data) == SIO_JSON_OBJECT;
    char      *text = is_set ? strndup(data.data, data.len) : NULL;

    if ((is_set && text == NULL) || sio_set_socket_data(*h->socket, text) != 0)
        complain_of_answer(h, "an answer's \"data\" is longer than \"max stored bytes\"");
    free(text);
}

/* --- Rooms. --- */

static void
apply_room(const sio_hook_apply *h, sio_view literal, bool joins, sio_buf *buf)
{
    const char *room = text_of_literal(literal, buf);

    if (!is_socket_there(h))
        return;
    if (room == NULL || strlen(room) > h->env->cfg->max_room_name_bytes)
        complain_of_answer(h, "a room in an answer is longer than \"max room name bytes\"");
    else if (!joins)
        sio_leave(*h->socket, room);
    else if (sio_join(*h->socket, room) != 0)
        complain_of_answer(h, "an answer's \"join\": the socket is in too many rooms");
}

static void
apply_rooms(const sio_hook_apply *h, sio_view rooms, bool joins)
{
    sio_json_iter it;
    sio_view      room;
    sio_buf       buf;

    sio_buf_init(&buf, SIZE_MAX);
    if (sio_json_read_kind_of(rooms) == SIO_JSON_STRING)
        apply_room(h, rooms, joins, &buf);
    sio_json_read_array_begin(&it, rooms);
    while (sio_json_read_array_next(&it, &room))
        apply_room(h, room, joins, &buf);
    sio_buf_fini(&buf);
}

/* --- Acknowledgement. --- */

/* The bytes of all attachments, one behind the other, in *bytes. */
static size_t
read_attachments(sio_view list, sio_buf *bytes, sio_bytes *out)
{
    size_t        ends[SIO_BACKEND_ANSWER_MAX_ATTACHMENTS], n = 0;
    sio_json_iter it;
    sio_view      literal;
    sio_buf       text;

    sio_buf_init(&text, SIZE_MAX);
    sio_json_read_array_begin(&it, list);
    while (n < SIO_BACKEND_ANSWER_MAX_ATTACHMENTS && sio_json_read_array_next(&it, &literal)) {
        sio_buf_clear(&text);
        (void)sio_json_read_string(literal, &text);
        sio_base64_decode(sio_buf_view(&text), bytes);
        ends[n++] = bytes->len;
    }
    bytes->failed = bytes->failed || text.failed;
    sio_buf_fini(&text);
    for (size_t i = 0; i < n; i++) {
        const size_t begin = i > 0 ? ends[i - 1] : 0;

        out[i] = (sio_bytes){bytes->data != NULL ? bytes->data + begin : NULL, ends[i] - begin};
    }
    return n;
}

static void
apply_ack(const sio_hook_apply *h, const sio_backend_answer *a)
{
    sio_bytes   attachments[SIO_BACKEND_ANSWER_MAX_ATTACHMENTS];
    sio_content content = {.args_json = a->ack.data, .args_len = a->ack.len};
    sio_buf     bytes;

    if (h->token[0] == '\0')
        return; /* nobody asked for it, which a handler need not know */
    sio_buf_init(&bytes, SIZE_MAX);
    content.attachments = attachments;
    content.n_attachments = read_attachments(a->attachments, &bytes, attachments);
    if (bytes.failed ||
        sio_ack_by_token_n(sio_env_server(h->env), h->token, &content, NULL, NULL) != 0)
        complain_of_answer(h, "an answer's \"ack\": a placeholder has no attachment");
    sio_buf_fini(&bytes);
}

/* --- Events. --- */

/* ["name",1,2]: the name, and [1,2] in *args. */
static const char *
take_event_apart(sio_view event, sio_buf *name, sio_buf *args)
{
    sio_json_iter it;
    sio_view      literal, one;
    const char   *separator = "[";

    sio_json_read_array_begin(&it, event);
    (void)sio_json_read_array_next(&it, &literal);
    sio_buf_clear(args);
    while (sio_json_read_array_next(&it, &one)) {
        sio_buf_add_str(args, separator);
        sio_buf_add_view(args, one);
        separator = ",";
    }
    sio_buf_add_str(args, args->len == 0 ? "[]" : "]");
    return args->failed ? NULL : text_of_literal(literal, name);
}

static void
apply_event(const sio_hook_apply *h, sio_view event, sio_buf *name, sio_buf *args)
{
    const char *text = take_event_apart(event, name, args);

    if (!is_socket_there(h))
        return;
    const sio_content content = {
        .event = text, .event_len = name->len - 1, .args_json = args->data, .args_len = args->len};

    if (text == NULL || sio_emit_n(*h->socket, &content, 0, NULL, NULL) != 0)
        complain_of_answer(h, "an answer's \"emit\": out of memory");
}

static void
apply_events(const sio_hook_apply *h, sio_view events)
{
    sio_json_iter it;
    sio_view      event;
    sio_buf       name, args;

    sio_buf_init(&name, SIZE_MAX);
    sio_buf_init(&args, SIZE_MAX);
    sio_json_read_array_begin(&it, events);
    while (sio_json_read_array_next(&it, &event))
        apply_event(h, event, &name, &args);
    sio_buf_fini(&name);
    sio_buf_fini(&args);
}

/* --- Commands. --- */

static void
on_outcome(void *arg, const sio_outcome *outcome)
{
    sio_env *env = arg;

    if (outcome->code != NULL)
        sio_log_limit_write(&env->log_limits, SIO_LOG_FAILURE, NULL, "%s", outcome->why);
}

/* Nobody would read what these find out. */
static bool
has_result(sio_backend_command_kind kind)
{
    return kind == SIO_BACKEND_ASK || kind == SIO_BACKEND_SOCKETS || kind == SIO_BACKEND_COUNT ||
           kind == SIO_BACKEND_ROOMS;
}

static void
apply_command(const sio_hook_apply *h, sio_view json)
{
    sio_backend_command_error error;
    sio_backend_command       c;
    const int rc = sio_backend_command_read(&c, json, SIO_N_BACKEND_COMMANDS, h->nsp, &error);

    if (rc != 0)
        complain_of_answer(h, "a command in an answer is none");
    else if (has_result(c.kind))
        complain_of_answer(h, "a command in an answer has a result that nobody would read");
    else
        sio_commands_run(h->env, h->commands, &c, on_outcome, h->env);
    sio_backend_command_fini(&c);
}

static void
apply_commands(const sio_hook_apply *h, sio_view commands)
{
    sio_json_iter it;
    sio_view      command;

    sio_json_read_array_begin(&it, commands);
    while (sio_json_read_array_next(&it, &command))
        apply_command(h, command);
}

void
sio_hook_apply_answer(const sio_hook_apply *h, const sio_backend_answer *a)
{
    if (is_socket_there(h) && a->user.len > 0)
        apply_user(h, a->user);
    if (is_socket_there(h) && a->data.len > 0)
        apply_data(h, a->data);
    if (is_socket_there(h) && a->join.len > 0)
        apply_rooms(h, a->join, true);
    if (is_socket_there(h) && a->leave.len > 0)
        apply_rooms(h, a->leave, false);
    if (is_socket_there(h) && a->ack.len > 0)
        apply_ack(h, a);
    if (is_socket_there(h) && a->emit.len > 0)
        apply_events(h, a->emit);
    apply_commands(h, a->commands);
    if (is_socket_there(h) && a->disconnects)
        sio_disconnect(*h->socket, a->closes);
    if (is_socket_there(h) && a->hangs_up)
        sio_hang_up(*h->socket, "backend restarted");
}
