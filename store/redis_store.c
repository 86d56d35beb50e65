#include "store/redis_store.h"

#include "store/clock.h"

#include <assert.h>
#include <stdio.h>

enum { REFUSAL_PAUSE_MS = 60000 };

/* --- Keys. --- */

static sio_redis_key
make_key(const sio_redis_store *s, bool has_braces, const char *kind, sio_view id)
{
    sio_redis_key key;
    const int n = snprintf(key.text, sizeof key.text, "%s%s%s%s", has_braces ? "{" : "", s->prefix,
                           has_braces ? "}" : "", kind);

    assert(n > 0 && (size_t)n + id.len <= sizeof key.text); /* prefix, kind and id are bounded */
    memcpy(key.text + n, id.data, id.len);
    key.len = (size_t)n + id.len;
    return key;
}

sio_redis_key
sio_redis_store_key(const sio_redis_store *s, const char *kind, sio_view id)
{
    return make_key(s, false, kind, id);
}

sio_redis_key
sio_redis_store_home_key(const sio_redis_store *s, const char *kind, sio_view id)
{
    return make_key(s, s->url.n_seeds > 0, kind, id);
}

sio_redis_client *
sio_redis_store_client(const sio_redis_store *s, const sio_redis_key *key)
{
    const sio_view name = sio_redis_key_view(key);

    if (s->cluster == NULL || sio_redis_cluster_is_home(s->cluster, name))
        return s->client;
    return sio_redis_cluster_client(s->cluster, name);
}

sio_redis_key
sio_redis_store_client_key(const sio_redis_store *s, sio_view id)
{
    sio_redis_key key = {.len = id.len};

    if (!s->bare_clients)
        return sio_redis_store_home_key(s, "client:", id); /* COPY is within a slot */
    memcpy(key.text, id.data, id.len);
    return key;
}

sio_redis_key
sio_redis_store_instances_key(const sio_redis_store *s)
{
    return sio_redis_store_home_key(s, "instances", SIO_VIEW(""));
}

sio_redis_key
sio_redis_store_sessions_key(const sio_redis_store *s, sio_view tag)
{
    return sio_redis_store_home_key(s, "sessions:", tag);
}

/* --- The log. --- */

void
sio_redis_store_note_reply(sio_redis_store *s, const redisReply *reply)
{
    uint64_t now_ms;
    char     text[512];

    if (reply->type != REDIS_REPLY_ERROR)
        return;
    now_ms = sio_now_ms();
    if (s->log != NULL && (s->refused_ms == 0 || now_ms - s->refused_ms >= REFUSAL_PAUSE_MS)) {
        snprintf(text, sizeof text, "Redis refuses commands (%s); serving local clients only",
                 reply->str);
        s->log(s->log_arg, SIO_STORE_WARN, text);
    }
    s->refused_ms = now_ms;
}

void
sio_redis_store_log(const sio_redis_store *s, int level, const char *text, const char *reason)
{
    char name[SIO_REDIS_MAX_NAME], line[SIO_REDIS_MAX_NAME + 256];

    if (s->log == NULL)
        return;
    sio_redis_url_name(&s->url, name);
    snprintf(line, sizeof line, "Redis at %s %s%s%s%s", name, text, reason != NULL ? " (" : "",
             reason != NULL ? reason : "", reason != NULL ? ")" : "");
    s->log(s->log_arg, level, line);
}
