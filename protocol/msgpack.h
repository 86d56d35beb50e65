/*
 * protocol/msgpack.h - MessagePack, as processes of socket.io for Node write and read it.
 *
 *     93 a6 346f6e613376  83 ... 83 ...        ["4ona3v", {...}, {...}]
 *
 * Called by msgpack_json.c, by node4_message.c and by tests/fuzz/. Pure. The reader gives one
 * value or heading of a list at a time, as views into the bytes, and allocates nothing; it trusts
 * no length that the rest of the bytes can not hold. How deep lists are within lists is for its
 * caller to count.
 *
 * Rules: the MessagePack specification; and spec/socketio-ecosystem.md, 1.3, for what libraries of
 * the past have written. msgpack-c of Debian is no reader for that: for it `c4`, `d8` and `d9` are
 * what the standard says (vectors 68, 69, 70, 71 and 80 fail), it ends at 32 lists within each
 * other, and it gets memory for a list when its length is announced.
 */
#ifndef SIO_PROTOCOL_MSGPACK_H
#define SIO_PROTOCOL_MSGPACK_H

#include "protocol/buf.h"
#include "protocol/view.h"

#include <stdbool.h>
#include <stdint.h>

/* Lists within each other, of a whole message. */
enum { SIO_MSGPACK_MAX_DEPTH = 64 };

/* --- Reading. --- */

/* Which library has written it? */
typedef enum {
    SIO_MSGPACK_STANDARD, /* and what notepack and msgpack-lite have added */
    SIO_MSGPACK_JS,       /* msgpack-js: c4 is undefined, d8 and d9 are bytes of 16 and 32 bits */
} sio_msgpack_dialect;

typedef enum {
    SIO_MSGPACK_NIL,
    SIO_MSGPACK_UNDEFINED,
    SIO_MSGPACK_FALSE,
    SIO_MSGPACK_TRUE,
    SIO_MSGPACK_WHOLE,    /* not negative */
    SIO_MSGPACK_NEGATIVE, /* whole */
    SIO_MSGPACK_FLOAT,
    SIO_MSGPACK_TIME,
    SIO_MSGPACK_TEXT, /* maybe no UTF-8 */
    SIO_MSGPACK_BYTES,
    SIO_MSGPACK_ARRAY,
    SIO_MSGPACK_MAP,
} sio_msgpack_kind;

typedef struct {
    sio_msgpack_kind kind;
    uint64_t         whole;    /* WHOLE */
    int64_t          negative; /* NEGATIVE; TIME: ms since 1970 */
    double           number;   /* FLOAT */
    sio_view         bytes;    /* TEXT, BYTES; never NULL there */
    uint32_t         n;        /* ARRAY: elements that follow; MAP: keys, each with its value */
} sio_msgpack_value;

typedef struct {
    const char         *p, *end;
    sio_msgpack_dialect dialect;
} sio_msgpack_reader;

/*
 * The next value, or the heading of a list. False: it is broken, or of a kind that none of those
 * libraries writes; then nothing more can be read.
 */
bool sio_msgpack_read(sio_msgpack_reader *r, sio_msgpack_value *v);

/* --- Writing: the shortest form of each. --- */

void sio_msgpack_add_nil(sio_buf *out);
void sio_msgpack_add_bool(sio_buf *out, bool is_true);
void sio_msgpack_add_whole(sio_buf *out, uint64_t n);
/* As JavaScript does: a whole one that has 64 bits is an integer, and -0 is 0. */
void sio_msgpack_add_number(sio_buf *out, double number);
/* At most 4 GB. */
void sio_msgpack_add_text(sio_buf *out, sio_view text);
void sio_msgpack_add_bytes(sio_buf *out, sio_view bytes);
/* Headings: so many elements, or keys with their values, are added after it. */
void sio_msgpack_add_array(sio_buf *out, uint32_t n);
void sio_msgpack_add_map(sio_buf *out, uint32_t n);

#endif
