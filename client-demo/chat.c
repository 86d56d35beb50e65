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
 * The name that a client gave lives as long as its connection.
 */
#include <siobroker.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAME = 80, MAX_ROOM = 80, MAX_HOW = 100, MAX_TEXT = 2000 };

/* The i-th argument, when it is a text of 1 to max bytes; else NULL. */
static const char *
text_arg(const sio_event *event, size_t i, size_t max)
{
    const char *text = sio_event_text(event, i);

    return text != NULL && text[0] != '\0' && strlen(text) <= max ? text : NULL;
}

/* Tell the room, with up to two texts behind the name of the client and the room. */
static void
tell(sio_socket *socket, const char *room, const char *event, const char *text)
{
    const char *name = sio_user_data(socket);

    sio_broadcast_texts(sio_namespace_of(socket), &(sio_to){.room = room}, event,
                        name != NULL ? name : "somebody", room, text, NULL);
}

static void
greet(sio_socket *socket, void *greeting)
{
    sio_emit(socket, "server", greeting);
}

static void
on_join(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *room = text_arg(event, 0, MAX_ROOM), *name = text_arg(event, 1, MAX_NAME);

    (void)arg;
    if (room == NULL || name == NULL || sio_join(socket, room) != 0)
        return;
    free(sio_user_data(socket));
    sio_set_user_data(socket, strdup(name));
    sio_ack(socket, event, NULL);
    tell(socket, room, "joined", NULL);
}

/* Who is not in the room says nothing there. */
static void
pass_on(sio_socket *socket, const sio_event *event, const char *name, size_t max)
{
    const char *room = text_arg(event, 0, MAX_ROOM), *text = text_arg(event, 1, max);

    if (room != NULL && text != NULL && sio_in_room(socket, room))
        tell(socket, room, name, text);
}

static void
on_say(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    pass_on(socket, event, "said", MAX_TEXT);
}

static void
on_here(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    pass_on(socket, event, "here", MAX_HOW);
}

static void
on_leave(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *room = text_arg(event, 0, MAX_ROOM);

    (void)arg;
    if (room == NULL || !sio_in_room(socket, room))
        return;
    tell(socket, room, "left", NULL);
    sio_leave(socket, room);
}

/* Its rooms are still there to be told. */
static void
on_disconnect(sio_socket *socket, const char *reason, void *arg)
{
    const char *room;

    (void)arg;
    for (size_t i = 0; (room = sio_room(socket, i)) != NULL; i++)
        tell(socket, room, "left", reason);
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

static int
serve(sio_server *io)
{
    sio_namespace *nsp = sio_sockets(io);
    char          *name = sio_get(io, "name"); /* as JSON */
    char           greeting[1000];
    int            rc;

    snprintf(greeting, sizeof greeting, "[{\"server\":%s,\"port\":%u}]",
             name != NULL ? name : "null", sio_port(io));
    free(name);
    sio_on_connection(nsp, greet, greeting);
    sio_on(nsp, "join", on_join, NULL);
    sio_on(nsp, "say", on_say, NULL);
    sio_on(nsp, "here", on_here, NULL);
    sio_on(nsp, "leave", on_leave, NULL);
    sio_on_disconnect(nsp, on_disconnect, NULL);
    sio_on_lost(io, on_lost, io);
    rc = sio_run(io);
    sio_server_free(io); /* before the greeting is gone, which its callbacks use */
    return rc == 0 ? 0 : 1;
}

int
main(int argc, char *argv[])
{
    const sio_program program = {
        .name = "chat", .version = "example", .about = "A chat with rooms."};
    sio_server *io = sio_server_new(NULL);
    int         status = 1;

    if (io != NULL && (status = sio_program_options(io, argc, argv, &program)) < 0) {
        if (sio_listen(io) == 0)
            return serve(io);
        fprintf(stderr, "chat: %s\n", sio_error(io));
        status = 1;
    }
    sio_server_free(io);
    return status;
}
