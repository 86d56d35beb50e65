/*
 * server/backends/stream_entry.h - an event as an entry of a stream: what readers may choose by,
 * without reading its JSON.
 *
 * Pure; allocates only through sio_buf.
 */
#ifndef SIO_BACKENDS_STREAM_ENTRY_H
#define SIO_BACKENDS_STREAM_ENTRY_H

#include "protocol/buf.h"
#include "store/streams.h"

enum { SIO_STREAM_ENTRY_FIELDS = 6 /* v, type, ns, name, sid, json */ };

/* Views into the JSON and into text. */
typedef struct {
    sio_stream_field fields[SIO_STREAM_ENTRY_FIELDS];
    size_t           n;
    sio_view         socket; /* its id */
    sio_buf          text;   /* private */
} sio_stream_entry;

/*
 * Of an event as hook_socket.h makes it. *e is to be given to sio_stream_entry_fini() in any case.
 * False: no memory, or it is no event.
 */
bool sio_stream_entry_make(sio_stream_entry *e, sio_view json);

void sio_stream_entry_fini(sio_stream_entry *e);

/*
 * Where the events of a socket go, below n: FNV-1a of its id, 32 bits, modulo n. The same on all
 * instances, as a client may go from one to another.
 */
unsigned sio_stream_entry_partition(sio_view socket, unsigned n);

#endif
