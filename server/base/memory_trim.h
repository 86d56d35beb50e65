/*
 * server/base/memory_trim.h - memory that a storm of connections needed goes back to the system.
 *
 * The allocator keeps what was freed, as it does not know that so much will not be needed again
 * soon. When only half is left of the connections and sessions that there were, it is told to let
 * go. There is one allocator in a process: what the rest of a program has freed goes back as well.
 */
#ifndef SIO_BASE_MEMORY_TRIM_H
#define SIO_BASE_MEMORY_TRIM_H

#include "server/base/timer_wheel.h"

typedef struct sio_env sio_env;

typedef struct {
    sio_timer timer;
    uint64_t  most; /* connections and sessions, since memory was last given back */
} sio_memory_trim;

void sio_memory_trim_init(sio_env *env);

/* A connection or a session has ended, and is not counted any more. */
void sio_memory_trim_ended(sio_env *env);

#endif
