#include "server/answer.h"
#include "server/opening.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/query.h"
#include "protocol/utf8.h"
#include "server/server.h"
#include "server/session.h"

/* A request whose handshake is being taken from the store. */
typedef struct pending {
    sio_server    *server;
    sio_store_req *take;
    sio_link       link; /* in server->openings */
    sio_exchange  *x;    /* the GET that waits for its answer; NULL for a POST */
    sio_opening    opening;
    sio_buf        body; /* of a POST */
    char          *id;
} pending;

static void
pending_free(pending *p)
{
    if (p == NULL)
        return;
    sio_link_remove(&p->link);
    free(p->opening.origin);
    sio_buf_fini(&p->opening.upgrade.answer);
    sio_buf_fini(&p->body);
    free(p->id);
    free(p);
}

static char *
copy_header(const sio_request *r, const char *name)
{
    sio_view value = SIO_VIEW("");

    (void)sio_http_header_get(r->head, name, &value);
    return strndup(value.data, value.len);
}

/* The callback index of a JSONP request; 0 unless it is all digits (2.4). */
static uint32_t
jsonp_index(sio_view query)
{
    sio_view i;
    uint32_t n = 0;

    if (!sio_query_find(query, "i", &i) || !sio_query_is_digits(i) || i.len > 9)
        return 0;
    for (size_t k = 0; k < i.len; k++)
        n = n * 10 + (uint32_t)(i.data[k] - '0');
    return n;
}

static pending *
pending_new(sio_server *s, const sio_request *r, const sio09_target *t,
            const sio_transport *transport)
{
    pending *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->server = s;
    sio_link_init(&p->link);
    sio_link_append(&s->openings, &p->link);
    sio_buf_init(&p->body, SIZE_MAX);
    p->id = strndup(t->id.data, t->id.len);
    p->opening.transport = transport;
    p->opening.origin = copy_header(r, "origin");
    sio_buf_init(&p->opening.upgrade.answer, SIZE_MAX);
    p->opening.jsonp_index = jsonp_index(t->query);
    if (p->id != NULL && p->opening.origin != NULL)
        return p;
    pending_free(p);
    return NULL;
}

/* --- Finding the session. --- */

/* data is the handshake that was taken, when rc says so. */
static sio_session *
begin_session(pending *p, int rc, sio_view data)
{
    sio_session *session = sio_session_find(p->server, sio_view_of(p->id));

    if (session != NULL || rc != SIO_OK)
        return session;
    session = sio_session_new(p->server, sio_view_of(p->id), data);
    if (session == NULL)
        sio_log_error(&p->server->log, p->id, "out of memory: session not opened");
    return session;
}

static void
finish_channel(pending *p, sio_session *session, bool is_new)
{
    sio_exchange *x = p->x;

    x->abandoned = NULL;
    if (session == NULL) {
        p->server->stats.unknown_sessions++;
        sio_log_info(&p->server->log, p->id, "unknown: told to reconnect");
    }
    if (is_new) /* first, so that what the application emits leaves together with the answer */
        sio_session_connect(session, p->opening.transport->name);
    p->opening.transport->open(x, &p->opening, session != NULL ? &session->mailbox : NULL);
    if (session != NULL)
        sio_session_await_channel(session); /* one that is only promised does not count */
}

static void
finish_post(pending *p, sio_session *session, bool is_new)
{
    if (session == NULL) {
        p->server->stats.unknown_sessions++;
        return;
    }
    if (is_new)
        sio_session_connect(session, p->opening.transport->name);
    p->opening.transport->post(session, sio_buf_view(&p->body));
    sio_session_await_channel(session);
}

static void
finish(pending *p, sio_session *session, bool is_new)
{
    if (p->x != NULL)
        finish_channel(p, session, is_new);
    else
        finish_post(p, session, is_new);
    pending_free(p);
}

static void
on_taken(void *arg, int rc, sio_view data)
{
    pending     *p = arg;
    const bool   is_open = sio_session_find(p->server, sio_view_of(p->id)) != NULL;
    sio_session *session = begin_session(p, rc, data);

    p->take = NULL;
    finish(p, session, session != NULL && !is_open);
}

static void
on_abandoned(sio_exchange *x, const char *reason)
{
    pending *p = x->owner;

    (void)reason;
    sio_store_cancel(p->take);
    pending_free(p);
}

static void
find_session(pending *p)
{
    sio_session   *session = sio_session_find(p->server, sio_view_of(p->id));
    sio_store_req *take;

    if (session != NULL) {
        finish(p, session, false);
        return;
    }
    take = sio_store_handshake_take(p->server->store, sio_view_of(p->id), on_taken, p);
    if (take == NULL)
        return; /* on_taken has been called, and p is gone */
    p->take = take;
    if (p->x != NULL) {
        p->x->owner = p;
        p->x->abandoned = on_abandoned;
    }
}

/* --- Requests. --- */

void
sio_open_channel(sio_exchange *x, const sio_request *r, const sio09_target *t,
                 const sio_transport *transport)
{
    pending *p = pending_new(x->server, r, t, transport);

    if (p == NULL) {
        sio_answer_refuse(x, 503, "Out of memory.");
        return;
    }
    if (transport->accept != NULL && !transport->accept(x, r, &p->opening)) {
        pending_free(p);
        return;
    }
    p->x = x;
    find_session(p);
}

/* The original answers "1" before it looks at the packets (2.3). */
static void
answer_post(sio_exchange *x, const sio_request *r)
{
    sio_buf *head = sio_answer_begin(x, 200);
    sio_view origin = SIO_VIEW("");

    (void)sio_http_header_get(r->head, "origin", &origin);
    sio_answer_content_length(head, 1);
    sio_answer_header(head, "Content-Type", SIO_VIEW("text/plain; charset=UTF-8"));
    sio_answer_cors(head, origin);
    if (origin.len > 0)
        sio_answer_header(head, "X-XSS-Protection", SIO_VIEW("0"));
    sio_answer_date(x, head);
    sio_answer_connection(x, head);
    sio_answer_end(x, SIO_VIEW("1"));
}

void
sio_open_post(sio_exchange *x, const sio_request *r, const sio09_target *t,
              const sio_transport *transport)
{
    pending *p;

    if (transport->post == NULL) {
        sio_answer_refuse(x, 405, "Nothing to post here.");
        return;
    }
    if ((p = pending_new(x->server, r, t, transport)) == NULL) {
        sio_answer_refuse(x, 503, "Out of memory.");
        return;
    }
    sio_utf8_repair(r->body, &p->body);
    answer_post(x, r);
    if (p->body.failed)
        pending_free(p);
    else
        find_session(p);
}

/* A handshake that nobody used yet is dropped; there is nobody to tell. */
static void
on_dropped(void *arg, int rc, sio_view data)
{
    (void)arg;
    (void)rc;
    (void)data;
}

void
sio_open_disconnect(sio_exchange *x, sio_view id)
{
    sio_server  *s = x->server;
    sio_session *session = sio_session_find(s, id);

    if (session != NULL)
        sio_session_end(session, "booted", true);
    else
        (void)sio_store_handshake_take(s->store, id, on_dropped, NULL);
    sio_answer(x, 200, NULL, SIO_VIEW(""), SIO_VIEW(""));
}

void
sio_openings_cancel(sio_server *s)
{
    while (!sio_link_empty(&s->openings)) {
        pending *p = SIO_CONTAINER(s->openings.next, pending, link);

        sio_store_cancel(p->take);
        if (p->x != NULL)
            p->x->abandoned = NULL;
        pending_free(p);
    }
}
