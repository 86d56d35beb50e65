#include "store/redis_url.h"

#include "protocol/result.h"
#include "protocol/view.h"

#include <stdarg.h>
#include <stdio.h>

enum { TELLING = 8 }; /* so much of the beginning of a password is no accident */

/* What is still to be read, and where to say what is wrong with it. */
typedef struct {
    sio_view rest;
    char    *error;
    size_t   error_size;
} parser;

__attribute__((format(printf, 2, 3))) static int
bad(const parser *p, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(p->error, p->error_size, format, args); /* a cut line is fine */
    va_end(args);
    return SIO_BAD;
}

static void
skip(sio_view *v, size_t n)
{
    v->data += n;
    v->len -= n;
}

static bool
skip_prefix(sio_view *v, sio_view prefix)
{
    if (v->len < prefix.len || !sio_view_eq_nocase((sio_view){v->data, prefix.len}, prefix))
        return false;
    skip(v, prefix.len);
    return true;
}

/* Bytes before the first of `stops`, or all of v. */
static size_t
span(sio_view v, const char *stops)
{
    size_t n = 0;

    while (n < v.len && strchr(stops, v.data[n]) == NULL)
        n++;
    return n;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        return (c | 0x20) - 'a' + 10;
    return -1;
}

/* Percent-decode `in` into the string out[0..max]. what: for the error text. */
static int
decode(const parser *p, sio_view in, char *out, size_t max, const char *what)
{
    size_t n = 0;

    for (size_t i = 0; i < in.len; i++) {
        char c = in.data[i];

        if (c == '%') {
            const int high = i + 1 < in.len ? hex_digit(in.data[i + 1]) : -1;
            const int low = i + 2 < in.len ? hex_digit(in.data[i + 2]) : -1;

            if (high < 0 || low < 0)
                return bad(p, "in the %s, '%%' is not followed by two hex digits", what);
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0')
            return bad(p, "the %s contains a zero byte", what);
        if (n == max)
            return bad(p, "the %s is longer than %zu bytes", what, max);
        out[n++] = c;
    }
    out[n] = '\0';
    return SIO_OK;
}

static int
decimal(const parser *p, sio_view digits, unsigned max, const char *what, unsigned *out)
{
    unsigned n = 0;

    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return bad(p, "the %s is not a number", what);
        n = 10 * n + (unsigned)(digits.data[i] - '0');
        if (n > max)
            return bad(p, "the %s is larger than %u", what, max);
    }
    *out = n;
    return SIO_OK;
}

/* "[user][:password]@", if there is one. The last '@' counts: people forget to encode it. */
static int
parse_login(parser *p, sio_redis_url *out)
{
    const size_t authority = span(p->rest, "/?#");
    size_t       at = authority, colon;
    sio_view     user, password = {NULL, 0};

    while (at > 0 && p->rest.data[at - 1] != '@')
        at--;
    if (at == 0)
        return SIO_OK;
    user = (sio_view){p->rest.data, at - 1};
    skip(&p->rest, at);
    colon = span(user, ":");
    if (colon < user.len) {
        password = (sio_view){user.data + colon + 1, user.len - colon - 1};
        user.len = colon;
    }
    out->has_auth = user.len > 0 || password.len > 0;
    if (decode(p, user, out->user, SIO_REDIS_MAX_USER, "user") != SIO_OK)
        return SIO_BAD;
    return decode(p, password, out->password, SIO_REDIS_MAX_PASSWORD, "password");
}

static int
parse_host(parser *p, char out[SIO_REDIS_MAX_HOST + 1])
{
    sio_view host;

    if (p->rest.len > 0 && p->rest.data[0] == '[') {
        const size_t end = span(p->rest, "]");

        if (end == p->rest.len)
            return bad(p, "the ']' after the IPv6 address is missing");
        host = (sio_view){p->rest.data + 1, end - 1};
        skip(&p->rest, end + 1);
        if (span(p->rest, ",:/?#") != 0)
            return bad(p, "after ']' there can be only ':port', '/database' or the end");
    } else {
        host = (sio_view){p->rest.data, span(p->rest, ",:/?#")};
        skip(&p->rest, host.len);
    }
    if (host.len == 0)
        return bad(p, "the host is missing");
    if (span(host, " \t\r\n") < host.len)
        return bad(p, "the host contains white space");
    return decode(p, host, out, SIO_REDIS_MAX_HOST, "host");
}

static int
parse_port(parser *p, unsigned usual, uint16_t *out)
{
    unsigned port = usual;
    size_t   n;

    if (skip_prefix(&p->rest, SIO_VIEW(":"))) {
        n = span(p->rest, ",/?#");
        if (n == 0)
            return bad(p, "after ':' the port is missing");
        if (span(p->rest, ":") < n)
            return bad(p, "the port is not a number (an IPv6 address needs brackets)");
        if (decimal(p, (sio_view){p->rest.data, n}, 65535, "port", &port) != SIO_OK)
            return SIO_BAD;
        if (port == 0)
            return bad(p, "port 0 cannot be connected to");
        skip(&p->rest, n);
    }
    *out = (uint16_t)port;
    return SIO_OK;
}

static int
parse_tcp(parser *p, sio_redis_url *out)
{
    if (parse_login(p, out) != SIO_OK || parse_host(p, out->at.host) != SIO_OK ||
        parse_port(p, SIO_REDIS_DEFAULT_PORT, &out->at.port) != SIO_OK)
        return SIO_BAD;
    if (p->rest.len > 0 && p->rest.data[0] == ',')
        return bad(p, "one host can be given (several with redis-sentinel:// or redis-cluster://)");
    if (span(p->rest, "?#") < p->rest.len)
        return bad(p, "'?' and '#' mean nothing here (the database is given as /number)");
    skip_prefix(&p->rest, SIO_VIEW("/"));
    return decimal(p, p->rest, SIO_REDIS_MAX_DB, "database", &out->db);
}

/* --- redis-sentinel://: several hosts, the name of the primary, a password of their own. --- */

/* host[:port][,host[:port]]... */
static int
parse_sentinels(parser *p, sio_redis_url *out)
{
    do {
        sio_redis_place *place = &out->sentinels[out->n_sentinels];

        if (out->n_sentinels == SIO_REDIS_MAX_SENTINELS)
            return bad(p, "more than %d sentinels", SIO_REDIS_MAX_SENTINELS);
        if (parse_host(p, place->host) != SIO_OK ||
            parse_port(p, SIO_REDIS_SENTINEL_PORT, &place->port) != SIO_OK)
            return SIO_BAD;
        out->n_sentinels++;
    } while (skip_prefix(&p->rest, SIO_VIEW(",")));
    return SIO_OK;
}

/* /primary[/database]; the name is a word of a command and of a message with blanks in it. */
static int
parse_primary(parser *p, sio_redis_url *out)
{
    sio_view name;
    size_t   n;

    skip_prefix(&p->rest, SIO_VIEW("/"));
    name = (sio_view){p->rest.data, span(p->rest, "/?#")};
    skip(&p->rest, name.len);
    if (name.len == 0)
        return bad(p, "behind the sentinels \"/name\" of the primary is missing");
    if (decode(p, name, out->primary, SIO_REDIS_MAX_PRIMARY, "name of the primary") != SIO_OK)
        return SIO_BAD;
    if (strpbrk(out->primary, " \t\r\n") != NULL)
        return bad(p, "the name of the primary contains white space");
    skip_prefix(&p->rest, SIO_VIEW("/"));
    n = span(p->rest, "?#");
    if (decimal(p, (sio_view){p->rest.data, n}, SIO_REDIS_MAX_DB, "database", &out->db) != SIO_OK)
        return SIO_BAD;
    skip(&p->rest, n);
    return SIO_OK;
}

/* [?sentinel_user=user&sentinel_password=password], in any order */
static int
parse_sentinel_login(parser *p, sio_redis_url *out)
{
    bool is_first = true;

    while (skip_prefix(&p->rest, is_first ? SIO_VIEW("?") : SIO_VIEW("&"))) {
        const bool is_user = skip_prefix(&p->rest, SIO_VIEW("sentinel_user="));
        sio_view   value;

        if (!is_user && !skip_prefix(&p->rest, SIO_VIEW("sentinel_password=")))
            break;
        value = (sio_view){p->rest.data, span(p->rest, "&#")};
        skip(&p->rest, value.len);
        is_first = false;
        out->has_sentinel_auth = true;
        if (decode(p, value, is_user ? out->sentinel_user : out->sentinel_password,
                   is_user ? SIO_REDIS_MAX_USER : SIO_REDIS_MAX_PASSWORD,
                   is_user ? "user of the sentinels" : "password of the sentinels") != SIO_OK)
            return SIO_BAD;
    }
    if (p->rest.len > 0)
        return bad(p, "behind the primary there can be only '/database' and "
                      "'?sentinel_user=user&sentinel_password=password'");
    return SIO_OK;
}

static int
parse_sentinel(parser *p, sio_redis_url *out)
{
    if (parse_login(p, out) != SIO_OK || parse_sentinels(p, out) != SIO_OK ||
        parse_primary(p, out) != SIO_OK)
        return SIO_BAD;
    return parse_sentinel_login(p, out);
}

/* --- redis-cluster://: several hosts. There is no database but 0. --- */

static int
parse_cluster(parser *p, sio_redis_url *out)
{
    if (parse_login(p, out) != SIO_OK)
        return SIO_BAD;
    do {
        sio_redis_place *place = &out->seeds[out->n_seeds];

        if (out->n_seeds == SIO_REDIS_MAX_SEEDS)
            return bad(p, "more than %d nodes (some are enough: they know the others)",
                       SIO_REDIS_MAX_SEEDS);
        if (parse_host(p, place->host) != SIO_OK ||
            parse_port(p, SIO_REDIS_DEFAULT_PORT, &place->port) != SIO_OK)
            return SIO_BAD;
        out->n_seeds++;
    } while (skip_prefix(&p->rest, SIO_VIEW(",")));
    skip_prefix(&p->rest, SIO_VIEW("/"));
    return p->rest.len == 0 ? SIO_OK
                            : bad(p, "behind the nodes there can be nothing: a cluster has no "
                                     "databases");
}

static int
parse_unix(parser *p, sio_redis_url *out)
{
    sio_view path;

    if (skip_prefix(&p->rest, SIO_VIEW("//")) && parse_login(p, out) != SIO_OK)
        return SIO_BAD;
    path = (sio_view){p->rest.data, span(p->rest, "?#")};
    skip(&p->rest, path.len);
    if (path.len == 0 || path.data[0] != '/')
        return bad(p, "the path of the socket must begin with '/'");
    if (decode(p, path, out->path, SIO_REDIS_MAX_PATH, "path") != SIO_OK)
        return SIO_BAD;
    if (p->rest.len == 0)
        return SIO_OK;
    if (!skip_prefix(&p->rest, SIO_VIEW("?db=")) || p->rest.len == 0)
        return bad(p, "after the path there can be only '?db=number'");
    return decimal(p, p->rest, SIO_REDIS_MAX_DB, "database", &out->db);
}

int
/* NOLINTNEXTLINE(readability-non-const-parameter): bad() writes to error, through p */
sio_redis_url_parse(const char *text, sio_redis_url *out, char *error, size_t error_size)
{
    parser p = {sio_view_of(text), error, error_size};

    *out = (sio_redis_url){.db = 0};
    out->has_tls = skip_prefix(&p.rest, SIO_VIEW("rediss"));
    if (out->has_tls ? skip_prefix(&p.rest, SIO_VIEW("://"))
                     : skip_prefix(&p.rest, SIO_VIEW("redis://")))
        return parse_tcp(&p, out);
    if (out->has_tls ? skip_prefix(&p.rest, SIO_VIEW("-sentinel://"))
                     : skip_prefix(&p.rest, SIO_VIEW("redis-sentinel://")))
        return parse_sentinel(&p, out);
    if (out->has_tls ? skip_prefix(&p.rest, SIO_VIEW("-cluster://"))
                     : skip_prefix(&p.rest, SIO_VIEW("redis-cluster://")))
        return parse_cluster(&p, out);
    if (out->has_tls)
        return bad(&p,
                   "with TLS it begins with rediss://, rediss-sentinel:// or rediss-cluster://");
    if (skip_prefix(&p.rest, SIO_VIEW("unix:")) || skip_prefix(&p.rest, SIO_VIEW("redis+unix:")))
        return parse_unix(&p, out);
    return bad(&p, "a Redis address begins with redis://, redis-sentinel://, redis-cluster:// or "
                   "unix:/");
}

bool
sio_redis_place_set_host(sio_redis_place *place, sio_view host)
{
    if (host.len == 0 || host.len > SIO_REDIS_MAX_HOST)
        return false;
    for (size_t i = 0; i < host.len; i++)
        if (host.data[i] <= ' ' || host.data[i] > '~')
            return false;
    memcpy(place->host, host.data, host.len);
    place->host[host.len] = '\0';
    return true;
}

bool
sio_redis_place_eq(const sio_redis_place *a, const sio_redis_place *b)
{
    return a->port == b->port && strcmp(a->host, b->host) == 0;
}

void
sio_redis_url_name_place(const sio_redis_place *place, char name[SIO_REDIS_MAX_NAME])
{
    const bool is_ipv6 = strchr(place->host, ':') != NULL;

    snprintf(name, SIO_REDIS_MAX_NAME, "%s%s%s:%u", is_ipv6 ? "[" : "", place->host,
             is_ipv6 ? "]" : "", place->port);
}

void
sio_redis_url_name(const sio_redis_url *url, char name[SIO_REDIS_MAX_NAME])
{
    if (url->path[0] != '\0')
        snprintf(name, SIO_REDIS_MAX_NAME, "unix:%s", url->path);
    else if (url->n_sentinels > 0)
        snprintf(name, SIO_REDIS_MAX_NAME, "sentinel:%s", url->primary);
    else if (url->n_seeds > 0)
        snprintf(name, SIO_REDIS_MAX_NAME, "cluster:%s:%u", url->seeds[0].host, url->seeds[0].port);
    else
        sio_redis_url_name_place(&url->at, name);
}

static size_t
common_length(const char *a, const char *b)
{
    size_t n = 0;

    while (a[n] != '\0' && a[n] == b[n])
        n++;
    return n;
}

static void
hide_word(const char *password, char *text)
{
    const size_t len = strlen(password);
    const size_t least = len < TELLING ? len : TELLING;

    if (len == 0)
        return;
    while (*text != '\0') {
        const size_t n = common_length(text, password);

        if (n >= least)
            memset(text, '*', n);
        text += n >= least ? n : 1;
    }
}

void
sio_redis_url_hide(const sio_redis_url *url, char *text)
{
    hide_word(url->password, text);
    hide_word(url->sentinel_password, text);
}
