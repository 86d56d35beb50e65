/*
 * server/engine/session.h - one client: identity, timers, the packets that wait for it.
 *
 * A session outlives connections. What carries it at the moment is its channel (an open websocket,
 * an unanswered poll), made by a transport. What its messages mean is up to its dialect, which has
 * the session in a larger object (dialect.h). Rules: spec/socketio-0.9.md section 5.
 */
#ifndef SIO_ENGINE_SESSION_H
#define SIO_ENGINE_SESSION_H

#include "server/base/budget.h"
#include "server/base/deferred.h"
#include "server/base/timer_wheel.h"
#include "server/engine/dialect.h"
#include "server/engine/engine_io.h"
#include "server/engine/intake.h"
#include "server/engine/mailbox.h"
#include "server/siobroker.h"
#include "store/hash.h"

enum { SIO_SESSION_ID_LEN = 20, SIO_SESSION_ID_MAX = 31 };

struct sio_session {
    sio_hash_node        node; /* in engine->sessions, by id */
    sio_env             *env;
    const sio_dialect   *dialect;
    sio_mailbox          mailbox;
    const char          *transport_name; /* of the last channel */
    sio_timer            beat_timer;
    sio_timer            close_timer;
    uint64_t             next_beat_ms;
    uint64_t             deadline_ms; /* for an answer to the last heartbeat; 0: none awaited */
    sio_task             free_task;
    uint32_t             beat_ms; /* when the last heartbeat left: the low bits of the clock */
    bool                 ended;
    bool                 forgotten;       /* not in the table any more */
    bool                 is_on_websocket; /* its last channel was one */
    uint8_t              carried_by;      /* likewise: a sio_carried_by */
    char                 id[SIO_SESSION_ID_MAX + 1];
    sio_engine_io        engine; /* of Engine.IO */
    struct sio_terms    *terms;
    sio_charge           charge;   /* what it costs, on the account of its address */
    sio_intake          *intake;   /* NULL: it was never paused */
    struct sio_throttle *throttle; /* NULL: what it says was never counted */
    uint64_t             made_ms;  /* when it began, as of sio_timer_wheel_now_ms() */
};

static inline bool
sio_session_is_engine_io(const sio_session *s)
{
    return s->dialect->kind == &sio_engine_io_kind;
}

/* A new random id (section 1.5), NUL-terminated. Returns SIO_OK or SIO_ERR_SYS. */
int sio_session_make_id(sio_env *env, char id[SIO_SESSION_ID_MAX + 1]);

/* The session with that id that lives on this instance, or NULL. */
sio_session *sio_session_find(sio_env *env, sio_view id);

/*
 * Begin the session of a handshake. The caller then attaches a channel or lets a message in; of
 * Engine.IO, it says first how (sio_engine_io_begin()). Returns NULL when out of memory.
 */
sio_session *sio_session_new(sio_env *env, sio_view id, sio_view handshake,
                             const sio_dialect *dialect);

/*
 * The first request of the session has arrived, for such a channel: it is opened for its dialect.
 * The session may end in this call.
 */
void sio_session_connect(sio_session *s, const sio_channel_ops *channel);

/* A request came that is no channel: without one, the close timeout runs. */
void sio_session_await_channel(sio_session *s);

/* A message arrived, on any connection (text: valid UTF-8). The session may end in this call. */
void sio_session_receive(sio_session *s, sio_view message, bool is_binary);

/*
 * The session is paused: keep bytes, for `receive` later. One that sends too much ends in this
 * call, reason "overloaded".
 */
void sio_session_hold(sio_session *s, sio_intake_receive receive, unsigned form, sio_view bytes);

/*
 * Queue an encoded packet, as sio_mailbox_send(). When it can not be queued the session is ended at
 * the end of the turn, reason "slow consumer".
 */
void sio_session_send_frame(sio_session *s, sio_frame *frame, bool is_volatile);

/* The same for a frame that was just made, which is taken. NULL: there was no memory for it. */
void sio_session_send_new(sio_session *s, sio_frame *frame, bool is_volatile);

/* The same for a packet that is encoded already, as a text. */
void sio_session_send_text(sio_session *s, sio_view text);

/* Queue a text that a session which ends still has to send, however much waits. */
void sio_session_queue_last(sio_session *s, sio_view text);

/* The client makes the server keep n_bytes more for it, or less. */
void sio_session_charge(sio_session *s, size_t n_bytes);
void sio_session_refund(sio_session *s, size_t n_bytes);

/*
 * Would it cut something off if the session ended now? Packets wait, a poll was just answered, a
 * body is on its way, the client is about to change its transport, or is asked for an answer.
 */
bool sio_session_is_busy(sio_session *s);

/*
 * End the session without a goodbye, so that its client comes back: "disconnect" would keep it
 * away. What waits is still sent.
 */
void sio_session_send_away(sio_session *s, const char *reason);

/* Take an ended session out of the table at once, though its goodbye was not delivered. */
void sio_session_forget(sio_session *s);

/*
 * End the session: its dialect hears of it, and why; what waits is still sent, followed by a
 * goodbye when say_goodbye. s is freed at the end of the turn; only one that is between two polls
 * waits for the next, at most the close timeout, to deliver its goodbye. One whose client probes a
 * websocket waits in any case, for that to take over or for a poll.
 */
void sio_session_end(sio_session *s, const char *reason, bool say_goodbye);

#endif
