/*
 * server/engine/mailbox.h - the packets that wait for one client, and the channel that takes them
 * away.
 *
 * What transports know of a client. A session has a mailbox; so has a sink, which stands here for
 * a session of another instance. It outlives channels: changing the transport loses and doubles
 * nothing.
 */
#ifndef SIO_ENGINE_MAILBOX_H
#define SIO_ENGINE_MAILBOX_H

#include "protocol/list.h"
#include "server/base/deferred.h"
#include "server/engine/channel.h"
#include "server/engine/laggards.h"
#include "server/engine/send_queue.h"

typedef struct sio_env sio_env;

/* Whose mailbox it is. Each may end the session, so it is the last thing that is called. */
typedef struct {
    /* A channel has come; the one before it has stepped aside. */
    void (*attached)(sio_mailbox *m);
    /*
     * The channel has gone. reason is NULL when it has served its purpose, as a poll that was
     * answered, or cut; otherwise it tells why a lasting one ended.
     */
    void (*detached)(sio_mailbox *m, const char *reason);
    /*
     * The client has broken a rule of the channel, a lasting one, and is not heard any more. But
     * what it said before was good: the channel finishes with what waits and the answers to that.
     */
    void (*violated)(sio_mailbox *m, const char *reason);
    /* The channel has had the chance to take packets, and is still there. May be NULL. */
    void (*flushed)(sio_mailbox *m);
    /* A message arrived: a packet text in valid UTF-8, or bytes. */
    void (*receive)(sio_mailbox *m, sio_view message, bool is_binary);
    /* A packet could not be queued and is lost: "slow consumer", "out of memory". */
    void (*failed)(sio_mailbox *m, const char *reason);
    /*
     * The probed websocket was announced: its client waits for its poll to end. Or (false) it has
     * gone, announced or not, and polls go on. May be NULL.
     */
    void (*upgrading)(sio_mailbox *m, bool begins);
} sio_mailbox_owner;

typedef struct sio_probe sio_probe;

struct sio_mailbox {
    const sio_mailbox_owner *owner;
    sio_env                 *env;
    sio_channel             *channel; /* NULL: none, as between two polls */
    const char              *failure; /* why it has failed; NULL: it has not */
    sio_task                 wake_task;
    uint32_t                 n_channels; /* that have come so far */
    /*
     * The oldest packets of the queue that a channel which has left may have delivered: until it is
     * known how many, nothing leaves. The channel is compared, never followed.
     */
    uint32_t           n_away;
    sio_send_queue     queue;
    const sio_channel *away;
    sio_link           promises;
    sio_laggard        laggard;
    sio_probe         *probe; /* NULL: there is none */
    bool no_bytes;    /* Engine.IO: this client takes base64 in their place in its polls ("b64") */
    bool first_alone; /* the first poll brings one packet only: 1::, or 0{...} of Engine.IO */
    bool tidy;        /* at the end: the client was told, so its connection stays usable */
    bool is_paused;   /* nobody wants to hear of what the client says: intake.h */
};

void sio_mailbox_init(sio_mailbox *m, sio_env *env, const sio_mailbox_owner *owner);

/* Drop what waits. The channel must have gone. Promises are void from now on. */
void sio_mailbox_fini(sio_mailbox *m);

/* --- For transports. --- */

/* Let ch serve m from now on. The channel may have left again when this returns. */
void sio_mailbox_attach(sio_mailbox *m, sio_channel *ch);

/* ch has served its purpose. */
void sio_mailbox_detach(sio_channel *ch);

/* The connection of ch is lost, and with it, on a lasting transport, the session. */
void sio_mailbox_lost(sio_channel *ch, const char *reason);

/* The client of ch, a lasting channel, has broken a rule. ch may have left when this returns. */
void sio_mailbox_violated(sio_channel *ch, const char *reason);

/* For finish(): the channel goes, and nobody is told. */
void sio_mailbox_leave(sio_mailbox *m);

/* The client has sent a message: a packet text in valid UTF-8, or bytes. */
void sio_mailbox_receive(sio_mailbox *m, sio_view message, bool is_binary);

/* Let the channel take what waits, now rather than at the end of the turn. */
void sio_mailbox_flush(sio_mailbox *m);

/*
 * How many of the packets that wait the next answer to a poll brings; at least 1. Of very many the
 * rest waits for the next poll: an answer that nobody reads is a copy of them.
 */
uint32_t sio_mailbox_poll_size(const sio_mailbox *m);

/* The n oldest packets that wait have left. */
void sio_mailbox_drop(sio_mailbox *m, uint32_t n);

/*
 * A channel that will come once its connection is ready. The mailbox may be gone before: then
 * mailbox is NULL.
 */
typedef struct {
    sio_link     link;
    sio_mailbox *mailbox;
} sio_promise;

/* m may be NULL. */
void sio_promise_make(sio_promise *p, sio_mailbox *m);
void sio_promise_drop(sio_promise *p);

/*
 * A websocket that becomes the channel when its client says so, while polls go on (Engine.IO,
 * spec/socketio-modern.md section 1.7). A mailbox has one at most. It lives in what holds the
 * websocket.
 */
struct sio_probe {
    sio_mailbox *mailbox; /* NULL: it has none any more */
    bool         is_announced;
    /* The session is gone, and the mailbox has forgotten the probe: the websocket is to close. */
    void (*over)(sio_probe *p);
};

/* p, with `over` set, is for m, which has none. */
void sio_probe_begin(sio_probe *p, sio_mailbox *m);

/*
 * The client waits for its poll to end. It may be announced again, and after the end of the
 * session.
 */
void sio_probe_announce(sio_probe *p);

/* The websocket has gone. */
void sio_probe_withdraw(sio_probe *p);

/*
 * The websocket is to be the channel: the mailbox that it is now to be attached to, or NULL. That
 * of a session which has ended finishes it with what waits.
 */
sio_mailbox *sio_probe_succeed(sio_probe *p);

/* --- For owners. --- */

/*
 * Queue an encoded packet, all frames of its chain; it leaves at the end of the loop turn. When the
 * queue is full the owner is told at the end of the turn, so sending calls no application code.
 * Volatile packets are dropped (counted) when they could not leave at once.
 */
void sio_mailbox_send(sio_mailbox *m, sio_frame *frame, bool is_volatile);

/* Queue one that still has to be sent, whatever the limits are. SIO_OK or SIO_ERR_NOMEM. */
int sio_mailbox_push_last(sio_mailbox *m, sio_frame *frame);

/* Let the channel take what waits, at the end of the turn. */
void sio_mailbox_wake(sio_mailbox *m);

/* Part with the channel, if there is one: it ends in its own way. */
void sio_mailbox_dismiss(sio_mailbox *m);

/* Part with the probe, if there is one: it is over. */
void sio_mailbox_end_probe(sio_mailbox *m);

/* What is away counts as delivered: if it was not, it never will be. */
void sio_mailbox_forget_away(sio_mailbox *m);

/* Too much has been waiting for too long: it fails as a "slow consumer". */
void sio_mailbox_give_up(sio_mailbox *m);

/* Something that had to be queued is lost: the owner is told at the end of the turn. */
void sio_mailbox_fail(sio_mailbox *m, const char *reason);

/* Send nothing more by itself, and tell the owner nothing. */
void sio_mailbox_hush(sio_mailbox *m);

#endif
