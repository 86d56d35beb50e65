/*
 * server/frame.h - one encoded packet, immutable and shared by every queue it waits in.
 *
 * An event is encoded once per wire format and then only referenced. The packet text has room
 * in front for its RFC 6455 header, so the same bytes serve a websocket (header and text) and an
 * HTTP transport (text alone).
 */
#ifndef SIO_FRAME_H
#define SIO_FRAME_H

#include "protocol/view.h"

typedef struct sio_frame sio_frame;

/* Copy packet into a new text frame with reference count 1. NULL when out of memory. */
sio_frame *sio_frame_new(sio_view packet);

/* Add a reference. Returns f; never fails. */
sio_frame *sio_frame_ref(sio_frame *f);

/* Drop a reference; the last one frees the frame. NULL is allowed. */
void sio_frame_unref(sio_frame *f);

/* The packet as it was given. The view lives as long as the frame. */
sio_view sio_frame_text(const sio_frame *f);

/* The packet as one unmasked RFC 6455 text frame. The view lives as long as the frame. */
sio_view sio_frame_websocket(const sio_frame *f);

#endif
