/*
 * client-demo/chat.c - a chat with rooms, for client-demo/chat.html.
 *
 *   client emits            everyone in the room gets
 *   join ROOM NAME          joined NAME ROOM       (and is acknowledged)
 *   say ROOM TEXT           said NAME ROOM TEXT
 *   leave ROOM              left NAME ROOM
 *
 * Same options as siobroker. The name that a client gave lives as long as its connection.
 */
#include <cjson/cJSON.h>
#include <siobroker.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAME = 40, MAX_ROOM = 40, MAX_TEXT = 2000 };

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

int
main(int argc, char *argv[])
{
    sio_server *io = sio_server_new(NULL);
    int         status;

    if (io == NULL)
        return 1;
    if ((status = sio_options(io, argc, argv, "example")) < 0 && (status = sio_listen(io)) == 0) {
        sio_on(sio_sockets(io), "join", on_join, NULL);
        sio_on(sio_sockets(io), "say", on_say, NULL);
        sio_on(sio_sockets(io), "leave", on_leave, NULL);
        sio_on_disconnect(sio_sockets(io), on_disconnect, NULL);
        status = sio_run(io);
    } else if (status < 0) {
        fprintf(stderr, "chat: %s\n", sio_error(io));
        status = 1;
    }
    sio_server_free(io);
    return status;
}
