#include "protocol/sio5_decoder.h"

#include "protocol/base64.h"

#include <stdint.h>

void
sio5_decoder_init(sio5_decoder *d, const sio5_rules *rules)
{
    *d = (sio5_decoder){.rules = rules};
    sio_buf_init(&d->text, rules->max_waiting_bytes);
    sio_buf_init(&d->bytes, rules->max_waiting_bytes);
    sio_buf_init(&d->attachments, SIZE_MAX); /* bounded by their number */
}

void
sio5_decoder_fini(sio5_decoder *d)
{
    sio_buf_fini(&d->text);
    sio_buf_fini(&d->bytes);
    sio_buf_fini(&d->attachments);
    d->is_waiting = false;
}

bool
sio5_decoder_is_waiting(const sio5_decoder *d)
{
    return d->is_waiting;
}

size_t
sio5_decoder_n_kept(const sio5_decoder *d)
{
    return d->is_waiting ? d->text.len + d->bytes.len : 0;
}

/* Make the views of p into the text at `from` views into its copy at `to`. */
static void
move_views(sio5_packet *p, const char *from, const char *to)
{
    sio_view *const views[] = {&p->nsp, &p->query, &p->id, &p->name, &p->args, &p->data};

    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++)
        if (views[i]->len > 0)
            views[i]->data = to + (views[i]->data - from);
}

/* A packet begins. One that has to wait outlives the message, so its text is kept. */
static int
decode_text(sio5_decoder *d, sio_view text, sio5_packet *out)
{
    const int rc = sio5_packet_decode(text, d->rules, out);

    if ((rc != SIO_OK && rc != SIO_TOO_DEEP) || out->n_attachments == 0)
        return rc;
    sio_buf_add_view(&d->text, text);
    if (d->text.failed)
        return SIO_TOO_LARGE;
    d->packet = *out;
    move_views(&d->packet, text.data, d->text.data);
    d->verdict = rc;
    d->is_waiting = true;
    return SIO_PARTIAL;
}

static unsigned
n_arrived(const sio5_decoder *d)
{
    return (unsigned)(d->attachments.len / sizeof(sio_view));
}

/* All bytes are there, and do not move any more: say where each attachment is. */
static void
complete(sio5_decoder *d, sio5_packet *out)
{
    sio_view *const views = (void *)d->attachments.data;
    size_t          at = 0;

    for (unsigned i = 0; i < d->packet.n_attachments; at += views[i++].len)
        views[i].data = at == d->bytes.len ? "" : d->bytes.data + at;
    d->is_waiting = false;
    *out = d->packet;
    out->attachments = views;
}

static int
decode_bytes(sio5_decoder *d, const sio_eio_packet *message, sio5_packet *out)
{
    const size_t before = d->bytes.len;
    sio_view     attachment = {NULL, 0};

    if (message->form == SIO_EIO_BASE64)
        sio_base64_decode(message->data, &d->bytes);
    else
        sio_buf_add_view(&d->bytes, message->data);
    attachment.len = d->bytes.len - before;
    sio_buf_add(&d->attachments, &attachment, sizeof attachment);
    if (d->bytes.failed || d->attachments.failed ||
        d->bytes.len > d->rules->max_waiting_bytes - d->text.len)
        return SIO_TOO_LARGE;
    if (n_arrived(d) < d->packet.n_attachments)
        return SIO_PARTIAL;
    complete(d, out);
    return d->verdict;
}

int
sio5_decoder_add(sio5_decoder *d, const sio_eio_packet *message, sio5_packet *out)
{
    const bool is_text = message->form == SIO_EIO_TEXT;
    int        rc;

    if (!d->is_waiting)
        sio5_decoder_fini(d); /* what was given out last */
    if (is_text == d->is_waiting)
        rc = SIO_BAD;
    else if (is_text)
        rc = decode_text(d, message->data, out);
    else
        rc = decode_bytes(d, message, out);
    if (rc == SIO_BAD || rc == SIO_TOO_LARGE)
        sio5_decoder_fini(d);
    return rc;
}
