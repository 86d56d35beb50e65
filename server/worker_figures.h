/*
 * server/worker_figures.h - what several processes that serve as one have counted and measured.
 *
 * Called by worker_say.c, which tells them, and by master_figures.c, which adds them up.
 */
#ifndef SIO_SERVER_WORKER_FIGURES_H
#define SIO_SERVER_WORKER_FIGURES_H

#include "server/admin/process_usage.h"
#include "server/base/env.h"
#include "server/socketio/io.h"
#include "store/store.h"

enum {
    SIO_WORKER_FIGURES_NAME_MAX = 64, /* bytes; longer names count as other ones */
    SIO_WORKER_FIGURES_BACKENDS_MAX = 16
};

typedef struct {
    char     name[SIO_WORKER_FIGURES_NAME_MAX + 1];
    uint64_t n_sockets;
} sio_worker_figures_namespace;

typedef struct {
    char          name[SIO_WORKER_FIGURES_NAME_MAX + 1];
    sio_histogram requests;
} sio_worker_figures_backend;

typedef struct {
    sio_stats                    stats;
    sio_store_counters           store;
    sio_measures                 measures; /* without its list of backends */
    sio_process_figures          process;
    unsigned                     n_namespaces, n_backends;
    uint64_t                     n_other_sockets; /* in namespaces that are not listed */
    sio_worker_figures_namespace namespaces[SIO_MAX_COUNTED_NAMESPACES];
    sio_worker_figures_backend   backends[SIO_WORKER_FIGURES_BACKENDS_MAX];
} sio_worker_figures;

/* Add those of a living process; of some that can not be added, the largest. */
void sio_worker_figures_add(sio_worker_figures *sum, const sio_worker_figures *one);

/* Add what is left of one that has ended: what it has counted, and nothing that it had. */
void sio_worker_figures_add_past(sio_worker_figures *sum, const sio_worker_figures *one);

/*
 * Of a process that shows sums in place of its own counters and tallies: what has been added to
 * these since, by itself, is added to own.
 */
void sio_worker_figures_add_own(sio_worker_figures *own, const sio_worker_figures *shown,
                                const sio_env *env);

#endif
