/*
 * server/base/pace.h - does what is on its way through a connection get on fast enough?
 *
 * Called by http_conn.c for request bodies, and by conn.c for what a peer has yet to take. Pure:
 * the time is an argument.
 *
 * It is late when nothing of it has moved for timeout_ms, as nginx has it between two reads or
 * writes. That alone could be put off for ever by a byte now and then, so it is late as well when,
 * beyond a first timeout_ms, it has moved at less than the minimum rate, as Apache has it. What has
 * n bytes is therefore over within timeout_ms + n / rate.
 */
#ifndef SIO_BASE_PACE_H
#define SIO_BASE_PACE_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t since_ms;
    uint64_t n_bytes; /* that have moved since then */
} sio_pace;

/* The ms that are left for the next bytes; 0: it is too late. */
unsigned sio_pace_left_ms(const sio_pace *p, uint64_t now_ms, unsigned timeout_ms,
                          size_t bytes_per_second);

#endif
