/*
 * protocol/python_message.h - what servers of python-socketio, and programs in Python that write to
 * them, tell each other through Redis.
 *
 *     {"method": "emit", "event": "ev", "data": ["x", 2], "binary": false, "namespace": "/",
 *      "room": null, "skip_sid": null, "callback": null, "host_id": "fd429900678546ba9f58..."}
 *
 * Called by the dialect python-socketio of server/ and by tests/fuzz/. Pure; allocates only through
 * sio_buf. Who writes to that Redis can write anything, so reading trusts nothing.
 *
 * Versions before 5.14 write pickle, which is a program and not data: it is told apart, and never
 * looked into. What is written here is such that all versions read it alike, as far as they can.
 *
 * Lists of rooms are those of sio_cluster_message_add_packet(). A namespace that is empty is the
 * default one. Rules: spec/socketio-ecosystem.md, 7.
 */
#ifndef SIO_PROTOCOL_PYTHON_MESSAGE_H
#define SIO_PROTOCOL_PYTHON_MESSAGE_H

#include "protocol/buf.h"
#include "protocol/msgpack_json.h"
#include "protocol/result.h"

typedef enum {
    SIO_PYTHON_EMIT,
    SIO_PYTHON_DISCONNECT, /* sid */
    SIO_PYTHON_ENTER,      /* sid enters rooms */
    SIO_PYTHON_LEAVE,      /* sid leaves rooms */
    SIO_PYTHON_CLOSE,      /* all leave rooms */
} sio_python_method;

/* Who wants the acknowledgements of an event: parts of its answer, each a JSON value. */
typedef struct {
    sio_view host_id; /* empty: nobody */
    sio_view sid, nsp, id;
} sio_python_asker;

enum { SIO_PYTHON_MAX_ASKER = 1000 }; /* bytes of all its parts */

typedef struct {
    sio_python_method method;
    sio_view          nsp;
    sio_view          sid;    /* a text */
    sio_view          rooms;  /* list; EMIT: empty is everyone */
    sio_view          except; /* EMIT: list of sids */
    sio_view          name;   /* EMIT: a JSON string */
    sio_view          args;   /* EMIT: a JSON array; or empty */
    const sio_view   *attachments;
    unsigned          n_attachments;
    sio_python_asker  asker;
} sio_python_message;

/* --- Reading. --- */

/* What is read lives here and in the message, until the next one is read. */
typedef struct {
    sio_buf  nsp, sid, rooms, except, args, bytes;
    sio_view attachments[SIO_MSGPACK_MAX_ATTACHMENTS];
} sio_python_reader;

/* max_bytes: of a message. Allocates nothing. */
void sio_python_message_reader_init(sio_python_reader *r, size_t max_bytes);
void sio_python_message_reader_fini(sio_python_reader *r);

/* Has somebody pickled it? */
bool sio_python_message_is_pickle(sio_view bytes);

/*
 * Read what was published. SIO_OK and *m; SIO_DROPPED: it is nothing for anybody here, or was said
 * by an instance of siobroker of this cluster, which are told otherwise; SIO_BAD: it is no message,
 * or nothing that may go on to clients; SIO_TOO_LARGE.
 */
int sio_python_message_read(sio_python_reader *r, sio_view bytes, sio_view cluster,
                            sio_python_message *m);

/* --- Writing. Failure is out->failed. --- */

/* Who writes. */
typedef struct {
    sio_view cluster; /* a word, without what JSON would escape */
    sio_view host_id; /* likewise */
} sio_python_writer;

/*
 * Append m. ENTER and LEAVE are about one room, and so is CLOSE. An only argument that is null can
 * not be told from none; one of several reaches versions before 5.14.2 as a list of all.
 */
void sio_python_message_add(sio_buf *out, const sio_python_writer *w, const sio_python_message *m);

/* Append the answer to an event; args: a JSON array. */
void sio_python_message_add_answer(sio_buf *out, const sio_python_writer *w,
                                   const sio_python_asker *asker, sio_view args);

#endif
