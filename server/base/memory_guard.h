/*
 * server/base/memory_guard.h - the memory of the whole process has a limit, too.
 *
 * What clients make the server keep has one of its own (budget.h), which is half of the memory that
 * there is: so this is for what nobody counts. Looked at once a second. Above 90 % nobody else
 * comes in, and the instance is not ready (admin/health.c). Above 97 % memory that is free already
 * is given back, and if that is not enough, clients give up a part of what is kept for them, those
 * first who have most: until it is less.
 */
#ifndef SIO_BASE_MEMORY_GUARD_H
#define SIO_BASE_MEMORY_GUARD_H

#include "server/base/timer_wheel.h"

typedef struct sio_env sio_env;

typedef struct {
    sio_timer timer;
    uint64_t  max_bytes;
    bool      is_scarce;   /* nobody else may come in */
    bool      is_squeezed; /* the budget is */
} sio_memory_guard;

void sio_memory_guard_init(sio_env *env);
void sio_memory_guard_fini(sio_env *env);

/* From now on: max_bytes; 0: as much as the process may have. */
void sio_memory_guard_open(sio_env *env, uint64_t max_bytes);

#endif
