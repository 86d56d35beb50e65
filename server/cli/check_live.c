#include "server/cli/check_live.h"

#include <string.h>

#include "protocol/eio_packet.h"
#include "protocol/result.h"
#include "server/cli/websocket_client.h"

enum { PATIENCE_MS = 5000, MAX_ERROR = 1024 };

/* One attempt: SIO_OK, or error says why not. */
typedef int (*live_attempt)(const sio_web_url *url, sio_stream *s, sio_buf *error);

static int
tell_wrong(sio_buf *error, const char *what)
{
    sio_buf_add_str(error, what);
    return SIO_BAD;
}

/* --- HTTP. --- */

/* Does GET of the target begin with what a broker says? */
static int
ask_for(const sio_web_url *url, sio_stream *s, sio_view target, bool (*is_right)(sio_view body),
        sio_buf *error)
{
    sio_web_answer answer;
    sio_buf        headers, in;
    int            rc;

    sio_buf_init(&headers, SIZE_MAX);
    sio_buf_init(&in, SIO_WEB_REQUEST_MAX_BYTES);
    sio_web_url_add_headers(url, &headers);
    sio_buf_add_str(&headers, "Connection: close\r\n");
    rc = sio_web_request_begin(s, "GET", target, sio_buf_view(&headers), &in, &answer, error);
    if (rc == SIO_OK)
        rc = sio_web_request_finish(s, &in, &answer, error);
    if (rc == SIO_OK && answer.status != 200) {
        sio_buf_add_str(error, "refused with ");
        sio_buf_add_u64(error, answer.status);
        sio_web_request_hint(&answer, error);
        rc = SIO_BAD;
    } else if (rc == SIO_OK && !is_right(answer.rest)) {
        rc = tell_wrong(error, "what answers is no Socket.IO");
    }
    sio_buf_fini(&headers);
    sio_buf_fini(&in);
    return rc;
}

/* 0{"sid":... of a payload. A body in chunks has a length before it. */
static bool
is_open_packet(sio_view body)
{
    return memmem(body.data, body.len, "0{\"sid\":", 8) != NULL;
}

/* ID:HEARTBEAT:CLOSE:TRANSPORTS */
static bool
is_handshake09(sio_view body)
{
    return memmem(body.data, body.len, "websocket", 9) != NULL ||
           memmem(body.data, body.len, "polling", 7) != NULL;
}

static int
try_polling(const sio_web_url *url, sio_stream *s, sio_buf *error)
{
    sio_buf target;
    int     rc;

    sio_buf_init(&target, SIZE_MAX);
    sio_web_url_add_target(url, "polling", &target);
    rc = ask_for(url, s, sio_buf_view(&target), is_open_packet, error);
    sio_buf_fini(&target);
    return rc;
}

static int
try_handshake09(const sio_web_url *url, sio_stream *s, sio_buf *error)
{
    sio_buf target;
    int     rc;

    sio_buf_init(&target, SIZE_MAX);
    sio_buf_add_view(&target, url->resource);
    sio_buf_add_str(&target, url->query.len > 0 ? "/1/?" : "/1/");
    sio_buf_add_view(&target, url->query);
    rc = ask_for(url, s, sio_buf_view(&target), is_handshake09, error);
    sio_buf_fini(&target);
    return rc;
}

/* --- WebSocket. --- */

static int
try_websocket(const sio_web_url *url, sio_stream *s, sio_buf *error)
{
    sio_websocket_client w;
    sio_ws_message       m;
    sio_buf              target, headers;
    int                  rc;

    sio_buf_init(&target, SIZE_MAX);
    sio_buf_init(&headers, SIZE_MAX);
    sio_web_url_add_target(url, "websocket", &target);
    sio_web_url_add_headers(url, &headers);
    rc = sio_websocket_client_init(&w, s, sio_buf_view(&target), sio_buf_view(&headers), error);
    if (rc == SIO_OK)
        rc = sio_websocket_client_next(&w, &m, error);
    if (rc == SIO_OK && (m.opcode != SIO_WS_TEXT || !is_open_packet(m.payload)))
        rc = tell_wrong(error, "what answers is no Socket.IO");
    if (rc == SIO_ERR_NOT_FOUND)
        sio_buf_add_str(error, "the connection was closed");
    sio_websocket_client_fini(&w);
    sio_buf_fini(&headers);
    sio_buf_fini(&target);
    return rc;
}

/* --- All of them. --- */

static void
check_way(sio_check_report *r, const sio_web_url *url, const sio_tls_client *tls, const char *way,
          live_attempt attempt)
{
    const sio_view where = url->host_and_port;
    sio_stream     s;
    sio_buf        error;
    int            rc;

    sio_buf_init(&error, MAX_ERROR);
    if ((rc = sio_web_request_connect(&s, url, tls, PATIENCE_MS, &error)) == SIO_OK)
        rc = attempt(url, &s, &error);
    if (rc == SIO_OK)
        sio_check_report_ok(r, "%.*s: %s", (int)where.len, where.data, way);
    else
        sio_check_report_fail(r, "%.*s: %s: %.*s", (int)where.len, where.data, way,
                              SIO_CHECK_TEXT(&error));
    sio_stream_close(&s);
    sio_buf_fini(&error);
}

/* A page that may connect, if "origins" names any: of example.org:443 it is https://example.org. */
static void
add_page(const sio_texts *origins, sio_buf *out)
{
    const sio_view first = origins->n > 0 ? origins->items[0] : SIO_VIEW("*:*");
    const char    *colon = memrchr(first.data, ':', first.len);
    sio_view       host, port;

    if (colon == NULL)
        return; /* no setting that is allowed */
    host = (sio_view){first.data, (size_t)(colon - first.data)};
    port = sio_view_of(colon + 1);
    sio_buf_add_str(out, sio_view_eq(port, SIO_VIEW("80")) ? "http://" : "https://");
    sio_buf_add_view(out, sio_view_eq(host, SIO_VIEW("*")) ? SIO_VIEW("localhost") : host);
    if (!sio_view_eq(port, SIO_VIEW("*")) && !sio_view_eq(port, SIO_VIEW("80")) &&
        !sio_view_eq(port, SIO_VIEW("443")))
        sio_buf_add_view(out, (sio_view){colon, 1 + port.len});
}

static void
check_ways(sio_check_report *r, const sio_web_url *url, const sio_tls_client *tls,
           const sio_cfg *cfg)
{
    if (cfg->engine && sio_cfg_engine_may_use(cfg, SIO_VIEW("polling")))
        check_way(r, url, tls, "polling", try_polling);
    if (cfg->engine && sio_cfg_engine_may_use(cfg, SIO_VIEW("websocket")))
        check_way(r, url, tls, "websocket", try_websocket);
    check_way(r, url, tls, "handshake of 0.9", try_handshake09);
}

void
sio_check_live(sio_check_report *r, const sio_web_url *url, const sio_tls_client *tls,
               const sio_cfg *cfg)
{
    sio_web_url as_page = *url;
    sio_buf     page;

    sio_buf_init(&page, SIZE_MAX);
    if (url->origin.len == 0 && sio_cfg_names_pages(cfg)) {
        add_page(&cfg->origins, &page);
        as_page.origin = sio_buf_view(&page);
    }
    check_ways(r, &as_page, tls, cfg);
    sio_buf_fini(&page);
}
