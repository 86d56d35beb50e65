#include "server/transport/htmlfile.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/sio09_payload.h"
#include "server/base/env.h"
#include "server/engine/mailbox.h"
#include "server/http/response.h"
#include "server/transport/post09.h"

enum {
    PREAMBLE_BYTES = 256, /* Internet Explorer shows nothing before it has so many */
    BATCH_BYTES = 64 * 1024
};

typedef struct {
    sio_channel     channel;
    sio_exchange   *x;
    sio_send_queue *rest;    /* what a session that is over has still to say; NULL: nothing */
    bool            tidy;    /* the client was told that it is over */
    bool            chunked; /* HTTP/1.0 has no chunks: the end of the connection ends the page */
    sio_task        release;
} page;

static page *
page_of(sio_channel *ch)
{
    return SIO_CONTAINER(ch, page, channel);
}

static void
htmlfile_release(sio_task *task)
{
    page *p = SIO_CONTAINER(task, page, release);

    sio_send_queue_free(p->rest);
    free(p);
}

/* --- Out. --- */

static void
add_piece(const page *p, sio_view bytes, sio_buf *out)
{
    if (p->chunked)
        sio_response_add_chunk(out, bytes);
    else
        sio_buf_add_view(out, bytes);
}

static void
add_script(const page *p, sio_view text, sio_buf *out)
{
    sio_buf script;

    sio_buf_init(&script, SIZE_MAX);
    sio_buf_add_str(&script, "<script>_(");
    sio_buf_add_json_string(&script, text, SIO_JSON_ESCAPE_SLASH | SIO_JSON_ESCAPE_LINE_SEPARATORS);
    sio_buf_add_str(&script, ");</script>");
    add_piece(p, sio_buf_view(&script), out);
    out->failed |= script.failed;
    sio_buf_fini(&script);
}

static void
write_out(page *p, const sio_buf *out)
{
    if (out->failed) /* out of memory: the page would have a hole */
        sio_conn_fail(p->x->conn);
    else
        sio_conn_write(p->x->conn, sio_buf_view(out));
}

static void
htmlfile_send_script(page *p, sio_view text)
{
    sio_buf *out = &p->x->env->batch;

    sio_buf_clear(out);
    add_script(p, text, out);
    write_out(p, out);
}

/* What waits, each packet in its own script, as much as one write takes. Returns how many. */
static uint32_t
htmlfile_write_batch(page *p, const sio_send_queue *queue)
{
    sio_buf *out = &p->x->env->batch;
    uint32_t n = 0;

    sio_buf_clear(out);
    while (n < queue->n_frames && out->len < BATCH_BYTES)
        add_script(p, sio_frame_message(sio_send_queue_at(queue, n++)), out);
    write_out(p, out);
    return n;
}

/* The connection stays usable, unless it is what was found dead. */
static void
end_page(page *p, bool keep_alive)
{
    sio_exchange *x = p->x;

    if (p->chunked)
        sio_conn_write(x->conn, SIO_VIEW(SIO_ANSWER_LAST_CHUNK));
    x->keep_alive = x->keep_alive && keep_alive;
    sio_deferred_add(&x->env->deferred, &p->release);
    x->done(x);
}

static void
htmlfile_flush(sio_channel *ch)
{
    page        *p = page_of(ch);
    sio_mailbox *m = ch->mailbox;

    while (m->queue.n_frames > 0 && !sio_conn_blocked(p->x->conn))
        sio_mailbox_drop(m, htmlfile_write_batch(p, &m->queue));
}

/* The session is over; its last packets leave as the socket takes them. */
static void
htmlfile_send_rest(page *p)
{
    while (p->rest->n_frames > 0 && !sio_conn_blocked(p->x->conn))
        sio_send_queue_drop(p->rest, htmlfile_write_batch(p, p->rest));
    if (p->rest->n_frames == 0)
        end_page(p, p->tidy);
}

static void
htmlfile_step_aside(sio_channel *ch)
{
    end_page(page_of(ch), true);
}

static bool
htmlfile_finish(sio_channel *ch)
{
    page        *p = page_of(ch);
    sio_mailbox *mailbox = ch->mailbox;

    htmlfile_flush(ch);
    if (mailbox->queue.n_frames > 0)
        p->rest = sio_send_queue_take(&mailbox->queue);
    p->tidy = mailbox->tidy;
    sio_mailbox_leave(mailbox);
    if (p->rest == NULL)
        end_page(p, p->tidy);
    return true;
}

/* --- The request. --- */

static void
on_htmlfile_writable(sio_exchange *x)
{
    page *p = x->owner;

    if (p->rest != NULL)
        htmlfile_send_rest(p);
    else if (p->channel.mailbox != NULL)
        sio_mailbox_flush(p->channel.mailbox);
}

static void
on_htmlfile_abandoned(sio_exchange *x, const char *reason)
{
    page *p = x->owner;

    if (p->channel.mailbox != NULL)
        sio_mailbox_lost(&p->channel, reason);
    sio_deferred_add(&x->env->deferred, &p->release);
}

static void
send_preamble(page *p)
{
    static const char start[] = "<html><body><script>var _ = function (msg) "
                                "{ parent.s._(msg, document); };</script>";
    char              preamble[PREAMBLE_BYTES];
    sio_buf          *head = sio_response_begin(p->x, 200);

    memset(preamble, ' ', sizeof preamble);
    memcpy(preamble, start, sizeof start - 1);
    sio_response_header(head, "Content-Type", SIO_VIEW("text/html; charset=UTF-8"));
    sio_response_connection(p->x, head);
    if (p->chunked)
        sio_response_header(head, "Transfer-Encoding", SIO_VIEW("chunked"));
    sio_response_common(p->x, head);
    sio_buf_add_str(head, "\r\n");
    add_piece(p, (sio_view){preamble, sizeof preamble}, head);
    sio_conn_write(p->x->conn, sio_buf_view(head));
}

static void
htmlfile_open_channel(sio_exchange *x, const sio_opening *o, sio_mailbox *mailbox)
{
    page *p = calloc(1, sizeof *p);

    if (p == NULL) {
        sio_response_refuse(x, 503, "Out of memory.");
        return;
    }
    p->x = x;
    p->chunked = !x->http_1_0;
    p->channel.ops = o->transport->channel;
    sio_task_init(&p->release, htmlfile_release);
    if (!p->chunked)
        x->keep_alive = false;
    send_preamble(p);
    if (mailbox == NULL) {
        htmlfile_send_script(p, SIO_VIEW("7:::1+0")); /* client not handshaken, reconnect */
        end_page(p, true);
        return;
    }
    x->owner = p;
    x->abandoned = on_htmlfile_abandoned;
    x->writable = on_htmlfile_writable;
    sio_mailbox_attach(mailbox, &p->channel);
}

static const sio_channel_ops htmlfile = {
    .name = "htmlfile",
    .carried_by = SIO_CARRIED_BY_HTMLFILE,
    .lasting = true,
    .beats = true,
    .flush = htmlfile_flush,
    .step_aside = htmlfile_step_aside,
    .finish = htmlfile_finish,
};

const sio_transport sio_transport_htmlfile = {
    .channel = &htmlfile,
    .open = htmlfile_open_channel,
    .post = sio_post09_payload,
};
