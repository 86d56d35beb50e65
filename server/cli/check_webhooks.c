#include "server/cli/check_webhooks.h"

#include "protocol/result.h"
#include "server/backends/curl_library.h"

static bool
calls_urls(const sio_cfg *cfg)
{
    const sio_cfg_backend *backends = cfg->backends.items;

    for (size_t i = 0; i < cfg->backends.n; i++)
        if (backends[i].urls.n > 0)
            return true;
    return cfg->jwt.keys_url[0] != '\0';
}

/* As a broker loads it at its start. */
void
sio_check_webhooks(sio_check_report *r, const sio_cfg *cfg)
{
    sio_curl_library lib;
    sio_buf          error;

    if (!calls_urls(cfg))
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
