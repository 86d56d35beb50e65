/*
 * protocol/base64url.h - bytes as text in URLs: the encoding of tokens and their keys.
 *
 * Pure; allocates only through sio_buf. Strict, unlike base64.h, as what is signed must be read in
 * one way only: no padding, no white space, no bits that mean nothing. Rule: RFC 7515, section 2,
 * "Base64url Encoding", and RFC 4648, sections 3.5 and 5.
 */
#ifndef SIO_PROTOCOL_BASE64URL_H
#define SIO_PROTOCOL_BASE64URL_H

#include "protocol/buf.h"
#include "protocol/view.h"

/* Append bytes as text. Failure is out->failed. bytes may not point into out. */
void sio_base64url_encode(sio_view bytes, sio_buf *out);

/*
 * Append the bytes that text stands for. SIO_OK; SIO_BAD: it is no such text, and out is as it
 * was. Without memory out->failed. text may not point into out.
 */
int sio_base64url_decode(sio_view text, sio_buf *out);

#endif
