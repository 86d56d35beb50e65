#include "server/transport/polling_eio.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/eio3_jsonp.h"
#include "protocol/eio3_payload.h"
#include "protocol/eio4_payload.h"
#include "protocol/gzip.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/mailbox.h"
#include "server/http/response.h"
#include "server/transport/eio_response.h"

/* A GET that carries a session, from its arrival to its answer. */
typedef struct {
    sio_channel      channel;
    sio_exchange    *x;
    char            *origin;
    char            *cookie; /* NULL: none */
    uint32_t         jsonp_index;
    sio_eio_revision revision;
    sio_eio3_form    noop_form;
    bool             jsonp;
    bool             base64;
    bool             only_bytes; /* revision 3: the client reads no other form, unless base64 */
    bool             gzip;
    bool             old_ie;
    sio_task         release;
} pending_poll;

typedef struct {
    sio_view body;
    bool     is_bytes;
    bool     is_plain; /* it is not to be compressed */
} payload;

static pending_poll *
poll_eio_of(sio_channel *ch)
{
    return SIO_CONTAINER(ch, pending_poll, channel);
}

static void
poll_eio_free(pending_poll *p)
{
    free(p->origin);
    free(p->cookie);
    free(p);
}

static void
poll_eio_release(sio_task *task)
{
    poll_eio_free(SIO_CONTAINER(task, pending_poll, release));
}

/* --- Payloads. Each is valid until the next one is made. --- */

/* Bytes for who reads nothing else; or can take them and, unless the setting is on, gets some. */
static sio_eio3_form
poll_eio_form_of(const pending_poll *p, const sio_mailbox *m, uint32_t n)
{
    const sio_send_queue *queue = &m->queue;

    if (p->base64 || p->revision != SIO_EIO3)
        return SIO_EIO3_TEXT;
    if (p->only_bytes)
        return SIO_EIO3_BYTES;
    if (m->no_bytes)
        return SIO_EIO3_TEXT;
    if (p->x->env->cfg->encode_payload_as_binary)
        return SIO_EIO3_BYTES;
    for (uint32_t i = 0; i < n; i++)
        if (sio_frame_is_binary(sio_send_queue_at(queue, i)))
            return SIO_EIO3_BYTES;
    return SIO_EIO3_TEXT;
}

static void
poll_eio_add_packet(sio_buf *body, sio_eio_revision revision, sio_eio3_form form,
                    const sio_eio_packet *packet)
{
    if (revision == SIO_EIO4)
        sio_eio4_payload_add(body, packet);
    else
        sio_eio3_payload_add(body, form, packet);
}

static void
poll_eio_add_frame(sio_buf *body, sio_eio_revision revision, sio_eio3_form form,
                   const sio_frame *frame)
{
    const sio_view message = sio_frame_message(frame);
    sio_eio_packet packet;
    const int      rc = sio_frame_is_binary(frame)
                            ? sio_eio_packet_decode_bytes(revision, message, &packet)
                            : sio_eio_packet_decode_text(revision, message, &packet);

    if (rc == SIO_OK) /* always: a dialect has made it, here or on the instance that sent it */
        poll_eio_add_packet(body, revision, form, &packet);
}

/*
 * The n oldest packets that wait. As in engine.io it takes just one that may be compressed for all
 * to be so (`packets.some(packet => packet.options.compress)`).
 */
static payload
payload_of(const pending_poll *p, const sio_mailbox *m, uint32_t n)
{
    const sio_eio3_form form = poll_eio_form_of(p, m, n);
    sio_buf            *body = &p->x->env->batch;
    bool                is_plain = true;

    sio_buf_clear(body);
    for (uint32_t i = 0; i < n; i++) {
        const sio_frame *f = sio_send_queue_at(&m->queue, i);

        poll_eio_add_frame(body, p->revision, form, f);
        is_plain = is_plain && sio_frame_is_plain(f);
    }
    return (payload){sio_buf_view(body), form == SIO_EIO3_BYTES, is_plain};
}

/* One packet that says all by its type. */
static payload
payload_of_type(const pending_poll *p, sio_eio3_form form, sio_eio_type type)
{
    const sio_eio_packet packet = {.type = type, .form = SIO_EIO_TEXT};
    sio_buf             *body = &p->x->env->batch;

    sio_buf_clear(body);
    poll_eio_add_packet(body, p->revision, form, &packet);
    return (payload){sio_buf_view(body), form == SIO_EIO3_BYTES, true};
}

/* --- The answer. --- */

static sio_view
content_type(const pending_poll *p, bool is_bytes)
{
    if (p->jsonp)
        return SIO_VIEW("text/javascript; charset=UTF-8");
    return is_bytes ? SIO_VIEW("application/octet-stream") : SIO_VIEW("text/plain; charset=UTF-8");
}

static void
poll_eio_send_body(pending_poll *p, sio_view body, bool is_bytes, bool is_gzip)
{
    sio_exchange *x = p->x;
    sio_buf      *head = sio_response_begin(x, 200);

    sio_response_header(head, "Content-Type", content_type(p, is_bytes));
    sio_response_content_length(head, body.len);
    if (is_gzip)
        sio_response_header(head, "Content-Encoding", SIO_VIEW("gzip"));
    sio_response_header(head, "Cache-Control", SIO_VIEW("no-store"));
    if (p->old_ie)
        sio_response_header(head, "X-XSS-Protection", SIO_VIEW("0"));
    if (p->cookie != NULL)
        sio_response_header(head, "Set-Cookie", sio_view_of(p->cookie));
    sio_eio_response_cors(x->env->cfg, head, sio_view_of(p->origin));
    sio_response_common(x, head);
    sio_response_connection(x, head);
    sio_response_end(x, body);
}

/* What does not shrink is sent as it is, and so is all when there is no memory. */
static void
poll_eio_send_answer(pending_poll *p, const payload *what)
{
    const sio_view body = what->body;
    sio_buf        packed;
    const bool     may_pack =
        p->gzip && !what->is_plain && body.len >= p->x->env->cfg->http_compression_threshold;

    sio_buf_init(&packed, body.len);
    if (may_pack && sio_gzip_add(&packed, body))
        poll_eio_send_body(p, sio_buf_view(&packed), what->is_bytes, true);
    else
        poll_eio_send_body(p, body, what->is_bytes, false);
    sio_buf_fini(&packed);
}

static void
poll_eio_send_script(pending_poll *p, const payload *what)
{
    char    digits[16];
    sio_buf j = {.data = digits, .cap = sizeof digits, .max = sizeof digits};
    sio_buf script;

    sio_buf_add_u64(&j, p->jsonp_index);
    sio_buf_init(&script, SIZE_MAX);
    sio_eio3_jsonp_encode(sio_buf_view(&j), what->body, &script);
    if (script.failed)
        sio_conn_fail(p->x->conn);
    poll_eio_send_answer(p, &(payload){sio_buf_view(&script), false, what->is_plain});
    sio_buf_fini(&script);
}

/* Answer the poll, which ends it. Without memory its connection ends instead. */
static void
poll_eio_answer(pending_poll *p, payload what)
{
    sio_env *env = p->x->env;

    if (env->batch.failed)
        sio_conn_fail(p->x->conn);
    if (p->jsonp)
        poll_eio_send_script(p, &what);
    else
        poll_eio_send_answer(p, &what);
    sio_deferred_add(&env->deferred, &p->release);
}

/* Packets leave the queue only when the socket took them. */
static void
poll_eio_flush(sio_channel *ch)
{
    pending_poll  *p = poll_eio_of(ch);
    sio_mailbox   *mailbox = ch->mailbox;
    sio_conn      *conn = p->x->conn;
    const uint32_t n = sio_mailbox_poll_size(mailbox);

    if (sio_conn_peer_has_left(conn))
        return; /* on_abandoned follows */
    poll_eio_answer(p, payload_of(p, mailbox, n));
    if (!conn->broken)
        sio_mailbox_drop(mailbox, n);
    sio_mailbox_detach(ch);
}

/* A websocket has taken over, or is about to: the client waits for the end of this poll. */
static void
poll_eio_step_aside(sio_channel *ch)
{
    pending_poll *p = poll_eio_of(ch);

    poll_eio_answer(p, payload_of_type(p, p->noop_form, SIO_EIO_NOOP));
}

static bool
poll_eio_finish(sio_channel *ch)
{
    pending_poll *p = poll_eio_of(ch);
    sio_mailbox  *mailbox = ch->mailbox;
    const bool    is_empty = mailbox->queue.n_frames == 0;

    poll_eio_answer(p, is_empty ? payload_of_type(p, poll_eio_form_of(p, mailbox, 0), SIO_EIO_CLOSE)
                                : payload_of(p, mailbox, sio_mailbox_poll_size(mailbox)));
    sio_mailbox_leave(mailbox);
    return true;
}

static void
poll_eio_refuse(sio_channel *ch, sio_eio_verdict verdict)
{
    pending_poll *p = poll_eio_of(ch);

    sio_eio_response_refuse(p->x, sio_view_of(p->origin), verdict);
    sio_deferred_add(&p->x->env->deferred, &p->release);
}

/* The client cut the poll: that ends the session (section 1.8). */
static void
on_poll_eio_abandoned(sio_exchange *x, const char *reason)
{
    pending_poll *p = x->owner;

    (void)reason;
    if (p->channel.mailbox != NULL)
        sio_mailbox_lost(&p->channel, "transport error");
    sio_deferred_add(&x->env->deferred, &p->release);
}

/* --- Opening. --- */

static pending_poll *
poll_eio_new(sio_exchange *x, const sio_opening *o)
{
    pending_poll *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->origin = strdup(o->origin);
    p->cookie = o->cookie != NULL ? strdup(o->cookie) : NULL;
    if (p->origin == NULL || (p->cookie == NULL && o->cookie != NULL)) {
        poll_eio_free(p);
        return NULL;
    }
    p->x = x;
    p->channel.ops = o->transport->channel;
    p->revision = o->revision;
    p->jsonp = o->jsonp;
    p->jsonp_index = o->jsonp_index;
    p->base64 = o->base64 || o->jsonp;
    p->only_bytes = o->client != SIO_EIO3_CLIENT_ANY;
    p->gzip = o->gzip;
    p->old_ie = o->old_ie;
    sio_task_init(&p->release, poll_eio_release);
    return p;
}

static void
poll_eio_open_channel(sio_exchange *x, const sio_opening *o, sio_mailbox *mailbox)
{
    pending_poll *p;

    if (mailbox == NULL) {
        sio_eio_response_refuse(x, sio_view_of(o->origin), SIO_EIO_UNKNOWN_SID);
        return;
    }
    if ((p = poll_eio_new(x, o)) == NULL) {
        sio_response_refuse(x, 503, "Out of memory.");
        return;
    }
    p->noop_form = poll_eio_form_of(p, mailbox, 0); /* it leaves the mailbox before it is told so */
    x->owner = p;
    x->abandoned = on_poll_eio_abandoned;
    sio_mailbox_attach(mailbox, &p->channel);
}

static const sio_channel_ops polling = {
    .name = "polling",
    .carried_by = SIO_CARRIED_BY_POLLING,
    .engine = true,
    .flush = poll_eio_flush,
    .step_aside = poll_eio_step_aside,
    .finish = poll_eio_finish,
    .refuse = poll_eio_refuse,
};

const sio_transport sio_transport_eio_polling = {
    .channel = &polling,
    .open = poll_eio_open_channel,
};
