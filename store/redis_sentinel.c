#include "store/redis_sentinel.h"

#include "protocol/result.h"
#include "protocol/whole_number.h"
#include "store/clock.h"
#include "store/redis_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PATIENCE_MS = 5000, /* for the answers, once it is connected */
    MAX_PORT = 65535
};

static const char nobody_knows[] = "no sentinel says where it is";

typedef struct {
    sio_redis_sentinels *all;
    sio_redis_link      *link;
    struct event        *timer; /* the end of patience */
    char                 name[SIO_REDIS_MAX_NAME];
    bool                 is_away; /* since the last attempt; the log knows */
} sentinel;

struct sio_redis_sentinels {
    sio_redis_primary primary;
    char              primary_name[SIO_REDIS_MAX_PRIMARY + 1];
    sio_store_log     log;
    void             *log_arg;
    unsigned          n;
    sentinel          items[SIO_REDIS_MAX_SENTINELS];
};

/* --- Log. --- */

static void
sentinel_say(const sentinel *s, int level, const char *what, const char *reason)
{
    char text[SIO_REDIS_MAX_NAME + 512];

    if (s->all->log == NULL)
        return;
    snprintf(text, sizeof text, "Sentinel at %s %s%s%s%s", s->name, what,
             reason != NULL ? " (" : "", reason != NULL ? reason : "",
             reason != NULL ? "); retrying" : "");
    s->all->log(s->all->log_arg, level, text);
}

static bool
are_all_away(const sio_redis_sentinels *all)
{
    for (unsigned i = 0; i < all->n; i++)
        if (!all->items[i].is_away)
            return false;
    return true;
}

static void
on_sentinel_down(void *arg, const char *reason)
{
    sentinel *s = arg;

    event_del(s->timer);
    if (!s->is_away)
        sentinel_say(s, SIO_STORE_WARN, "can not be used", reason);
    s->is_away = true;
    if (are_all_away(s->all))
        sio_redis_primary_fail(&s->all->primary, nobody_knows);
}

static void
note_well(sentinel *s)
{
    event_del(s->timer);
    if (s->is_away)
        sentinel_say(s, SIO_STORE_INFO, "answers again", NULL);
    s->is_away = false;
}

/* --- What a sentinel says. --- */

static sio_view
sentinel_text_of(const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_STRING)
        return (sio_view){"", 0};
    return (sio_view){reply->str, reply->len};
}

/* False: no host or no port, as nobody says it who means it. */
static bool
read_place(sio_view host, sio_view port, sio_redis_place *out)
{
    size_t number = 0;

    if (sio_whole_number(port, MAX_PORT, &number) != SIO_OK || number == 0 ||
        !sio_redis_place_set_host(out, host))
        return false;
    out->port = (uint16_t)number;
    return true;
}

/* The next word of a message; empty at its end. */
static sio_view
take_word(sio_view *rest)
{
    const char *blank = rest->len > 0 ? memchr(rest->data, ' ', rest->len) : NULL;
    sio_view    word = *rest;

    if (blank == NULL) {
        *rest = (sio_view){"", 0};
        return word;
    }
    word.len = (size_t)(blank - rest->data);
    *rest = (sio_view){blank + 1, rest->len - word.len - 1};
    return word;
}

/* <primary> <old host> <old port> <new host> <new port>; of other primaries, too. */
static void
hear_switch(sio_redis_sentinels *all, sio_view said)
{
    sio_view        words[5];
    sio_redis_place place;

    for (unsigned i = 0; i < 5; i++)
        words[i] = take_word(&said);
    if (sio_view_eq(words[0], sio_view_of(all->primary_name)) && said.len == 0 &&
        read_place(words[3], words[4], &place))
        sio_redis_primary_announce(&all->primary, &place);
}

/* ["message", "+switch-master", <bytes>] or the confirmation; NULL at the end. */
static void
on_sentinel_message(redisAsyncContext *ac, void *r, void *arg)
{
    sentinel         *s = arg;
    const redisReply *reply = r;

    if (reply == NULL || ac != sio_redis_link_context(s->link) ||
        reply->type != REDIS_REPLY_ARRAY || reply->elements != 3)
        return;
    if (sio_view_eq(sentinel_text_of(reply->element[0]), SIO_VIEW("message")))
        hear_switch(s->all, sentinel_text_of(reply->element[2]));
    else
        note_well(s);
}

static void
send_words(sentinel *s, redisCallbackFn *fn, int argc, const char **argv)
{
    if (redisAsyncCommandArgv(sio_redis_link_context(s->link), fn, s, argc, argv, NULL) != REDIS_OK)
        sio_redis_link_drop(s->link, "out of memory");
}

static void
sentinel_refuse(sentinel *s, const redisReply *reply)
{
    char reason[SIO_REDIS_MAX_PRIMARY + 64];

    if (reply->type == REDIS_REPLY_ERROR)
        snprintf(reason, sizeof reason, "%s", reply->str);
    else if (reply->type == REDIS_REPLY_NIL || reply->type == REDIS_REPLY_ARRAY)
        snprintf(reason, sizeof reason, "it knows no place of \"%s\"", s->all->primary_name);
    else
        snprintf(reason, sizeof reason, "it is no sentinel");
    sio_redis_link_drop(s->link, reason);
}

/* [host, port] */
static void
on_sentinel_answer(redisAsyncContext *ac, void *r, void *arg)
{
    static const char *subscribe[] = {"SUBSCRIBE", "+switch-master"};
    sentinel          *s = arg;
    const redisReply  *reply = r;
    sio_redis_place    place;

    if (reply == NULL || ac != sio_redis_link_context(s->link))
        return;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
        !read_place(sentinel_text_of(reply->element[0]), sentinel_text_of(reply->element[1]),
                    &place)) {
        sentinel_refuse(s, reply);
        return;
    }
    send_words(s, on_sentinel_message, 2, subscribe);
    sio_redis_primary_add(&s->all->primary, &place);
}

static void
on_sentinel_up(void *arg)
{
    const struct timeval patience = sio_timeval_ms(PATIENCE_MS);
    sentinel            *s = arg;
    const char          *ask[] = {"SENTINEL", "get-master-addr-by-name", s->all->primary_name};

    event_add(s->timer, &patience);
    send_words(s, on_sentinel_answer, 3, ask);
}

static void
on_sentinel_timer(evutil_socket_t fd, short events, void *arg)
{
    const sentinel *s = arg;

    (void)fd;
    (void)events;
    sio_redis_link_drop(s->link, "it does not answer");
}

/* --- Life. --- */

/* What a link has to know of sentinel i. */
static sio_redis_url
url_of(const sio_redis_url *url, unsigned i)
{
    sio_redis_url own = {.at = url->sentinels[i], .has_auth = url->has_sentinel_auth};

    memcpy(own.user, url->sentinel_user, sizeof own.user);
    memcpy(own.password, url->sentinel_password, sizeof own.password);
    return own;
}

static int
open_sentinel(sio_redis_sentinels *all, const sio_redis_sentinels_cfg *cfg, sentinel *s)
{
    const sio_redis_url      url = url_of(cfg->url, all->n);
    const sio_redis_link_cfg link_cfg = {.base = cfg->base,
                                         .url = &url,
                                         .tls = cfg->tls,
                                         .form = SIO_REDIS_REPLIES_HEARD,
                                         .up = on_sentinel_up,
                                         .down = on_sentinel_down,
                                         .arg = s};

    s->all = all;
    sio_redis_url_name(&url, s->name);
    s->timer = evtimer_new(cfg->base, on_sentinel_timer, s);
    all->n++; /* to be freed, whatever it lacks */
    return s->timer != NULL ? sio_redis_link_new(&s->link, &link_cfg) : SIO_ERR_NOMEM;
}

int
sio_redis_sentinels_new(sio_redis_sentinels **out, const sio_redis_sentinels_cfg *cfg)
{
    sio_redis_sentinels *all = calloc(1, sizeof *all);

    if (all == NULL)
        return SIO_ERR_NOMEM;
    sio_redis_primary_init(&all->primary);
    all->log = cfg->log;
    all->log_arg = cfg->log_arg;
    memcpy(all->primary_name, cfg->url->primary, sizeof all->primary_name);
    while (all->n < cfg->url->n_sentinels)
        if (open_sentinel(all, cfg, &all->items[all->n]) != SIO_OK) {
            sio_redis_sentinels_free(all);
            return SIO_ERR_NOMEM;
        }
    *out = all;
    return SIO_OK;
}

void
sio_redis_sentinels_free(sio_redis_sentinels *all)
{
    if (all == NULL)
        return;
    for (unsigned i = 0; i < all->n; i++) {
        sio_redis_link_free(all->items[i].link);
        if (all->items[i].timer != NULL)
            event_free(all->items[i].timer);
    }
    free(all);
}

sio_redis_primary *
sio_redis_sentinels_primary(sio_redis_sentinels *all)
{
    return &all->primary;
}
