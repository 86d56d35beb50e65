/*
 * tests/fuzz/cluster_promise.h - what clients of a cluster are promised, and the marks by which the
 * keeping of it is seen.
 *
 * An application marks each event with the session and a running number, and a client marks each
 * message with a number. Wherever the client is, the events of its session come in their order,
 * each once, none missing; no message of a client comes twice, and those of one websocket come in
 * their order, none missing. A session ends once, and only for a reason that lies in its client or
 * application, while all instances live and reach each other in time. What is on the way to another
 * instance at its end is not waited for: it may be missing, or late.
 *
 * Used by cluster_app.h and fuzz_cluster.c.
 */
#ifndef SIO_TESTS_FUZZ_CLUSTER_PROMISE_H
#define SIO_TESTS_FUZZ_CLUSTER_PROMISE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "server/siobroker.h"
#include "tests/fuzz/must.h"

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

static inline void
promise_init(promise *p)
{
    static uint64_t n_runs;
    struct timespec now;

    memset(p, 0, sizeof *p);
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(p->secret, sizeof p->secret, "%08x",
             (unsigned)(((uint64_t)now.tv_nsec + n_runs++) * 0x9e3779b97f4a7c15 >> 32));
}

/* must(), if anything is promised. */
static inline void
must_keep(const promise *p, bool ok)
{
    must(ok || p->is_void);
}

/* --- Sessions. --- */

static inline session_record *
promise_find(promise *p, const char *id)
{
    for (unsigned i = 0; i < p->n_sessions; i++)
        if (strcmp(p->sessions[i].id, id) == 0)
            return &p->sessions[i];
    return NULL;
}

/*
 * The session was opened, as no other with that id ever; or its client has left the namespace and
 * comes back, which 0.9 can not. NULL: there are too many to remember.
 */
static inline session_record *
promise_open(promise *p, const char *id, sio_server *owner)
{
    session_record *r = promise_find(p, id);

    must_keep(p, r == NULL || (r->is_over && r->revision != 0));
    if (p->n_sessions == MAX_SESSIONS)
        return NULL;
    r = &p->sessions[p->n_sessions++];
    snprintf(r->id, sizeof r->id, "%s", id);
    r->owner = owner;
    return r;
}

static inline void
promise_ended(const promise *p, session_record *r, const char *reason)
{
    must_keep(p, p->lost_is_normal || (strcmp(reason, "connection lost") != 0 &&
                                       strcmp(reason, "instance lost") != 0));
    must(reason[0] != '\0' && r->n_ends++ == 0);
    r->is_over = true;
}

/* The process of its owner ends. */
static inline void
promise_owner_gone(session_record *r)
{
    r->is_over = true;
    r->owner = NULL;
}

/* Another instance says that the session was lost. */
static inline void
promise_announced(promise *p, const char *id)
{
    must_keep(p, p->lost_is_normal);
    for (unsigned i = 0; i < p->n_sessions; i++) { /* none: not remembered, or not connected */
        session_record *r = &p->sessions[i];

        if (strcmp(r->id, id) != 0)
            continue;
        must_keep(p, !r->is_announced || p->has_forgotten);
        r->is_announced = true;
    }
}

/* --- Marks. --- */

/* "~secret.session.number~", for the next event of the session; "" when there were too many. */
static inline const char *
promise_mark_event(promise *p, session_record *r, char mark[MARK_LEN])
{
    mark[0] = '\0';
    if (r->n_emitted + 1 < MAX_EVENTS)
        snprintf(mark, MARK_LEN, "~%s.%u.%u~", p->secret, (unsigned)(r - p->sessions),
                 ++r->n_emitted);
    return mark;
}

/* "^secret.number^", for the next message of a client; the number, or 0: there were too many. */
static inline unsigned
promise_mark_message(promise *p, char mark[MARK_LEN])
{
    mark[0] = '\0';
    if (p->n_messages + 1 == MAX_MESSAGES)
        return 0;
    snprintf(mark, MARK_LEN, "^%s.%u^", p->secret, ++p->n_messages);
    return p->n_messages;
}

/* Where the next mark with that sign begins behind its secret, or NULL. */
static inline const char *
find_mark(const promise *p, char sign, sio_view text)
{
    char        start[16];
    const int   len = snprintf(start, sizeof start, "%c%s.", sign, p->secret);
    const char *mark = memmem(text.data, text.len, start, (size_t)len);

    return mark != NULL ? mark + len : NULL;
}

/* A client got this text, with any number of events in it: of which session? NULL: there is none. */
static inline session_record *
promise_heard(promise *p, sio_view text)
{
    const char *const end = text.data + text.len;
    const char       *mark;
    session_record   *r = NULL;

    while ((mark = find_mark(p, '~', text)) != NULL) {
        char    *after;
        unsigned number;

        r = &p->sessions[strtoul(mark, &after, 10)];
        number = (unsigned)strtoul(after + 1, NULL, 10);
        must_keep(p, (number == r->n_heard + 1 || r->is_over) && !r->heard[number]);
        r->heard[number] = true;
        if (number > r->n_heard)
            r->n_heard = number;
        text = (sio_view){mark, (size_t)(end - mark)};
    }
    return r;
}

/* The message with that number follows the other one on the same websocket. */
static inline void
promise_in_order(promise *p, unsigned number, unsigned before)
{
    p->after[number] = before;
}

/* A message of a client has come to the application. */
static inline void
promise_arrived(promise *p, sio_view text)
{
    const char *mark = find_mark(p, '^', text);
    unsigned    number;

    if (mark == NULL)
        return;
    number = (unsigned)strtoul(mark, NULL, 10);
    must_keep(p, !p->arrived[number]);
    must_keep(p, p->after[number] == 0 || p->arrived[p->after[number]]);
    p->arrived[number] = true;
}

/* --- The end of everything. --- */

/* All processes have ended. n_alive: so many just now, which had the time to find the dead. */
static inline void
promise_check_ends(const promise *p, unsigned n_alive)
{
    for (unsigned i = 0; i < p->n_sessions; i++) {
        const session_record *r = &p->sessions[i];

        must(r->n_ends == 1);
        must_keep(p, !r->is_orphan || r->is_announced || n_alive == 0 || p->has_forgotten);
    }
}

#endif
