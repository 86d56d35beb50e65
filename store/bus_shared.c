#include "store/bus_shared.h"

#include <stdlib.h>
#include <string.h>

#include "store/bus_copy.h"

static const sio_view nothing = {NULL, 0};

static void
give_answer(sio_bus_peer *p, int rc, sio_view data)
{
    const int32_t  result = rc;
    const sio_view parts[] = {{(const char *)&result, sizeof result}, data};

    sio_bus_link_tell(&p->link, SIO_BUS_ANSWER, parts, 2);
}

/* --- Handshakes: the process that its id names has it. --- */

typedef struct {
    sio_bus_question  question; /* first */
    sio_store_req     req;
    sio_store        *store;
    sio_store_take_cb cb;
    void             *arg;
} take_question;

static take_question *
take_of(sio_bus_question *q)
{
    return (take_question *)(void *)q;
}

static void
free_question(sio_bus_question *q)
{
    free(q);
}

static void
cancel_take(sio_store_req *req)
{
    sio_bus_question_give_up(&SIO_CONTAINER(req, take_question, req)->question);
}

static void
on_taken(sio_bus_question *q, int rc, sio_view data)
{
    take_question      *t = take_of(q);
    sio_store_counters *counters = &t->store->counters;

    if (rc == SIO_OK)
        counters->hits++;
    else
        counters->misses++;
    if (rc == SIO_ERR_UNAVAILABLE)
        counters->unavailable++;
    t->cb(t->arg, rc == SIO_OK ? SIO_OK : SIO_ERR_NOT_FOUND, rc == SIO_OK ? data : nothing);
}

/* Where the handshake with that id was made; NULL: here, or nowhere. */
static sio_bus_peer *
home_of(const sio_bus_store *b, sio_view id)
{
    if (id.len < SIO_STORE_TAG_LEN)
        return NULL;
    return sio_bus_store_find(b, (sio_view){id.data, SIO_STORE_TAG_LEN});
}

sio_store_req *
sio_bus_shared_handshake_take(sio_store *self, sio_view id, sio_store_take_cb cb, void *arg)
{
    sio_bus_store *b = sio_bus_store_of(self);
    sio_bus_peer  *home = home_of(b, id);
    take_question *t = home != NULL ? calloc(1, sizeof *t) : NULL;

    if (t == NULL)
        return sio_memory_store_ops.handshake_take(self, id, cb, arg);
    *t = (take_question){.question = {.answered = on_taken, .free = free_question},
                         .req.cancel = cancel_take,
                         .store = self,
                         .cb = cb,
                         .arg = arg};
    sio_bus_peer_ask(home, &t->question, SIO_BUS_TAKE, &id, 1);
    sio_bus_store_await(b);
    return &t->req;
}

static bool
serve_take(sio_bus_store *b, sio_bus_peer *p, sio_view id)
{
    sio_handshake *h = sio_store_id_usable(id) ? sio_handshakes_take(b->memory.table, id) : NULL;

    give_answer(p, h != NULL ? SIO_OK : SIO_ERR_NOT_FOUND, h != NULL ? h->data : nothing);
    free(h);
    return true;
}

/* --- Data of a client that has come back to another process: all are asked. --- */

typedef struct {
    sio_store_req     req;
    sio_bus_store    *b;
    size_t            n_asked; /* that have not answered, and one while asking */
    int               rc;
    bool              is_found; /* one of them has sent what it had */
    sio_store_done_cb cb;       /* NULL: it is not wanted any more */
    void             *arg;
    size_t            id_len;
    char              id[SIO_STORE_MAX_ID];
} inheritance;

typedef struct {
    sio_bus_question question; /* first */
    inheritance     *of;       /* NULL: it has been answered */
} copy_question;

static void
cancel_inheritance(sio_store_req *req)
{
    SIO_CONTAINER(req, inheritance, req)->cb = NULL;
}

static void
inheritance_release(inheritance *i)
{
    const sio_store_done_cb cb = i->cb;

    if (--i->n_asked > 0)
        return;
    if (cb != NULL)
        cb(i->arg, i->rc);
    free(i);
}

static void
note_copy(inheritance *i, int rc, sio_view data)
{
    const sio_view id = {i->id, i->id_len};
    sio_clients   *clients = i->b->memory.clients;

    if (rc == SIO_OK && i->cb != NULL && !i->is_found && sio_clients_find(clients, id) == NULL) {
        i->is_found = true;
        i->rc = sio_bus_copy_apply(clients, id, data);
    } else if (rc != SIO_OK && rc != SIO_ERR_NOT_FOUND && !i->is_found) {
        i->rc = rc;
    }
}

static void
on_copied(sio_bus_question *q, int rc, sio_view data)
{
    copy_question *c = (copy_question *)(void *)q;
    inheritance   *i = c->of;

    c->of = NULL;
    note_copy(i, rc, data);
    inheritance_release(i);
}

static void
free_copy_question(sio_bus_question *q)
{
    copy_question *c = (copy_question *)(void *)q;

    if (c->of != NULL) { /* the store ends */
        c->of->cb = NULL;
        inheritance_release(c->of);
    }
    free(c);
}

static void
ask_for_copy(inheritance *i, sio_bus_peer *p, sio_view from)
{
    copy_question *q = calloc(1, sizeof *q);

    if (q == NULL) {
        i->rc = SIO_ERR_NOMEM;
        return;
    }
    *q = (copy_question){.question = {.answered = on_copied, .free = free_copy_question}, .of = i};
    i->n_asked++;
    sio_bus_peer_ask(p, &q->question, SIO_BUS_COPY, &from, 1);
    sio_bus_store_await(i->b);
}

static inheritance *
inheritance_new(sio_bus_store *b, sio_view id, sio_store_done_cb cb, void *arg)
{
    inheritance *i = calloc(1, sizeof *i);

    if (i == NULL)
        return NULL;
    *i =
        (inheritance){.req.cancel = cancel_inheritance, .b = b, .n_asked = 1, .cb = cb, .arg = arg};
    memcpy(i->id, id.data, id.len);
    i->id_len = id.len;
    return i;
}

sio_store_req *
sio_bus_shared_client_inherit(sio_store *self, sio_view id, sio_view from, sio_store_done_cb cb,
                              void *arg)
{
    sio_bus_store *b = sio_bus_store_of(self);
    inheritance   *i;

    if (sio_link_empty(&b->peers) || sio_clients_find(b->memory.clients, from) != NULL)
        return sio_memory_store_ops.client_inherit(self, id, from, cb, arg);
    if ((i = inheritance_new(b, id, cb, arg)) == NULL) {
        cb(arg, SIO_ERR_NOMEM);
        return NULL;
    }
    for (sio_link *l = b->peers.next; l != &b->peers; l = l->next)
        ask_for_copy(i, sio_bus_store_peer_at(l), from);
    if (i->n_asked > 1) {
        i->n_asked--;
        return &i->req;
    }
    inheritance_release(i);
    return NULL;
}

static bool
serve_copy(sio_bus_store *b, sio_bus_peer *p, sio_view id)
{
    const sio_stored_client *c = sio_clients_find(b->memory.clients, id);
    sio_buf                  copy;

    if (c == NULL) {
        give_answer(p, SIO_ERR_NOT_FOUND, nothing);
        return true;
    }
    sio_buf_init(&copy, SIO_BUS_MAX_PUBLISH_BYTES);
    sio_bus_copy_encode(c, &copy);
    if (copy.failed)
        give_answer(p, SIO_ERR_NOMEM, nothing);
    else
        give_answer(p, SIO_OK, sio_buf_view(&copy));
    sio_buf_fini(&copy);
    return true;
}

/* --- What is done once. --- */

typedef struct {
    sio_bus_question  question; /* first */
    sio_store_req     req;
    sio_store        *store;
    sio_store_once_cb cb;
    void             *arg;
} claim_question;

static void
cancel_claim(sio_store_req *req)
{
    sio_bus_question_give_up(&SIO_CONTAINER(req, claim_question, req)->question);
}

static void
on_claim_answered(sio_bus_question *q, int rc, sio_view data)
{
    claim_question *c = (claim_question *)(void *)q;

    if (rc == SIO_ERR_UNAVAILABLE)
        c->store->counters.unavailable++;
    c->cb(c->arg, rc, rc == SIO_ERR_FULL ? data : nothing);
}

static sio_store_req *
shared_once_claim(sio_store *self, sio_view key, sio_view value, uint64_t ttl_ms,
                  sio_store_once_cb cb, void *arg)
{
    sio_bus_peer      *decider = sio_bus_store_decider(sio_bus_store_of(self));
    const sio_bus_once head = {.ttl_ms = ttl_ms, .key_len = (uint32_t)key.len};
    const sio_view     parts[] = {{(const char *)&head, sizeof head}, key, value};
    claim_question    *c;

    if (decider == NULL)
        return sio_memory_store_ops.once->claim(self, key, value, ttl_ms, cb, arg);
    if ((c = calloc(1, sizeof *c)) == NULL) {
        cb(arg, SIO_ERR_NOMEM, nothing);
        return NULL;
    }
    *c = (claim_question){.question = {.answered = on_claim_answered, .free = free_question},
                          .req.cancel = cancel_claim,
                          .store = self,
                          .cb = cb,
                          .arg = arg};
    sio_bus_peer_ask(decider, &c->question, SIO_BUS_CLAIM, parts, 3);
    sio_bus_store_await(sio_bus_store_of(self));
    return &c->req;
}

static void
shared_once_put(sio_store *self, sio_view key, sio_view value, uint64_t ttl_ms)
{
    sio_bus_peer      *decider = sio_bus_store_decider(sio_bus_store_of(self));
    const sio_bus_once head = {.ttl_ms = ttl_ms, .key_len = (uint32_t)key.len};
    const sio_view     parts[] = {{(const char *)&head, sizeof head}, key, value};

    if (decider != NULL)
        sio_bus_link_tell(&decider->link, SIO_BUS_ONCE_PUT, parts, 3);
    else
        sio_memory_store_ops.once->put(self, key, value, ttl_ms);
}

static void
shared_once_drop(sio_store *self, sio_view key)
{
    sio_bus_peer *decider = sio_bus_store_decider(sio_bus_store_of(self));

    if (decider != NULL)
        sio_bus_link_tell(&decider->link, SIO_BUS_ONCE_DROP, &key, 1);
    else
        sio_memory_store_ops.once->drop(self, key);
}

const struct sio_store_once_ops sio_bus_shared_once_ops = {
    .claim = shared_once_claim,
    .put = shared_once_put,
    .drop = shared_once_drop,
};

/* Key and value of a body; false: they are not what the store lets through. */
static bool
read_once(sio_view body, sio_bus_once *head, sio_view *key, sio_view *value)
{
    if (body.len < sizeof *head)
        return false;
    memcpy(head, body.data, sizeof *head);
    if (head->key_len > body.len - sizeof *head || head->ttl_ms == 0)
        return false;
    *key = (sio_view){body.data + sizeof *head, head->key_len};
    *value = (sio_view){key->data + key->len, body.len - sizeof *head - key->len};
    return sio_store_id_usable(*key);
}

static void
on_claim_decided(void *arg, int rc, sio_view value)
{
    give_answer(arg, rc, value);
}

static bool
serve_claim(sio_bus_store *b, sio_bus_peer *p, sio_view body)
{
    sio_bus_once head;
    sio_view     key, value;

    if (!read_once(body, &head, &key, &value))
        return false;
    (void)sio_memory_store_ops.once->claim(&b->memory.store, key, value, head.ttl_ms,
                                           on_claim_decided, p);
    return true;
}

static bool
serve_put(sio_bus_store *b, sio_bus_peer *p, sio_view body)
{
    sio_bus_once head;
    sio_view     key, value;

    (void)p;
    if (!read_once(body, &head, &key, &value))
        return false;
    sio_memory_store_ops.once->put(&b->memory.store, key, value, head.ttl_ms);
    return true;
}

static bool
serve_drop(sio_bus_store *b, sio_bus_peer *p, sio_view key)
{
    (void)p;
    if (!sio_store_id_usable(key))
        return false;
    sio_memory_store_ops.once->drop(&b->memory.store, key);
    return true;
}

/* --- What a peer wants. --- */

static const struct {
    char kind;
    bool (*serve)(sio_bus_store *b, sio_bus_peer *p, sio_view body);
} services[] = {{SIO_BUS_TAKE, serve_take},
                {SIO_BUS_COPY, serve_copy},
                {SIO_BUS_CLAIM, serve_claim},
                {SIO_BUS_ONCE_PUT, serve_put},
                {SIO_BUS_ONCE_DROP, serve_drop}};

bool
sio_bus_shared_serve(sio_bus_store *b, sio_bus_peer *p, char kind, sio_view body)
{
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
        if (services[i].kind == kind)
            return services[i].serve(b, p, body);
    return false;
}
