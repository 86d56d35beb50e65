/*
 * server/backends/endpoints.h - the addresses of one backend: which of them to try.
 *
 *     in service ── failures in a row ──> out ── after a while ──> on trial: one request
 *         ^                                ^                         │       │
 *         │                                └──────── a failure ──────┘       │
 *         └────────────────────────────── a success ─────────────────────────┘
 *
 * Those in service are taken in turns. One that is out is left alone for a second, then twice as
 * long with each trial that fails, 5 s at most, 20 % more or less, so that instances do not all
 * come back to it at once. One that says that it is gone is not tried any more. Pure: the time and
 * the random numbers are the caller's.
 */
#ifndef SIO_BACKENDS_ENDPOINTS_H
#define SIO_BACKENDS_ENDPOINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIO_ENDPOINTS_MAX = 16,
    SIO_ENDPOINT_MAX_FAILURES = 5, /* in a row */
    SIO_ENDPOINT_FIRST_OUT_MS = 1000,
    SIO_ENDPOINT_LONGEST_OUT_MS = 5000 /* a trial costs little, and clients wait for it */
};

typedef enum {
    SIO_ENDPOINT_IN_SERVICE,
    SIO_ENDPOINT_OUT,
    SIO_ENDPOINT_ON_TRIAL,
    SIO_ENDPOINT_GONE
} sio_endpoint_state;

/* What a request has shown. */
typedef enum {
    SIO_ENDPOINT_WORKS,
    SIO_ENDPOINT_FAILED,
    SIO_ENDPOINT_UNKNOWN, /* it was given up before its end */
    SIO_ENDPOINT_LEFT     /* gone, it says */
} sio_endpoint_report;

typedef struct {
    sio_endpoint_state state;
    unsigned           n_failures; /* in a row, while it is in service */
    unsigned           out_ms;     /* the last time out, without the 20 % */
    uint64_t           until_ms;   /* out until then */
} sio_endpoint;

typedef struct {
    sio_endpoint list[SIO_ENDPOINTS_MAX];
    size_t       n;
    size_t       last; /* that was taken */
    uint32_t (*random)(void *arg);
    void *arg;
} sio_endpoints;

/* n of them, at least one and at most SIO_ENDPOINTS_MAX, all in service. */
void sio_endpoints_init(sio_endpoints *e, size_t n, uint32_t (*random)(void *arg), void *arg);

/*
 * The next one to send a request to; -1: none for now. What became of it is to be reported. A
 * request that has just failed at one gets another, if there is any: the turn is at the next.
 */
int sio_endpoints_take(sio_endpoints *e, uint64_t now_ms);

/* What a request to the i-th has shown. True: that has taken it out of service, or back. */
bool sio_endpoints_report(sio_endpoints *e, size_t i, uint64_t now_ms, sio_endpoint_report report);

/*
 * When sio_endpoints_take() may find one: now_ms at the earliest; UINT64_MAX: not before something
 * is reported.
 */
uint64_t sio_endpoints_next_ms(const sio_endpoints *e, uint64_t now_ms);

/* Is none in service? */
bool sio_endpoints_all_out(const sio_endpoints *e);

/* Settings are read again: those that were gone may be there. */
void sio_endpoints_revive(sio_endpoints *e);

#endif
