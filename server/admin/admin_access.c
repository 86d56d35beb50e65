#include "server/admin/admin_access.h"

#include <arpa/inet.h>
#include <string.h>

#include "protocol/base64.h"
#include "server/admin/admin_reply.h"
#include "server/base/digest.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/http/side.h"

/* --- By which name. --- */

/* "host", "host:port", "[IPv6]" or "[IPv6]:port", without the port and the brackets. */
static sio_view
host_alone(sio_view host)
{
    const char *end;

    if (host.len > 0 && host.data[0] == '[') {
        end = memchr(host.data, ']', host.len);
        return end != NULL ? (sio_view){host.data + 1, (size_t)(end - host.data) - 1} : host;
    }
    end = host.len > 0 ? memchr(host.data, ':', host.len) : NULL;
    return end != NULL ? (sio_view){host.data, (size_t)(end - host.data)} : host;
}

static bool
is_ip_address(sio_view host)
{
    char            text[INET6_ADDRSTRLEN];
    struct in6_addr bytes;

    if (host.len == 0 || host.len >= sizeof text || sio_view_has_nul(host))
        return false;
    memcpy(text, host.data, host.len);
    text[host.len] = '\0';
    return inet_pton(AF_INET, text, &bytes) == 1 || inet_pton(AF_INET6, text, &bytes) == 1;
}

static bool
is_our_name(const sio_cfg *cfg, sio_view host)
{
    if (is_ip_address(host) || sio_view_eq_nocase(host, SIO_VIEW("localhost")))
        return true;
    for (size_t i = 0; i < cfg->admin_hosts.n; i++)
        if (sio_view_eq_nocase(host, cfg->admin_hosts.items[i]))
            return true;
    return false;
}

/* Nobody has to name a host in HTTP/1.0, and no browser speaks that. */
static bool
is_host_ours(const sio_exchange *x, const sio_http_request *head)
{
    sio_view host;

    if (sio_side_listener_of(x)->is_unix || !sio_http_header_get(head, "host", &host))
        return true;
    return is_our_name(x->env->cfg, host_alone(host));
}

/* --- With the key. --- */

static bool
begins_with_scheme(sio_view credentials, sio_view scheme)
{
    return credentials.len > scheme.len &&
           sio_view_eq_nocase((sio_view){credentials.data, scheme.len}, scheme);
}

/* The password of Basic counts, whoever the user is: a browser can show nothing else. */
static bool
is_password(sio_view base64, sio_view key)
{
    sio_buf     text;
    const char *colon;
    bool        is_same = false;

    sio_buf_init(&text, SIZE_MAX);
    sio_base64_decode(base64, &text);
    colon = text.len > 0 ? memchr(text.data, ':', text.len) : NULL;
    if (colon != NULL)
        is_same = sio_digest_same_secret(
            (sio_view){colon + 1, text.len - (size_t)(colon + 1 - text.data)}, key);
    sio_buf_fini(&text);
    return is_same;
}

static bool
shows_key(const sio_exchange *x, const sio_http_request *head)
{
    const sio_view key = sio_view_of(x->env->cfg->admin_key);
    const sio_view bearer = SIO_VIEW("Bearer "), basic = SIO_VIEW("Basic ");
    const sio_view shown = sio_http_header_value(head, "authorization");

    if (key.len == 0)
        return false;
    if (begins_with_scheme(shown, bearer))
        return sio_digest_same_secret((sio_view){shown.data + bearer.len, shown.len - bearer.len},
                                      key);
    return begins_with_scheme(shown, basic) &&
           is_password((sio_view){shown.data + basic.len, shown.len - basic.len}, key);
}

static bool
is_near_enough(const sio_exchange *x, sio_admin_access needed)
{
    const sio_side_listener *l = sio_side_listener_of(x);

    if (needed == SIO_ADMIN_TRUSTED)
        return l->is_unix;
    return needed == SIO_ADMIN_ANYONE || l->is_local;
}

/* --- Together. --- */

bool
sio_admin_access_check(sio_exchange *x, const sio_http_request *head, sio_admin_access needed)
{
    sio_view ignored;

    if (sio_http_header_get(head, "origin", &ignored)) {
        sio_admin_reply_refuse(x, 403, "not for pages of a browser");
        return false;
    }
    if (!is_host_ours(x, head)) {
        sio_admin_reply_refuse(x, 403, "unknown Host; \"admin hosts\" names those that are ours");
        return false;
    }
    if (is_near_enough(x, needed) || shows_key(x, head))
        return true;
    if (x->env->cfg->admin_key[0] == '\0')
        sio_admin_reply_refuse(x, 403, "not here without a key; set \"admin key\"");
    else
        sio_admin_reply_refuse_with(x, 401, "the key is missing or wrong", "WWW-Authenticate",
                                    SIO_VIEW("Basic realm=\"siobroker\", Bearer"));
    return false;
}
