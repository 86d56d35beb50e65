#include "server/backends/socket_user.h"

#include <string.h>

#include "protocol/json_read.h"

static const char prefix[] = "user:";

const char *
sio_socket_user(const sio_socket *socket)
{
    const size_t len = sizeof prefix - 1;
    const char  *room;

    for (size_t i = 0; (room = sio_room(socket, i)) != NULL; i++)
        if (strncmp(room, prefix, len) == 0 && room[len] != '\0')
            return room;
    return NULL;
}

const char *
sio_socket_user_id(const sio_socket *socket)
{
    const char *room = sio_socket_user(socket);

    return room != NULL ? room + sizeof prefix - 1 : NULL;
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
    for (size_t i = 0; (other = sio_room(socket, i)) != NULL;) {
        const bool is_other = strncmp(other, prefix, sizeof prefix - 1) == 0 &&
                              other[sizeof prefix - 1] != '\0' &&
                              (room == NULL || strcmp(other, room) != 0);

        if (is_other)
            sio_leave(socket, other);
        else
            i++;
    }
}
