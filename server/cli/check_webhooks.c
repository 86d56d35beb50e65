#include "server/cli/check_webhooks.h"

#include "protocol/endpoint_url.h"
#include "protocol/result.h"
#include "server/backends/curl_library.h"

static bool
is_tls(sio_view text)
{
    sio_endpoint_url url;

    return sio_endpoint_url_read(text, &url) && url.is_tls;
}

static bool
calls_by_tls(const sio_cfg *cfg)
{
    const sio_cfg_backend *backends = cfg->backends.items;

    for (size_t i = 0; i < cfg->backends.n; i++)
        for (size_t j = 0; j < backends[i].urls.n; j++)
            if (is_tls(backends[i].urls.items[j]))
                return true;
    return is_tls(sio_view_of(cfg->jwt.keys_url));
}

/* As a broker loads it at its start. */
void
sio_check_webhooks(sio_check_report *r, const sio_cfg *cfg)
{
    sio_curl_library lib;
    sio_buf          error;

    if (!calls_by_tls(cfg))
        return;
    sio_buf_init(&error, 1024);
    if (sio_curl_library_begin(&lib, &error) == SIO_OK) {
        sio_check_report_ok(r, "webhooks: libcurl is there");
        sio_curl_library_end(&lib);
    } else {
        sio_check_report_fail(r, "webhooks: %.*s", SIO_CHECK_TEXT(&error));
    }
    sio_buf_fini(&error);
}
