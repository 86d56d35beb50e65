/*
 * server/engine/frame.h - one encoded packet, immutable and shared by every queue it waits in.
 *
 * An event is encoded once per wire format and then only referenced. The bytes have room in
 * front for their RFC 6455 header, so the same memory serves a websocket (header and bytes) and an
 * HTTP transport (bytes alone). A packet that takes several messages, as one with attachments
 * does, is a chain of frames: whoever has the first has all.
 */
#ifndef SIO_ENGINE_FRAME_H
#define SIO_ENGINE_FRAME_H

#include <stdbool.h>

#include "protocol/view.h"
#include "protocol/ws_deflate.h"
#include "server/base/budget.h"

enum { SIO_FRAME_BYTES = 96 }; /* about what a packet takes beside its bytes */

typedef struct sio_frame sio_frame;

/*
 * Copy message into a new frame, text or binary, with reference count 1. NULL when out of memory.
 */
sio_frame *sio_frame_new(sio_view message, bool is_binary);

/*
 * Put next behind the last frame of the chain that begins with first; takes next. Only before
 * anybody else refers to either.
 */
void sio_frame_append(sio_frame *first, sio_frame *next);

/* It and those behind it are not compressed. Only before anybody else refers to it. */
void sio_frame_keep_plain(sio_frame *first);
bool sio_frame_is_plain(const sio_frame *f);

/* The frame behind f in its chain, borrowed; NULL: f is the last. */
sio_frame *sio_frame_next(const sio_frame *f);

/* Add a reference. Returns f; never fails. */
sio_frame *sio_frame_ref(sio_frame *f);

/* Drop a reference; the last one frees the frame, and drops that to the next. NULL is allowed. */
void sio_frame_unref(sio_frame *f);

/*
 * f waits in one more queue, which has a reference, or in one less, which drops it. However many
 * there are, its bytes are counted once (budget.h). Both return the length of its message.
 */
size_t sio_frame_await(sio_frame *f, sio_budget *budget);
size_t sio_frame_sent(sio_frame *f, sio_budget *budget);

/* The part of its bytes that each of the queues has in which it waits; there is one. */
size_t sio_frame_share(const sio_frame *f);

/* The message as it was given. The view lives as long as the frame. */
sio_view sio_frame_message(const sio_frame *f);
bool     sio_frame_is_binary(const sio_frame *f);

/* The message as one unmasked RFC 6455 frame. The view lives as long as the frame. */
sio_view sio_frame_websocket(const sio_frame *f);

/*
 * The same with the message compressed (RFC 7692), or as it is when that is no longer. The first
 * call compresses it, for all who share the frame; what it makes is kept with it.
 */
sio_view sio_frame_websocket_deflated(sio_frame *f, sio_ws_deflate *z);

#endif
