/*
 * server/admin/process_usage.h - what the process takes of the machine, as the kernel tells it.
 *
 * Nothing here takes longer when there are more clients.
 */
#ifndef SIO_ADMIN_PROCESS_USAGE_H
#define SIO_ADMIN_PROCESS_USAGE_H

#include <stdint.h>

typedef struct {
    double   cpu_s;
    uint64_t resident_bytes;
    uint64_t virtual_bytes;
    uint64_t open_fds;
    uint64_t max_fds;
} sio_process_figures;

typedef struct {
    double              began_s;           /* when the process began, since 1970; 0: unknown */
    uint64_t            descriptors_begun; /* that were open at first */
    sio_process_figures others;            /* of the workers, where this one is their master */
} sio_process_usage;

/* Look at what stays the same. No client is connected yet. */
void sio_process_usage_init(sio_process_usage *u);

/* With those of the others. n_connections: those that the process has now, for kernels that do not count descriptors. */
sio_process_figures sio_process_usage_now(const sio_process_usage *u, uint64_t n_connections);

#endif
