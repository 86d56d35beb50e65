/*
 * server/server.h - everything that belongs to one server; the state that others would make global.
 *
 * Internal: applications see only siobroker.h. Two servers in one process share nothing.
 */
#ifndef SIO_SERVER_SERVER_H
#define SIO_SERVER_SERVER_H

#include <event2/event.h>
#include <libwebsockets.h>

#include "protocol/buf.h"
#include "protocol/http_request.h"
#include "protocol/ws_deflate.h"
#include "server/assets/client4_files.h"
#include "server/assets/client09_files.h"
#include "server/cluster/cluster.h"
#include "server/config/config.h"
#include "server/net/conn.h"
#include "server/net/admission.h"
#include "server/engine/laggards.h"
#include "server/net/listener.h"
#include "server/base/log.h"
#include "server/base/log_limit.h"
#include "server/socketio/namespace.h"
#include "server/adapter/node09.h"
#include "server/engine/send_queue.h"
#include "server/socketio/recovery.h"
#include "server/signals.h"
#include "server/siobroker.h"
#include "server/base/stats.h"
#include "server/base/memory_trim.h"
#include "server/base/deferred.h"
#include "server/base/timer_wheel.h"
#include "store/hash.h"
#include "store/store.h"

struct sio_server {
    sio_cfg            cfg;
    sio_log            log;
    sio_log_limits     log_limits;
    struct event_base *base;
    bool               owns_base;
    sio_signals        signals;

    sio_timer_wheel wheel;
    sio_deferred    turn;
    sio_listener    listener;
    sio_listener    flash_listener;
    sio_admission   intake;
    sio_link        conns; /* every TCP connection */

    struct lws_context *lws;
    struct lws_vhost   *vhost;

    sio_store          *store;
    sio_cluster         cluster;
    sio_node09          node09;
    sio_recovery        recovery;
    sio_client09_files *client_files;  /* of 0.9; NULL: not served */
    sio_client4_files  *client4_files; /* the same */

    sio_hash         sessions; /* id -> sio_session, those opened here */
    sio_link         namespaces;
    sio_namespace   *default_namespace;
    unsigned         n_namespaces; /* ever made */
    uint64_t         n_walks;      /* over sockets, to number them */
    uint32_t         last_ack_id;  /* that clients were asked to send back (acks.h) */
    sio_link         surveys;      /* of survey.c: whose answers are being collected */
    sio_link         left_sockets; /* freed at the end of the turn, by left_task */
    sio_task         left_task;
    sio_authorize_fn authorize; /* handshakes; NULL: all are accepted */
    void            *authorize_arg;
    sio_link         timeouts; /* timers of the application */
    sio_link         openings; /* requests whose session is being looked for */
    sio_link         endings;  /* of session09.c: sessions to be ended, that are being looked for */
    unsigned         n_fresh; /* sessions of Engine.IO that nothing came for yet, by their weight */
    sio_link         searches; /* for them, and for clients of other instances */
    sio_send_queue_limits queue_limits;
    sio_laggards          laggards;
    size_t                n_expiring; /* ended sessions whose data the store is told to let go */

    char             input[SIO_CONN_READ_BYTES]; /* what one connection has just said */
    sio_http_request request;    /* the one being parsed; too large for the stack of a callback */
    sio_buf          answer;     /* the HTTP answer being written */
    sio_buf          packet;     /* the packet being encoded */
    sio_buf          event_args; /* of the event being received, as an array */
    sio_buf          event_name; /* of the event being sent, as JSON */
    sio_buf          batch;      /* frames that leave in one send() */
    sio_ws_deflate  *deflate;    /* of all websockets; NULL until the first that agrees on it */
    sio_buf          inflated;   /* a message that arrived compressed */
    time_t           date_s;     /* what date_text says */
    char             date_text[32];

    sio_stats       stats;
    sio_timer       start_timer; /* the longest wait for the store at start */
    sio_timer       shutdown_timer;
    sio_memory_trim trim;
    sio_buf         error; /* the last one, NUL-terminated */
    bool            started;
    bool            running; /* in sio_run() */
    bool            stopping;
    bool            stopped;
};

/* While stopping: leave the loop as soon as no connection is left and the store knows who has left. */
void sio_server_check_drained(sio_server *s);

/* End all sessions at once, without a goodbye. */
void sio_server_end_sessions(sio_server *s, const char *reason);

/* app_timer.c: forget those that are still set. */
void sio_app_timer_free_all(sio_server *io);

/* The second in `Date: ` form (RFC 9110, 5.6.7), formatted once per second. */
const char *sio_server_date(sio_server *s);

#endif
