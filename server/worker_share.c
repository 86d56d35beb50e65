#include "server/worker_share.h"

#include "server/base/memory_limit.h"

static void
share_count(unsigned *limit, unsigned n)
{
    *limit = (unsigned)(((uint64_t)*limit + n - 1) / n); /* 0, which is no limit, stays 0 */
}

static void
share_bytes(size_t *limit, unsigned n)
{
    *limit = *limit / n + (*limit % n != 0);
}

void
sio_worker_share(const sio_worker *w, sio_cfg *cfg)
{
    if (!w->is_one)
        return;
    share_count(&cfg->max_connections, w->n);
    share_count(&cfg->max_connections_per_second, w->n);
    share_count(&cfg->max_sessions, w->n);
    share_count(&cfg->max_unused_handshakes, w->n);
    share_bytes(&cfg->max_client_bytes, w->n);
    share_bytes(&cfg->max_body_bytes, w->n);
    if (cfg->max_memory == 0)
        cfg->max_memory = (size_t)sio_memory_limit();
    share_bytes(&cfg->max_memory, w->n);
    if (cfg->max_client_bytes == 0)
        cfg->max_client_bytes = cfg->max_memory / 2; /* as budget.c has it */
}

void
sio_worker_share_once(sio_worker *w, sio_cfg *cfg)
{
    if (w->has_share)
        return;
    w->has_share = true;
    sio_worker_share(w, cfg);
}
