/*
 * tests/contract-server.c - the application that tests, benchmarks and rivals all speak to.
 *
 * Same command line and configuration as siobroker; written on siobroker.h alone. Not installed.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/siobroker.h"

enum { MANY_MAX = 100000 }; /* a stranger may ask for more than anybody can wait for */

typedef struct {
    char *name;     /* JSON string */
    char *greeting; /* [{"server":NAME,"port":PORT}] */
    bool  is_suite;
} app;

/* --- Arguments. --- */

/* The i-th argument as a C string when it is a JSON string, else NULL. Belongs to the event. */
static const char *
string_arg(const sio_event *event, int i)
{
    return cJSON_GetStringValue(cJSON_GetArrayItem(sio_event_tree(event), i));
}

/* "[" text "]"; the caller frees it. */
static char *
array_of(const char *text, size_t len)
{
    char *array = NULL;

    return text != NULL && asprintf(&array, "[%.*s]", (int)len, text) >= 0 ? array : NULL;
}

/* The i-th argument alone in an array, or NULL; the caller frees it. */
static char *
one_arg(const sio_event *event, size_t i)
{
    size_t      len;
    const char *text = sio_event_arg(event, i, &len);

    return text != NULL ? array_of(text, len) : NULL;
}

/* --- Events. --- */

static void
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

static void
send_to(sio_socket *socket, const sio_to *to, const char *name, const sio_event *event, size_t i)
{
    size_t           n;
    const sio_bytes *attachments = sio_event_attachments(event, &n);
    char            *data = one_arg(event, i);

    if (data != NULL)
        sio_broadcast_binary(sio_namespace_of(socket), to, name, data, attachments, n);
    free(data);
}

static void
on_broadcast(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    send_to(socket, NULL, "broadcast", event, 0);
}

static void
on_others(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_to others = {.except = socket};

    (void)arg;
    send_to(socket, &others, "others", event, 0);
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
        send_to(socket, &to, "room", event, 1);
}

static void
on_room_others(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_to to = {.room = string_arg(event, 0), .except = socket};

    (void)arg;
    if (to.room != NULL)
        send_to(socket, &to, "room", event, 1);
}

static void
on_volatile(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_to to = {.room = sio_id(socket), .is_volatile = true, .is_local = true};

    (void)arg;
    send_to(socket, &to, "volatile", event, 0);
}

static void
on_answer(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    size_t           n;
    const sio_bytes *attachments = sio_ack_attachments(socket, &n);
    char            *args = strndup(args_json, len);

    (void)arg;
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

/* --- Stored data: values are stored as their JSON text. --- */

/* An acknowledgement that waits for the store; in a list that begins in the socket's user data. */
typedef struct waiting {
    struct waiting *next;
    sio_ack_later  *ack; /* NULL: the client did not ask */
} waiting;

static waiting *
wait_for_store(sio_socket *socket, const sio_event *event)
{
    waiting *w = calloc(1, sizeof *w);

    if (w == NULL)
        return NULL;
    w->ack = sio_ack_keep(socket, event);
    w->next = sio_user_data(socket);
    sio_set_user_data(socket, w);
    return w;
}

/* Take w out of the list and free it; its acknowledgement is the caller's. */
static sio_ack_later *
stop_waiting(sio_socket *socket, waiting *w)
{
    sio_ack_later *ack = w->ack;
    waiting       *first = sio_user_data(socket);

    for (waiting **at = &first; *at != NULL; at = &(*at)->next)
        if (*at == w) {
            *at = w->next;
            break;
        }
    sio_set_user_data(socket, first);
    free(w);
    return ack;
}

/* The socket has left, and the store will not call back any more. */
static void
stop_all_waiting(sio_socket *socket)
{
    waiting *w;

    while ((w = sio_user_data(socket)) != NULL)
        sio_ack_drop(stop_waiting(socket, w));
}

static void
acknowledge_stored(sio_socket *socket, sio_data_result result, const char *value, void *arg)
{
    sio_ack_later *ack = stop_waiting(socket, arg);

    (void)value;
    if (ack != NULL && result == SIO_DATA_OK)
        sio_ack_now(ack, NULL);
    else
        sio_ack_drop(ack);
}

static void
acknowledge_value(sio_socket *socket, sio_data_result result, const char *value, void *arg)
{
    sio_ack_later *ack = stop_waiting(socket, arg);
    char          *args = NULL;

    if (result == SIO_DATA_OK)
        args = array_of(value, strlen(value));
    else if (result == SIO_DATA_ABSENT)
        args = strdup("[null]");
    if (ack != NULL && args != NULL)
        sio_ack_now(ack, args);
    else
        sio_ack_drop(ack);
    free(args);
}

static void
on_set(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *key = string_arg(event, 0);
    size_t      len;
    const char *json = sio_event_arg(event, 1, &len);
    char       *value = key != NULL && json != NULL ? strndup(json, len) : NULL;
    waiting    *w = value != NULL ? wait_for_store(socket, event) : NULL;

    (void)arg;
    if (w != NULL)
        sio_data_set(socket, key, value, acknowledge_stored, w);
    free(value);
}

static void
on_get(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *key = string_arg(event, 0);
    waiting    *w = key != NULL ? wait_for_store(socket, event) : NULL;

    (void)arg;
    if (w != NULL)
        sio_data_get(socket, key, acknowledge_value, w);
}

/* --- More events. --- */

static void
on_kick(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    sio_disconnect(socket, true);
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

static void
on_message(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t      len;
    const char *text = sio_event_data(event, &len);
    char       *echo = NULL;
    const int   n = asprintf(&echo, "echo:%.*s", (int)len, text);
    cJSON      *got;
    char       *json;

    (void)arg;
    if (n < 0)
        return;
    sio_send(socket, echo, (size_t)n);
    if (sio_event_wants_ack(event) && (got = cJSON_CreateArray()) != NULL) {
        cJSON_AddItemToArray(got, cJSON_CreateString("got"));
        cJSON_AddItemToArray(got, cJSON_CreateString(echo + strlen("echo:")));
        json = cJSON_PrintUnformatted(got);
        sio_ack(socket, event, json);
        cJSON_free(json);
        cJSON_Delete(got);
    }
    free(echo);
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

/* --- Connections. --- */

static void
greet(sio_socket *socket, void *arg)
{
    const app *a = arg;

    sio_emit(socket, "server", a->greeting);
}

static void
welcome_chat(sio_socket *socket, void *arg)
{
    (void)arg;
    sio_emit(socket, "welcome", "[{\"namespace\":\"/chat\"}]");
}

static void
welcome_auth(sio_socket *socket, void *arg)
{
    (void)arg;
    sio_emit(socket, "welcome", "[{\"namespace\":\"/auth\"}]");
}

static void
tell_left(sio_namespace *nsp, const char *id, const char *reason)
{
    char *args = NULL;

    if (asprintf(&args, "[\"%s\",\"%s\"]", id, reason) < 0)
        return;
    sio_broadcast(nsp, NULL, "left", args);
    free(args);
}

/* When this instance was declared lost, another has told everyone. */
static void
on_left(sio_socket *socket, const char *reason, void *arg)
{
    (void)arg;
    stop_all_waiting(socket);
    if (strcmp(reason, "instance lost") != 0)
        tell_left(sio_namespace_of(socket), sio_id(socket), reason);
}

static void
on_lost(const char *id, const char *reason, void *io)
{
    tell_left(sio_sockets(io), id, reason);
}

static void
leave_chat(sio_socket *socket, const char *reason, void *arg)
{
    (void)reason;
    (void)arg;
    stop_all_waiting(socket);
}

/* --- Authorization. --- */

static bool
has_text(const cJSON *object, const char *key, const char *text)
{
    const char *found = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

    return found != NULL && strcmp(found, text) == 0;
}

static bool
query_has(const char *handshake_json, const char *key, const char *value)
{
    cJSON     *handshake = cJSON_Parse(handshake_json);
    const bool has = has_text(cJSON_GetObjectItem(handshake, "query"), key, value);

    cJSON_Delete(handshake);
    return has;
}

static void
authorize_handshake(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)arg;
    if (query_has(handshake_json, "fail", "1"))
        sio_decide(decision, SIO_FAIL);
    else
        sio_decide(decision, query_has(handshake_json, "deny", "1") ? SIO_REFUSE : SIO_ACCEPT);
}

static void
authorize_auth(sio_decision *decision, const char *handshake_json, void *arg)
{
    cJSON     *auth = cJSON_Parse(sio_decision_auth(decision));
    const bool knows =
        query_has(handshake_json, "token", "secret") || has_text(auth, "token", "secret");

    (void)arg;
    cJSON_Delete(auth);
    sio_decide(decision, knows ? SIO_ACCEPT : SIO_REFUSE);
}

static void
authorize_err(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)handshake_json;
    (void)arg;
    sio_decide(decision, SIO_FAIL);
}

/* --- What the official test suites expect ("--suite"). --- */

static void
tell_auth(sio_socket *socket, void *arg)
{
    const char *auth = sio_auth_json(socket);
    char       *args = array_of(auth, strlen(auth));

    (void)arg;
    sio_emit(socket, "auth", args);
    free(args);
}

static void
send_message_back(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t           len, n;
    const char      *args = sio_event_args(event, &len);
    const sio_bytes *attachments = sio_event_attachments(event, &n);
    char            *copy = strndup(args, len);

    (void)arg;
    sio_emit_binary(socket, "message-back", copy, attachments, n, NULL, NULL);
    free(copy);
}

static void
install_suite(sio_server *io)
{
    sio_on_connection(sio_sockets(io), tell_auth, NULL);
    sio_on_connection(sio_of(io, "/custom"), tell_auth, NULL);
    sio_on(sio_sockets(io), "message", send_message_back, NULL);
    sio_on(sio_sockets(io), "message-with-ack", on_echo, NULL);
}

/* 0, or -1 and then sio_error() tells why. */
static int
set_suite(sio_server *io)
{
    static const char *const settings[][2] = {
        {"pingInterval", "300"},        {"pingTimeout", "200"},
        {"maxPayload", "1000000"},      {"connectTimeout", "1000"},
        {"refuse missing EIO", "true"}, {"engine echo", "\"/engine.io\""},
    };
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < sizeof settings / sizeof settings[0]; i++)
        rc = sio_set(io, settings[i][0], settings[i][1]);
    return rc;
}

/* --- Putting it together. --- */

static void
serve_namespace(sio_namespace *nsp, app *a)
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
        {"set", on_set},
        {"get", on_get},
        {"many", on_many},
        {"kick", on_kick},
        {"who", on_who},
    };

    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        sio_on(nsp, events[i].name, events[i].fn, a);
    sio_on_message(nsp, on_message, a);
    sio_on_json(nsp, on_json, a);
}

static void
install(sio_server *io, app *a)
{
    serve_namespace(sio_sockets(io), a);
    serve_namespace(sio_of(io, "/chat"), a);
    sio_on_connection(sio_sockets(io), greet, a);
    sio_on_disconnect(sio_sockets(io), on_left, a);
    sio_on_lost(io, on_lost, io);
    sio_on_connection(sio_of(io, "/chat"), welcome_chat, a);
    sio_on_disconnect(sio_of(io, "/chat"), leave_chat, a);
    sio_authorization(io, authorize_handshake, NULL);
    sio_namespace_authorization(sio_of(io, "/auth"), authorize_auth, NULL);
    sio_on_connection(sio_of(io, "/auth"), welcome_auth, a);
    sio_namespace_authorization(sio_of(io, "/err"), authorize_err, NULL);
}

static int
run(sio_server *io, app *a)
{
    if ((a->is_suite && set_suite(io) != 0) || sio_listen(io) != 0) {
        fprintf(stderr, "contract-server: %s\n", sio_error(io));
        return 1;
    }
    a->name = sio_get(io, "name");
    if (a->name == NULL ||
        asprintf(&a->greeting, "[{\"server\":%s,\"port\":%u}]", a->name, sio_port(io)) < 0)
        return 1;
    if (a->is_suite)
        install_suite(io);
    else
        install(io, a);
    return sio_run(io) == 0 ? 0 : 1;
}

/* Take the option out of the arguments, as it is ours alone. */
static bool
take_suite(int *argc, char *argv[])
{
    for (int i = 1; i < *argc; i++)
        if (strcmp(argv[i], "--suite") == 0) {
            for (; i < *argc; i++)
                argv[i] = argv[i + 1]; /* the last one is NULL */
            --*argc;
            return true;
        }
    return false;
}

int
main(int argc, char *argv[])
{
    app         a = {0};
    sio_server *io = sio_server_new(NULL);
    int         status;

    if (io == NULL)
        return 1;
    a.is_suite = take_suite(&argc, argv);
    if ((status = sio_options(io, argc, argv, "test")) < 0)
        status = run(io, &a);
    sio_server_free(io);
    free(a.name);
    free(a.greeting);
    return status;
}
