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
 */
#include <siobroker.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAME = 80, MAX_ROOM = 80, MAX_TEXT = 2000 };

/* Tell the room, with a text behind the name of the client and the room, or none. */
static void
tell(sio_socket *socket, const char *room, const char *event, const char *text)
{
    const char *name = sio_user_data(socket);

    if (name == NULL)
        name = "somebody";
    sio_broadcast_texts(sio_namespace_of(socket), &(sio_to){.room = room}, event, name, room, text,
                        NULL);
}

static void
on_connection(sio_socket *socket, void *io)
{
    sio_emitf(socket, "server", "{\"server\":%s,\"port\":%u}", sio_name(io), sio_port(io));
}

/* The name that it gives is kept as long as its connection. */
static void
on_join(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *room = sio_event_text_within(event, 0, MAX_ROOM);
    const char *name = sio_event_text_within(event, 1, MAX_NAME);

    (void)arg;
    if (room == NULL || name == NULL || sio_join(socket, room) != 0)
        return;
    sio_set_user_data(socket, strdup(name));
    sio_ack(socket, event, NULL);
    tell(socket, room, "joined", NULL);
}

/* Who is not in the room says nothing there. */
static void
pass_on(sio_socket *socket, const sio_event *event, void *name)
{
    const char *room = sio_event_text_within(event, 0, MAX_ROOM);
    const char *text = sio_event_text_within(event, 1, MAX_TEXT);

    if (room != NULL && text != NULL && sio_in_room(socket, room))
        tell(socket, room, name, text);
}

static void
on_leave(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *room = sio_event_text_within(event, 0, MAX_ROOM);

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
begin(sio_server *io)
{
    static char    said[] = "said", here[] = "here";
    sio_namespace *nsp = sio_sockets(io);

    sio_free_user_data_with(nsp, free);
    sio_on_connection(nsp, on_connection, io);
    sio_on_disconnect(nsp, on_disconnect, NULL);
    sio_on_lost(io, on_lost, io);
    sio_on(nsp, "join", on_join, NULL);
    sio_on(nsp, "say", pass_on, said);
    sio_on(nsp, "here", pass_on, here);
    sio_on(nsp, "leave", on_leave, NULL);
    return 0;
}

int
main(int argc, char *argv[])
{
    static const sio_program chat = {
        .name = "chat", .version = "example", .about = "A chat with rooms."};

    return sio_program_main(argc, argv, &chat, begin);
}
