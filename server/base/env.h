/*
 * server/base/env.h - the surroundings of everything that lives in one server.
 *
 * The loop and what hangs on it, the log, the counters, the settings: what everybody may know.
 * Whatever belongs to one folder is in a struct of that folder, whose header those below it may not
 * include (server/LAYERS): here it is a name, for whoever knows more. Two servers in a process
 * share nothing.
 */
#ifndef SIO_BASE_ENV_H
#define SIO_BASE_ENV_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "protocol/buf.h"
#include "server/base/budget.h"
#include "server/base/deferred.h"
#include "server/base/holds.h"
#include "server/base/inner_events.h"
#include "server/base/log.h"
#include "server/base/log_limit.h"
#include "server/base/measures.h"
#include "server/base/memory_guard.h"
#include "server/base/memory_trim.h"
#include "server/base/phase.h"
#include "server/base/stats.h"
#include "server/base/timer_wheel.h"
#include "server/siobroker.h"
#include "store/instances.h"
#include "store/store.h"

typedef struct sio_env {
    struct event_base *base;
    sio_timer_wheel    timers;
    sio_deferred       deferred; /* work for the end of the loop turn */
    sio_log            log;
    sio_log_limits     log_limits;
    sio_stats          stats;
    sio_measures       measures;
    sio_memory_trim    memory_trim;
    sio_memory_guard   memory_guard;
    sio_holds          holds;
    sio_budget         budget; /* of what is kept for clients */
    sio_store         *store;  /* NULL before the server listens */
    sio_phase          phase;
    bool               has_sums;   /* stats and measures are those of workers: master_figures.c */
    uint64_t           starved_ms; /* when accepting failed last for want of resources; 0: never */
    char        tag[SIO_STORE_TAG_LEN + 1]; /* of this instance; ids made here begin with it */
    uint64_t    last_number;                /* of what was numbered for other instances */
    sio_buf     packet;                     /* the packet being encoded; empty between calls */
    sio_buf     batch;                      /* frames that leave in one send(); likewise */
    time_t      date_s;                     /* what date_text says */
    char        date_text[32];
    const char *why; /* the last call of the application failed that has; NULL: see server.c */
    bool        lacked_memory; /* a call failed for want of it, before the server listens */

    const sio_inner_events *inner_events;

    /* Each defined in its folder. */
    const struct sio_cfg  *cfg;
    struct sio_net        *net;
    struct sio_http       *http;
    struct sio_engine     *engine;
    struct sio_websockets *websockets;
    struct sio_io         *io;
    struct sio_cluster    *cluster;
    struct sio_roaming    *roaming;
    struct sio_adapters   *adapters;
    struct sio_handlers   *handlers;
    struct sio_admin      *admin;
    struct sio_backends   *backends;
    struct sio_admin_ui   *admin_ui;
} sio_env;

/* The surroundings are the first member of a server (server/server.h). */
static inline sio_env *
sio_env_of(sio_server *server)
{
    return (sio_env *)server;
}

static inline sio_server *
sio_env_server(sio_env *env)
{
    return (sio_server *)env;
}

/* A call of the application fails: why, a literal, is what sio_error() tells. Returns -1. */
static inline int
sio_env_fail(sio_env *env, const char *why)
{
    env->why = why;
    return -1;
}

static inline int
sio_env_fail_memory(sio_env *env)
{
    env->lacked_memory = env->lacked_memory || env->store == NULL;
    return sio_env_fail(env, "out of memory");
}

/* The counters as they are now, with those that the log keeps. */
sio_stats sio_env_stats(const sio_env *env);

/* Ready for use but for the loop; zeroed before. */
void sio_env_init(sio_env *env);

/* Timers and deferred work on env->base. SIO_OK or SIO_ERR_NOMEM. */
int sio_env_begin(sio_env *env);

void sio_env_fini(sio_env *env);

/* The second in `Date: ` form (RFC 9110, 5.6.7), formatted once per second. */
const char *sio_env_date(sio_env *env);

#endif
