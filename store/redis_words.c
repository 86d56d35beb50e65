#include "store/redis_words.h"

#include "store/redis_link.h"

#include <hiredis/sds.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct sio_redis_words {
    sio_redis_words_cfg cfg;
    sio_redis_link     *link;
    size_t              n_waiting;
};

/* One answer that is awaited. */
typedef struct {
    sio_redis_words    *w;
    sio_redis_answer_fn fn;
    void               *arg;
} awaited_words;

/* --- Answers. --- */

static const redisReply *
reply_of(const sio_redis_answer *a)
{
    return (const redisReply *)a;
}

sio_redis_kind
sio_redis_answer_kind(const sio_redis_answer *a)
{
    switch (reply_of(a)->type) {
    case REDIS_REPLY_STRING:
        return SIO_REDIS_TEXT;
    case REDIS_REPLY_STATUS:
        return SIO_REDIS_STATUS;
    case REDIS_REPLY_ERROR:
        return SIO_REDIS_ERROR;
    case REDIS_REPLY_INTEGER:
        return SIO_REDIS_INTEGER;
    case REDIS_REPLY_ARRAY:
        return SIO_REDIS_LIST;
    default:
        return SIO_REDIS_NIL;
    }
}

sio_view
sio_redis_answer_text(const sio_redis_answer *a)
{
    const redisReply *reply = reply_of(a);

    return reply->str != NULL ? (sio_view){reply->str, reply->len} : SIO_VIEW("");
}

int64_t
sio_redis_answer_integer(const sio_redis_answer *a)
{
    return reply_of(a)->integer;
}

size_t
sio_redis_answer_count(const sio_redis_answer *a)
{
    return reply_of(a)->type == REDIS_REPLY_ARRAY ? reply_of(a)->elements : 0;
}

const sio_redis_answer *
sio_redis_answer_item(const sio_redis_answer *a, size_t i)
{
    return (const sio_redis_answer *)reply_of(a)->element[i];
}

static void
on_redis_words_reply(redisAsyncContext *ac, void *reply, void *arg)
{
    awaited_words *a = arg;

    (void)ac;
    a->w->n_waiting--;
    a->fn(reply, a->arg);
    free(a);
}

/* Asked for by each SUBSCRIBE, and called for each message; reply NULL at the end. */
static void
on_redis_words_heard(redisAsyncContext *ac, void *reply, void *arg)
{
    sio_redis_words *w = arg;

    if (reply != NULL && ac == sio_redis_link_context(w->link))
        w->cfg.heard(w->cfg.arg, reply);
}

/* --- Commands. --- */

static bool
is_one_of(sio_view word, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strlen(*names) == word.len && strncasecmp(*names, word.data, word.len) == 0)
            return true;
    return false;
}

/* Those after which a connection is something else, or has no answers in order. */
static bool
fits(const sio_redis_words *w, const sio_view *words, size_t n)
{
    static const char *const of_channels[] = {"subscribe", "psubscribe", "unsubscribe",
                                              "punsubscribe", NULL};
    static const char *const others[] = {"ssubscribe", "sunsubscribe", "monitor", "hello", "reset",
                                         "sync",       "psync",        "quit",    NULL};
    static const char *const client[] = {"client", NULL}, *const reply[] = {"reply", NULL};

    if (n == 0 || n > SIO_REDIS_WORDS_MAX_WORDS)
        return false;
    if (w->cfg.listens) /* which ones to leave is always said, so that the answer has a name */
        return n > 1 && is_one_of(words[0], of_channels);
    return !is_one_of(words[0], of_channels) && !is_one_of(words[0], others) &&
           !(n > 1 && is_one_of(words[0], client) && is_one_of(words[1], reply));
}

static int
send_words(redisAsyncContext *ac, const sio_view *words, size_t n, redisCallbackFn *fn, void *arg)
{
    const char **argv = calloc(n, sizeof *argv);
    size_t      *len = calloc(n, sizeof *len);
    int          rc = SIO_ERR_NOMEM;

    for (size_t i = 0; argv != NULL && len != NULL && i < n; i++) {
        argv[i] = words[i].data;
        len[i] = words[i].len;
    }
    if (argv != NULL && len != NULL &&
        redisAsyncCommandArgv(ac, fn, arg, (int)n, argv, len) == REDIS_OK)
        rc = SIO_OK;
    free(argv);
    free(len);
    return rc;
}

int
sio_redis_words_send(sio_redis_words *w, const sio_view *words, size_t n, sio_redis_answer_fn fn,
                     void *arg)
{
    redisAsyncContext *ac = sio_redis_link_context(w->link);
    awaited_words     *a;
    int                rc;

    if (!fits(w, words, n))
        return SIO_BAD;
    if (ac == NULL)
        return SIO_ERR_UNAVAILABLE;
    if (w->n_waiting >= SIO_REDIS_WORDS_MAX_WAITING ||
        sdslen(ac->c.obuf) > SIO_REDIS_WORDS_MAX_UNSENT)
        return SIO_ERR_FULL;
    if (w->cfg.listens)
        return send_words(ac, words, n, on_redis_words_heard, w);
    if ((a = malloc(sizeof *a)) == NULL)
        return SIO_ERR_NOMEM;
    *a = (awaited_words){w, fn, arg};
    w->n_waiting++;
    if ((rc = send_words(ac, words, n, on_redis_words_reply, a)) != SIO_OK) {
        w->n_waiting--;
        free(a);
    }
    return rc;
}

/* --- Life. --- */

static void
on_redis_words_up(void *arg)
{
    sio_redis_words *w = arg;

    w->cfg.up(w->cfg.arg);
}

static void
on_redis_words_down(void *arg, const char *reason)
{
    sio_redis_words *w = arg;

    w->cfg.down(w->cfg.arg, reason);
}

int
sio_redis_words_new(sio_redis_words **out, const sio_redis_words_cfg *cfg)
{
    sio_redis_words   *w = calloc(1, sizeof *w);
    sio_redis_link_cfg link = {.base = cfg->base,
                               .url = cfg->url,
                               .form = cfg->listens ? SIO_REDIS_REPLIES_HEARD
                                                    : SIO_REDIS_REPLIES_NESTED,
                               .up = on_redis_words_up,
                               .down = on_redis_words_down,
                               .arg = w};

    if (w == NULL)
        return SIO_ERR_NOMEM;
    w->cfg = *cfg;
    w->cfg.url = NULL; /* the link has it */
    if (sio_redis_link_new(&w->link, &link) != SIO_OK) {
        free(w);
        return SIO_ERR_NOMEM;
    }
    *out = w;
    return SIO_OK;
}

void
sio_redis_words_free(sio_redis_words *w)
{
    if (w == NULL)
        return;
    sio_redis_link_free(w->link);
    free(w);
}
