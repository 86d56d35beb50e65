#include "server/handler/flash_policy.h"

#include <string.h>

#include "protocol/result.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/config/listen_host.h"
#include "server/handler/handlers.h"
#include "server/net/address.h"
#include "server/net/listener.h"
#include "server/net/net.h"

static void
add_policy_attribute(sio_buf *out, const char *name, sio_view value)
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
    add_policy_attribute(out, "domain", (sio_view){origin.data, host_len});
    add_policy_attribute(out, "to-ports", (sio_view){colon + 1, origin.len - host_len - 1});
    sio_buf_add_str(out, "/>");
}

static void
add_document(sio_buf *out, const sio_cfg *cfg)
{
    sio_buf_add_str(out, "<?xml version=\"1.0\"?><!DOCTYPE cross-domain-policy SYSTEM "
                         "\"http://www.macromedia.com/xml/dtds/cross-domain-policy.dtd\">"
                         "<cross-domain-policy>");
    for (size_t i = 0; i < cfg->origins.n; i++)
        add_origin(out, cfg->origins.items[i]);
    sio_buf_add_str(out, "</cross-domain-policy>");
}

/* Nobody asks for it but the flashsocket of 0.9. */
static bool
is_needed(const sio_env *env)
{
    return sio_texts_has(&env->cfg->transports, SIO_VIEW("flashsocket"));
}

int
sio_flash_policy_answer(const sio_env *env, sio_view bytes, sio_buf *answer)
{
    const sio_view request = SIO_VIEW("<policy-file-request/>\0");
    const size_t   n = bytes.len < request.len ? bytes.len : request.len;

    if (!is_needed(env) || memcmp(bytes.data, request.data, n) != 0)
        return SIO_BAD;
    if (n < request.len)
        return SIO_PARTIAL;
    add_document(answer, env->cfg);
    return SIO_OK;
}

/* Everyone who connects gets the document at once, without being asked for it. */
static void
flash_policy_serve(sio_listener *l, int fd, const sio_address *peer)
{
    sio_env *env = l->env;
    sio_buf  document;

    sio_buf_init(&document, SIZE_MAX);
    add_document(&document, env->cfg);
    sio_net_dismiss(env, fd, peer, document.failed ? SIO_VIEW("") : sio_buf_view(&document));
    sio_buf_fini(&document);
}

void
sio_flash_policy_open(sio_env *env)
{
    sio_listen_address at = {.port = env->cfg->flash_policy_port};
    sio_buf            error;

    if (!env->cfg->flash_policy_server || !is_needed(env) ||
        !sio_listen_host_first(env->cfg, &at.host))
        return;
    sio_buf_init(&error, SIZE_MAX);
    if (sio_listener_open_at(&env->handlers->flash_listener, env, &at, flash_policy_serve,
                             &error) == SIO_OK)
        sio_log_info(&env->log, NULL, "flash policy on port %u",
                     env->handlers->flash_listener.port);
    else
        sio_log_warn(&env->log, NULL, "no flash policy: %.*s", (int)error.len, error.data);
    sio_buf_fini(&error);
}

void
sio_flash_policy_adjust(sio_env *env)
{
    sio_listener *l = &env->handlers->flash_listener;

    if (!is_needed(env))
        sio_listener_close(l);
    else if (l->n_sockets == 0)
        sio_flash_policy_open(env);
}
