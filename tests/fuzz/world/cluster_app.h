/*
 * tests/fuzz/world/cluster_app.h - the application of fuzz_cluster.c: it answers whatever comes
 * with events that are marked (cluster_promise.h), also later and many at once.
 */
#ifndef SIO_TESTS_FUZZ_WORLD_CLUSTER_APP_H
#define SIO_TESTS_FUZZ_WORLD_CLUSTER_APP_H

#include "server/siobroker.h"
#include "tests/fuzz/world/cluster_promise.h"

/* Of one instance. */
typedef struct {
    sio_server *server;
    promise    *promise;
} cluster_app;

/* Serve clients of the server. It and *p must outlive *a. */
void cluster_app_init(cluster_app *a, sio_server *server, promise *p);

#endif
