#include "server/handler/engine_target.h"

#include <string.h>

#include "protocol/query.h"
#include "protocol/sio09_target.h"
#include "server/assets/client09_files.h"
#include "server/assets/client4_files.h"
#include "server/base/env.h"

/* --- Parameters. --- */

/*
 * The raw value of a parameter. One with several values has none that anybody knows, as where
 * Node makes an array of them.
 */
static bool
parameter(sio_view query, const char *key, sio_view *raw)
{
    const sio_view several = SIO_VIEW(",");
    sio_query_iter it;
    sio_view       k, v;
    bool           found = false;

    sio_query_begin(&it, query);
    while (sio_query_next(&it, &k, &v)) {
        if (!sio_query_decodes_to(k, sio_view_of(key)))
            continue;
        *raw = found && !sio_view_eq(*raw, v) ? several : v;
        found = true;
    }
    return found;
}

static bool
has(sio_view query, const char *key)
{
    sio_view ignored;

    return sio_query_find(query, key, &ignored);
}

static const sio_transport *
transport_of(sio_view query)
{
    char     name[16];
    sio_view raw = SIO_VIEW("");

    (void)parameter(query, "transport", &raw);
    (void)sio_query_decode_short(raw, name, sizeof name);
    return sio_transport_find_engine(sio_view_of(name));
}

/* "4" is 4, and anything else is 3: real servers ask no more. */
static sio_eio_revision
revision_of(const sio_cfg *cfg, sio_view query)
{
    const sio_eio_revision none = (sio_eio_revision)0;
    sio_view               eio = SIO_VIEW("");

    (void)parameter(query, "EIO", &eio);
    if (sio_query_decodes_to(eio, SIO_VIEW("4")))
        return SIO_EIO4;
    if (cfg->refuse_missing_eio && !sio_query_decodes_to(eio, SIO_VIEW("3")) &&
        !sio_query_decodes_to(eio, SIO_VIEW("2")))
        return none;
    return cfg->allow_eio3 ? SIO_EIO3 : none;
}

static sio_eio3_client
client_of_target(sio_view query)
{
    sio_view eio = SIO_VIEW(""), t = SIO_VIEW("");

    (void)parameter(query, "EIO", &eio);
    (void)parameter(query, "t", &t);
    return sio_eio3_client_of(eio, t);
}

/* "j" counts as if it had only its digits. */
static uint32_t
engine_target_jsonp_index(sio_view raw)
{
    char     j[32];
    uint32_t n = 0;

    (void)sio_query_decode_short(raw, j, sizeof j);
    for (const char *c = j; *c != '\0'; c++)
        if (*c >= '0' && *c <= '9' && n < 100000000)
            n = n * 10 + (uint32_t)(*c - '0');
    return n;
}

/* --- Targets. --- */

/* Cut base off the path, if that is it or begins with it and a slash. */
static bool
cut_base(const char *base, sio_view *path)
{
    const size_t n = strlen(base);

    if (n == 0 || path->len < n || memcmp(path->data, base, n) != 0 ||
        (path->len > n && path->data[n] != '/'))
        return false;
    *path = (sio_view){path->data + n, path->len - n};
    return true;
}

/*
 * Split at the '?'; a path without one is not ours. below: what follows the resource, or the echo.
 */
static bool
split(const sio_cfg *cfg, sio_view target, sio_view *below, sio_view *query, bool *echo)
{
    const char *mark = target.len == 0 ? NULL : memchr(target.data, '?', target.len);

    if (mark == NULL)
        return false;
    *below = (sio_view){target.data, (size_t)(mark - target.data)};
    *query = (sio_view){mark + 1, target.len - below->len - 1};
    *echo = cut_base(cfg->engine_echo, below);
    return *echo || cut_base(cfg->resource, below);
}

static bool
is_client_file(const sio_cfg *cfg, sio_view below)
{
    return sio_client09_files_match(below) || sio_client4_files_match(cfg, below);
}

/* Where 0.9 has its handshakes and sessions, "transport" may be a word of the application. */
static bool
names_engine_transport(sio_view target, sio_view resource, sio_view query)
{
    sio09_target t;

    if (!has(query, "transport"))
        return false;
    sio09_target_parse(target, resource, &t);
    return t.protocol == SIO09_PROTOCOL_NONE || (t.id.len == 0 && transport_of(query) != NULL);
}

bool
sio_engine_target_matches(const sio_env *env, sio_view raw_target)
{
    const sio_view resource = sio_view_of(env->cfg->resource);
    sio_view       below, query;
    bool           echo;

    if (!env->cfg->engine || !split(env->cfg, raw_target, &below, &query, &echo))
        return false;
    if (has(query, "EIO") || names_engine_transport(raw_target, resource, query))
        return !is_client_file(env->cfg, below);
    return below.len <= 1 && has(query, "sid");
}

void
sio_engine_target_parse(const sio_env *env, sio_view raw_target, sio_engine_target *out)
{
    const sio_cfg *cfg = env->cfg;
    sio_view       below, raw = SIO_VIEW("");

    *out = (sio_engine_target){.query = SIO_VIEW("")};
    (void)split(cfg, raw_target, &below, &out->query, &out->echo);
    out->transport = transport_of(out->query);
    if (out->transport != NULL &&
        !sio_cfg_engine_may_use(cfg, sio_view_of(out->transport->channel->name)))
        out->transport = NULL;
    out->revision = revision_of(cfg, out->query);
    out->client = client_of_target(out->query);
    out->jsonp = parameter(out->query, "j", &raw);
    out->jsonp_index = out->jsonp ? engine_target_jsonp_index(raw) : 0;
    raw = SIO_VIEW("");
    out->base64 = (parameter(out->query, "b64", &raw) && raw.len > 0) || out->jsonp;
    raw = SIO_VIEW("");
    out->has_sid = parameter(out->query, "sid", &raw) && raw.len > 0; /* empty: a handshake */
    (void)sio_query_decode_short(raw, out->sid, sizeof out->sid);
}
