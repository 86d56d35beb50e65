/*
 * server/adminui/admin_ui.h - the Admin UI of socket.io 4: what its page, in a browser, is told and
 * may do. (What operators ask for over HTTP is in server/admin/.)
 *
 * An application on siobroker.h. The page is a client in a namespace of its own, like any other;
 * whoever is in that namespace, on whichever instance, is told the same. So what an instance has to
 * say it broadcasts there, and all that share a Redis are in one view, processes of Node included.
 * Without such a client anywhere nothing is counted, and nothing said; only to processes of Node,
 * of whose clients nobody tells, is it said in any case how this server is.
 *
 * Rules: spec/socketio-ecosystem.md, section 9; lib/index.ts of @socket.io/admin-ui 0.5.1.
 */
#ifndef SIO_ADMINUI_ADMIN_UI_H
#define SIO_ADMINUI_ADMIN_UI_H

#include "protocol/buf.h"
#include "server/adminui/ui_events.h"
#include "server/adminui/ui_login.h"
#include "server/adminui/ui_stats.h"
#include "server/base/env.h"

typedef struct sio_admin_ui {
    sio_env       *env; /* NULL: off */
    sio_namespace *nsp;
    bool           beside_node;    /* somebody may watch of whom nobody tells */
    unsigned       n_admins;       /* clients in the namespace, of this instance */
    uint64_t       watched_til_ms; /* of other instances: as they have last said */
    sio_timer      timer;          /* every two seconds, while anybody watches */
    sio_ui_logins  logins;
    sio_ui_stats   stats;
    sio_ui_events  events;
} sio_admin_ui;

/* *env->admin_ui is zeroed. */
void sio_admin_ui_init(sio_env *env);

/* Begin, if the settings say so. SIO_OK, or a code with one line in error. */
int sio_admin_ui_open(sio_env *env, sio_buf *error);

/* The server ends: nobody logs in any more. Before sio_post() does not work any more. */
void sio_admin_ui_settle(sio_env *env);

/* Nothing is said or done any more. Before the store goes. */
void sio_admin_ui_close(sio_env *env);

#endif
