/*
 * protocol/listen_address.h - where to listen, as settings say it: "127.0.0.1:9180", "[::1]:9180",
 * "localhost:9180", "*:9180" (all addresses), "unix:/run/siobroker/admin.sock"; and with words
 * behind it, of what is spoken there: "10.0.0.5:3180 proxy".
 *
 * Called by server/config/ (is it one?), server/net/ and server/http/side.c. Pure.
 */
#ifndef SIO_PROTOCOL_LISTEN_ADDRESS_H
#define SIO_PROTOCOL_LISTEN_ADDRESS_H

#include <stdbool.h>

#include "protocol/view.h"

/* Of a path, as the kernel has room for it with its NUL; and of a host. */
enum { SIO_LISTEN_PATH_MAX = 107, SIO_LISTEN_HOST_MAX = 255 };

typedef struct {
    bool     is_unix;
    sio_view host; /* without brackets, empty: all addresses; or the path, which begins with / */
    unsigned port; /* 0: any free one */
} sio_listen_address;

/* SIO_OK, and *out views text; or SIO_BAD. */
int sio_listen_address_parse(sio_view text, sio_listen_address *out);

typedef struct {
    sio_listen_address at;
    sio_view           address;  /* the text of it, without words */
    bool               is_proxy; /* "proxy": each connection begins with a PROXY header */
    bool               is_tls;   /* "tls" */
} sio_listen_entry;

/*
 * An address, and words behind it in any order, each once, with a blank before each. A path with
 * blanks is none here. SIO_OK, and *out views text; or SIO_BAD.
 */
int sio_listen_entry_parse(sio_view text, sio_listen_entry *out);

/* Can nobody from another machine come in there? */
bool sio_listen_address_is_local(const sio_listen_address *at);

#endif
