/*
 * tests/bench/load/process.h - what the servers under load have used so far, from /proc.
 */
#ifndef LOAD_PROCESS_H
#define LOAD_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { PROCESS_MAX = 16 };

typedef struct {
    uint64_t cpu_ns;       /* of all threads that live, user and system */
    uint64_t first_cpu_ns; /* of that, what the first process has used */
    uint64_t rss_bytes;    /* resident now */
    uint64_t peak_bytes;   /* resident at most so far */
} process_usage;

/*
 * The sums over n processes. -1 when one of them can not be read (it has ended); errno tells.
 * The time is that of the scheduler, in nanoseconds; where the kernel does not keep that, the sum
 * of utime and stime, in clock ticks.
 */
int process_read(const pid_t *pids, size_t n, process_usage *out);

#endif
