#include "tests/fuzz/world/cluster_store.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/must.h"

enum { LOST_AT_ONCE = 2 /* ids that one take of lost sessions brings */ };

static redis_link *
link_of(sio_store *self)
{
    return (redis_link *)(void *)self;
}

static void
request_cancel(sio_store_req *req)
{
    redis_request_free((redis_request *)(void *)req);
}

static redis_request *
request_new(sio_store *self, void (*answer)(redis_request *r, bool is_reached), void *arg)
{
    redis_request *r = calloc(1, sizeof *r);

    must(r != NULL);
    r->req.cancel = request_cancel;
    r->at = link_of(self);
    r->answer = answer;
    r->arg = arg;
    sio_link_init(&r->link);
    sio_link_append(&r->at->requests, &r->link);
    return r;
}

/* --- Handshakes. --- */

/* One that this server can take now. */
static redis_fact *
find_handshake(const redis_link *l, const char *id, bool is_reached)
{
    redis_fact *f = redis_find(l->redis, HANDSHAKE, NULL, id);

    if (f == NULL || f->expires_ms <= l->redis->now_ms)
        return NULL;
    return f->holder == l || (is_reached && f->shared) ? f : NULL;
}

static void
answer_put(redis_request *r, bool is_reached)
{
    r->fact->shared = is_reached;
    sio_link_append(&r->at->redis->facts, &r->fact->link);
    r->fact = NULL;
    r->put(r->arg, is_reached ? SIO_OK : SIO_ERR_UNAVAILABLE);
}

static sio_store_req *
handshake_put(sio_store *self, sio_view id, sio_view data, uint64_t ttl_ms, sio_store_put_cb cb,
              void *arg)
{
    redis_request *r = request_new(self, answer_put, arg);

    r->put = cb;
    r->fact = redis_fact_new(HANDSHAKE, SIO_VIEW(""), id, data);
    r->fact->holder = r->at;
    r->fact->expires_ms = r->at->redis->now_ms + ttl_ms;
    return &r->req;
}

static void
answer_take(redis_request *r, bool is_reached)
{
    redis_fact *f = find_handshake(r->at, r->id, is_reached);

    if (f == NULL) {
        r->take(r->arg, SIO_ERR_NOT_FOUND, SIO_VIEW(""));
        return;
    }
    sio_link_remove(&f->link);
    r->take(r->arg, SIO_OK, (sio_view){f->data, f->len});
    redis_fact_free(f);
}

static sio_store_req *
handshake_take(sio_store *self, sio_view id, sio_store_take_cb cb, void *arg)
{
    redis_request *r;

    if (!redis_reaches(link_of(self))) { /* at once, as the real one does unless it has a copy */
        r = request_new(self, answer_take, arg);
        r->take = cb;
        redis_copy_text(r->id, id);
        sio_link_remove(&r->link);
        answer_take(r, false);
        redis_request_free(r);
        return NULL;
    }
    r = request_new(self, answer_take, arg);
    r->take = cb;
    redis_copy_text(r->id, id);
    return &r->req;
}

/* --- Instances. --- */

/* Under that name; what was said to the last one is not heard any more. */
static int
hear(sio_store *self, sio_view tag, const sio_store_ears *ears)
{
    redis_link *l = link_of(self);

    redis_copy_text(l->tag, tag);
    l->ears = *ears;
    l->up = false;
    redis_unsubscribe(l);
    return SIO_OK;
}

static int
publish(sio_store *self, sio_view tag, sio_view bytes)
{
    redis_link *l = link_of(self);
    redis      *r = l->redis;

    if (!redis_reaches(l))
        return SIO_ERR_UNAVAILABLE;
    if (l->refuses > 0) {
        l->refuses--;
        return SIO_ERR_FULL;
    }
    for (sio_link *at = r->links.next; at != &r->links; at = at->next) {
        redis_link *to = SIO_CONTAINER(at, redis_link, link);

        if (to->subscribed && (tag.len == 0 || sio_view_eq(tag, sio_view_of(to->tag))))
            redis_send(to, l, tag.len > 0, bytes);
    }
    return SIO_OK;
}

static void
touch(sio_store *self, sio_view tag)
{
    redis_state(link_of(self), INSTANCE, tag, SIO_VIEW(""));
}

static void
remove_instance(sio_store *self, sio_view tag)
{
    redis_deny(link_of(self), INSTANCE, tag, NULL);
    redis_deny(link_of(self), SESSION, tag, NULL);
}

static void
session_add(sio_store *self, sio_view tag, sio_view id)
{
    redis_state(link_of(self), SESSION, tag, id);
}

static void
session_remove(sio_store *self, sio_view tag, sio_view id)
{
    char text[SIO_STORE_MAX_ID + 1];

    redis_copy_text(text, id);
    redis_deny(link_of(self), SESSION, tag, text);
}

static void
answer_list(redis_request *r, bool is_reached)
{
    sio_view tags[64];
    size_t   n = 0;

    for (sio_link *l = r->at->redis->facts.next; is_reached && l != &r->at->redis->facts;
         l = l->next) {
        const redis_fact *f = SIO_CONTAINER(l, redis_fact, link);

        if (f->kind == INSTANCE && n < sizeof tags / sizeof tags[0])
            tags[n++] = sio_view_of(f->tag);
    }
    r->list(r->arg, is_reached ? SIO_OK : SIO_ERR_UNAVAILABLE, tags, n);
}

static sio_store_req *
instances_list(sio_store *self, sio_store_list_cb cb, void *arg)
{
    redis_request *r = request_new(self, answer_list, arg);

    r->list = cb;
    return &r->req;
}

static redis_request *
request_about(sio_store *self, sio_view tag, void (*answer)(redis_request *r, bool is_reached),
              void *arg)
{
    redis_request *r = request_new(self, answer, arg);

    redis_copy_text(r->tag, tag);
    return r;
}

/* One that is cut off may come back, and how long it takes is not known to those who ask. */
static void
answer_probe(redis_request *r, bool is_reached)
{
    const redis *all = r->at->redis;
    int          rc = SIO_ERR_NOT_FOUND;

    for (sio_link *l = all->links.next; l != &all->links; l = l->next) {
        const redis_link *other = SIO_CONTAINER(l, redis_link, link);

        if (strcmp(other->tag, r->tag) == 0 && !other->dead)
            rc = other->cut ? SIO_ERR_UNAVAILABLE : SIO_OK;
    }
    r->done(r->arg, is_reached ? rc : SIO_ERR_UNAVAILABLE);
}

static sio_store_req *
probe(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg)
{
    redis_request *r = request_about(self, tag, answer_probe, arg);

    r->done = cb;
    return &r->req;
}

/* --- Instances that are lost. --- */

static void
answer_claim(redis_request *r, bool is_reached)
{
    const redis_fact *lost;

    redis_state(r->at, LOST, sio_view_of(r->tag), sio_view_of(r->at->tag));
    lost = redis_find(r->at->redis, LOST, r->tag, NULL); /* the first one counts */
    if (!is_reached)
        r->done(r->arg, SIO_ERR_UNAVAILABLE);
    else
        r->done(r->arg, strcmp(lost->id, r->at->tag) == 0 ? SIO_OK : SIO_ERR_NOT_FOUND);
}

static sio_store_req *
lost_claim(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg)
{
    redis_request *r = request_about(self, tag, answer_claim, arg);

    r->done = cb;
    return &r->req;
}

static void
answer_check(redis_request *r, bool is_reached)
{
    const redis_fact *lost = redis_find(r->at->redis, LOST, r->tag, NULL);

    if (!is_reached)
        r->done(r->arg, SIO_ERR_UNAVAILABLE);
    else
        r->done(r->arg, lost != NULL ? SIO_OK : SIO_ERR_NOT_FOUND);
}

static sio_store_req *
lost_check(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg)
{
    redis_request *r = request_about(self, tag, answer_check, arg);

    r->done = cb;
    return &r->req;
}

static void
answer_lost_take(redis_request *r, bool is_reached)
{
    redis_fact *f;
    char        ids[LOST_AT_ONCE][SIO_STORE_MAX_ID + 1];
    sio_view    views[LOST_AT_ONCE];
    size_t      n = 0;

    while (is_reached && n < LOST_AT_ONCE &&
           (f = redis_find(r->at->redis, SESSION, r->tag, NULL)) != NULL) {
        redis_copy_text(ids[n], sio_view_of(f->id));
        views[n] = sio_view_of(ids[n]);
        n++;
        redis_fact_free(f);
    }
    if (n == 0)
        redis_deny(r->at, INSTANCE, sio_view_of(r->tag), NULL);
    r->list(r->arg, is_reached ? SIO_OK : SIO_ERR_UNAVAILABLE, views, n);
}

static sio_store_req *
lost_take(sio_store *self, sio_view tag, uint64_t data_ttl_ms, sio_store_list_cb cb, void *arg)
{
    redis_request *r = request_about(self, tag, answer_lost_take, arg);

    (void)data_ttl_ms;
    r->list = cb;
    return &r->req;
}

static const struct sio_store_instance_ops instance_ops = {
    .listen = hear,
    .publish = publish,
    .touch = touch,
    .remove = remove_instance,
    .list = instances_list,
    .probe = probe,
    .session_add = session_add,
    .session_remove = session_remove,
    .lost_claim = lost_claim,
    .lost_check = lost_check,
    .lost_take = lost_take,
};

/* --- Life. --- */

static sio_store_req *
client_expire(sio_store *self, sio_view id, uint64_t ttl_ms, sio_store_done_cb cb, void *arg)
{
    (void)self;
    (void)id;
    (void)ttl_ms;
    cb(arg, SIO_OK);
    return NULL;
}

static sio_store_req *
client_inherit(sio_store *self, sio_view id, sio_view from, sio_store_done_cb cb, void *arg)
{
    (void)self;
    (void)id;
    (void)from;
    cb(arg, SIO_OK);
    return NULL;
}

static void
link_free(sio_store *self)
{
    redis_link *l = link_of(self);

    redis_settle_handshakes(l, true);
    redis_drop_messages(l, NULL);
    while (!sio_link_empty(&l->requests))
        redis_request_free(SIO_CONTAINER(l->requests.next, redis_request, link));
    sio_link_remove(&l->link);
    free(l->last);
    free(l);
}

/* Nobody stores data of clients here, nor hears other programs. */
static const sio_store_ops link_ops = {
    .handshake_put = handshake_put,
    .handshake_take = handshake_take,
    .client_expire = client_expire,
    .client_inherit = client_inherit,
    .instances = &instance_ops,
    .free = link_free,
};

redis_link *
redis_link_new(redis *r)
{
    redis_link *l = calloc(1, sizeof *l);

    must(l != NULL);
    l->store.ops = &link_ops;
    l->store.settled = l->store.has_others = true;
    l->redis = r;
    sio_link_init(&l->link);
    sio_link_append(&r->links, &l->link);
    sio_link_init(&l->messages);
    sio_link_init(&l->requests);
    return l;
}
