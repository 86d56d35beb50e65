/*
 * server/signals.h - what the program does when it is sent a signal.
 *
 * Only a server that made its own loop catches signals, from sio_listen() until it is freed; a
 * program that brings its loop decides about them itself. SIGPIPE, which would end the program when
 * Redis has gone, is ignored in any case, unless the program handles it.
 */
#ifndef SIO_SERVER_SIGNALS_H
#define SIO_SERVER_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>

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

/* Has the application taken this one upon itself (sio_on_signal())? It has seen it then. */
static inline bool
sio_signals_are_taken(const sio_signals *s, int number)
{
    return s->ask != NULL && s->ask(number, s->ask_arg);
}

/* What they did before counts again. A zeroed struct is fine. */
void sio_signals_release(sio_signals *signals);

#endif
