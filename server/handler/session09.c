#include "server/handler/session09.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/query.h"
#include "protocol/utf8_repair.h"
#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/handler/handlers.h"
#include "server/http/request_origin.h"
#include "server/http/response.h"
#include "server/roaming/directory.h"
#include "server/roaming/ending.h"
#include "server/roaming/foreign.h"
#include "server/roaming/proxy_request.h"
#include "server/roaming/proxy_session.h"
#include "server/roaming/roaming.h"
#include "server/transport/held_post.h"
#include "server/transport/post09.h"

/* A request whose session is being looked for. */
typedef struct pending {
    sio_search    search;
    sio_link      link; /* in handlers->openings */
    sio_exchange *x;
    sio_opening   opening;
    bool          is_post;
    sio_buf       body; /* of a POST */
} pending;

static void
pending_free(pending *p)
{
    sio_link_remove(&p->link);
    sio_opening_fini(&p->opening);
    sio_buf_fini(&p->body);
    free(p);
}

/* The callback index of a JSONP request; 0 unless it is all digits (2.4). */
static uint32_t
session09_jsonp_index(sio_view query)
{
    sio_view raw = SIO_VIEW("");
    char     i[10]; /* nine digits: no index is longer */

    (void)sio_query_find(query, "i", &raw);
    if (!sio_query_decode_short(raw, i, sizeof i) || !sio_query_is_digits(sio_view_of(i)))
        return 0;
    return (uint32_t)strtoul(i, NULL, 10);
}

static pending *
pending_new(sio_exchange *x, const sio_request *r, const sio09_target *t,
            const sio_transport *transport)
{
    const sio_view origin = sio_request_origin_readable(x->env, r->head);
    pending       *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->x = x;
    sio_link_init(&p->link);
    sio_link_append(&x->env->handlers->openings, &p->link);
    sio_buf_init(&p->body, SIZE_MAX);
    if (sio_opening_init(&p->opening, transport, origin) != SIO_OK) {
        pending_free(p);
        return NULL;
    }
    p->opening.jsonp_index = session09_jsonp_index(t->query);
    return p;
}

/* --- The session was found, or was not. --- */

static void
open_here(pending *p, sio_session *session)
{
    p->opening.transport->open(p->x, &p->opening, &session->mailbox);
    sio_session_await_channel(session); /* a channel that is only promised does not count */
}

/* The original answers before it looks at the packets (2.3). */
static void
session09_post_here(pending *p, sio_session *session)
{
    sio_held_post(p->x, session, sio_view_of(p->opening.origin), sio_post09_answer);
    sio_post09_receive(p->opening.transport, session, sio_buf_view(&p->body));
    sio_session_await_channel(session);
}

static void on_session09_unknown(sio_search *search);

static void
on_session09_here(sio_search *search, sio_session *session, bool is_new)
{
    pending *p = SIO_CONTAINER(search, pending, search);

    if (sio_session_is_engine_io(session)) {
        on_session09_unknown(search); /* of Engine.IO: not to be reached so */
        return;
    }
    p->x->abandoned = NULL;
    if (is_new) /* first, so that what the application emits leaves together with the answer */
        sio_session_connect(session, p->opening.transport->channel);
    if (p->is_post)
        session09_post_here(p, session);
    else
        open_here(p, session);
    pending_free(p);
}

static void
on_session09_elsewhere(sio_search *search, sio_peer *peer)
{
    pending       *p = SIO_CONTAINER(search, pending, search);
    const sio_view id = sio_view_of(search->id);

    p->x->abandoned = NULL;
    if (p->is_post)
        sio_proxy_request_post(p->x, &p->opening, id, sio_buf_view(&p->body), false, peer);
    else
        sio_proxy_session_open(p->x, &p->opening, id, peer);
    pending_free(p);
}

static void
on_session09_unknown(sio_search *search)
{
    const sio_foreign *foreign = search->env->roaming->foreign;
    pending           *p = SIO_CONTAINER(search, pending, search);

    p->x->abandoned = NULL;
    if (p->is_post) {
        sio_post09_answer(p->x, sio_view_of(p->opening.origin)); /* as for any id (2.3) */
        if (foreign != NULL)
            foreign->post(search->env, sio_view_of(search->id), p->opening.transport,
                          sio_buf_view(&p->body));
    } else {
        p->opening.transport->open(p->x, &p->opening, NULL);
    }
    pending_free(p);
}

static const sio_search_ops search_ops = {
    .here = on_session09_here,
    .elsewhere = on_session09_elsewhere,
    .unknown = on_session09_unknown,
};

static void
on_session09_abandoned(sio_exchange *x, const char *reason)
{
    pending *p = x->owner;

    (void)reason;
    sio_directory_cancel(&p->search);
    pending_free(p);
}

/* A lasting connection is best served by the instance that it came to. */
static sio_purpose
purpose_of(const pending *p)
{
    if (p->is_post)
        return SIO_FOR_POST;
    return p->opening.transport->channel->lasting ? SIO_FOR_STREAM : SIO_FOR_POLL;
}

static void
session09_find_session(pending *p, sio_view id)
{
    p->x->owner = p;
    p->x->abandoned = on_session09_abandoned;
    sio_directory_locate(&p->search, p->x->env, id, purpose_of(p), &search_ops);
}

/* --- Requests. --- */

void
sio_session09_open_channel(sio_exchange *x, const sio_request *r, const sio09_target *t,
                           const sio_transport *transport)
{
    pending *p = pending_new(x, r, t, transport);

    if (p == NULL)
        sio_response_refuse(x, 503, "Out of memory.");
    else if (transport->accept != NULL && !transport->accept(x, r, &p->opening))
        pending_free(p);
    else
        session09_find_session(p, t->id);
}

void
sio_session09_post(sio_exchange *x, const sio_request *r, const sio09_target *t,
                   const sio_transport *transport)
{
    pending *p;

    if (transport->post == NULL) {
        sio_response_refuse(x, 405, "Nothing to post here.");
        return;
    }
    if ((p = pending_new(x, r, t, transport)) != NULL) {
        p->is_post = true;
        sio_utf8_repair(r->body, &p->body);
    }
    if (p != NULL && !p->body.failed) {
        session09_find_session(p, t->id);
        return;
    }
    if (p != NULL)
        pending_free(p);
    sio_response_refuse(x, 503, "Out of memory.");
}

bool
sio_session09_post_begins(sio_exchange *x, const sio_http_request *head, const sio09_target *t,
                          const sio_transport *transport)
{
    const sio_view origin = sio_request_origin_readable(x->env, head);
    sio_peer      *peer = NULL;
    sio_opening    o;

    if (transport->post != NULL && sio_session_find(x->env, t->id) == NULL)
        peer = sio_directory_whereabouts(x->env, t->id);
    if (peer == NULL || peer->away)
        return false;
    if (sio_opening_init(&o, transport, origin) == SIO_OK)
        sio_proxy_request_body_begins(x, head, &o, t->id, peer);
    else
        sio_response_refuse(x, 503, "Out of memory.");
    sio_opening_fini(&o);
    return true;
}

void
sio_session09_deliver(sio_exchange *x, const sio_request *r)
{
    sio_buf body;

    sio_buf_init(&body, SIZE_MAX);
    sio_utf8_repair(r->body, &body);
    sio_proxy_request_body_is_here(x, &body, false);
    sio_buf_fini(&body);
}

/* --- Ends. --- */

void
sio_session09_disconnect(sio_exchange *x, sio_view id)
{
    sio_env  *env = x->env;
    sio_peer *owner = sio_session_find(env, id) == NULL ? sio_directory_whereabouts(env, id) : NULL;

    if (owner != NULL)
        sio_proxy_session_end(owner, id);
    else
        sio_ending_begin(env, id);
    sio_response_send(x, 200, NULL, SIO_VIEW(""), SIO_VIEW(""));
}

void
sio_session09_cancel(sio_env *env)
{
    while (!sio_link_empty(&env->handlers->openings)) {
        pending *p = SIO_CONTAINER(env->handlers->openings.next, pending, link);

        sio_directory_cancel(&p->search);
        p->x->abandoned = NULL;
        pending_free(p);
    }
}
