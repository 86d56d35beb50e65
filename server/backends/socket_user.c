#include "server/backends/socket_user.h"

#include <string.h>

#include "protocol/json_read.h"

static const char prefix[] = "user:";

static bool
is_of_user(const char *room)
{
    return strncmp(room, prefix, sizeof prefix - 1) == 0 && room[sizeof prefix - 1] != '\0';
}

const char *
sio_socket_user_of_room(const char *room)
{
    return is_of_user(room) ? room + sizeof prefix - 1 : NULL;
}

const char *
sio_socket_user_id(const sio_socket *socket)
{
    const char *room, *user = NULL;

    for (size_t i = 0; user == NULL && (room = sio_room(socket, i)) != NULL; i++)
        user = sio_socket_user_of_room(room);
    return user;
}

char *
sio_socket_user_room(sio_view literal)
{
    sio_buf room;

    sio_buf_init(&room, SIZE_MAX);
    sio_buf_add_str(&room, prefix);
    (void)sio_json_read_string(literal, &room);
    sio_buf_add_char(&room, '\0');
    if (room.failed)
        sio_buf_fini(&room);
    return room.data;
}

void
sio_socket_user_leave_others(sio_socket *socket, const char *room)
{
    const char *other;

    /* Its own is found first, so others are looked for behind it. */
    for (size_t i = 0; (other = sio_room(socket, i)) != NULL;)
        if (is_of_user(other) && (room == NULL || strcmp(other, room) != 0))
            sio_leave(socket, other);
        else
            i++;
}
