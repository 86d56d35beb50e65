/*
 * server/http/pace.h - does a request body come fast enough?
 *
 * Called by http_conn.c. Pure: the time is an argument.
 *
 * A body is late when nothing of it has come for timeout_ms, as nginx has it between two reads.
 * That alone could be put off for ever by a byte now and then, so it is late as well when, beyond a
 * first timeout_ms, it has come at less than the minimum rate, as Apache has it. A body of n bytes
 * is therefore over within timeout_ms + n / rate.
 */
#ifndef SIO_HTTP_PACE_H
#define SIO_HTTP_PACE_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t since_ms;
    uint64_t n_bytes; /* since then */
} sio_pace;

/* The ms that are left for the next bytes; 0: it is too late. */
unsigned sio_pace_left_ms(const sio_pace *p, uint64_t now_ms, unsigned timeout_ms,
                          size_t bytes_per_second);

#endif
