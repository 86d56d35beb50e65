/*
 * server/cli/web_url.h - where a broker is, as its clients would say it.
 *
 *     http://host[:port][/resource][?query]      ws:// means the same
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
} sio_web_url;

/* SIO_OK and *out, which views text; or SIO_BAD and error says what it has to be. */
int sio_web_url_parse(sio_view text, sio_web_url *out, sio_buf *error);

/*
 * Append the target of a request of Engine.IO 4, with what the URL has in its query:
 * "/socket.io/?EIO=4&transport=websocket".
 */
void sio_web_url_add_target(const sio_web_url *url, const char *transport, sio_buf *out);

#endif
