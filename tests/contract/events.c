#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/contract/contract.h"

enum { MANY_MAX = 100000 }; /* a stranger may ask for more than anybody can wait for */

void
on_echo(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t           len, n;
    const char      *args = sio_event_args(event, &len);
    const sio_bytes *attachments = sio_event_attachments(event, &n);
    char            *copy = strndup(args, len);

    (void)arg;
    if (sio_event_wants_ack(event))
        sio_ack_binary(socket, event, copy, attachments, n);
    else
        sio_emit_binary(socket, "echo", copy, attachments, n, NULL, NULL);
    free(copy);
}

/* The first n_args arguments of the event. */
static void
send_to(sio_socket *socket, const sio_to *to, const char *name, const sio_event *event,
        size_t n_args)
{
    size_t           n;
    const sio_bytes *attachments = sio_event_attachments(event, &n);
    char            *args = first_args(event, n_args);

    if (args != NULL)
        sio_broadcast_binary(sio_namespace_of(socket), to, name, args, attachments, n);
    free(args);
}

static void
on_broadcast(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    send_to(socket, NULL, "broadcast", event, 1);
}

static void
on_others(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_to others = {.except = socket};

    (void)arg;
    send_to(socket, &others, "others", event, 1);
}

static void
acknowledge_room(sio_socket *socket, const sio_event *event)
{
    char *room = one_arg(event, 0);

    if (room != NULL)
        sio_ack(socket, event, room);
    free(room);
}

static void
on_join(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *room = string_arg(event, 0);

    (void)arg;
    if (room != NULL && sio_join(socket, room) == 0)
        acknowledge_room(socket, event);
}

static void
on_leave(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *room = string_arg(event, 0);

    (void)arg;
    if (room == NULL)
        return;
    sio_leave(socket, room);
    acknowledge_room(socket, event);
}

static void
on_room(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_to to = {.room = string_arg(event, 0)};

    (void)arg;
    if (to.room != NULL)
        send_to(socket, &to, "room", event, 2);
}

static void
on_room_others(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_to to = {.room = string_arg(event, 0), .except = socket};

    (void)arg;
    if (to.room != NULL)
        send_to(socket, &to, "room", event, 2);
}

static void
on_volatile(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_to to = {.room = sio_id(socket), .is_volatile = true, .is_local = true};

    (void)arg;
    send_to(socket, &to, "volatile", event, 1);
}

static void
on_answer(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    size_t           n;
    const sio_bytes *attachments = sio_ack_attachments(socket, &n);
    char            *args = args_json != NULL ? strndup(args_json, len) : NULL;

    (void)arg;
    if (args == NULL) /* it has left */
        return;
    sio_emit_binary(socket, "answer", args, attachments, n, NULL, NULL);
    free(args);
}

static void
on_ask(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t           n;
    const sio_bytes *attachments = sio_event_attachments(event, &n);
    char            *data = one_arg(event, 0);

    (void)arg;
    if (data != NULL)
        sio_emit_binary(socket, "question", data, attachments, n, on_answer, NULL);
    free(data);
}

static void
on_many(sio_socket *socket, const sio_event *event, void *arg)
{
    const cJSON *n = cJSON_GetArrayItem(sio_event_tree(event), 0);
    char         args[24];

    (void)arg;
    if (!cJSON_IsNumber(n) || n->valuedouble != n->valueint || n->valueint > MANY_MAX)
        return;
    for (int i = 0; i < n->valueint; i++) {
        snprintf(args, sizeof args, "[%d]", i);
        sio_emit(socket, "seq", args);
    }
}

static void
on_kick(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    sio_disconnect(socket, true);
}

static void
on_hang_up(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    sio_hang_up(socket, "hung up");
}

static void
on_who(sio_socket *socket, const sio_event *event, void *arg)
{
    const app *a = arg;
    char      *args = NULL;

    if (asprintf(&args, "[{\"id\":\"%s\",\"transport\":\"%s\",\"server\":%s}]", sio_id(socket),
                 sio_transport_name(socket), a->name) < 0)
        return;
    sio_ack(socket, event, args);
    free(args);
}

/* ["got",text]; the caller frees it. */
static char *
got_text(const char *text, size_t len)
{
    static const char escaped[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    char             *json = NULL;
    size_t            size;
    FILE             *f = open_memstream(&json, &size);

    if (f == NULL)
        return NULL;
    fputs("[\"got\",\"", f);
    for (size_t i = 0; i < len; i++) {
        const char *at = memchr(escaped, text[i], sizeof escaped - 1);

        if (at != NULL)
            fprintf(f, "\\%c", letters[at - escaped]);
        else if ((unsigned char)text[i] < 0x20)
            fprintf(f, "\\u%04x", (unsigned)text[i]);
        else
            fputc(text[i], f);
    }
    fputs("\"]", f);
    return fclose(f) == 0 ? json : NULL;
}

static void
on_message(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t      len;
    const char *text = sio_event_data(event, &len);
    char       *echo = malloc(strlen("echo:") + len);
    char       *json = got_text(text, len);

    (void)arg;
    if (echo != NULL && json != NULL) {
        memcpy(echo, "echo:", strlen("echo:"));
        memcpy(echo + strlen("echo:"), text, len);
        sio_send(socket, echo, strlen("echo:") + len);
        sio_ack(socket, event, json);
    }
    free(echo);
    free(json);
}

static void
on_json(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t           len, n;
    const char      *value = sio_event_data(event, &len);
    const sio_bytes *attachments = sio_event_attachments(event, &n);
    char            *copy = n > 0 ? one_arg(event, 0) : strndup(value, len);

    (void)arg;
    if (n > 0) /* only an event can have some */
        sio_emit_binary(socket, "message", copy, attachments, n, NULL, NULL);
    else if (copy != NULL)
        sio_send_json(socket, copy);
    free(copy);
}

void
serve_events(sio_namespace *nsp, app *a)
{
    static const struct {
        const char  *name;
        sio_event_fn fn;
    } events[] = {
        {"echo", on_echo},
        {"broadcast", on_broadcast},
        {"others", on_others},
        {"join", on_join},
        {"leave", on_leave},
        {"room", on_room},
        {"room others", on_room_others},
        {"volatile", on_volatile},
        {"ask", on_ask},
        {"many", on_many},
        {"kick", on_kick},
        {"hang up", on_hang_up},
        {"who", on_who},
    };

    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        sio_on(nsp, events[i].name, events[i].fn, a);
    sio_on_message(nsp, on_message, a);
    sio_on_json(nsp, on_json, a);
}
