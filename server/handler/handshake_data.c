#include "server/handler/handshake_data.h"

#include <time.h>

#include "protocol/query.h"
#include "server/base/env.h"
#include "server/handler/handshake_headers.h"
#include "server/http/client_address.h"
#include "server/net/carrier.h"
#include "server/socketio/handshake_record.h"

static void
add_address(sio_buf *data, const sio_exchange *x, const sio_http_request *head)
{
    const sio_address address = sio_client_address(x, head);
    char              text[SIO_ADDRESS_TEXT_MAX];

    sio_buf_add_str(data, ",\"address\":{\"address\":\"");
    sio_buf_add_str(data, sio_address_text(&address, text));
    sio_buf_add_str(data, "\",\"port\":");
    sio_buf_add_u64(data, address.port);
    sio_buf_add_char(data, '}');
}

/* "Sun Nov 22 2026 12:50:56 GMT+0000 (UTC)", as JavaScript prints a date. */
static void
add_time(sio_buf *data, const struct timespec *now)
{
    struct tm local;
    char      text[96];

    localtime_r(&now->tv_sec, &local);
    sio_buf_add_str(data, ",\"time\":");
    if (strftime(text, sizeof text, "%a %b %d %Y %H:%M:%S GMT%z (%Z)", &local) == 0)
        text[0] = '\0';
    sio_buf_add_json_string(data, sio_view_of(text), SIO_JSON_PLAIN);
}

/* Of who speaks it with us. A proxy that does so for us tells no more than "secure". */
static void
add_tls(sio_buf *data, const sio_conn *c)
{
    if (c->carrier->describe == NULL)
        return;
    sio_buf_add_str(data, ",\"tls\":");
    c->carrier->describe(c, data);
}

void
sio_handshake_data(sio_buf *data, const sio_exchange *x, const sio_request *r, sio_view query)
{
    struct timespec now;
    sio_view        origin;

    clock_gettime(CLOCK_REALTIME, &now);
    sio_buf_add_str(data, "{\"headers\":");
    sio_handshake_headers(r->head, data);
    add_address(data, x, r->head);
    add_time(data, &now);
    sio_buf_add_str(data, ",\"query\":");
    sio_query_to_json(query, SIO_HANDSHAKE_RECORD_MAX_PAIRS, data);
    sio_buf_add_str(data, ",\"url\":");
    sio_buf_add_json_string(data, r->head->target, SIO_JSON_PLAIN);
    sio_buf_add_str(data, ",\"xdomain\":");
    sio_buf_add_str(data, sio_http_header_get(r->head, "origin", &origin) ? "true" : "false");
    sio_buf_add_str(data, ",\"secure\":");
    sio_buf_add_str(data, sio_client_address_is_secure(x, r->head) ? "true" : "false");
    add_tls(data, x->conn);
    sio_buf_add_str(data, ",\"issued\":");
    sio_buf_add_u64(data, (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
    sio_buf_add_char(data, '}');
}
