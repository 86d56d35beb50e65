#include "store/redis_greeting.h"

#include <stdio.h>
#include <string.h>

/* --- Answers. --- */

/*
 * What INFO says of replication; of any other greeting all is good. Not ROLE, whose answer has
 * arrays in arrays with all replicas in them, which no other connection has a use for.
 */
static bool
is_primary(const sio_redis_greeting *g, const redisReply *reply)
{
    static const char role[] = "role:master";

    if (strcmp(g->sent[g->n_answered], "INFO") != 0)
        return true;
    return reply->type == REDIS_REPLY_STRING &&
           memmem(reply->str, reply->len, role, sizeof role - 1) != NULL;
}

static void
on_greeted(redisAsyncContext *ac, void *r, void *arg)
{
    sio_redis_greeting           *g = arg;
    const sio_redis_greeting_ears ears = g->ears;
    redisReply                   *reply = r;

    if (ac != g->ac || reply == NULL)
        return; /* the connection has ended; whoever ended it goes on from there */
    if (reply->type == REDIS_REPLY_ERROR) {
        g->ac = NULL;
        sio_redis_url_hide(g->url, reply->str);
        ears.refused(ears.arg, g->sent[g->n_answered], reply->str);
    } else if (!is_primary(g, reply)) {
        g->ac = NULL;
        ears.wrong(ears.arg, "it is a replica");
    } else if (++g->n_answered == g->n_sent) {
        g->ac = NULL;
        ears.well(ears.arg);
    }
}

/* --- Questions. --- */

static void
say(sio_redis_greeting *g, int argc, const char *const argv[])
{
    const char *words[3];

    for (int i = 0; i < argc; i++)
        words[i] = argv[i];
    /* Without memory nothing is sent, the greeting stays incomplete, and patience ends it. */
    redisAsyncCommandArgv(g->ac, on_greeted, g, argc, words, NULL);
    g->sent[g->n_sent++] = argv[0];
}

void
sio_redis_greeting_begin(sio_redis_greeting *g, redisAsyncContext *ac, const sio_redis_url *url,
                         bool has_to_be_primary, const sio_redis_greeting_ears *ears)
{
    char        db[16];
    const char *user_login[] = {"AUTH", url->user, url->password};
    const char *login[] = {"AUTH", url->password};
    const char *select_db[] = {"SELECT", db};
    const char *info[] = {"INFO", "replication"};
    const char *ping[] = {"PING"};

    *g = (sio_redis_greeting){.ac = ac, .url = url, .ears = *ears};
    if (url->has_auth && url->user[0] != '\0')
        say(g, 3, user_login);
    else if (url->has_auth)
        say(g, 2, login);
    if (url->db != 0) {
        snprintf(db, sizeof db, "%u", url->db);
        say(g, 2, select_db);
    }
    if (has_to_be_primary)
        say(g, 2, info);
    say(g, 1, ping);
}

bool
sio_redis_greeting_is_unanswered(const sio_redis_greeting *g)
{
    return g->n_answered == 0;
}
