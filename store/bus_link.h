/*
 * store/bus_link.h - one connection between two processes of one host: frames over a stream socket.
 *
 * Called by store/bus.c. A stream socket pair neither loses nor reorders while both ends live, and
 * the end of a process closes its own at once. What is added in a turn of the loop leaves in one
 * send() at its end.
 *
 *     frame    length kind body
 *     length   4 bytes, of kind and body: 1 to SIO_BUS_MAX_FRAME. In the order of the host, since
 *              both ends are the same program on it
 *     kind     one byte, which means something to the caller
 *
 * What waits for a peer that does not read is limited, and so is what a frame makes the reader
 * keep. A length that is out of range ends the connection: nothing behind it can be trusted.
 */
#ifndef SIO_STORE_BUS_LINK_H
#define SIO_STORE_BUS_LINK_H

#include "protocol/buf.h"
#include "protocol/list.h"
#include "protocol/view.h"

#include <event2/event.h>
#include <stdbool.h>

enum {
    SIO_BUS_MAX_FRAME = 64 * 1024 * 1024 + 1024, /* more than anybody publishes at once */
    SIO_BUS_FRAME_HEAD = 5
};

typedef struct sio_bus_link sio_bus_link;

typedef struct {
    /* A frame came; body is valid during the call. False: it is none that can be. */
    bool (*frame)(sio_bus_link *l, char kind, sio_view body);
    /* The peer is gone, or says what can not be. The link is still there; free it in the call. */
    void (*closed)(sio_bus_link *l);
} sio_bus_link_ears;

/* Lives inside the object of the caller, and stays where it is. */
struct sio_bus_link {
    int                      fd; /* owned */
    const sio_bus_link_ears *ears;
    sio_buf                  in;  /* a frame that has not come whole */
    sio_buf                  out; /* what waits, from `sent` on */
    size_t                   sent;
    size_t                   max_bytes; /* that may wait; twice as many with those of _tell() */
    bool                     is_broken; /* to be closed when its callback is over */
    struct event            *read_event, *write_event, *flush_event;
};

/*
 * Begin on a stream socket, which is taken, in any case. At most max_bytes wait to be sent. SIO_OK
 * or SIO_ERR_NOMEM, and then there is nothing to be finished. ears outlive it.
 */
int sio_bus_link_init(sio_bus_link *l, struct event_base *base, int fd, size_t max_bytes,
                      const sio_bus_link_ears *ears);

/* Close. Inside its callbacks only in `closed`. */
void sio_bus_link_fini(sio_bus_link *l);

/*
 * Send a frame, whose body is made of n_parts pieces, copied. SIO_OK: it is on its way.
 * SIO_ERR_FULL: there is no room, or no memory; nothing of it is sent.
 */
int sio_bus_link_send(sio_bus_link *l, char kind, const sio_view *parts, size_t n_parts);

/*
 * The same for what both ends have to agree about: it may take as much room again, and if that is
 * not enough, the connection ends.
 */
void sio_bus_link_tell(sio_bus_link *l, char kind, const sio_view *parts, size_t n_parts);

/* Has everything left? */
bool sio_bus_link_is_idle(const sio_bus_link *l);

#endif
