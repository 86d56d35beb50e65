/*
 * server/socketio/recovery.h - clients that have lost their connection, and come back to where they
 * were.
 *
 * Connection state recovery of socket.io 4.6. A client that may come back is told a private id when
 * it joins a namespace, and an offset with each packet. When it has lost its connection its state
 * stays here for the setting "maxDisconnectionDuration", and what it would have got is in the log;
 * with its private id and its last offset it gets all that again. Only dialects that have
 * `recovers` know of it. Rules: spec/socketio-modern.md section 3.1.
 *
 * A private id begins with the tag of the instance that made it, its home. A client that comes to
 * another instance than it was at last takes its state along, if there are others:
 * sio_recovery_remote.
 */
#ifndef SIO_SOCKETIO_RECOVERY_H
#define SIO_SOCKETIO_RECOVERY_H

#include "server/base/timer_wheel.h"
#include "server/engine/session.h"
#include "server/socketio/dialects.h"
#include "server/socketio/recovery_log.h"
#include "server/socketio/return_queue.h"

enum { SIO_OFFSET_MAX = 31 /* bytes */ };

/* Somebody who waits for the state of a client; the first member of what asks for it. */
typedef struct {
    void (*done)(void *owner); /* NULL: nobody waits any more */
    void *owner;
} sio_recovery_question;

/*
 * Those who know other instances, where clients may have been (roaming/recovery_transfer.h), or
 * servers of Node (adapter/node4_recovery.h).
 */
typedef struct {
    /*
     * Packets come with an offset that all know, so there is no need to keep them here but for who
     * is on the way back.
     */
    bool has_offsets;

    /* Keep the state, filled in, of a client that has left, for all. NULL: it is kept here. */
    void (*keep)(const sio_recovery_state *state);

    /*
     * Ask the instance that may have the state of such a client for it: done is called once, later,
     * when sio_recovery_find() finds it, or it is given up. NULL: there is nobody to ask.
     */
    sio_recovery_question *(*ask)(const sio_namespace *nsp, sio_view private_id, sio_view offset,
                                  void (*done)(void *owner), void *owner);

    /* done is not called any more; the state is kept here when it comes. */
    void (*abandon)(sio_recovery_question *q);

    /* There is nothing left of that client here. NULL: nobody needs to know. */
    void (*forgotten)(sio_env *env, sio_view private_id);
} sio_recovery_remote;

typedef struct {
    const sio_packet_dialect  *dialect; /* the one that `recovers`: packets are kept so */
    sio_recovery_log           log;
    sio_hash                   states;    /* of those who may come back, by private id */
    sio_link                   oldest;    /* the same, in the order they left */
    const sio_recovery_remote *remote;    /* NULL: this instance is alone */
    size_t                     n_awaited; /* states that it was asked for */
    sio_return_queue           queue;     /* of those who come back */
    sio_buf                    missed;    /* of the client that was found last */
    sio_timer                  sweep_timer;
    char                       offset[SIO_OFFSET_MAX + 1];
} sio_recovery;

/* What there is of a client beside its socket, and once that is gone, instead of it. */
struct sio_recovery_state {
    sio_env *env;
    uint64_t sent; /* number of the last packet that it was sent */
    char     private_id[SIO_SESSION_ID_MAX + 1];
    /* It has come from another instance with this offset, which is the same as that number here. */
    char     came_with[SIO_OFFSET_MAX + 1]; /* empty: it has not */
    uint64_t came_at;

    /* Once it has left. */
    sio_hash_node  node;                               /* in recovery->states */
    sio_link       link;                               /* in recovery->oldest */
    sio_timer      timer;                              /* until it is too late */
    sio_namespace *nsp;                                /* held */
    uint64_t       left_at;                            /* number of the last packet at that time */
    sio_buf        rooms;                              /* names, each ended by NUL */
    uint64_t       room_bits;                          /* of them, and of its id */
    char          *data;                               /* of the socket; NULL: none */
    char           id[SIO_SESSION_ID_MAX + 1];         /* of the socket */
    char           session_id[SIO_SESSION_ID_MAX + 1]; /* whose data it had */
    sio_charge     charge; /* on the account of its address, of which this is the key */
    uint8_t        key[SIO_BUDGET_KEY_MAX];
    size_t         key_len; /* 0: it has come from another instance */
};

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_recovery_fini() is still allowed. */
int  sio_recovery_init(sio_env *env);
void sio_recovery_fini(sio_env *env);

/* Nobody comes back any more of those who have left so far. */
void sio_recovery_forget(sio_env *env);

/* --- Sending. --- */

/*
 * Is it a packet that clients get again who come back, and one of this instance? Others come with
 * their offset.
 */
bool sio_recovery_covers(const sio_env *env, const sio_packet *p, bool is_volatile);

/* The offset of the packet that is added next. Valid until this is called again. */
sio_view sio_recovery_next_offset(sio_env *env);

/* The client is being sent that packet. */
void sio_recovery_note_sent(sio_recovery_state *state);

/*
 * Is a packet with an offset to be kept? was_sent: somebody got it who can come back. Else: may
 * there be somebody away, or on the way, who missed it?
 */
bool sio_recovery_keeps(const sio_env *env, bool was_sent);

/*
 * Keep the packet that was just sent to target, as a dialect that `recovers` writes it (NULL: out
 * of memory), with the offset that was the next one.
 */
void sio_recovery_add(const sio_namespace *nsp, const sio_target *target, sio_cast_id cast,
                      sio_frame *frame);

/* --- Sockets. --- */

/* The socket is new: if it may come back, give it a state, else leave that NULL. */
void sio_recovery_begin(sio_socket *socket);

/*
 * The socket leaves, for that reason, and is still in its rooms. Its state stays if it may come
 * back, and is no longer the socket's.
 */
void sio_recovery_left(sio_socket *socket, const char *reason);

/* What a client has missed, oldest first. Valid until the log changes, or another is found. */
typedef struct {
    const sio_logged_packet *const *packets;
    size_t                          n;
} sio_recovery_missed;

/*
 * The state of a client that has left nsp and got everything up to that offset; NULL: it is not
 * here, or not all it has missed is. Takes as long as there are packets behind the offset: to be
 * called when the queue says so (return_queue.h).
 */
sio_recovery_state *sio_recovery_find(const sio_namespace *nsp, sio_view private_id,
                                      sio_view offset, sio_recovery_missed *missed);

/*
 * The client is back: socket, which has joined nobody's room yet, gets its state, its rooms, its
 * data, and what it has missed.
 */
void sio_recovery_resume(sio_socket *socket, sio_recovery_state *state,
                         const sio_recovery_missed *missed);

/* --- For those who move states between instances. --- */

sio_recovery_state *sio_recovery_state_new(sio_env *env);

/* Keep a state that is filled in, with ms to live. */
void sio_recovery_keep(sio_recovery_state *state, unsigned ms);

/* Take it out; it is the caller's. */
void sio_recovery_take(sio_recovery_state *state);

/* Where its client was; said again, it stays. */
void sio_recovery_set_namespace(sio_recovery_state *state, sio_namespace *nsp);

void sio_recovery_state_free(sio_recovery_state *state);

/* Free; there is nothing left of it. */
void sio_recovery_end(sio_recovery_state *state);

/* Write the offset of that number, NUL-terminated. */
void sio_recovery_print_offset(const sio_env *env, uint64_t number, char text[SIO_OFFSET_MAX + 1]);

#endif
