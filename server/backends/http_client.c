#include "server/backends/http_client.h"

#include <stdlib.h>

#include "protocol/result.h"
#include "server/backends/curl_client.h"
#include "server/backends/plain_client.h"

struct sio_http_client {
    sio_plain_client *plain;
    sio_curl_client  *curl; /* NULL: there is no https:// */
};

int
sio_http_client_new(sio_http_client **out, const sio_http_loop *loop,
                    const sio_http_client_options *options, sio_buf *error)
{
    sio_http_client *c = calloc(1, sizeof *c);
    int              rc = SIO_ERR_NOMEM;

    if (c == NULL || (c->plain = sio_plain_client_new(loop, options)) == NULL)
        sio_buf_add_str(error, "out of memory");
    else
        rc = options->may_use_tls ? sio_curl_client_new(&c->curl, loop, options, error) : SIO_OK;
    if (rc == SIO_OK)
        *out = c;
    else
        sio_http_client_free(c);
    return rc;
}

void
sio_http_client_free(sio_http_client *c)
{
    if (c == NULL)
        return;
    sio_curl_client_free(c->curl);
    sio_plain_client_free(c->plain);
    free(c);
}

sio_http_call *
sio_http_client_post(sio_http_client *c, const sio_http_post *post, sio_http_answer_fn fn,
                     void *arg)
{
    sio_endpoint_url url;

    if (!sio_endpoint_url_read(sio_view_of(post->url), &url))
        return NULL;
    if (!url.is_tls)
        return sio_plain_client_post(c->plain, &url, post, fn, arg);
    return c->curl != NULL ? sio_curl_client_post(c->curl, post, fn, arg) : NULL;
}

void
sio_http_client_cancel(sio_http_call *call)
{
    call->cancel(call);
}
