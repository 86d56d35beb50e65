/*
 * protocol/json_member.h - members of a JSON object that is being written, one after the other.
 *
 * Called by whoever answers in JSON: server/admin/, server/backends/, server/cli/. Pure. Names are
 * our own words, which need no escapes. The comma before a member is left out behind a '{'.
 */
#ifndef SIO_PROTOCOL_JSON_MEMBER_H
#define SIO_PROTOCOL_JSON_MEMBER_H

#include <stdint.h>

#include "protocol/buf.h"

/* The name and its colon; the value follows. */
void sio_json_member_name(sio_buf *out, const char *name);

/* A text of UTF-8; a value that is JSON already, nothing when it is empty; a number. */
void sio_json_member_text(sio_buf *out, const char *name, sio_view text);
void sio_json_member_json(sio_buf *out, const char *name, sio_view json);
void sio_json_member_number(sio_buf *out, const char *name, uint64_t n);

#endif
