/*
 * protocol/eio3_jsonp.h - the envelope of a payload in JSONP polling, Engine.IO 3.
 *
 *     answer:   ___eio[<j>]("<payload as a JavaScript string>");
 *     request:  d=<payload, its line ends protected>, form encoded
 *
 * Called by the JSONP transport of server/ and by tests/fuzz/. Pure; allocates
 * only through sio_buf. A payload in it is always in the text form.
 * Rule: polling-jsonp.js of engine.io 3.6.
 */
#ifndef SIO_PROTOCOL_EIO3_JSONP_H
#define SIO_PROTOCOL_EIO3_JSONP_H

#include "protocol/buf.h"
#include "protocol/view.h"

/* Append a whole answer. j: the digits of that parameter in the request. */
void sio_eio3_jsonp_encode(sio_view j, sio_view payload, sio_buf *out);

/*
 * Append the payload of a request. field is the value of d after
 * sio_query_decode: the client has put a backslash before each backslash and n,
 * and then written line feeds as these two characters, because browsers change
 * line ends in forms. Every field has a meaning; failure is out->failed.
 */
void sio_eio3_jsonp_decode(sio_view field, sio_buf *out);

#endif
