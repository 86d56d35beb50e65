#include "server/socketio/bulk.h"

#include <string.h>

#include "protocol/json_read.h"
#include "protocol/result.h"
#include "server/socketio/adapter.h"
#include "server/socketio/broadcast.h"
#include "server/socketio/socket_data.h"

static void
note_socket(sio_socket *socket, void *list)
{
    sio_buf_add(list, &socket, sizeof(sio_socket *));
}

/* fn may change who is where, so they are listed first; their memory lasts until the turn ends. */
static int
each(sio_namespace *nsp, const sio_target *target, void (*fn)(sio_socket *socket, void *arg),
     void *arg)
{
    sio_socket **sockets;
    sio_buf      list;
    bool         failed;

    sio_buf_init(&list, SIZE_MAX);
    sio_rooms_walk(nsp, target, note_socket, &list);
    failed = list.failed;
    sockets = (void *)list.data;
    for (size_t i = 0; !failed && i < list.len / sizeof(sio_socket *); i++)
        if (sockets[i]->connected)
            fn(sockets[i], arg);
    sio_buf_fini(&list);
    return failed ? sio_env_fail_memory(nsp->env) : 0;
}

int
sio_each(sio_namespace *nsp, const char *room, void (*fn)(sio_socket *socket, void *arg), void *arg)
{
    const sio_target target = {.has_room = room != NULL, .room = sio_view_of(room)};

    return each(nsp, &target, fn, arg);
}

/* --- Moves. --- */

/* What each is to do. */
typedef struct {
    sio_cluster_move move;
    const char *texts, *end; /* the rooms, or the data: one NUL-terminated text behind another */
    int         rc;
} errand;

static int
run_move(sio_socket *socket, sio_cluster_move move, const char *text)
{
    switch (move) {
    case SIO_CM_JOIN:
        return sio_join(socket, text);
    case SIO_CM_LEAVE:
        sio_leave(socket, text);
        return 0;
    case SIO_CM_DATA:
        return sio_set_socket_data(socket, text[0] != '\0' ? text : NULL);
    case SIO_CM_DISCONNECT:
    case SIO_CM_CLOSE:
        break;
    }
    sio_disconnect(socket, move == SIO_CM_CLOSE);
    return 0;
}

static void
run_errand(sio_socket *socket, void *arg)
{
    errand *e = arg;

    for (const char *text = e->texts; text < e->end && socket->connected; text += strlen(text) + 1)
        if (run_move(socket, e->move, text) != 0)
            e->rc = -1;
}

/* texts: each with its NUL. */
static int
run_on_each(sio_namespace *nsp, const sio_target *target, sio_cluster_move move,
            const sio_buf *texts)
{
    errand e = {.move = move, .texts = texts->data};

    if (texts->failed)
        return sio_env_fail_memory(nsp->env);
    e.end = texts->data + texts->len;
    if (each(nsp, target, run_errand, &e) != 0)
        e.rc = -1;
    return e.rc;
}

static void
add_text(sio_buf *texts, sio_view text)
{
    sio_buf_add_view(texts, text);
    sio_buf_add_char(texts, '\0');
}

/* A name may be that of a room which ends when its last member leaves, so it is copied. */
int
sio_bulk_move(sio_namespace *nsp, const sio_target *target, sio_cluster_move move, sio_view text)
{
    sio_buf texts;
    int     rc;

    sio_buf_init(&texts, SIZE_MAX);
    add_text(&texts, text);
    rc = run_on_each(nsp, target, move, &texts);
    sio_buf_fini(&texts);
    return rc;
}

int
sio_bulk_move_rooms(sio_namespace *nsp, const sio_target *target, sio_cluster_move move,
                    sio_view rooms)
{
    sio_buf  texts;
    sio_view room;
    int      rc;

    sio_buf_init(&texts, SIZE_MAX);
    while (sio_cluster_message_next_packet(&rooms, &room, NULL))
        add_text(&texts, room);
    rc = texts.len > 0 ? run_on_each(nsp, target, move, &texts) : 0;
    sio_buf_fini(&texts);
    return rc;
}

/* The others first: what happens here may change what `to` and the text name. */
static int
move_all(sio_namespace *nsp, const sio_to *to, sio_cluster_move move, sio_view text)
{
    const sio_adapter *others = sio_adapter_for(nsp, to);
    int                rc = 0;
    sio_receivers      receivers;

    if (sio_receivers_init(&receivers, nsp, to) != 0)
        return -1;
    if (!receivers.is_nobody) {
        if (others != NULL && others->move != NULL &&
            others->move(nsp, &receivers.target, move, text) == SIO_ERR_NOMEM)
            rc = sio_env_fail_memory(nsp->env);
        if (sio_bulk_move(nsp, &receivers.target, move, text) != 0)
            rc = -1;
    }
    sio_receivers_fini(&receivers);
    return rc;
}

int
sio_each_join(sio_namespace *nsp, const sio_to *to, const char *room)
{
    return move_all(nsp, to, SIO_CM_JOIN, sio_view_of(room));
}

int
sio_each_leave(sio_namespace *nsp, const sio_to *to, const char *room)
{
    return move_all(nsp, to, SIO_CM_LEAVE, sio_view_of(room));
}

int
sio_each_disconnect(sio_namespace *nsp, const sio_to *to, bool close)
{
    return move_all(nsp, to, close ? SIO_CM_CLOSE : SIO_CM_DISCONNECT, SIO_VIEW(""));
}

int
sio_each_set_data(sio_namespace *nsp, const sio_to *to, const char *json)
{
    const sio_view text = sio_json_read_trim(sio_view_of(json));

    if (json != NULL && !sio_socket_data_is_valid(nsp->env, text))
        return -1;
    return move_all(nsp, to, SIO_CM_DATA, text);
}
