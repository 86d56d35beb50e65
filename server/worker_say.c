#include "server/worker_say.h"

#include "server/figures.h"
#include "server/server.h"
#include "server/worker_wire.h"

/* One that does not read has other worries; and when it has ended, that is heard. */
static void
worker_say(const sio_server *s, sio_worker_word word, uint32_t number, sio_view bytes)
{
    const sio_worker_message m = {.word = word, .number = number, .bytes = bytes, .fd = -1};

    if (s->worker.is_one)
        (void)sio_worker_wire_send(s->worker.control, &m);
}

void
sio_worker_say_ready(sio_server *s, sio_view where)
{
    worker_say(s, SIO_WORKER_READY, s->net.admission.max_connections, where);
}

void
sio_worker_say_closed(sio_server *s)
{
    worker_say(s, SIO_WORKER_CLOSED, 0, SIO_VIEW(""));
}

void
sio_worker_say_figures(sio_server *s)
{
    sio_figures f = {.stats = sio_env_stats(&s->env)};

    if (s->env.store != NULL)
        f.store = *sio_store_get_counters(s->env.store);
    worker_say(s, SIO_WORKER_FIGURES, 0, (sio_view){(const char *)&f, sizeof f});
}
