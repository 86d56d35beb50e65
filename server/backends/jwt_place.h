/*
 * server/backends/jwt_place.h - where a client has its token.
 *
 *     auth.NAME              the auth object of 3.x and 4.x
 *     query.NAME             the query of the request, or of the namespace: what all clients have
 *     header.authorization   behind "Bearer"; and header.NAME, as it is
 *     cookie.NAME
 */
#ifndef SIO_BACKENDS_JWT_PLACE_H
#define SIO_BACKENDS_JWT_PLACE_H

#include "server/config/texts.h"

/*
 * What stands at the first of the places that has anything, to be freed by the caller. NULL: there
 * is nothing, or no memory. handshake_json and auth_json as of siobroker.h.
 */
char *sio_jwt_place_find(const sio_texts *places, const char *handshake_json,
                         const char *auth_json);

#endif
