#include "server/handler/flash_policy.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/base/env.h"
#include "server/handler/handlers.h"
#include "server/net/address.h"
#include "server/net/listener.h"

static void
add_attribute(sio_buf *out, const char *name, sio_view value)
{
    sio_buf_add_char(out, ' ');
    sio_buf_add_str(out, name);
    sio_buf_add_str(out, "=\"");
    sio_buf_add_view(out, value); /* origins hold nothing that XML would take amiss */
    sio_buf_add_char(out, '"');
}

/* An origin is "host:port"; the host may be an IPv6 address with colons of its own. */
static void
add_origin(sio_buf *out, sio_view origin)
{
    const char  *colon = memrchr(origin.data, ':', origin.len);
    const size_t host_len = (size_t)(colon - origin.data);

    sio_buf_add_str(out, "<allow-access-from");
    add_attribute(out, "domain", (sio_view){origin.data, host_len});
    add_attribute(out, "to-ports", (sio_view){colon + 1, origin.len - host_len - 1});
    sio_buf_add_str(out, "/>");
}

void
sio_flash_policy_document(const sio_cfg *cfg, sio_buf *out)
{
    sio_buf_add_str(out, "<?xml version=\"1.0\"?><!DOCTYPE cross-domain-policy SYSTEM "
                         "\"http://www.macromedia.com/xml/dtds/cross-domain-policy.dtd\">"
                         "<cross-domain-policy>");
    for (size_t i = 0; i < cfg->origins.n; i++)
        add_origin(out, cfg->origins.items[i]);
    sio_buf_add_str(out, "</cross-domain-policy>");
}

/* Everyone who connects gets the document at once, without being asked for it. */
static void
flash_policy_serve(sio_env *env, int fd, const sio_address *peer)
{
    sio_buf document;

    (void)peer;
    sio_buf_init(&document, SIZE_MAX);
    sio_flash_policy_document(env->cfg, &document);
    if (!document.failed) /* it fits into the empty send buffer */
        (void)!write(fd, document.data, document.len);
    shutdown(fd, SHUT_WR);
    close(fd);
    sio_buf_fini(&document);
}

void
sio_flash_policy_open(sio_env *env)
{
    sio_buf error;

    if (!env->cfg->flash_policy_server ||
        !sio_texts_has(&env->cfg->transports, SIO_VIEW("flashsocket")))
        return;
    sio_buf_init(&error, SIZE_MAX);
    if (sio_listener_open(&env->handlers->flash_listener, env, env->cfg->flash_policy_port,
                          flash_policy_serve, &error) == SIO_OK)
        sio_log_info(&env->log, NULL, "flash policy on port %u",
                     env->handlers->flash_listener.port);
    else
        sio_log_warn(&env->log, NULL, "no flash policy: %.*s", (int)error.len, error.data);
    sio_buf_fini(&error);
}
