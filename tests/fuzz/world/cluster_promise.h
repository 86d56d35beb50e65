/*
 * tests/fuzz/world/cluster_promise.h - what clients of a cluster are promised, and the marks by
 * which the keeping of it is seen.
 *
 * An application marks each event with the session and a running number, and a client marks each
 * message with a number. Wherever the client is, the events of its session come in their order,
 * each once, none missing; no message of a client comes twice, and those of one websocket come in
 * their order, none missing. A session ends once, and only for a reason that lies in its client or
 * application, while all instances live and reach each other in time. What is on the way to another
 * instance at its end is not waited for: it may be missing, or late.
 *
 * Used by the rest of the cluster, and by fuzz_cluster.c.
 */
#ifndef SIO_TESTS_FUZZ_WORLD_CLUSTER_PROMISE_H
#define SIO_TESTS_FUZZ_WORLD_CLUSTER_PROMISE_H

#include <stdbool.h>

#include "protocol/view.h"
#include "server/siobroker.h"

enum { MAX_SESSIONS = 64, MAX_EVENTS = 512, MAX_MESSAGES = 512, MARK_LEN = 40, MAX_ID = 31 };

typedef struct {
    char        id[MAX_ID + 1];
    char        socket_id[MAX_ID + 1];
    unsigned    revision;           /* of Engine.IO; 0: it speaks 0.9 */
    sio_server *owner;              /* NULL: it has gone */
    unsigned    n_emitted, n_heard; /* events: the highest number */
    unsigned    n_ticks;            /* that are still to come: cluster_app.h */
    bool        heard[MAX_EVENTS];  /* by number, which is 1 at least */
    unsigned    n_ends;             /* how often its application was told of its end */
    bool        is_over;
    bool        is_orphan;    /* its owner died, and Redis has the session */
    bool        is_homeless;  /* who made the handshake has gone: only the owner knows of it */
    bool        is_unwanted;  /* its client has asked for its end */
    bool        is_announced; /* to the application of another instance, as lost */
} session_record;

typedef struct {
    char           secret[9]; /* so that no script can make a mark */
    session_record sessions[MAX_SESSIONS];
    unsigned       n_sessions;
    bool           arrived[MAX_MESSAGES]; /* by number, which is 1 at least */
    unsigned       after[MAX_MESSAGES];   /* the one before it on the same websocket, or 0 */
    unsigned       n_messages;
    bool           is_void;        /* messages of instances were forged: nothing is promised */
    bool           lost_is_normal; /* an instance has died, or was silent for long enough */
    bool           has_engine;     /* some requests are of Engine.IO */
    bool           word_is_late;   /* for more than a second a server was not told what is where */
    bool           has_forgotten;  /* Redis has: instances may be found lost twice */
} promise;

/* Nothing has been promised yet. */
void promise_init(promise *p);

/* must(), if anything is promised. */
void promise_must_keep(const promise *p, bool ok);

/* --- Sessions. --- */

/*
 * The session was opened, as no other with that id ever; or its client has left the namespace and
 * comes back, which 0.9 can not. NULL: there are too many to remember.
 */
session_record *promise_open(promise *p, const char *id, sio_server *owner);

/* Its application was told that the session has ended. */
void promise_ended(const promise *p, session_record *r, const char *reason);

/* The process of its owner ends. */
void promise_owner_gone(session_record *r);

/* Another instance says that the session was lost. */
void promise_announced(promise *p, const char *id);

/* --- Marks. --- */

/* "~secret.session.number~", for the next event of the session; "" when there were too many. */
const char *promise_mark_event(promise *p, session_record *r, char mark[MARK_LEN]);

/* "^secret.number^", for the next message of a client; the number, or 0: there were too many. */
unsigned promise_mark_message(promise *p, char mark[MARK_LEN]);

/*
 * A client got this text, with any number of events in it: of which session? NULL: there is none.
 */
session_record *promise_heard(promise *p, sio_view text);

/* The message with that number follows the other one on the same websocket. */
void promise_in_order(promise *p, unsigned number, unsigned before);

/* A message of a client has come to the application. */
void promise_arrived(promise *p, sio_view text);

/* --- The end of everything. --- */

/* All processes have ended. n_alive: so many just now, which had the time to find the dead. */
void promise_check_ends(const promise *p, unsigned n_alive);

#endif
