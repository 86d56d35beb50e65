/*
 * server/adminui/ui_events.h - development mode: the Admin UI is told of everything that happens.
 *
 * What is seen is written down at once, and said at the end of the loop turn, when nobody is in the
 * middle of sending something else. Limits: "max events per second" of this instance, 8 KiB for
 * what an event holds (of longer ones it is said how long they are), 4 MiB in a turn. What is left
 * out is counted in `admin_ui_dropped`. A page that reads too slowly is a slow consumer, like any
 * client.
 */
#ifndef SIO_ADMINUI_UI_EVENTS_H
#define SIO_ADMINUI_UI_EVENTS_H

#include "protocol/list.h"
#include "server/base/deferred.h"
#include "server/base/env.h"
#include "server/base/timer_wheel.h"

typedef struct {
    sio_env       *env; /* NULL: not in development mode */
    sio_namespace *nsp; /* of the page: of what happens there only who comes and goes is told */
    bool           is_looking;
    sio_link       waiting;
    size_t         n_bytes; /* of what waits */
    uint64_t       second;  /* of n_said */
    unsigned       n_said;
    sio_task       task;
} sio_ui_events;

void sio_ui_events_init(sio_ui_events *events);

/* Before the first socket. */
void sio_ui_events_open(sio_ui_events *events, sio_env *env, sio_namespace *nsp);

/* Somebody looks from now on, or nobody any more: then nothing is seen, and nothing costs. */
void sio_ui_events_look(sio_ui_events *events, bool is_looking);

void sio_ui_events_close(sio_ui_events *events);

#endif
