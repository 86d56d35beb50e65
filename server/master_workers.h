/*
 * server/master_workers.h - what a master knows: its workers, and where they listen.
 *
 * For the files called master_*. In the order in which they use each other:
 *
 *     master_workers      all that there is, and how a worker is told something
 *     master_figures      the counters of all of them
 *     master_opening      where a worker may listen that asks for it
 *     master_hearing      what workers say, and who says nothing any more
 *     master_orders       stop, drain, undrain and reload, in all
 *     master_reaping      which ones have ended, and who takes their places
 *     master_signals      what the master is told
 *     master_admin        the admin listener, which is the master's
 *     master_end          its memory
 *     master_fork         the beginning of a worker
 *     master              the beginning of the master, and its loop
 */
#ifndef SIO_SERVER_MASTER_WORKERS_H
#define SIO_SERVER_MASTER_WORKERS_H

#include <stdbool.h>
#include <sys/types.h>

#include "server/base/timer_wheel.h"
#include "server/worker_figures.h"
#include "server/master.h"
#include "server/master_sockets.h"
#include "server/worker.h"
#include "server/worker_wire.h"

enum { SIO_MASTER_N_SIGNALS = 7 };

typedef struct {
    sio_master        *m;
    unsigned           number;
    pid_t              pid; /* 0: there is none */
    int                control;
    struct event      *control_event;
    bool               is_ready;
    unsigned           n_room; /* for connections */
    bool               is_due; /* to be begun in this turn */
    bool               is_asked;
    uint64_t           asked_ms;
    uint64_t           born_ms;
    unsigned           n_short_lives;
    sio_timer          pause;
    sio_worker_figures figures; /* as it has told them last */
} sio_master_worker;

struct sio_master {
    sio_server          *s;
    unsigned             n;
    bool                 is_late; /* their programs say where they listen, when they run */
    sio_master_worker    workers[SIO_WORKERS_MAX];
    sio_master_sockets   sockets;
    sio_worker_figures   past;  /* of workers that have ended */
    sio_worker_figures   own;   /* of the master itself */
    sio_worker_figures   shown; /* the sums that were made last */
    sio_store            store; /* has nothing but counters */
    sio_backend_measures backends[SIO_WORKER_FIGURES_BACKENDS_MAX];
    char          backend_names[SIO_WORKER_FIGURES_BACKENDS_MAX][SIO_WORKER_FIGURES_NAME_MAX + 1];
    struct event *signals[SIO_MASTER_N_SIGNALS];
    sio_timer     ask_timer, line_timer, deadline;
    bool          owes_line; /* with the counters, to the log */
    bool          was_ready;
    bool          has_failed;
    unsigned      n_stops;
    sio_buf       where;  /* the last one listens */
    int           log_fd; /* -1: the log goes to standard error, as that is */
};

uint64_t sio_master_workers_now_ms(const sio_master *m);

/* How many live. */
unsigned sio_master_workers_living(const sio_master *m);

/*
 * Say a word to one (worker_wire.h); fd is duplicated, -1 is none. Nothing happens where none is.
 * One that does not read what matters is killed: from then on it would do something else.
 */
void sio_master_workers_tell(sio_master_worker *w, sio_worker_word word, unsigned number, int fd);

/* The same to all. */
void sio_master_workers_tell_all(sio_master *m, sio_worker_word word, unsigned number);

#endif
