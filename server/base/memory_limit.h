/*
 * server/base/memory_limit.h - how much memory a process may have.
 */
#ifndef SIO_BASE_MEMORY_LIMIT_H
#define SIO_BASE_MEMORY_LIMIT_H

#include <stdint.h>

/*
 * In bytes: the least of what the machine has, what the control group of the process allows
 * (version 2, each group above it as well, or version 1) and RLIMIT_AS. What can not be found out
 * limits nothing.
 */
uint64_t sio_memory_limit(void);

#endif
