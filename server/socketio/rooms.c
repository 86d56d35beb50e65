#include "server/socketio/rooms.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/cluster_message.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"
#include "server/socketio/io.h"
#include "server/socketio/namespace.h"
#include "server/socketio/observer.h"

typedef struct {
    sio_hash_node node; /* in nsp->rooms, by name */
    sio_link      members;
    size_t        n_members;
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
    nsp->env->stats.rooms++;
    return room;
}

static membership *
find_in_room(const sio_socket *socket, const room_entry *room)
{
    for (sio_link *l = room->members.next; l != &room->members; l = l->next)
        if (SIO_CONTAINER(l, membership, in_room)->socket == socket)
            return SIO_CONTAINER(l, membership, in_room);
    return NULL;
}

static membership *
find_in_socket(const sio_socket *socket, const room_entry *room)
{
    for (sio_link *l = socket->memberships.next; l != &socket->memberships; l = l->next)
        if (SIO_CONTAINER(l, membership, in_socket)->room == room)
            return SIO_CONTAINER(l, membership, in_socket);
    return NULL;
}

/* One of the two lists is short as a rule: few are in very many rooms, and these are small ones. */
static membership *
find_membership(const sio_socket *socket, const room_entry *room)
{
    return room->n_members < socket->n_rooms ? find_in_room(socket, room)
                                             : find_in_socket(socket, room);
}

static void
tell_room(sio_namespace *nsp, sio_room_event what, const char *room, const char *id)
{
    if (nsp->on_room != NULL)
        nsp->on_room(nsp, what, room, id, nsp->room_arg);
}

void
sio_on_room(sio_namespace *nsp, sio_room_fn fn, void *arg)
{
    nsp->on_room = fn;
    nsp->room_arg = arg;
}

static void
free_room_if_empty(sio_namespace *nsp, room_entry *room)
{
    if (!sio_link_empty(&room->members))
        return;
    sio_hash_remove(&nsp->rooms, &room->node);
    nsp->env->stats.rooms--;
    tell_room(nsp, SIO_ROOM_DELETED, room->name, NULL);
    free(room);
}

/* Of a membership: as if the room were the member's alone, for it may be so. */
static size_t
cost_of(const room_entry *room)
{
    return sizeof(membership) + sizeof *room + room->node.key.len;
}

static void
end_membership(membership *m)
{
    sio_link_remove(&m->in_room);
    sio_link_remove(&m->in_socket);
    m->socket->n_rooms--;
    m->room->n_members--;
    sio_session_refund(m->socket->session, cost_of(m->room));
    tell_room(m->socket->nsp, SIO_ROOM_LEFT, m->room->name, sio_id(m->socket));
    free_room_if_empty(m->socket->nsp, m->room);
    free(m);
}

/* It is what it is without a membership. */
static bool
is_own_room(const sio_socket *socket, const char *room)
{
    return sio_view_eq(sio_socket_id(socket), sio_view_of(room));
}

static bool
refuses_to_join(const sio_socket *socket, const char *room)
{
    sio_env   *env = socket->nsp->env;
    const bool is_full = socket->n_rooms >= env->cfg->max_rooms;

    if (!is_full && strlen(room) <= env->cfg->max_room_name_bytes)
        return false;
    env->stats.refused_joins++;
    env->why = is_full ? "the client is in \"max rooms\" rooms"
                       : "the name of the room is longer than \"max room name bytes\"";
    return true;
}

int
sio_join(sio_socket *socket, const char *room)
{
    room_entry *entry = find_room(socket->nsp, sio_view_of(room));
    membership *m;

    if (is_own_room(socket, room))
        return 0;
    if (!socket->connected || (entry != NULL && find_membership(socket, entry) != NULL))
        return 0;
    if (refuses_to_join(socket, room))
        return -1;
    if ((m = calloc(1, sizeof *m)) == NULL)
        return sio_env_fail_memory(socket->nsp->env);
    if (entry == NULL && (entry = room_new(socket->nsp, room)) == NULL) {
        free(m);
        return sio_env_fail_memory(socket->nsp->env);
    }
    m->room = entry;
    m->socket = socket;
    sio_link_init(&m->in_room);
    sio_link_init(&m->in_socket);
    sio_link_append(&entry->members, &m->in_room);
    sio_link_append(&socket->memberships, &m->in_socket);
    socket->n_rooms++;
    entry->n_members++;
    sio_session_charge(socket->session, cost_of(entry));
    sio_observer_entered(socket, room);
    if (entry->n_members == 1)
        tell_room(socket->nsp, SIO_ROOM_CREATED, entry->name, NULL);
    tell_room(socket->nsp, SIO_ROOM_JOINED, entry->name, sio_id(socket));
    return 0;
}

void
sio_leave(sio_socket *socket, const char *room)
{
    room_entry *entry = find_room(socket->nsp, sio_view_of(room));
    membership *m = entry != NULL ? find_membership(socket, entry) : NULL;

    if (m == NULL)
        return;
    sio_observer_exited(socket, room);
    end_membership(m);
}

void
sio_rooms_leave_all(sio_socket *socket)
{
    while (!sio_link_empty(&socket->memberships))
        end_membership(SIO_CONTAINER(socket->memberships.next, membership, in_socket));
}

bool
sio_in_room(const sio_socket *socket, const char *room)
{
    const room_entry *entry = find_room(socket->nsp, sio_view_of(room));

    return (entry != NULL && find_membership(socket, entry) != NULL) ||
           (socket->connected && is_own_room(socket, room));
}

const char *
sio_room(const sio_socket *socket, size_t i)
{
    for (sio_link *l = socket->memberships.next; l != &socket->memberships; l = l->next)
        if (i-- == 0)
            return SIO_CONTAINER(l, membership, in_socket)->room->name;
    return NULL;
}

void
sio_rooms_each(const sio_namespace *nsp, void (*fn)(sio_view name, size_t n_members, void *arg),
               void                *arg)
{
    for (sio_hash_node *n = NULL; (n = sio_hash_next(&nsp->rooms, n)) != NULL;)
        fn(n->key, SIO_CONTAINER(n, room_entry, node)->n_members, arg);
}

/* --- Walking. --- */

typedef struct {
    uint64_t          mark;
    const sio_socket *except;
    void (*fn)(sio_socket *socket, void *arg); /* NULL: only leave marks */
    void *arg;
} walk;

static void
visit(const walk *w, sio_socket *socket)
{
    if (socket->mark == w->mark || socket == w->except ||
        !socket->connected) /* one that is just leaving is still listed */
        return;
    socket->mark = w->mark;
    if (w->fn != NULL)
        w->fn(socket, w->arg);
}

/*
 * Of many receivers none is in the cache: have what the next one needs brought while one is served.
 */
static void
fetch_ahead(const sio_link *next, const sio_socket *socket)
{
    __builtin_prefetch(next->next);
    __builtin_prefetch(socket->session);
}

static void
walk_room(const walk *w, const sio_namespace *nsp, sio_view name)
{
    const room_entry *room = find_room(nsp, name);
    sio_socket       *alone;

    if (room != NULL)
        for (sio_link *l = room->members.next; l != &room->members; l = l->next) {
            if (l->next != &room->members)
                fetch_ahead(l->next, SIO_CONTAINER(l->next, membership, in_room)->socket);
            visit(w, SIO_CONTAINER(l, membership, in_room)->socket);
        }
    if (name.len >= SIO_SESSION_ID_LEN && (alone = sio_namespace_socket(nsp, name)) != NULL)
        visit(w, alone);
}

static void
walk_rooms(const walk *w, const sio_namespace *nsp, sio_view list)
{
    sio_view name;

    while (sio_cluster_message_next_packet(&list, &name, NULL))
        walk_room(w, nsp, name);
}

void
sio_rooms_walk(sio_namespace *nsp, const sio_target            *target,
               void (*fn)(sio_socket *socket, void *arg), void *arg)
{
    const walk w = {
        .mark = ++nsp->env->io->n_walks, .except = target->except, .fn = fn, .arg = arg};
    const walk passed_over = {.mark = w.mark};

    walk_rooms(&passed_over, nsp, target->except_rooms);
    if (!target->has_room) {
        for (sio_link *l = nsp->sockets.next; l != &nsp->sockets; l = l->next) {
            if (l->next != &nsp->sockets)
                fetch_ahead(l->next, SIO_CONTAINER(l->next, sio_socket, in_namespace));
            visit(&w, SIO_CONTAINER(l, sio_socket, in_namespace));
        }
        return;
    }
    walk_room(&w, nsp, target->room);
    walk_rooms(&w, nsp, target->more_rooms);
}
