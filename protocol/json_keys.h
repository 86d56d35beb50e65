/*
 * protocol/json_keys.h - is every key of a JSON object there once?
 *
 * For texts that decide who may do what: of a key that is there twice each reader may take another
 * value. Pure; allocates only through sio_buf.
 */
#ifndef SIO_PROTOCOL_JSON_KEYS_H
#define SIO_PROTOCOL_JSON_KEYS_H

#include "protocol/view.h"

enum { SIO_JSON_KEYS_MAX = 100 };

/*
 * object: as of json_read.h; not those inside it. Keys are compared as the texts that they stand
 * for, escaped or not. SIO_OK; SIO_BAD: one is there twice; SIO_TOO_LARGE: there are more than
 * SIO_JSON_KEYS_MAX; SIO_ERR_NOMEM.
 */
int sio_json_keys_check(sio_view object);

#endif
