/*
 * server/adapter/node09_pending.h - what the other processes may not have heard.
 *
 * Nobody acknowledges what is published. When Redis was away, a process of Node comes back to it
 * later than we do: its pauses grow with the outage, up to about its length. So from the moment
 * when Redis is lost, until as long after its return as the outage was and a minute more, sessions
 * that begin, change or end are remembered here, to be told again in rounds (node09_resend.h).
 */
#ifndef SIO_ADAPTER_NODE09_PENDING_H
#define SIO_ADAPTER_NODE09_PENDING_H

#include "protocol/buf.h"
#include "protocol/list.h"
#include "server/base/timer_wheel.h"
#include "server/engine/session.h"
#include "store/hash.h"

/* For how long what could not be told is told again, at least. */
enum { SIO_NODE09_DOUBT_MS = 60 * 1000 };

typedef struct {
    sio_hash  sessions;     /* in doubt, by id; each in one of the lists */
    sio_link  untold;       /* to be told in this round */
    sio_link  told;         /* in this round */
    sio_buf   ended;        /* ids with a line feed, of sessions that ended in doubt */
    size_t    n_ended_told; /* bytes of it, in this round */
    uint64_t  sure_ms;      /* from then on everyone hears us, as far as can be known */
    unsigned  wait_ms;      /* before the next round */
    sio_timer timer; /* to go on with a round, or begin one; node09_resend.c sets what it does */
} sio_node09_pending;

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_node09_pending_fini() is still allowed. */
int  sio_node09_pending_init(sio_node09_pending *p);
void sio_node09_pending_fini(sio_node09_pending *p);

/* Something about a session was told, or could not be; the end of one, here or elsewhere. */
void sio_node09_pending_note_told(sio_session *session, bool is_told);
void sio_node09_pending_note_end(sio_env *env, sio_view id, bool is_told);

/* Until then nobody is sure: all that is in doubt is told from the beginning, first in delay_ms. */
void sio_node09_pending_begin(sio_env *env, uint64_t until_ms, unsigned delay_ms);

/* The next round begins when the timer fires. */
void sio_node09_pending_next_round(sio_env *env);

/* The id of a session that is to be told in this round; empty: none is left. It was told. */
sio_view sio_node09_pending_untold(const sio_node09_pending *p);
void     sio_node09_pending_pass(sio_node09_pending *p);

/* The same for a session that has ended. */
sio_view sio_node09_pending_untold_end(const sio_node09_pending *p);
void     sio_node09_pending_pass_end(sio_node09_pending *p);

/* Nobody who will ever come back is still away. */
void sio_node09_pending_clear(sio_node09_pending *p);

#endif
