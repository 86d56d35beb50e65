/*
 * server/server.h - one server: its surroundings, and one struct of each folder.
 *
 * Included by the files beside it, and by none below: they see siobroker.h and base/env.h.
 */
#ifndef SIO_SERVER_SERVER_H
#define SIO_SERVER_SERVER_H

#include "server/adapter/adapters.h"
#include "server/admin/admin.h"
#include "server/adminui/admin_ui.h"
#include "server/backends/backends.h"
#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/command_line.h"
#include "server/config/config.h"
#include "server/config/sources.h"
#include "server/drain.h"
#include "server/engine/engine.h"
#include "server/handler/handlers.h"
#include "server/http/http.h"
#include "server/inheritance.h"
#include "server/master.h"
#include "server/net/net.h"
#include "server/post.h"
#include "server/reload.h"
#include "server/roaming/roaming.h"
#include "server/signals.h"
#include "server/siobroker.h"
#include "server/socketio/io.h"
#include "server/successor.h"
#include "server/systemd.h"
#include "server/transport/websocket.h"
#include "server/worker.h"

struct sio_server {
    sio_env        env; /* the first member: sio_env_of() */
    sio_cfg        cfg;
    sio_net        net;
    sio_http       http;
    sio_engine     engine;
    sio_websockets websockets;
    sio_io         io;
    sio_cluster    cluster;
    sio_roaming    roaming;
    sio_adapters   adapters;
    sio_handlers   handlers;
    sio_admin      admin;
    sio_backends   backends;
    sio_admin_ui   admin_ui;

    bool                owns_base;
    sio_worker          worker;        /* zeroed: it is none */
    sio_master         *master;        /* NULL: it is none */
    bool                knows_workers; /* sio_fork_workers() has been called */
    sio_command_line    command_line;
    sio_successor       successor;
    sio_inheritance     inheritance;
    sio_signals         signals;
    sio_posts           posts;
    sio_link            timeouts;    /* timers of the application */
    sio_timer           start_timer; /* the longest wait for the store at start */
    sio_drain_state     drain;
    sio_systemd         systemd;
    sio_sources         sources; /* of the settings */
    sio_reload_listener reload;
    void (*on_ready)(void *arg); /* NULL: nobody */
    void   *ready_arg;
    sio_buf error;   /* the last one of those with details, NUL-terminated; see env.why */
    bool    listens; /* begun by sio_listen() */
    bool    running; /* in sio_run() */
    bool    stopped;
};

/* No call has failed so far. */
void sio_server_clear_error(sio_server *s);

/*
 * Keep the reason for sio_error(); it is there already unless memory is out. 0 for SIO_OK, or -1.
 */
int sio_server_fail(sio_server *s, int rc);

#endif
