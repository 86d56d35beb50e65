#include "server/backends/hook_queue.h"

#include "protocol/result.h"

void
sio_hook_queue_forget(sio_hook_event *e)
{
    sio_hook_socket *s = e->of;

    sio_hook_event_free(e);
    sio_hook_socket_release(s);
}

int
sio_hook_queue_add(sio_hooks *h, sio_hook_event *e, size_t backend)
{
    e->backend = backend;
    e->is_queued = sio_hook_backend_add(h->backends[backend], &e->of->lines[backend].line,
                                        &e->queued) == SIO_OK;
    h->env->stats.backend_overloaded += !e->is_queued;
    return e->is_queued ? SIO_OK : SIO_ERR_FULL;
}

void
sio_hook_queue_disconnect(sio_hooks *h, sio_hook_socket *s, sio_hook_event *e, size_t decider)
{
    if (e != NULL) {
        (void)sio_hook_queue_add(h, e, decider); /* for which there is always room */
        return;
    }
    sio_hook_registry_complain(h, "a backend is not told of a disconnect: out of memory");
    sio_hook_socket_release(s);
}
