#include "server/backends/hook_headers.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/http_token.h"
#include "server/siobroker.h"
#include "store/clock.h"

static void
end_header(sio_hook_headers *h)
{
    sio_buf_add_char(&h->text, '\0');
    h->n++;
}

static void
add_header(sio_hook_headers *h, const char *name, sio_view value)
{
    sio_buf_add_str(&h->text, name);
    sio_buf_add_str(&h->text, ": ");
    sio_buf_add_view(&h->text, value);
    end_header(h);
}

static void
add_number_header(sio_hook_headers *h, const char *name, uint64_t value)
{
    sio_buf_add_str(&h->text, name);
    sio_buf_add_str(&h->text, ": ");
    sio_buf_add_u64(&h->text, value);
    end_header(h);
}

/* One that is worth passing on. */
static bool
is_header_value(sio_view value)
{
    return value.len > 0 && value.len <= 8192 && sio_http_token_is_value(value);
}

/* Of this attempt: a receiver does not believe an old one. */
static void
add_signature_header(sio_hook_headers *h, sio_sign *sign, const sio_event_batch *batch,
                     uint64_t timestamp_s)
{
    const size_t before = h->text.len;

    sio_buf_add_str(&h->text, "webhook-signature: ");
    const size_t empty = h->text.len;

    sio_sign_add(sign, sio_view_of(batch->id), timestamp_s, sio_buf_view(&batch->body), &h->text);
    if (h->text.len == empty)
        h->text.len = before;
    else
        end_header(h);
}

/* What the client has sent, for middleware that knows it by a cookie. */
static void
pass_headers(sio_hook_headers *h, const sio_texts *names, const char *handshake)
{
    for (size_t i = 0; i < names->n; i++) {
        char *value = sio_handshake_header(handshake, names->items[i].data);

        if (is_header_value(sio_view_of(value)))
            add_header(h, names->items[i].data, sio_view_of(value));
        free(value);
    }
}

/* Where each begins is known when the text does not move any more. */
static void
point_at_headers(sio_hook_headers *h)
{
    const char *at = h->text.data;

    for (size_t i = 0; i < h->n; i++) {
        h->list[i] = at;
        at += strlen(at) + 1;
    }
}

bool
sio_hook_headers_make(sio_hook_headers *h, const sio_env *env, const sio_cfg_backend *cfg,
                      sio_sign *sign, const sio_event_batch *batch, const char *handshake)
{
    const uint64_t now_s = sio_epoch_ms() / 1000;
    const sio_view name = sio_view_of(env->cfg->name);

    *h = (sio_hook_headers){.n = 0};
    sio_buf_init(&h->text, SIZE_MAX);
    add_header(h, "Content-Type", SIO_VIEW("application/json"));
    add_header(h, "webhook-id", sio_view_of(batch->id));
    add_number_header(h, "webhook-timestamp", now_s);
    add_signature_header(h, sign, batch, now_s);
    if (is_header_value(name))
        add_header(h, "siobroker-instance", name);
    add_number_header(h, "siobroker-attempt", batch->n_attempts);
    for (size_t i = 0; i < cfg->headers.n; i++) {
        sio_buf_add_view(&h->text, cfg->headers.items[i]);
        end_header(h);
    }
    if (handshake != NULL)
        pass_headers(h, &cfg->pass_headers, handshake);
    if (!h->text.failed)
        point_at_headers(h);
    return !h->text.failed;
}

void
sio_hook_headers_fini(sio_hook_headers *h)
{
    sio_buf_fini(&h->text);
}
