/*
 * server/engine/heartbeat.h - how a protocol revision finds out that nobody is there any more.
 *
 * A table for each way to do it, used by session.c. The fields of a session that it works with are
 * beat_timer, next_beat_ms and deadline_ms.
 *
 * While a session is paused (intake.h) its client is not read, so that its silence means nothing:
 * it goes on hearing beats, and its time begins anew afterwards.
 */
#ifndef SIO_ENGINE_HEARTBEAT_H
#define SIO_ENGINE_HEARTBEAT_H

#include "server/base/timer_wheel.h"
#include "server/engine/channel.h"

typedef struct sio_session sio_session;

typedef struct {
    /* Such a channel carries the session from now on. */
    void (*attached)(sio_session *s, const sio_channel_ops *channel);
    /* The client has sent something. */
    void (*alive)(sio_session *s);
    /* beat_timer of a session has fired. The session may end in this call. */
    void (*due)(sio_timer *timer);
    /* The session has been paused. May be NULL. */
    void (*paused)(sio_session *s);
} sio_heartbeat;

/* Section 5.3: the server beats on lasting transports, the client answers. */
extern const sio_heartbeat sio_heartbeat_09;

/* The client answered a heartbeat. */
void sio_heartbeat_answered(sio_session *s);

/*
 * Engine.IO (spec/socketio-modern.md section 1.6): in revision 4 the server beats, in 3 the client.
 */
extern const sio_heartbeat sio_heartbeat_eio3;
extern const sio_heartbeat sio_heartbeat_eio4;

/* Revision 4: the client answered. */
void sio_heartbeat_ponged(sio_session *s);

/*
 * A request of the session has come: do what is due, as timers are a little late, so that no
 * request finds a session whose time is over. The session may end in this call.
 */
void sio_heartbeat_catch_up(sio_session *s);

#endif
