#include "server/worker_say.h"

#include <stdio.h>
#include <string.h>

#include "server/worker_figures.h"
#include "server/server.h"
#include "server/socketio/namespace.h"
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

/* --- Figures. --- */

_Static_assert(sizeof(sio_worker_figures) <= SIO_WORKER_WIRE_MAX, "they fit into a message");

static void
copy_namespaces(const sio_io *io, sio_worker_figures *f)
{
    f->n_other_sockets = io->n_sockets[SIO_MAX_COUNTED_NAMESPACES];
    for (size_t i = 0; i < SIO_MAX_COUNTED_NAMESPACES; i++) {
        const sio_namespace          *nsp = io->counted[i];
        sio_worker_figures_namespace *to = &f->namespaces[f->n_namespaces];

        if (nsp == NULL || nsp->name.len > SIO_WORKER_FIGURES_NAME_MAX) {
            f->n_other_sockets += io->n_sockets[i];
            continue;
        }
        memcpy(to->name, nsp->name.data, nsp->name.len);
        to->n_sockets = io->n_sockets[i];
        f->n_namespaces++;
    }
}

static void
copy_backends(const sio_link *list, sio_worker_figures *f)
{
    for (sio_link *l = list->next; l != list; l = l->next) {
        const sio_backend_measures *b = SIO_CONTAINER(l, sio_backend_measures, link);
        sio_worker_figures_backend *to = &f->backends[f->n_backends];

        if (f->n_backends == SIO_WORKER_FIGURES_BACKENDS_MAX)
            return;
        snprintf(to->name, sizeof to->name, "%s", b->name);
        to->requests = b->requests;
        f->n_backends++;
    }
}

/* Settings are read by each, but that is counted by the master alone. */
static void
copy_counters(const sio_server *s, sio_worker_figures *f)
{
    f->stats = sio_env_stats(&s->env);
    f->stats.reloads = f->stats.failed_reloads = 0;
    f->measures = s->env.measures;
    if (s->env.store != NULL)
        f->store = *sio_store_get_counters(s->env.store);
}

void
sio_worker_say_figures(sio_server *s)
{
    sio_worker_figures f;

    memset(&f, 0, sizeof f);
    copy_counters(s, &f);
    copy_namespaces(&s->io, &f);
    copy_backends(&s->env.measures.backends, &f);
    f.process = sio_process_usage_now(&s->admin.usage, s->env.stats.connections);
    worker_say(s, SIO_WORKER_FIGURES, 0, (sio_view){(const char *)&f, sizeof f});
}
