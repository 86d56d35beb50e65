/*
 * server/rooms.c - rooms, and sending one event to many clients.
 *
 * Rules: spec/socketio-0.9.md sections 6.2 and 6.3. A room belongs to its namespace here, so that a
 * room "r1" of the default namespace is not the namespace "/r1" (Q17).
 */
#include <stdlib.h>
#include <string.h>

#include "server/emit.h"
#include "server/namespace.h"
#include "server/node09.h"
#include "server/server.h"
#include "server/session.h"

typedef struct {
    sio_hash_node node; /* in nsp->rooms, by name */
    sio_link      members;
    char          name[];
} room_entry;

/* One socket in one room. */
typedef struct {
    sio_link    in_room;
    sio_link    in_socket;
    room_entry *room;
    sio_socket *socket;
} membership;

/* --- Membership. --- */

static room_entry *
find_room(const sio_namespace *nsp, sio_view name)
{
    sio_hash_node *node = sio_hash_find(&nsp->rooms, name);

    return node != NULL ? SIO_CONTAINER(node, room_entry, node) : NULL;
}

static room_entry *
room_new(sio_namespace *nsp, const char *name)
{
    const size_t len = strlen(name);
    room_entry  *room = calloc(1, sizeof *room + len + 1);

    if (room == NULL)
        return NULL;
    memcpy(room->name, name, len);
    room->node.key = (sio_view){room->name, len};
    sio_link_init(&room->members);
    sio_hash_insert(&nsp->rooms, &room->node);
    return room;
}

static membership *
find_membership(const sio_socket *socket, const room_entry *room)
{
    for (sio_link *l = socket->memberships.next; l != &socket->memberships; l = l->next)
        if (SIO_CONTAINER(l, membership, in_socket)->room == room)
            return SIO_CONTAINER(l, membership, in_socket);
    return NULL;
}

static void
free_room_if_empty(sio_namespace *nsp, room_entry *room)
{
    if (!sio_link_empty(&room->members))
        return;
    sio_hash_remove(&nsp->rooms, &room->node);
    free(room);
}

static void
end_membership(membership *m)
{
    sio_link_remove(&m->in_room);
    sio_link_remove(&m->in_socket);
    m->socket->n_rooms--;
    free_room_if_empty(m->socket->nsp, m->room);
    free(m);
}

int
sio_join(sio_socket *socket, const char *room)
{
    room_entry *entry = find_room(socket->nsp, sio_view_of(room));
    membership *m;

    if (!socket->connected || (entry != NULL && find_membership(socket, entry) != NULL))
        return 0;
    if (socket->n_rooms >= socket->nsp->server->cfg.max_rooms) {
        socket->nsp->server->stats.refused_joins++;
        return -1;
    }
    if (entry == NULL && (entry = room_new(socket->nsp, room)) == NULL)
        return -1;
    if ((m = calloc(1, sizeof *m)) == NULL) {
        free_room_if_empty(socket->nsp, entry);
        return -1;
    }
    m->room = entry;
    m->socket = socket;
    sio_link_init(&m->in_room);
    sio_link_init(&m->in_socket);
    sio_link_append(&entry->members, &m->in_room);
    sio_link_append(&socket->memberships, &m->in_socket);
    socket->n_rooms++;
    sio_node09_entered(socket, room);
    return 0;
}

void
sio_leave(sio_socket *socket, const char *room)
{
    room_entry *entry = find_room(socket->nsp, sio_view_of(room));
    membership *m = entry != NULL ? find_membership(socket, entry) : NULL;

    if (m == NULL)
        return;
    sio_node09_exited(socket, room);
    end_membership(m);
}

void
sio_socket_leave_rooms(sio_socket *socket)
{
    while (!sio_link_empty(&socket->memberships))
        end_membership(SIO_CONTAINER(socket->memberships.next, membership, in_socket));
}

bool
sio_in_room(const sio_socket *socket, const char *room)
{
    const room_entry *entry = find_room(socket->nsp, sio_view_of(room));

    return entry != NULL && find_membership(socket, entry) != NULL;
}

const char *
sio_room(const sio_socket *socket, size_t i)
{
    for (sio_link *l = socket->memberships.next; l != &socket->memberships; l = l->next)
        if (i-- == 0)
            return SIO_CONTAINER(l, membership, in_socket)->room->name;
    return NULL;
}

/* --- Each. --- */

static sio_socket *
socket_at(sio_link *l, bool in_room)
{
    return in_room ? SIO_CONTAINER(l, membership, in_room)->socket
                   : SIO_CONTAINER(l, sio_socket, in_namespace);
}

/* fn may change the list, so it is copied; the memory of sockets lasts until the turn ends. */
int
sio_each(sio_namespace *nsp, const char *room, void (*fn)(sio_socket *socket, void *arg), void *arg)
{
    room_entry  *entry = room != NULL ? find_room(nsp, sio_view_of(room)) : NULL;
    sio_link    *list = entry != NULL ? &entry->members : &nsp->sockets;
    sio_socket **sockets;
    size_t       n = 0;

    if (room != NULL && entry == NULL)
        return 0;
    for (sio_link *l = list->next; l != list; l = l->next)
        n++;
    if ((sockets = calloc(n + 1, sizeof(sio_socket *))) == NULL)
        return -1;
    n = 0;
    for (sio_link *l = list->next; l != list; l = l->next)
        sockets[n++] = socket_at(l, entry != NULL);
    for (size_t i = 0; i < n; i++)
        if (sockets[i]->connected)
            fn(sockets[i], arg);
    free(sockets);
    return 0;
}

/* --- Broadcasts. --- */

/* A packet and its encodings so far: one for each dialect that a receiver turned out to speak. */
typedef struct {
    const sio_packet *packet;
    const sio_socket *except;
    bool              is_volatile;
    sio_frame        *frames[SIO_N_DIALECTS];
} broadcast;

static sio_frame *
frame_for(broadcast *b, const sio_session *session)
{
    sio_frame **frame = &b->frames[session->dialect->index];
    sio_buf    *buf = &session->server->packet;

    if (*frame != NULL)
        return *frame;
    sio_buf_clear(buf);
    session->dialect->encode(b->packet, buf);
    if (!buf->failed)
        *frame = sio_frame_new(sio_buf_view(buf));
    return *frame;
}

static void
send_to(broadcast *b, const sio_socket *socket)
{
    sio_frame *frame;

    if (!socket->connected) /* one that is just leaving is still listed */
        return;
    if (socket == b->except || socket->is_passed_over)
        return;
    if ((frame = frame_for(b, socket->session)) != NULL)
        sio_session_send_frame(socket->session, frame, b->is_volatile);
}

static void
send_to_room(broadcast *b, const room_entry *room)
{
    for (sio_link *l = room->members.next; l != &room->members; l = l->next)
        send_to(b, SIO_CONTAINER(l, membership, in_room)->socket);
}

static void
send_to_namespace(broadcast *b, const sio_namespace *nsp)
{
    for (sio_link *l = nsp->sockets.next; l != &nsp->sockets; l = l->next)
        send_to(b, SIO_CONTAINER(l, sio_socket, in_namespace));
}

static void
send_all(broadcast *b, const sio_namespace *nsp, const sio_view *room)
{
    const room_entry *members;

    if (room == NULL)
        send_to_namespace(b, nsp);
    else if ((members = find_room(nsp, *room)) != NULL)
        send_to_room(b, members);
    for (size_t i = 0; i < SIO_N_DIALECTS; i++)
        sio_frame_unref(b->frames[i]);
}

void
sio_namespace_send(sio_namespace *nsp, const sio_view *room, bool is_volatile, const sio_packet *p)
{
    broadcast b = {.packet = p, .is_volatile = is_volatile};

    send_all(&b, nsp, room);
}

int
sio_broadcast(sio_namespace *nsp, const sio_to *to, const char *event, const char *args_json)
{
    static const sio_to everyone = {.room = NULL};
    broadcast           b = {.packet = NULL};
    sio_view            room;
    sio_packet          p;
    sio_buf             name;
    int                 rc;

    if (to == NULL)
        to = &everyone;
    sio_buf_init(&name, SIZE_MAX);
    rc = sio_event_packet(nsp, event, args_json, &name, &p);
    if (rc == 0) {
        b = (broadcast){.packet = &p, .except = to->except, .is_volatile = to->is_volatile};
        room = sio_view_of(to->room);
        send_all(&b, nsp, to->room != NULL ? &room : NULL);
        if (nsp->server->node09.is_on)
            sio_node09_broadcast(nsp, to, &p);
        else
            sio_cluster_broadcast(nsp, to->room, to->is_volatile, &p);
    }
    sio_buf_fini(&name);
    return rc;
}
