/*
 * protocol/origin.c - may a page of this origin open a session?
 */
#include "protocol/origin.h"

typedef struct {
    sio_view host; /* without brackets */
    sio_view port; /* decimal digits, or empty when the URL names none */
    bool     tls;  /* https or wss: 443 is a default port besides 80 */
} parsed;

static sio_view
slice(sio_view v, size_t from, size_t to)
{
    return (sio_view){v.data + from, to - from};
}

/* The index of the last c in v, or v.len. */
static size_t
find_last(sio_view v, char c)
{
    for (size_t i = v.len; i > 0; i--) {
        if (v.data[i - 1] == c)
            return i - 1;
    }
    return v.len;
}

static sio_view
without_brackets(sio_view host)
{
    if (host.len >= 2 && host.data[0] == '[' && host.data[host.len - 1] == ']')
        return slice(host, 1, host.len - 1);
    return host;
}

static bool
is_scheme_char(char c)
{
    const char lower = (char)(c | 0x20);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
           c == '.';
}

/* Cut "scheme://" off *url. */
static bool
take_scheme(sio_view *url, sio_view *scheme)
{
    size_t n = 0;

    while (n < url->len && is_scheme_char(url->data[n]))
        n++;
    if (n == 0 || url->len - n < 3 || memcmp(url->data + n, "://", 3) != 0)
        return false;
    *scheme = slice(*url, 0, n);
    *url = slice(*url, n + 3, url->len);
    return true;
}

/* What stands between "://" and the path. Browsers read '\' as '/', so it ends a host here too. */
static sio_view
take_authority(sio_view url)
{
    size_t n = 0;

    while (n < url.len && memchr("/?#\\", url.data[n], 4) == NULL)
        n++;
    return slice(url, 0, n);
}

static bool
is_port(sio_view v)
{
    for (size_t i = 0; i < v.len; i++) {
        if (v.data[i] < '0' || v.data[i] > '9')
            return false;
    }
    return true;
}

static bool
parse_origin(sio_view url, parsed *out)
{
    sio_view scheme, authority;
    size_t   at, colon;

    if (!take_scheme(&url, &scheme))
        return false;
    authority = take_authority(url);
    at = find_last(authority, '@'); /* "http://good.com@evil.com" is a page of evil.com */
    if (at < authority.len)
        authority = slice(authority, at + 1, authority.len);
    colon = find_last(authority, ':');
    if (authority.len > 0 && authority.data[authority.len - 1] == ']')
        colon = authority.len; /* "[::1]": those colons are part of the host */
    out->host = without_brackets(slice(authority, 0, colon));
    out->port = slice(authority, colon < authority.len ? colon + 1 : colon, authority.len);
    out->tls = sio_view_eq_nocase(scheme, SIO_VIEW("https")) ||
               sio_view_eq_nocase(scheme, SIO_VIEW("wss"));
    return out->host.len > 0 && is_port(out->port);
}

static bool
port_matches(sio_view wanted, const parsed *o)
{
    if (sio_view_eq(wanted, SIO_VIEW("*")))
        return true;
    if (o->port.len > 0)
        return sio_view_eq(wanted, o->port);
    return sio_view_eq(wanted, SIO_VIEW("80")) || (o->tls && sio_view_eq(wanted, SIO_VIEW("443")));
}

static bool
element_matches(sio_view element, const parsed *o)
{
    const size_t colon = find_last(element, ':');
    sio_view     host;

    if (colon == element.len)
        return false;
    host = without_brackets(slice(element, 0, colon));
    return (sio_view_eq(host, SIO_VIEW("*")) || sio_view_eq_nocase(host, o->host)) &&
           port_matches(slice(element, colon + 1, element.len), o);
}

bool
sio_origin_allowed(const sio_view *origins, size_t n_origins, bool have_origin, sio_view origin)
{
    parsed o = {.tls = false};
    bool   usable;

    for (size_t i = 0; i < n_origins; i++) {
        if (sio_view_eq(origins[i], SIO_VIEW("*:*")))
            return true;
    }
    usable = have_origin && parse_origin(origin, &o);
    for (size_t i = 0; usable && i < n_origins; i++) {
        if (element_matches(origins[i], &o))
            return true;
    }
    return false;
}
