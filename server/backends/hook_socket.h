/*
 * server/backends/hook_socket.h - a socket as backends see it: its events, and what they say.
 *
 * It is there before its socket, while a backend decides whether that may be, and after it, until
 * all that it has sent is delivered. A client whose id is that of its session may leave and come
 * again meanwhile; then it is the same one, so that its events stay in order.
 */
#ifndef SIO_BACKENDS_HOOK_SOCKET_H
#define SIO_BACKENDS_HOOK_SOCKET_H

#include "protocol/buf.h"
#include "server/backends/event_lines.h"
#include "server/base/env.h"
#include "server/siobroker.h"
#include "store/hash.h"

enum { SIO_HOOK_EVENT_PREFIX = 16 };

typedef struct sio_hook_socket sio_hook_socket;

typedef struct {
    sio_event_line   line;
    sio_hook_socket *of;
} sio_hook_line;

/* All of them, and what their events are called: nobody else's have such names. */
typedef struct {
    sio_env *env;
    void    *owner; /* of the caller */
    sio_hash table;
    char     event_prefix[SIO_HOOK_EVENT_PREFIX + 1]; /* at random */
    uint64_t n_events;
} sio_hook_sockets;

/* There may be very many: each is one allocation, with its texts behind its lines. */
struct sio_hook_socket {
    sio_hash_node     node; /* by namespace and id */
    sio_hook_sockets *all;
    sio_socket       *socket; /* NULL: it is not there (yet, or any more) */
    const char       *id, *address;
    char             *state; /* its user and data, members of JSON, when it is not there, or NULL */
    char             *headers;        /* those of its handshake then, JSON; NULL: not known */
    sio_link          events;         /* sio_hook_event, wherever they wait */
    unsigned          n_full;         /* lines */
    bool              keeps_headers;  /* some backend wants them of one that has left, too */
    bool              is_asked_about; /* a connect has no verdict yet */
    bool              is_paused;
    sio_hook_line     lines[]; /* one for each backend */
};

/* Part of a line, of the queue of its backend, or of somebody who waits. */
typedef struct {
    sio_queued_event queued;
    sio_link         in_socket;
    sio_hook_socket *of;
    size_t           backend;
    sio_buf          json;
    size_t           split;   /* where in json the user and data go, as they are when it is sent */
    bool             has_all; /* they are there already */
    bool             is_notice;                 /* a connect that is decided */
    char             token[SIO_ACK_TOKEN_SIZE]; /* "": nobody waits for an acknowledgement */
    /* Of a connect. */
    sio_decision *decision;
    char         *handshake; /* a copy, if it is needed */
    bool          is_queued;
    sio_timer     timer;
} sio_hook_event;

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_hook_sockets_fini() is still allowed. */
int  sio_hook_sockets_init(sio_hook_sockets *all, sio_env *env, void *owner);
void sio_hook_sockets_fini(sio_hook_sockets *all); /* they are freed before */

/* "/": the default one. */
static inline const char *
sio_hook_socket_nsp_name(const sio_hook_socket *s)
{
    return s->node.key.data;
}

/* NULL: not there. nsp_name: "/" is the default one. */
sio_hook_socket *sio_hook_socket_find(const sio_hook_sockets *all, const char *nsp_name,
                                      const char *id);

/* A new one. NULL: no memory. */
sio_hook_socket *sio_hook_socket_new(sio_hook_sockets *all, const char *nsp_name, const char *id,
                                     const char *handshake_json, size_t n_lines);

/* Free it if it has neither a socket nor events, and nobody asks about it. */
void sio_hook_socket_release(sio_hook_socket *s);

/* Even if it has; its events are in no queue any more, and are freed with it. */
void sio_hook_socket_free(sio_hook_socket *s);

/* It is not there, and has that user and data: members of JSON. Without memory it has none. */
void sio_hook_socket_set_state(sio_hook_socket *s, sio_view members);

/* The socket leaves. */
void sio_hook_socket_leave(sio_hook_socket *s);

/* --- Its events; each NULL when there is no memory. --- */

/*
 * May it be? What it says about itself is in the decision, and in the handshake; claims_json: what
 * its token says, NULL: it has shown none.
 */
sio_hook_event *sio_hook_event_connect(sio_hook_socket *s, const char *transport,
                                       const char *handshake_json, const char *auth_json,
                                       const char *claims_json, bool is_recovered);

/* Its client has emitted something; ack_timeout_ms: how long a token is good. */
sio_hook_event *sio_hook_event_emitted(sio_hook_socket *s, const sio_event *event,
                                       unsigned ack_timeout_ms);

/* It leaves; before sio_hook_socket_leave(). */
sio_hook_event *sio_hook_event_disconnect(sio_hook_socket *s, const char *reason);

/* It was one of an instance that is lost; state: members as of sio_hook_socket_add_state(). */
sio_hook_event *sio_hook_event_lost(sio_hook_socket *s, const char *reason, sio_view state);

/* Of a connect: keep a copy, as its client may leave before the verdict. */
void sio_hook_event_keep_handshake(sio_hook_event *e, const char *handshake_json);

/* It is not sent: what it says is forgotten. Not if it is in a queue. */
void sio_hook_event_empty(sio_hook_event *e);

/* Not if it is in a queue. */
void sio_hook_event_free(sio_hook_event *e);

/* What a backend wants to be told beside the event: its setting "include". */
typedef struct {
    bool rooms;   /* those that the socket is in */
    bool headers; /* of its handshake; a connect has them anyway */
} sio_hook_event_more;

/* Append it as it is to be sent. */
void sio_hook_event_add_json(const sio_hook_event *e, sio_hook_event_more more, sio_buf *out);

/* Append `,"user":"...","data":{...}`, and the rooms if they are wanted. */
void sio_hook_socket_add_state(const sio_socket *socket, bool with_rooms, sio_buf *out);

#endif
