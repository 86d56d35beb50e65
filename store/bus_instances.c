#include "store/bus_instances.h"

#include <stdlib.h>
#include <string.h>

#include "store/clock.h"

enum { AGAIN_MS = 5 }; /* how often to look whether the sockets have taken all */

static sio_view
own_tag(const sio_bus_store *b)
{
    return (sio_view){b->tag, sizeof b->tag};
}

/* --- Hearing. --- */

void
sio_bus_instances_greet(sio_bus_store *b, sio_bus_peer *p)
{
    const sio_view tag = own_tag(b);

    if (b->listens)
        sio_bus_link_tell(&p->link, SIO_BUS_HELLO, &tag, 1);
}

void
sio_bus_instances_settle(sio_bus_store *b)
{
    for (sio_link *l = b->peers.next; l != &b->peers; l = l->next)
        if (!sio_bus_store_peer_at(l)->is_welcome)
            return;
    if (b->listens && !b->memory.store.settled)
        sio_store_settle(&b->memory.store);
}

static int
bus_listen(sio_store *self, sio_view tag, const sio_store_ears *ears)
{
    sio_bus_store *b = sio_bus_store_of(self);

    memcpy(b->tag, tag.data, sizeof b->tag);
    b->ears = *ears;
    b->listens = b->is_to_be_up = true;
    for (sio_link *l = b->peers.next; l != &b->peers; l = l->next)
        sio_bus_instances_greet(b, sio_bus_store_peer_at(l));
    sio_bus_instances_choose_heir(b);
    sio_bus_instances_settle(b);
    event_active(b->news, 0, 0);
    return SIO_OK;
}

void
sio_bus_instances_tell_news(sio_bus_store *b)
{
    const bool is_up = b->is_to_be_up, is_forgotten = b->is_forgotten;

    b->is_to_be_up = b->is_forgotten = false;
    if (is_up)
        b->ears.up(b->ears.arg);
    if (is_forgotten && b->ears.forgot != NULL)
        b->ears.forgot(b->ears.arg);
}

static bool
hear_hello(sio_bus_store *b, sio_bus_peer *p, sio_view tag)
{
    if (tag.len != SIO_STORE_TAG_LEN)
        return false;
    memcpy(p->tag, tag.data, tag.len);
    p->is_known = true;
    sio_bus_link_tell(&p->link, SIO_BUS_WELCOME, NULL, 0);
    if (b->listens && b->ears.met != NULL)
        b->ears.met(b->ears.arg, tag);
    return true;
}

static bool
hear_message(sio_bus_store *b, bool is_direct, sio_view bytes)
{
    if (!b->listens)
        return true;
    b->memory.store.counters.heard++;
    b->ears.message(b->ears.arg, is_direct, bytes);
    return true;
}

/* The tag at the beginning of a body, off the rest. */
static bool
cut_tag(sio_view *body, sio_view *tag)
{
    if (body->len < SIO_STORE_TAG_LEN)
        return false;
    *tag = (sio_view){body->data, SIO_STORE_TAG_LEN};
    *body = (sio_view){body->data + SIO_STORE_TAG_LEN, body->len - SIO_STORE_TAG_LEN};
    return true;
}

/* What was for a name that this instance had before is not for it. */
static bool
hear_direct(sio_bus_store *b, sio_view body)
{
    sio_view tag;

    if (!cut_tag(&body, &tag))
        return false;
    return !sio_view_eq(tag, own_tag(b)) || hear_message(b, true, body);
}

/* --- Telling. --- */

static int
tell_all(sio_bus_store *b, sio_view bytes)
{
    for (sio_link *l = b->peers.next; l != &b->peers; l = l->next)
        if (sio_bus_link_send(&sio_bus_store_peer_at(l)->link, SIO_BUS_CAST, &bytes, 1) != SIO_OK)
            b->memory.store.counters.publishes_lost++; /* the others hear it */
    return SIO_OK;
}

static int
bus_publish(sio_store *self, sio_view tag, sio_view bytes)
{
    sio_bus_store *b = sio_bus_store_of(self);
    sio_bus_peer  *p;
    const sio_view parts[] = {tag, bytes};

    if (bytes.len > b->max_publish_bytes)
        return SIO_ERR_FULL;
    if (tag.len == 0)
        return tell_all(b, bytes);
    p = sio_bus_store_find(b, tag);
    return p != NULL ? sio_bus_link_send(&p->link, SIO_BUS_TO, parts, 2) : SIO_OK;
}

/* --- What is left to the heir. --- */

static void
tell_heir(sio_bus_store *b, char kind, sio_view tag, sio_view text)
{
    const sio_view parts[] = {tag, text};

    if (b->heir != NULL)
        sio_bus_link_tell(&b->heir->link, kind, parts, 2);
}

/* Two who know the same would both announce it. */
static void
dismiss_heir(sio_bus_store *b)
{
    tell_heir(b, SIO_BUS_DROP_SESSIONS, own_tag(b), SIO_VIEW(""));
    tell_heir(b, SIO_BUS_DROP_WILLS, own_tag(b), SIO_VIEW(""));
}

void
sio_bus_instances_choose_heir(sio_bus_store *b)
{
    sio_bus_peer *heir = sio_bus_store_next(b);

    if (!b->listens || heir == b->heir)
        return;
    dismiss_heir(b);
    b->heir = heir;
    b->is_forgotten = heir != NULL;
    event_active(b->news, 0, 0);
}

static void
session_add(sio_store *self, sio_view tag, sio_view id)
{
    tell_heir(sio_bus_store_of(self), SIO_BUS_ADD_SESSION, tag, id);
}

static void
session_remove(sio_store *self, sio_view tag, sio_view id)
{
    tell_heir(sio_bus_store_of(self), SIO_BUS_DROP_SESSION, tag, id);
}

static void
instance_touch(sio_store *self, sio_view tag)
{
    (void)self; /* the socket tells that it is there */
    (void)tag;
}

static void
instance_remove(sio_store *self, sio_view tag)
{
    tell_heir(sio_bus_store_of(self), SIO_BUS_DROP_SESSIONS, tag, SIO_VIEW(""));
}

static int
will_add(sio_store *self, sio_view tag, sio_view will)
{
    tell_heir(sio_bus_store_of(self), SIO_BUS_ADD_WILL, tag, will);
    return SIO_OK;
}

static int
will_remove(sio_store *self, sio_view tag, sio_view will)
{
    tell_heir(sio_bus_store_of(self), SIO_BUS_DROP_WILL, tag, will);
    return SIO_OK;
}

static void
wills_remove_all(sio_store *self, sio_view tag)
{
    tell_heir(sio_bus_store_of(self), SIO_BUS_DROP_WILLS, tag, SIO_VIEW(""));
}

static const struct {
    char                kind;
    char                what; /* '+' one more, '-' one less, '0' none any more */
    sio_bus_estate_kind of;
} bequests[] = {
    {SIO_BUS_ADD_SESSION, '+', SIO_BUS_SESSION},   {SIO_BUS_DROP_SESSION, '-', SIO_BUS_SESSION},
    {SIO_BUS_DROP_SESSIONS, '0', SIO_BUS_SESSION}, {SIO_BUS_ADD_WILL, '+', SIO_BUS_WILL},
    {SIO_BUS_DROP_WILL, '-', SIO_BUS_WILL},        {SIO_BUS_DROP_WILLS, '0', SIO_BUS_WILL}};

/* Without memory one is missing when it is needed; that is not worth to end for. */
static bool
hear_bequest(sio_bus_store *b, char kind, sio_view text)
{
    sio_view tag;

    for (size_t i = 0; i < sizeof bequests / sizeof bequests[0]; i++) {
        if (bequests[i].kind != kind)
            continue;
        if (!cut_tag(&text, &tag))
            return false;
        if (bequests[i].what == '+')
            (void)sio_bus_estates_add(&b->estates, tag, bequests[i].of, text);
        else if (bequests[i].what == '-')
            sio_bus_estates_drop(&b->estates, tag, bequests[i].of, text);
        else
            sio_bus_estates_drop_all(&b->estates, tag, bequests[i].of);
        return true;
    }
    return false;
}

bool
sio_bus_instances_hear(sio_bus_store *b, sio_bus_peer *p, char kind, sio_view body)
{
    switch (kind) {
    case SIO_BUS_HELLO:
        return hear_hello(b, p, body);
    case SIO_BUS_WELCOME:
        p->is_welcome = true;
        sio_bus_instances_settle(b);
        return true;
    case SIO_BUS_CAST:
        return hear_message(b, false, body);
    case SIO_BUS_TO:
        return hear_direct(b, body);
    default:
        return hear_bequest(b, kind, body);
    }
}

/* --- Who is there, and who is lost. --- */

static sio_store_req *
list_instances(sio_store *self, sio_store_list_cb cb, void *arg)
{
    sio_bus_store *b = sio_bus_store_of(self);
    size_t         n = 0, max = 1;
    sio_view      *tags;

    for (sio_link *l = b->peers.next; l != &b->peers; l = l->next)
        max++;
    if ((tags = calloc(max, sizeof *tags)) == NULL) {
        cb(arg, SIO_ERR_NOMEM, NULL, 0);
        return NULL;
    }
    for (sio_link *l = b->peers.next; l != &b->peers; l = l->next) {
        const sio_bus_peer *p = sio_bus_store_peer_at(l);

        if (p->is_known)
            tags[n++] = (sio_view){p->tag, sizeof p->tag};
    }
    cb(arg, SIO_OK, tags, n);
    free(tags);
    return NULL;
}

static sio_store_req *
probe(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg)
{
    cb(arg, sio_bus_store_find(sio_bus_store_of(self), tag) != NULL ? SIO_OK : SIO_ERR_NOT_FOUND);
    return NULL;
}

/* The heir has the sessions, and announces them. */
static sio_store_req *
lost_claim(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg)
{
    cb(arg,
       sio_bus_estates_has(&sio_bus_store_of(self)->estates, tag) ? SIO_OK : SIO_ERR_NOT_FOUND);
    return NULL;
}

/* --- What is answered later. --- */

/* A question about the own loss, or (list) one for sessions of a lost instance. */
typedef struct {
    sio_store_req     req;
    sio_link          link; /* in b->waits */
    uint64_t          due_ms;
    sio_store_done_cb done;
    sio_store_list_cb list;
    void             *arg;
    char              tag[SIO_STORE_TAG_LEN];
} bus_wait;

static void
wait_free(bus_wait *w)
{
    sio_link_remove(&w->link);
    free(w);
}

static void
cancel_wait(sio_store_req *req)
{
    wait_free(SIO_CONTAINER(req, bus_wait, req));
}

static bus_wait *
wait_new(sio_bus_store *b, sio_view tag, void *arg)
{
    bus_wait *w = calloc(1, sizeof *w);

    if (w == NULL)
        return NULL;
    *w = (bus_wait){
        .req.cancel = cancel_wait, .due_ms = sio_now_ms() + SIO_BUS_PATIENCE_MS, .arg = arg};
    memcpy(w->tag, tag.data, sizeof w->tag);
    sio_link_init(&w->link);
    sio_link_append(&b->waits, &w->link);
    event_active(b->wait_event, 0, 0);
    return w;
}

/*
 * Nobody declares one lost whose socket is open; one that was frozen is told so by those who did.
 * But what was said before this has left when it is answered, as the header of the bus says.
 */
static sio_store_req *
lost_check(sio_store *self, sio_view tag, sio_store_done_cb cb, void *arg)
{
    bus_wait *w = wait_new(sio_bus_store_of(self), tag, arg);

    if (w == NULL) {
        cb(arg, SIO_ERR_NOMEM);
        return NULL;
    }
    w->done = cb;
    return &w->req;
}

/* A batch at a turn, so that others have their turn in between. */
static sio_store_req *
lost_take(sio_store *self, sio_view tag, uint64_t data_ttl_ms, sio_store_list_cb cb, void *arg)
{
    bus_wait *w = wait_new(sio_bus_store_of(self), tag, arg);

    (void)data_ttl_ms; /* data were where the sessions were */
    if (w == NULL) {
        cb(arg, SIO_ERR_NOMEM, NULL, 0);
        return NULL;
    }
    w->list = cb;
    return &w->req;
}

static void
give_sessions(sio_bus_store *b, const bus_wait *w)
{
    sio_view ids[SIO_STORE_MAX_LOST];
    size_t   n = 0;

    while (n < SIO_STORE_MAX_LOST &&
           sio_bus_estates_take(&b->estates, (sio_view){w->tag, sizeof w->tag}, SIO_BUS_SESSION,
                                &ids[n]))
        n++;
    w->list(w->arg, SIO_OK, ids, n);
    for (size_t i = 0; i < n; i++)
        sio_bus_estates_text_free(ids[i]);
}

static bool
has_left(const sio_bus_store *b)
{
    for (sio_link *l = b->peers.next; l != &b->peers; l = l->next)
        if (!sio_bus_link_is_idle(&sio_bus_store_peer_at(l)->link))
            return false;
    return true;
}

static void
end_wait(sio_bus_store *b, bus_wait *old, int rc)
{
    bus_wait w = *old;

    wait_free(old);
    if (w.list != NULL)
        give_sessions(b, &w);
    else
        w.done(w.arg, rc);
}

void
sio_bus_instances_go_on(sio_bus_store *b)
{
    const struct timeval again = sio_timeval_ms(AGAIN_MS);
    const uint64_t       now_ms = sio_now_ms();
    const bool           is_idle = has_left(b);
    sio_link             due;

    sio_link_init(&due); /* what is asked meanwhile has its turn later */
    sio_link_move(&due, &b->waits);
    while (!sio_link_empty(&due)) {
        bus_wait *w = SIO_CONTAINER(due.next, bus_wait, link);

        if (w->list != NULL || is_idle || now_ms >= w->due_ms) {
            end_wait(b, w, is_idle ? SIO_ERR_NOT_FOUND : SIO_ERR_UNAVAILABLE);
        } else {
            sio_link_remove(&w->link);
            sio_link_append(&b->waits, &w->link);
        }
    }
    if (!sio_link_empty(&b->waits))
        event_add(b->wait_event, &again);
}

void
sio_bus_instances_fini(sio_bus_store *b)
{
    while (!sio_link_empty(&b->waits))
        wait_free(SIO_CONTAINER(b->waits.next, bus_wait, link));
}

/* --- Wills. --- */

static sio_store_req *
will_move(sio_store *self, sio_view from, sio_view to, sio_store_will_cb cb, void *arg)
{
    sio_bus_store *b = sio_bus_store_of(self);
    sio_view       will;

    if (!sio_bus_estates_take(&b->estates, from, SIO_BUS_WILL, &will)) {
        cb(arg, SIO_ERR_NOT_FOUND, SIO_VIEW(""));
        return NULL;
    }
    tell_heir(b, SIO_BUS_ADD_WILL, to, will);
    cb(arg, SIO_OK, will);
    sio_bus_estates_text_free(will);
    return NULL;
}

const struct sio_store_instance_ops sio_bus_instance_ops = {
    .listen = bus_listen,
    .publish = bus_publish,
    .touch = instance_touch,
    .remove = instance_remove,
    .list = list_instances,
    .probe = probe,
    .session_add = session_add,
    .session_remove = session_remove,
    .lost_claim = lost_claim,
    .lost_check = lost_check,
    .lost_take = lost_take,
};

const struct sio_store_will_ops sio_bus_will_ops = {
    .add = will_add,
    .remove = will_remove,
    .remove_all = wills_remove_all,
    .move = will_move,
};
