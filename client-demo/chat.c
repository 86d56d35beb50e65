/*
 * client-demo/chat.c - a chat with rooms: what "make demo" runs behind the pages of this folder.
 *
 *   client emits            everyone in the room gets
 *   join ROOM NAME          joined NAME ROOM       (and is acknowledged)
 *   say ROOM TEXT           said NAME ROOM TEXT
 *   here ROOM HOW           here NAME ROOM HOW
 *   leave ROOM              left NAME ROOM         (and REASON, when it has disconnected)
 *
 * Who connects gets "server" with the name and the port of the instance. When another instance has
 * died, all get "lost". A page knows who is in its room because each says "here" again whenever
 * somebody has joined, left or was lost.
 *
 * Nothing here asks which protocol a client speaks. HOW is what it says of itself.
 *
 * Same options as siobroker. The name that a client gave lives as long as its connection.
 */
#include <cjson/cJSON.h>
#include <siobroker.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAME = 80, MAX_ROOM = 80, MAX_HOW = 100, MAX_TEXT = 2000 };

/* The i-th argument, when it is a text of 1 to max bytes; else NULL. */
static const char *
text_arg(const sio_event *event, int i, size_t max)
{
    const char *text = cJSON_GetStringValue(cJSON_GetArrayItem(sio_event_tree(event), i));

    return text != NULL && text[0] != '\0' && strlen(text) <= max ? text : NULL;
}

/* Tell the room: `event` with up to three texts; NULL ends them early. */
static void
tell(sio_socket *socket, const char *room, const char *event, const char *a, const char *b,
     const char *c)
{
    const sio_to to = {.room = room};
    const char  *texts[] = {a, b, c};
    cJSON       *args = cJSON_CreateArray();

    for (size_t i = 0; i < 3 && texts[i] != NULL; i++)
        cJSON_AddItemToArray(args, cJSON_CreateString(texts[i]));
    sio_broadcast_tree(sio_namespace_of(socket), &to, event, args);
    cJSON_Delete(args);
}

static const char *
name_of(const sio_socket *socket)
{
    const char *name = sio_user_data(socket);

    return name != NULL ? name : "somebody";
}

static void
greet(sio_socket *socket, void *greeting)
{
    sio_emit_tree(socket, "server", greeting, NULL, NULL);
}

static void
on_join(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *room = text_arg(event, 0, MAX_ROOM);
    const char *name = text_arg(event, 1, MAX_NAME);

    (void)arg;
    if (room == NULL || name == NULL || sio_join(socket, room) != 0)
        return;
    free(sio_user_data(socket));
    sio_set_user_data(socket, strdup(name));
    sio_ack(socket, event, NULL);
    tell(socket, room, "joined", name, room, NULL);
}

static void
on_say(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *room = text_arg(event, 0, MAX_ROOM);
    const char *text = text_arg(event, 1, MAX_TEXT);

    (void)arg;
    if (room != NULL && text != NULL && sio_in_room(socket, room))
        tell(socket, room, "said", name_of(socket), room, text);
}

static void
on_here(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *room = text_arg(event, 0, MAX_ROOM);
    const char *how = text_arg(event, 1, MAX_HOW);

    (void)arg;
    if (room != NULL && how != NULL && sio_in_room(socket, room))
        tell(socket, room, "here", name_of(socket), room, how);
}

static void
on_leave(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *room = text_arg(event, 0, MAX_ROOM);

    (void)arg;
    if (room == NULL || !sio_in_room(socket, room))
        return;
    tell(socket, room, "left", name_of(socket), room, NULL);
    sio_leave(socket, room);
}

/* Its rooms are still there to be told. */
static void
on_disconnect(sio_socket *socket, const char *reason, void *arg)
{
    const char *room;

    (void)arg;
    for (size_t i = 0; (room = sio_room(socket, i)) != NULL; i++)
        tell(socket, room, "left", name_of(socket), room, reason);
    free(sio_user_data(socket));
    sio_set_user_data(socket, NULL);
}

/* An instance has died with this client on it, and nobody else will say that it left. */
static void
on_lost(const char *id, const char *reason, void *io)
{
    (void)id;
    (void)reason;
    sio_broadcast(sio_sockets(io), NULL, "lost", NULL);
}

/* [{"server":NAME,"port":PORT}]; the caller frees it. */
static cJSON *
make_greeting(const sio_server *io)
{
    char  *name = sio_get(io, "name"); /* as JSON */
    cJSON *args = cJSON_CreateArray();
    cJSON *about = cJSON_CreateObject();

    cJSON_AddRawToObject(about, "server", name != NULL ? name : "null");
    cJSON_AddNumberToObject(about, "port", sio_port(io));
    cJSON_AddItemToArray(args, about);
    free(name);
    return args;
}

static int
serve(sio_server *io)
{
    sio_namespace *nsp = sio_sockets(io);
    cJSON         *greeting = make_greeting(io);

    sio_on_connection(nsp, greet, greeting);
    sio_on(nsp, "join", on_join, NULL);
    sio_on(nsp, "say", on_say, NULL);
    sio_on(nsp, "here", on_here, NULL);
    sio_on(nsp, "leave", on_leave, NULL);
    sio_on_disconnect(nsp, on_disconnect, NULL);
    sio_on_lost(io, on_lost, io);
    const int rc = sio_run(io);

    sio_server_free(io); /* before the greeting, which its callbacks use */
    cJSON_Delete(greeting);
    return rc == 0 ? 0 : 1;
}

int
main(int argc, char *argv[])
{
    sio_server *io = sio_server_new(NULL);
    int         status;

    if (io == NULL)
        return 1;
    if ((status = sio_options(io, argc, argv, "example")) < 0) {
        if (sio_listen(io) == 0)
            return serve(io);
        fprintf(stderr, "chat: %s\n", sio_error(io));
        status = 1;
    }
    sio_server_free(io);
    return status;
}
