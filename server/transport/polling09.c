#include "server/transport/polling09.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/query.h"
#include "protocol/sio09_payload.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/mailbox.h"
#include "server/http/response.h"
#include "server/transport/post09.h"

/* A GET that carries a session, from its arrival to its answer. */
typedef struct {
    sio_channel   channel;
    sio_exchange *x;
    char         *origin;
    uint32_t      jsonp_index;
    sio_timer     timer; /* polling duration */
    sio_task      release;
} pending_poll;

static const sio_view noop = {"8::", 3};

static pending_poll *
poll09_of(sio_channel *ch)
{
    return SIO_CONTAINER(ch, pending_poll, channel);
}

static void
poll09_release(sio_task *task)
{
    pending_poll *p = SIO_CONTAINER(task, pending_poll, release);

    free(p->origin);
    free(p);
}

/* --- The answer. --- */

/* io.j[i]("text"); the text is JSON, safe inside a script of any age. */
static void
wrap_jsonp(const pending_poll *p, sio_view text, sio_buf *out)
{
    sio_buf_add_str(out, "io.j[");
    sio_buf_add_u64(out, p->jsonp_index);
    sio_buf_add_str(out, "](");
    sio_buf_add_json_string(out, text, SIO_JSON_ESCAPE_LINE_SEPARATORS);
    sio_buf_add_str(out, ");");
}

static void
poll09_send_answer(pending_poll *p, sio_view body, bool is_jsonp)
{
    sio_exchange *x = p->x;
    sio_buf      *head = sio_response_begin(x, 200);

    sio_response_header(head, "Content-Type",
                        is_jsonp ? SIO_VIEW("text/javascript; charset=UTF-8")
                                 : SIO_VIEW("text/plain; charset=UTF-8"));
    sio_response_content_length(head, body.len);
    sio_response_header(head, "Connection",
                        x->keep_alive ? SIO_VIEW("Keep-Alive") : SIO_VIEW("close"));
    if (is_jsonp)
        sio_response_header(head, "X-XSS-Protection", SIO_VIEW("0"));
    else
        sio_response_cors(head, sio_view_of(p->origin));
    sio_response_common(x, head);
    sio_response_end(x, body);
}

/* Answer the poll with text, which ends it. Without memory its connection ends instead. */
static void
poll09_answer(pending_poll *p, sio_view text)
{
    sio_env *env = p->x->env;
    sio_buf  script;

    sio_timer_cancel(&env->timers, &p->timer);
    if (p->channel.ops == sio_transport_jsonp_polling.channel) {
        sio_buf_init(&script, SIZE_MAX);
        wrap_jsonp(p, text, &script);
        if (script.failed)
            sio_conn_fail(p->x->conn);
        poll09_send_answer(p, sio_buf_view(&script), true);
        sio_buf_fini(&script);
    } else {
        poll09_send_answer(p, text, false);
    }
    sio_deferred_add(&env->deferred, &p->release);
}

/* Answer the poll with the n oldest packets that wait. */
static void
answer_queued(pending_poll *p, const sio_send_queue *queue, uint32_t n)
{
    sio_buf       *body = &p->x->env->batch;
    const sio_view first = sio_frame_message(sio_send_queue_at(queue, 0));

    sio_buf_clear(body);
    if (n == 1)
        sio09_payload_encode(&first, 1, body);
    for (uint32_t i = 0; n > 1 && i < n; i++)
        sio09_payload_add(body, sio_frame_message(sio_send_queue_at(queue, i)));
    if (body->failed)
        sio_conn_fail(p->x->conn);
    poll09_answer(p, sio_buf_view(body));
}

/*
 * Packets leave the queue only when the socket took them: a client that has cut the connection
 * finds them again in its next poll.
 */
static void
poll09_flush(sio_channel *ch)
{
    pending_poll  *p = poll09_of(ch);
    sio_mailbox   *mailbox = ch->mailbox;
    sio_conn      *conn = p->x->conn;
    const uint32_t n = sio_mailbox_poll_size(mailbox);

    if (sio_conn_peer_has_left(conn))
        return; /* on_abandoned follows */
    answer_queued(p, &mailbox->queue, n);
    if (!conn->broken)
        sio_mailbox_drop(mailbox, n);
    sio_mailbox_detach(ch);
}

static void
poll09_step_aside(sio_channel *ch)
{
    poll09_answer(poll09_of(ch), noop);
}

static bool
poll09_finish(sio_channel *ch)
{
    pending_poll         *p = poll09_of(ch);
    sio_mailbox          *mailbox = ch->mailbox;
    const sio_send_queue *queue = &mailbox->queue;

    if (queue->n_frames > 0)
        answer_queued(p, queue, queue->n_frames);
    else
        poll09_answer(p, noop);
    sio_mailbox_leave(mailbox);
    return true;
}

static void
on_poll09_timer(sio_timer *timer)
{
    pending_poll *p = SIO_CONTAINER(timer, pending_poll, timer);

    poll09_answer(p, noop);
    sio_mailbox_detach(&p->channel);
}

/* The client cut the poll: nothing is lost, the session waits for the next one. */
static void
on_poll09_abandoned(sio_exchange *x, const char *reason)
{
    pending_poll *p = x->owner;

    (void)reason;
    sio_timer_cancel(&x->env->timers, &p->timer);
    if (p->channel.mailbox != NULL)
        sio_mailbox_detach(&p->channel);
    sio_deferred_add(&x->env->deferred, &p->release);
}

/* --- Opening. --- */

static pending_poll *
poll09_new(sio_exchange *x, const sio_opening *o)
{
    pending_poll *p = calloc(1, sizeof *p);

    if (p == NULL || (p->origin = strdup(o->origin)) == NULL) {
        free(p);
        return NULL;
    }
    p->x = x;
    p->channel.ops = o->transport->channel;
    p->jsonp_index = o->jsonp_index;
    p->timer.fire = on_poll09_timer;
    sio_task_init(&p->release, poll09_release);
    return p;
}

static void
poll09_open_channel(sio_exchange *x, const sio_opening *o, sio_mailbox *mailbox)
{
    pending_poll *p = poll09_new(x, o);

    if (p == NULL) {
        sio_response_refuse(x, 503, "Out of memory.");
        return;
    }
    if (mailbox == NULL) {
        poll09_answer(p, SIO_VIEW("7:::1+0")); /* client not handshaken, reconnect */
        return;
    }
    x->owner = p;
    x->abandoned = on_poll09_abandoned;
    sio_timer_set(&x->env->timers, &p->timer, x->env->cfg->polling_duration_ms);
    sio_mailbox_attach(mailbox, &p->channel);
}

/* --- Posts. --- */

/* Field d holds the packets as a JSON string; anything else is dropped (Q8, Q33). */
static int
post_jsonp(sio_env *env, sio_view body, sio_post_take take, void *arg)
{
    sio_view raw = SIO_VIEW("");
    sio_buf  json, text;
    int      rc = SIO_OK;

    sio_buf_init(&json, SIZE_MAX);
    sio_buf_init(&text, SIZE_MAX);
    if (sio_query_find(body, "d", &raw))
        sio_query_decode(raw, &json);
    if (sio_json_validate(sio_buf_view(&json), 1) == SIO_OK &&
        sio_json_read_kind_of(sio_buf_view(&json)) == SIO_JSON_STRING)
        sio_json_read_string(sio_json_read_trim(sio_buf_view(&json)), &text);
    else if (!json.failed)
        env->stats.bad_packets++;
    if (json.failed || text.failed)
        rc = SIO_ERR_NOMEM;
    else if (text.len > 0)
        rc = sio_post09_payload(env, sio_buf_view(&text), take, arg);
    sio_buf_fini(&json);
    sio_buf_fini(&text);
    return rc;
}

static const sio_channel_ops xhr_polling = {
    .name = "xhr-polling",
    .carried_by = SIO_CARRIED_BY_XHR_POLLING,
    .flush = poll09_flush,
    .step_aside = poll09_step_aside,
    .finish = poll09_finish,
};

static const sio_channel_ops jsonp_polling = {
    .name = "jsonp-polling",
    .carried_by = SIO_CARRIED_BY_JSONP_POLLING,
    .flush = poll09_flush,
    .step_aside = poll09_step_aside,
    .finish = poll09_finish,
};

const sio_transport sio_transport_xhr_polling = {
    .channel = &xhr_polling,
    .open = poll09_open_channel,
    .post = sio_post09_payload,
};

const sio_transport sio_transport_jsonp_polling = {
    .channel = &jsonp_polling,
    .open = poll09_open_channel,
    .post = post_jsonp,
};
