/*
 * protocol/endpoint_url.h - where a backend is reached.
 *
 *     http://HOST[:PORT][/PATH]     https://...     unix:/SOCKET:/PATH
 *
 * Called by server/backends/ and server/config/. Pure: views into the text. Rule: RFC 3986, but for
 * what makes no sense here: no user and password (they would be in the log), no fragment; and only
 * printable ASCII, so that nothing in it ends a line or a header.
 */
#ifndef SIO_PROTOCOL_ENDPOINT_URL_H
#define SIO_PROTOCOL_ENDPOINT_URL_H

#include <stdbool.h>

#include "protocol/view.h"

enum {
    SIO_ENDPOINT_URL_MAX = 2000,
    SIO_ENDPOINT_URL_MAX_SOCKET = 107 /* what fits into sockaddr_un with its NUL */
};

typedef struct {
    bool     is_tls;
    sio_view socket;    /* path of a unix socket; empty: TCP */
    sio_view authority; /* host and port as they are written; empty: unix */
    sio_view host;      /* without its port, and without the brackets of IPv6; empty: unix */
    unsigned port;      /* 80 or 443, if there is none; 0: unix */
    sio_view path;      /* with its query, from the "/"; empty: the URL has none */
} sio_endpoint_url;

/* False: it is none. */
bool sio_endpoint_url_read(sio_view text, sio_endpoint_url *out);

#endif
