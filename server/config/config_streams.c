#include "server/config/config_streams.h"

#include <string.h>

#include "protocol/result.h"

static int
refuse(sio_buf *error, const char *why)
{
    sio_buf_add_str(error, "\"api\".\"stream\": ");
    sio_buf_add_str(error, why);
    return SIO_ERR_CONFIG;
}

/* Beside Node most commands are about one instance alone, and anyone would read them. */
int
sio_config_streams_check(const sio_cfg *cfg, sio_buf *error)
{
    if (!cfg->api.stream)
        return SIO_OK;
    if (cfg->redis[0] == '\0')
        return refuse(error, "needs \"redis\", where the stream is");
    if (strcmp(cfg->dialect, "siobroker") != 0)
        return refuse(error, "is not for \"dialect\": \"node-0.9\", where commands reach one "
                             "instance alone");
    return SIO_OK;
}
