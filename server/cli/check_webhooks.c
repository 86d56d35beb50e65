#include "server/cli/check_webhooks.h"

#include "protocol/endpoint_url.h"
#include "protocol/result.h"
#include "server/backends/curl_library.h"
#include "server/backends/tls_files.h"

static bool
is_tls(sio_view text)
{
    sio_endpoint_url url;

    return sio_endpoint_url_read(text, &url) && url.is_tls;
}

static bool
calls_by_tls(const sio_cfg_backend *backend)
{
    for (size_t i = 0; i < backend->urls.n; i++)
        if (is_tls(backend->urls.items[i]))
            return true;
    return false;
}

static void
check_libcurl(sio_check_report *r)
{
    sio_curl_library lib;
    sio_buf          error;

    sio_buf_init(&error, 1024);
    if (sio_curl_library_begin(&lib, &error) == SIO_OK) {
        sio_check_report_ok(r, "webhooks: libcurl is there");
        sio_curl_library_end(&lib);
    } else {
        sio_check_report_fail(r, "webhooks: %.*s", SIO_CHECK_TEXT(&error));
    }
    sio_buf_fini(&error);
}

static void
check_files(sio_check_report *r, const sio_cfg_backend *b)
{
    sio_tls_files files;
    sio_buf       error;

    sio_buf_init(&error, 8192);
    if (sio_tls_files_read(&files, b->ca_file, b->certificate, b->key, &error) != SIO_OK)
        sio_check_report_fail(r, "backend %s: %.*s", b->name, SIO_CHECK_TEXT(&error));
    else if (b->ca_file[0] != '\0' || b->certificate[0] != '\0')
        sio_check_report_ok(r, "backend %s: the files for TLS can be read", b->name);
    sio_tls_files_fini(&files);
    sio_buf_fini(&error);
}

/* As a broker does all of it at its start. */
void
sio_check_webhooks(sio_check_report *r, const sio_cfg *cfg)
{
    const sio_cfg_backend *b = cfg->backends.items;
    bool                   has_tls = false;

    for (size_t i = 0; i < cfg->backends.n; i++)
        has_tls = has_tls || calls_by_tls(&b[i]);
    if (has_tls)
        check_libcurl(r);
    for (size_t i = 0; i < cfg->backends.n; i++)
        if (calls_by_tls(&b[i]))
            check_files(r, &b[i]);
}
