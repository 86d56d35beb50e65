/*
 * server/script/memory.h - the memory of a script: as much as it may have, and a reserve.
 *
 * QuickJS needs memory to say that there is none: for the error, its stack, and what is printed of
 * it. So what is refused for the first time opens a reserve, until there is less again.
 */
#ifndef SIO_SCRIPT_MEMORY_H
#define SIO_SCRIPT_MEMORY_H

#include <quickjs/quickjs.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    size_t max_bytes, reserve_bytes; /* to be set before the runtime is made */
    bool   is_short;                 /* the reserve is open */
} sio_memory;

/* A runtime on that memory, which outlives it. NULL: the system has none. */
JSRuntime *sio_memory_new_runtime(sio_memory *m);

#endif
