#include "server/backends/hook_heir.h"

#include "server/backends/hook_queue.h"
#include "server/backends/hook_will.h"

void
sio_hook_heir_renew(sio_hooks *h, const sio_hook_socket *s)
{
    const sio_hook_namespace *n = sio_hook_registry_find_namespace(h, sio_hook_socket_nsp_name(s));

    if (n != NULL && n->decider != SIO_HOOK_NOBODY)
        sio_hook_will_leave(s, sio_hook_registry_cfg(h, (size_t)n->decider)->name);
}

static void
tell_of_lost_socket(sio_hooks *h, const sio_hook_will *w, size_t backend)
{
    sio_hook_socket *s = sio_hook_socket_find(&h->sockets, w->nsp_name, w->id);
    sio_hook_event  *e;

    if (s == NULL)
        s = sio_hook_registry_new_socket(h, w->nsp_name, w->id, NULL);
    if (s == NULL)
        return;
    if ((e = sio_hook_event_lost(s, "instance lost", sio_buf_view(&w->state))) == NULL)
        sio_hook_socket_release(s);
    else
        (void)sio_hook_queue_add(h, e, backend); /* for which there is always room */
}

/* It stays a will of this instance until the backend was told. */
void
sio_hook_heir_inherit(const char *id, const char *text, void *arg)
{
    sio_hooks    *h = arg;
    sio_hook_will will;
    int           backend;

    (void)id;
    if (sio_hook_will_read(&will, text) &&
        (backend = sio_hook_registry_find_backend(h, will.backend)) != SIO_HOOK_NOBODY)
        tell_of_lost_socket(h, &will, (size_t)backend);
    sio_hook_will_fini(&will);
}
