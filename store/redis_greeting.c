#include "store/redis_greeting.h"

#include <stdio.h>
#include <string.h>

/* --- Answers. --- */

static bool
says(const redisReply *reply, const char *word)
{
    return reply->type == REDIS_REPLY_STRING &&
           memmem(reply->str, reply->len, word, strlen(word)) != NULL;
}

/*
 * What is wrong with the answer to this command; NULL: nothing. INFO, not ROLE, whose answer has
 * arrays in arrays with all replicas in them, which no other connection has a use for.
 */
static const char *
fault_of_answer(const char *command, const redisReply *reply)
{
    if (strcmp(command, "INFO") == 0 && !says(reply, "role:master"))
        return "it is a replica";
    if (strcmp(command, "CLUSTER") == 0 && !says(reply, "cluster_state:ok"))
        return "the cluster is down";
    return NULL;
}

static void
on_greeted(redisAsyncContext *ac, void *r, void *arg)
{
    sio_redis_greeting           *g = arg;
    const sio_redis_greeting_ears ears = g->ears;
    redisReply                   *reply = r;
    const char                   *fault;

    if (ac != g->ac || reply == NULL)
        return; /* the connection has ended; whoever ended it goes on from there */
    if (reply->type == REDIS_REPLY_ERROR) {
        g->ac = NULL;
        sio_redis_url_hide(g->url, reply->str);
        ears.refused(ears.arg, g->sent[g->n_answered], reply->str);
    } else if ((fault = fault_of_answer(g->sent[g->n_answered], reply)) != NULL) {
        g->ac = NULL;
        ears.wrong(ears.arg, fault);
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
                         sio_redis_role role, const sio_redis_greeting_ears *ears)
{
    char        db[16];
    const char *user_login[] = {"AUTH", url->user, url->password};
    const char *login[] = {"AUTH", url->password};
    const char *select_db[] = {"SELECT", db};
    const char *info[] = {"INFO", "replication"};
    const char *cluster_info[] = {"CLUSTER", "INFO"};
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
    if (role != SIO_REDIS_ANY)
        say(g, 2, info);
    if (role == SIO_REDIS_CLUSTER_PRIMARY)
        say(g, 2, cluster_info);
    say(g, 1, ping);
}

bool
sio_redis_greeting_is_unanswered(const sio_redis_greeting *g)
{
    return g->n_answered == 0;
}
