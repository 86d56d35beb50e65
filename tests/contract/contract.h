/*
 * tests/contract/contract.h - the application that tests, benchmarks and rivals all speak to.
 *
 * It is written on siobroker.h alone. contract-server.c puts its parts together.
 */
#ifndef SIO_CONTRACT_H
#define SIO_CONTRACT_H

#include "server/siobroker.h"

typedef struct {
    char *name;     /* JSON string */
    char *greeting; /* [{"server":NAME,"port":PORT}] */
    bool  is_suite;
    bool  is_reaching;
} app;

/* --- Arguments (arguments.c). --- */

/*
 * The i-th argument as a C string when it is a JSON string without U+0000, else NULL. Belongs to
 * the event.
 */
const char *string_arg(const sio_event *event, int i);

/* "[" text "]", or NULL; the caller frees it. */
char *array_of(const char *text, size_t len);

/* The first n arguments (n > 0) as an array, or NULL when there are fewer; the caller frees it. */
char *first_args(const sio_event *event, size_t n);

/* The i-th argument alone in an array, or NULL; the caller frees it. */
char *one_arg(const sio_event *event, size_t i);

/* --- Handlers; arg of each is the app. --- */

/* Every event of the contract but "set" and "get", messages and JSON messages (events.c). */
void serve_events(sio_namespace *nsp, app *a);

/* "echo" alone: acknowledges what it got, or sends it back (events.c). */
void on_echo(sio_socket *socket, const sio_event *event, void *arg);

/* "set" and "get" (data.c). */
void serve_data(sio_namespace *nsp, app *a);

/* The socket has left: the store will not call back any more (data.c). */
void stop_all_waiting(sio_socket *socket);

/* --- What is about all instances ("--reach", reach.c), beside the contract. --- */

void serve_reach(sio_namespace *nsp);

/* Pages on the port of the clients (pages.c). */
void serve_pages(sio_server *io);

/* Everybody was told that the socket has left: nobody else has to. */
void revoke_mourning(sio_socket *socket);

/* --- What the official test suites expect ("--suite", suite.c). --- */

/* Their settings. 0, or -1 and then sio_error() tells why. */
int set_suite(sio_server *io);

/* Their application, in place of the contract. */
void install_suite(sio_server *io);

#endif
