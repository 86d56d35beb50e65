#include "server/config/config_streams.h"

#include <stdio.h>
#include <string.h>

#include "protocol/result.h"

/* Beside Node 0.9 most commands are about one instance alone, and anyone would read them. */
static const char *
find_obstacle(const sio_cfg *cfg)
{
    if (cfg->redis[0] == '\0')
        return "needs \"redis\", where streams are";
    if (strncmp(cfg->dialect, "node-0.9", strlen("node-0.9")) == 0)
        return "is not for \"dialect\": \"node-0.9\", where commands reach one instance alone";
    return NULL;
}

/* Its place in the settings; false: there is none. */
static bool
find_stream(const sio_cfg *cfg, char *place, size_t size)
{
    const sio_cfg_backend *list = cfg->backends.items;

    if (cfg->api.stream) {
        snprintf(place, size, "\"api\"");
        return true;
    }
    for (size_t i = 0; i < cfg->backends.n; i++)
        if (list[i].stream) {
            snprintf(place, size, "\"backends\"[%zu]", i);
            return true;
        }
    return false;
}

int
sio_config_streams_check(const sio_cfg *cfg, sio_buf *error)
{
    const char *obstacle = find_obstacle(cfg);
    char        place[40];

    if (obstacle == NULL || !find_stream(cfg, place, sizeof place))
        return SIO_OK;
    sio_buf_add_str(error, place);
    sio_buf_add_str(error, ".\"stream\": ");
    sio_buf_add_str(error, obstacle);
    return SIO_ERR_CONFIG;
}
