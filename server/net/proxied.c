#include "server/net/proxied.h"

#include <stdlib.h>
#include <unistd.h>

#include "protocol/proxy_header.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/net/carrier.h"
#include "server/net/net.h"

enum { HEADER_MS = 3000 };

/* What has come of a header: the owner of the connection, or NULL while nothing has. */
static sio_buf *
begun_of(const sio_conn *c)
{
    return c->owner;
}

static void
begun_free(sio_conn *c)
{
    sio_buf *begun = begun_of(c);

    c->owner = NULL;
    if (begun == NULL)
        return;
    sio_buf_fini(begun);
    free(begun);
}

/* --- What is wrong. --- */

static void
note_bad_header(sio_env *env, const sio_address *peer, const char *why)
{
    char text[SIO_ADDRESS_TEXT_MAX];

    env->stats.bad_proxy_headers++;
    sio_log_limit_write(&env->log_limits, SIO_LOG_BAD_PROXY_HEADER, NULL,
                        "closed a connection of %s: %s",
                        sio_address_log_text(peer, env->cfg->log_addresses, text), why);
}

static void
refuse_header(sio_conn *c, const char *why)
{
    note_bad_header(c->env, &c->peer, why);
    begun_free(c);
    sio_conn_abort(c);
}

/* --- The header. --- */

/* Keep what has come; it is less than a header may have. */
static void
await_more(sio_conn *c, const char *bytes, size_t n)
{
    sio_buf *begun = begun_of(c);

    if (begun == NULL && (begun = calloc(1, sizeof *begun)) != NULL) {
        sio_buf_init(begun, SIO_PROXY_HEADER_MAX + SIO_CONN_READ_BYTES);
        c->owner = begun;
        sio_buf_add(begun, bytes, n);
    }
    if (begun == NULL || begun->failed)
        sio_conn_fail(c);
    else
        sio_conn_keep(c, begun->cap);
}

/* The rest of what has come belongs to whoever speaks on it from now on. */
static void
begin_as(sio_conn *c, const sio_address *client, char *rest, size_t n)
{
    sio_buf *begun = begun_of(c);

    c->owner = NULL;
    sio_conn_set_timeout(c, 0);
    sio_conn_keep(c, 0);
    if (c->carrier->secure != NULL) {
        c->carrier->secure(c, (sio_view){rest, n});
        n = 0;
    }
    sio_net_admit(c, client);
    if (n > 0 && c->state == SIO_CONN_OPEN && !c->broken)
        c->handler->readable(c, rest, n);
    if (begun != NULL)
        sio_buf_fini(begun);
    free(begun);
}

static void
read_header(sio_conn *c, char *bytes, size_t n)
{
    sio_proxy_header header;
    const ptrdiff_t  used = sio_proxy_header_read(bytes, n, &header);

    if (used == SIO_PARTIAL) {
        await_more(c, bytes, n);
        return;
    }
    if (used < 0) {
        refuse_header(c, "it does not begin with a PROXY header");
        return;
    }
    const sio_address client =
        header.n_bytes > 0 ? sio_address_of_bytes(header.address, header.n_bytes, header.port)
                           : c->peer;

    c->is_secure = header.is_secure;
    begin_as(c, &client, bytes + used, n - (size_t)used);
}

/* --- The connection until then. --- */

static void
on_proxied_readable(sio_conn *c, char *bytes, size_t n)
{
    sio_buf *begun = begun_of(c);

    if (begun == NULL) {
        read_header(c, bytes, n);
        return;
    }
    sio_buf_add(begun, bytes, n);
    if (begun->failed)
        sio_conn_fail(c);
    else
        read_header(c, begun->data, begun->len);
}

static void
on_proxied_writable(sio_conn *c)
{
    (void)c; /* nothing has been written */
}

static void
on_proxied_timeout(sio_conn *c)
{
    refuse_header(c, "its PROXY header did not come within 3 s");
}

/* One that has not said anything was a check whether anybody listens. */
static void
on_proxied_closed(sio_conn *c, const char *reason)
{
    (void)reason;
    if (begun_of(c) != NULL && c->peer_done)
        note_bad_header(c->env, &c->peer, "it ended within its PROXY header");
    begun_free(c);
}

static const sio_conn_handler proxied_handler = {
    .readable = on_proxied_readable,
    .writable = on_proxied_writable,
    .timeout = on_proxied_timeout,
    .closed = on_proxied_closed,
};

void
sio_proxied_accept(sio_env *env, const sio_carrier *carrier, int fd, const sio_address *peer)
{
    const sio_texts *proxies = &env->cfg->proxy_from;
    sio_conn        *c;

    if (!sio_address_is_in(peer, proxies->items, proxies->n)) {
        env->stats.accepted++;
        note_bad_header(env, peer, "it is not in \"proxy from\"");
        close(fd);
        return;
    }
    if ((c = sio_net_accept_unnamed(env, carrier, fd, peer)) == NULL)
        return;
    c->handler = &proxied_handler;
    sio_conn_set_timeout(c, HEADER_MS);
}
