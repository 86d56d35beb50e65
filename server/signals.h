/*
 * server/signals.h - what the program does when it is sent a signal.
 *
 * Only a server that made its own loop catches signals, from sio_listen() until it is freed; a
 * program that brings its loop decides about them itself. SIGPIPE, which would end the program when
 * Redis has gone, is ignored in any case, unless the program handles it.
 */
#ifndef SIO_SERVER_SIGNALS_H
#define SIO_SERVER_SIGNALS_H
#include "server/siobroker.h"

enum { SIO_N_SIGNALS = 6 };

struct event;

typedef struct {
    struct event *events[SIO_N_SIGNALS];
    bool (*ask)(int number, void *arg); /* the application, first; NULL: nobody */
    void *ask_arg;
} sio_signals;

/*
 * Catch the signals of the table in signals.c. SIGHUP stays ignored where the program began with
 * that (nohup). SIO_OK or SIO_ERR_NOMEM; may be called again.
 */
int sio_signals_catch(sio_server *s);

/* What they did before counts again. A zeroed struct is fine. */
void sio_signals_release(sio_signals *signals);

#endif
