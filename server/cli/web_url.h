/*
 * server/cli/web_url.h - where a broker is, as its clients would say it.
 *
 *     http://host[:port][/resource][?query]      ws:// means the same
 *     https://host[:port][/resource][?query]     wss:// means the same
 *     host:port                                  likewise, with nothing behind it
 */
#ifndef SIO_CLI_WEB_URL_H
#define SIO_CLI_WEB_URL_H

#include "protocol/buf.h"
#include "protocol/listen_address.h"

typedef struct {
    sio_view           host_and_port; /* as it was said, for the header Host */
    sio_listen_address at;
    sio_view           resource; /* without the slash at its end; "/socket.io" if none was said */
    sio_view           query;    /* without its '?' */
    bool               is_tls;
    sio_view           origin; /* of the page that the client says it is in; empty: of none */
} sio_web_url;

/* SIO_OK and *out, which views text; or SIO_BAD and error says what it has to be. */
int sio_web_url_parse(sio_view text, sio_web_url *out, sio_buf *error);

/*
 * Append the target of a request of Engine.IO 4, with what the URL has in its query:
 * "/socket.io/?EIO=4&transport=websocket".
 */
void sio_web_url_add_target(const sio_web_url *url, const char *transport, sio_buf *out);

/* Append the headers of a request there that name it and the page: whole lines. */
void sio_web_url_add_headers(const sio_web_url *url, sio_buf *out);

/*
 * Say that the client is in a page of that origin (NULL: of none), which out views. SIO_OK, or
 * SIO_BAD and error says what it has to be.
 */
int sio_web_url_set_origin(sio_web_url *out, const char *origin, sio_buf *error);

/* The row for the option of each command that is a client. */
#define SIO_WEB_URL_ORIGIN                                               \
    {                                                                    \
        'o', "origin", "ORIGIN",                                         \
            "say that it is in a page of there, like\n"                  \
            "https://example.org, where \"origins\" names who may come", \
            NULL, NULL                                                   \
    }

#endif
