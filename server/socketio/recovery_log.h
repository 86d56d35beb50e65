/*
 * server/socketio/recovery_log.h - the last packets that were sent, for clients that come back
 * (recovery.h).
 *
 * A bounded FIFO for all namespaces. Packets are numbered from 1 without a gap, so that what is
 * left of them is told by two numbers.
 */
#ifndef SIO_SOCKETIO_RECOVERY_LOG_H
#define SIO_SOCKETIO_RECOVERY_LOG_H

#include "protocol/list.h"
#include "server/engine/frame.h"
#include "server/socketio/rooms.h"

/* A packet as it was sent, and to whom. */
typedef struct {
    sio_link             link; /* private */
    size_t               size; /* private */
    uint64_t             number;
    uint64_t             sent_ms;
    const sio_namespace *nsp;
    sio_target           target;                 /* but for `except`, whose socket may be gone */
    uint64_t             room_bits, except_bits; /* of the rooms in it (recovery.c) */
    sio_view             except_id;              /* of that socket; or empty */
    sio_cast_id          cast;
    sio_frame           *frame;   /* a chain */
    char                 bytes[]; /* private: what the views view */
} sio_logged_packet;

typedef struct {
    sio_link packets; /* oldest first */
    uint64_t last;    /* number of the newest one there ever was; 0: none */
    uint64_t n;       /* that are still there: the newest ones */
    size_t   n_bytes;
} sio_recovery_log;

void sio_recovery_log_init(sio_recovery_log *log);

/* Forget all packets; numbers go on. */
void sio_recovery_log_clear(sio_recovery_log *log);

/*
 * Add a copy of p, with its frame (a reference is taken), as the next number. Without memory, or
 * a frame, all packets go: there must be no gap. The number is used up either way.
 */
void sio_recovery_log_add(sio_recovery_log *log, const sio_logged_packet *p);

/* Forget the oldest until there are no more than these; returns how many. */
uint64_t sio_recovery_log_limit(sio_recovery_log *log, uint64_t max_packets, size_t max_bytes);

/* Forget those that were sent before that time. */
void sio_recovery_log_expire(sio_recovery_log *log, uint64_t before_ms);

/* Are all that came after this number still there? */
static inline bool
sio_recovery_log_has_all_after(const sio_recovery_log *log, uint64_t number)
{
    return log->last - log->n <= number;
}

/*
 * The oldest packet behind that number; NULL: there is none. Takes as long as there are packets
 * behind it, unless all are. Valid until something is added or forgotten.
 */
const sio_logged_packet *sio_recovery_log_after(const sio_recovery_log *log, uint64_t number);

/* The one behind p, or NULL. */
const sio_logged_packet *sio_recovery_log_next(const sio_recovery_log  *log,
                                               const sio_logged_packet *p);

#endif
