#include "store/redis_wills.h"

#include "store/redis_post.h"

#include <stdlib.h>
#include <string.h>

sio_redis_key
sio_redis_wills_key(const sio_redis_store *s, sio_view tag)
{
    return sio_redis_store_home_key(s, "wills:", tag);
}

/* --- Adding and removing. --- */

static int
will_add(sio_store *self, sio_view tag, sio_view will)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    const sio_redis_key key = sio_redis_wills_key(s, tag);

    return sio_redis_post_member(s, "SADD", &key, will);
}

static int
will_remove(sio_store *self, sio_view tag, sio_view will)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    const sio_redis_key key = sio_redis_wills_key(s, tag);

    return sio_redis_post_member(s, "SREM", &key, will);
}

static void
wills_remove_all(sio_store *self, sio_view tag)
{
    sio_redis_store    *s = sio_redis_store_of(self);
    const sio_redis_key key = sio_redis_wills_key(s, tag);

    sio_redis_post_command(s, "DEL", &key, NULL);
}

/* --- Moving: SRANDMEMBER <from>, then SMOVE <from> <to> <will>, which only one can do. --- */

/* Somebody who waits for a will, and the command that is under way for it. */
typedef struct {
    sio_store_req     req;  /* what the caller holds */
    sio_link          link; /* in s->heirs */
    sio_redis_store  *s;
    sio_redis_key     from, to;
    sio_store_will_cb cb;
    void             *arg;
    sio_redis_call   *call;
} heir;

typedef struct {
    sio_redis_call call; /* first: the client frees it */
    heir          *heir; /* not once the call was answered or cancelled */
} pick_call;

typedef struct {
    sio_redis_call   call; /* first: the client frees it */
    heir            *heir; /* likewise */
    sio_redis_store *s;
    sio_redis_key    from, to;
    size_t           len;
    char             will[];
} move_call;

static void
heir_free(heir *h)
{
    sio_link_remove(&h->link);
    free(h);
}

static void
heir_cancel(sio_store_req *req)
{
    heir *h = (heir *)(void *)((char *)req - offsetof(heir, req));

    sio_redis_call_cancel(h->call);
    heir_free(h);
}

void
sio_redis_wills_fini(sio_redis_store *s)
{
    while (!sio_link_empty(&s->heirs))
        heir_free(SIO_CONTAINER(s->heirs.next, heir, link));
}

static void
heir_finish(heir *h, int rc, sio_view will)
{
    const sio_store_will_cb cb = h->cb;
    void                   *arg = h->arg;

    if (rc == SIO_ERR_UNAVAILABLE)
        h->s->store.counters.unavailable++;
    heir_free(h);
    cb(arg, rc, will);
}

static void
heir_fail(heir *h, int rc)
{
    heir_finish(h, rc, (sio_view){NULL, 0});
}

static bool
is_reply_good(sio_redis_store *s, const redisReply *reply)
{
    if (reply == NULL)
        return false;
    sio_redis_store_note_reply(s, reply);
    return reply->type != REDIS_REPLY_ERROR;
}

static bool pick(heir *h);

static void
move_answered(sio_redis_call *call, const redisReply *reply)
{
    move_call *m = (move_call *)(void *)call;

    if (!is_reply_good(m->s, reply) || reply->type != REDIS_REPLY_INTEGER)
        heir_fail(m->heir, SIO_ERR_UNAVAILABLE);
    else if (reply->integer == 0) /* another was faster */
        (void)pick(m->heir);
    else
        heir_finish(m->heir, SIO_OK, (sio_view){m->will, m->len});
}

static void
nothing_to_answer(sio_redis_call *call, const redisReply *reply)
{
    (void)call;
    (void)reply;
}

/* To be sent. NULL when out of memory. */
static move_call *
move_new(sio_redis_store *s, const sio_redis_key *from, const sio_redis_key *to, sio_view will)
{
    move_call *m = calloc(1, sizeof *m + will.len);

    if (m == NULL)
        return NULL;
    m->call.answer = move_answered;
    m->s = s;
    m->from = *from;
    m->to = *to;
    m->len = will.len;
    if (will.len > 0)
        memcpy(m->will, will.data, will.len);
    return m;
}

static sio_redis_command
command_of(const move_call *m)
{
    sio_redis_command c = {.argc = 0};

    sio_redis_command_add(&c, SIO_VIEW("SMOVE"));
    sio_redis_command_add(&c, sio_redis_key_view(&m->from));
    sio_redis_command_add(&c, sio_redis_key_view(&m->to));
    sio_redis_command_add(&c, (sio_view){m->will, m->len});
    return c;
}

/* Nobody here knows that it was moved: let somebody else have it. */
static void
move_late(sio_redis_call *call, const redisReply *reply)
{
    const move_call  *m = (move_call *)(void *)call;
    move_call        *back;
    sio_redis_command c;

    if (!is_reply_good(m->s, reply) || reply->type != REDIS_REPLY_INTEGER || reply->integer == 0)
        return;
    if ((back = move_new(m->s, &m->to, &m->from, (sio_view){m->will, m->len})) == NULL)
        return;
    back->call.answer = nothing_to_answer;
    c = command_of(back);
    if (!sio_redis_client_post(m->s->client, &back->call, &c))
        free(back);
}

static void
take_will(heir *h, sio_view will)
{
    move_call        *m = move_new(h->s, &h->from, &h->to, will);
    sio_redis_command c;

    if (m == NULL) {
        heir_fail(h, SIO_ERR_NOMEM);
        return;
    }
    m->heir = h;
    m->call.late = move_late;
    h->call = &m->call;
    c = command_of(m);
    (void)sio_redis_client_send(h->s->client, &m->call, &c);
}

static void
pick_answered(sio_redis_call *call, const redisReply *reply)
{
    heir *h = ((pick_call *)(void *)call)->heir;

    if (!is_reply_good(h->s, reply))
        heir_fail(h, SIO_ERR_UNAVAILABLE);
    else if (reply->type == REDIS_REPLY_STRING)
        take_will(h, (sio_view){reply->str, reply->len});
    else
        heir_fail(h, SIO_ERR_NOT_FOUND);
}

/* False: h has been answered already, and is gone. */
static bool
pick(heir *h)
{
    pick_call        *p = calloc(1, sizeof *p);
    sio_redis_command c = {.argc = 0};

    if (p == NULL) {
        heir_fail(h, SIO_ERR_NOMEM);
        return false;
    }
    p->call.answer = pick_answered;
    p->call.late = nothing_to_answer;
    p->heir = h;
    h->call = &p->call;
    sio_redis_command_add(&c, SIO_VIEW("SRANDMEMBER"));
    sio_redis_command_add(&c, sio_redis_key_view(&h->from));
    return sio_redis_client_send(h->s->client, &p->call, &c) != NULL;
}

static sio_store_req *
will_move(sio_store *self, sio_view from, sio_view to, sio_store_will_cb cb, void *arg)
{
    sio_redis_store *s = sio_redis_store_of(self);
    heir            *h = NULL;

    if (!sio_redis_client_well(s->client)) {
        self->counters.unavailable++;
        cb(arg, SIO_ERR_UNAVAILABLE, (sio_view){NULL, 0});
        return NULL;
    }
    if ((h = calloc(1, sizeof *h)) == NULL) {
        cb(arg, SIO_ERR_NOMEM, (sio_view){NULL, 0});
        return NULL;
    }
    *h = (heir){.req = {.cancel = heir_cancel}, .s = s, .cb = cb, .arg = arg};
    h->from = sio_redis_wills_key(s, from);
    h->to = sio_redis_wills_key(s, to);
    sio_link_init(&h->link);
    sio_link_append(&s->heirs, &h->link);
    return pick(h) ? &h->req : NULL;
}

const struct sio_store_will_ops sio_redis_will_ops = {
    .add = will_add,
    .remove = will_remove,
    .remove_all = wills_remove_all,
    .move = will_move,
};
