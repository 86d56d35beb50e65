#include "tests/fuzz/world/cluster_redis.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/must.h"

void
redis_init(redis *r)
{
    *r = (redis){.away = false};
    sio_link_init(&r->links);
    sio_link_init(&r->facts);
}

bool
redis_reaches(const redis_link *l)
{
    return !l->redis->away && !l->cut && !l->dead;
}

/* --- Facts. --- */

void
redis_copy_text(char *out, sio_view text)
{
    memcpy(out, text.data, text.len);
    out[text.len] = '\0';
}

redis_fact *
redis_fact_new(fact_kind kind, sio_view tag, sio_view id, sio_view data)
{
    redis_fact *f = calloc(1, sizeof *f + data.len);

    must(f != NULL);
    sio_link_init(&f->link);
    f->kind = kind;
    redis_copy_text(f->tag, tag);
    redis_copy_text(f->id, id);
    f->len = data.len;
    if (data.len > 0)
        memcpy(f->data, data.data, data.len);
    return f;
}

void
redis_fact_free(redis_fact *f)
{
    if (f == NULL)
        return;
    sio_link_remove(&f->link);
    free(f);
}

redis_fact *
redis_find(const redis *r, fact_kind kind, const char *tag, const char *id)
{
    for (sio_link *l = r->facts.next; l != &r->facts; l = l->next) {
        redis_fact *f = SIO_CONTAINER(l, redis_fact, link);

        if (f->kind == kind && (tag == NULL || strcmp(f->tag, tag) == 0) &&
            (id == NULL || strcmp(f->id, id) == 0))
            return f;
    }
    return NULL;
}

void
redis_state(redis_link *l, fact_kind kind, sio_view tag, sio_view id)
{
    redis_fact *f = redis_fact_new(kind, tag, id, SIO_VIEW(""));

    if (redis_reaches(l) && redis_find(l->redis, kind, f->tag, f->id) == NULL)
        sio_link_append(&l->redis->facts, &f->link);
    else
        redis_fact_free(f);
}

void
redis_deny(redis_link *l, fact_kind kind, sio_view tag, const char *id)
{
    char        text[SIO_STORE_TAG_LEN + 1];
    redis_fact *f;

    redis_copy_text(text, tag);
    while (redis_reaches(l) && (f = redis_find(l->redis, kind, text, id)) != NULL)
        redis_fact_free(f);
}

/* --- Requests. --- */

void
redis_request_free(redis_request *r)
{
    sio_link_remove(&r->link);
    redis_fact_free(r->fact);
    free(r);
}

bool
redis_answer(redis_link *l)
{
    redis_request *r;

    if (sio_link_empty(&l->requests))
        return false;
    r = SIO_CONTAINER(l->requests.next, redis_request, link);
    sio_link_remove(&r->link);
    r->answer(r, redis_reaches(l));
    redis_request_free(r);
    return true;
}

/* --- Messages. --- */

void
redis_send(redis_link *to, const redis_link *from, bool direct, sio_view bytes)
{
    redis_message *m = malloc(sizeof *m + bytes.len);

    must(m != NULL);
    m->from = from;
    m->direct = direct;
    m->len = bytes.len;
    memcpy(m->bytes, bytes.data, bytes.len);
    sio_link_init(&m->link);
    sio_link_append(&to->messages, &m->link);
}

bool
redis_hear(redis_link *l)
{
    redis_message *m;

    if (sio_link_empty(&l->messages))
        return false;
    m = SIO_CONTAINER(l->messages.next, redis_message, link);
    sio_link_remove(&m->link);
    free(l->last);
    l->last = m;
    l->ears.message(l->ears.arg, m->direct, (sio_view){m->bytes, m->len});
    return true;
}

const redis_message *
redis_replay(redis_link *l)
{
    if (l->last != NULL && l->subscribed)
        redis_send(l, NULL, l->last->direct, (sio_view){l->last->bytes, l->last->len});
    return l->last;
}

void
redis_drop_messages(redis_link *to, const redis_link *from)
{
    sio_link *next;

    for (sio_link *l = to->messages.next; l != &to->messages; l = next) {
        redis_message *m = SIO_CONTAINER(l, redis_message, link);

        next = l->next;
        if (from != NULL && m->from != from)
            continue;
        sio_link_remove(&m->link);
        free(m);
    }
}

/* --- What happens to connections. --- */

void
redis_unsubscribe(redis_link *l)
{
    l->subscribed = false;
    redis_drop_messages(l, NULL);
}

void
redis_cut(redis_link *l)
{
    l->cut = true;
    redis_unsubscribe(l);
    for (sio_link *at = l->redis->links.next; at != &l->redis->links; at = at->next)
        redis_drop_messages(SIO_CONTAINER(at, redis_link, link), l);
}

void
redis_go_away(redis *r)
{
    r->away = true;
    for (sio_link *at = r->links.next; at != &r->links; at = at->next)
        redis_unsubscribe(SIO_CONTAINER(at, redis_link, link));
}

void
redis_forget(redis *r)
{
    sio_link *next;

    for (sio_link *l = r->facts.next; l != &r->facts; l = next) {
        redis_fact *f = SIO_CONTAINER(l, redis_fact, link);

        next = l->next;
        f->shared = false;
        if (f->kind != HANDSHAKE || f->holder == NULL)
            redis_fact_free(f);
    }
}

void
redis_settle_handshakes(const redis_link *l, bool is_gone)
{
    redis    *r = l->redis;
    sio_link *next;

    for (sio_link *at = r->facts.next; at != &r->facts; at = next) {
        redis_fact *f = SIO_CONTAINER(at, redis_fact, link);

        next = at->next;
        if (f->kind != HANDSHAKE || f->holder != l)
            continue;
        f->shared = f->shared || !is_gone;
        if (is_gone)
            f->holder = NULL;
        if (!f->shared)
            redis_fact_free(f);
    }
}

bool
redis_notice(redis_link *l)
{
    if (l->up && !l->subscribed) {
        l->up = false;
        l->ears.down(l->ears.arg);
        return true;
    }
    if (l->up || l->tag[0] == '\0' || !redis_reaches(l))
        return false;
    l->subscribed = l->up = true;
    redis_settle_handshakes(l, false);
    l->ears.up(l->ears.arg);
    return true;
}

void
redis_fini(redis *r)
{
    while (!sio_link_empty(&r->facts))
        redis_fact_free(SIO_CONTAINER(r->facts.next, redis_fact, link));
}
