#include "server/config/listen_host.h"

#include "protocol/listen_address.h"
#include "protocol/result.h"

bool
sio_listen_host_first(const sio_cfg *cfg, sio_view *host)
{
    sio_listen_entry entry;

    *host = sio_view_of(cfg->host);
    for (size_t i = 0; i < cfg->listen.n; i++)
        if (sio_listen_entry_parse(cfg->listen.items[i], &entry) == SIO_OK && !entry.at.is_unix) {
            *host = entry.at.host;
            return true;
        }
    return cfg->listen.n == 0;
}
