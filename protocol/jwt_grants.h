/*
 * protocol/jwt_grants.h - what a token allows: its claim "sio".
 *
 *     {"namespaces":["/","/chat"],"join":{"/":["user:42"]},"emit":["say","typing*"]}
 *
 * Without the claim, or without "namespaces" or "emit" in it: all. Pure; allocates only through
 * sio_buf.
 */
#ifndef SIO_PROTOCOL_JWT_GRANTS_H
#define SIO_PROTOCOL_JWT_GRANTS_H

#include <stdbool.h>

#include "protocol/json_read.h"
#include "protocol/view.h"

/*
 * Is it an object as above? A member that is not known may restrict what is not known, so there is
 * none; nor is any there twice, or U+0000 in it.
 */
bool sio_jwt_grants_are_valid(sio_view grants);

/* May the namespace be joined ("/": the default one)? grants: valid, or empty. */
bool sio_jwt_grants_namespace(sio_view grants, sio_view name);

/* The rooms that are joined there, for sio_json_read_array_next(): none or more strings. */
void sio_jwt_grants_rooms_begin(sio_view grants, sio_view nsp_name, sio_json_iter *it);

/*
 * The names of events that may be sent, and beginnings that end with '*', likewise. False: all may.
 */
bool sio_jwt_grants_events_begin(sio_view grants, sio_json_iter *it);

#endif
