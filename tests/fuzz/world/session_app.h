/*
 * tests/fuzz/world/session_app.h - the application of fuzz_session.c: it decides late, acknowledges
 * late, floods, ends sessions from every handler, and goes on using what has ended.
 */
#ifndef SIO_TESTS_FUZZ_WORLD_SESSION_APP_H
#define SIO_TESTS_FUZZ_WORLD_SESSION_APP_H

#include <stdbool.h>

#include "server/siobroker.h"

enum {
    MAX_LATER = 8, /* decisions, and acknowledgements, that are put off */
    FLOOD = 25     /* packets at once */
};

typedef struct {
    sio_server    *server;
    sio_decision  *decisions[MAX_LATER];
    unsigned       n_decisions;
    sio_ack_later *acks[MAX_LATER];
    unsigned       n_acks;
    unsigned       n_told;
    bool           prompt; /* nothing is put off any more */
} app;

/* Give the oldest decision its verdict. */
void app_decide(app *a, sio_verdict verdict);

/* Give the oldest acknowledgement. */
void app_acknowledge(app *a);

/* Serve the namespaces of the server, which must outlive *a. */
void app_init(app *a, sio_server *server);

#endif
