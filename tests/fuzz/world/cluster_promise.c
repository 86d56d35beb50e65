#include "tests/fuzz/world/cluster_promise.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/fuzz/must.h"

void
promise_init(promise *p)
{
    static uint64_t n_runs;
    struct timespec now;

    memset(p, 0, sizeof *p);
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(p->secret, sizeof p->secret, "%08x",
             (unsigned)(((uint64_t)now.tv_nsec + n_runs++) * 0x9e3779b97f4a7c15 >> 32));
}

void
promise_must_keep(const promise *p, bool ok)
{
    must(ok || p->is_void);
}

/* --- Sessions. --- */

static session_record *
promise_find(promise *p, const char *id)
{
    for (unsigned i = 0; i < p->n_sessions; i++)
        if (strcmp(p->sessions[i].id, id) == 0)
            return &p->sessions[i];
    return NULL;
}

session_record *
promise_open(promise *p, const char *id, sio_server *owner)
{
    session_record *r = promise_find(p, id);

    promise_must_keep(p, r == NULL || (r->is_over && r->revision != 0));
    if (p->n_sessions == MAX_SESSIONS)
        return NULL;
    r = &p->sessions[p->n_sessions++];
    snprintf(r->id, sizeof r->id, "%s", id);
    r->owner = owner;
    return r;
}

void
promise_ended(const promise *p, session_record *r, const char *reason)
{
    const bool is_lost = strcmp(reason, "connection lost") == 0;

    /* Whose home has gone is sent away: server/roaming/stranded.h. */
    promise_must_keep(p, !is_lost || p->lost_is_normal || r->is_homeless);
    promise_must_keep(p, p->lost_is_normal || strcmp(reason, "instance lost") != 0);
    must(reason[0] != '\0' && r->n_ends++ == 0);
    r->is_over = true;
}

void
promise_owner_gone(session_record *r)
{
    r->is_over = true;
    r->owner = NULL;
}

void
promise_announced(promise *p, const char *id)
{
    promise_must_keep(p, p->lost_is_normal);
    for (unsigned i = 0; i < p->n_sessions; i++) { /* none: not remembered, or not connected */
        session_record *r = &p->sessions[i];

        if (strcmp(r->id, id) != 0)
            continue;
        promise_must_keep(p, !r->is_announced || p->has_forgotten);
        r->is_announced = true;
    }
}

/* --- Marks. --- */

const char *
promise_mark_event(promise *p, session_record *r, char mark[MARK_LEN])
{
    mark[0] = '\0';
    if (r->n_emitted + 1 < MAX_EVENTS)
        snprintf(mark, MARK_LEN, "~%s.%u.%u~", p->secret, (unsigned)(r - p->sessions),
                 ++r->n_emitted);
    return mark;
}

unsigned
promise_mark_message(promise *p, char mark[MARK_LEN])
{
    mark[0] = '\0';
    if (p->n_messages + 1 == MAX_MESSAGES)
        return 0;
    snprintf(mark, MARK_LEN, "^%s.%u^", p->secret, ++p->n_messages);
    return p->n_messages;
}

/* Where the next mark with that sign begins behind its secret, or NULL. */
static const char *
find_mark(const promise *p, char sign, sio_view text)
{
    char        start[16];
    const int   len = snprintf(start, sizeof start, "%c%s.", sign, p->secret);
    const char *mark = memmem(text.data, text.len, start, (size_t)len);

    return mark != NULL ? mark + len : NULL;
}

session_record *
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
        promise_must_keep(p, (number == r->n_heard + 1 || r->is_over) && !r->heard[number]);
        r->heard[number] = true;
        if (number > r->n_heard)
            r->n_heard = number;
        text = (sio_view){mark, (size_t)(end - mark)};
    }
    return r;
}

void
promise_in_order(promise *p, unsigned number, unsigned before)
{
    p->after[number] = before;
}

void
promise_arrived(promise *p, sio_view text)
{
    const char *mark = find_mark(p, '^', text);
    unsigned    number;

    if (mark == NULL)
        return;
    number = (unsigned)strtoul(mark, NULL, 10);
    promise_must_keep(p, !p->arrived[number]);
    promise_must_keep(p, p->after[number] == 0 || p->arrived[p->after[number]]);
    p->arrived[number] = true;
}

/* --- The end of everything. --- */

void
promise_check_ends(const promise *p, unsigned n_alive)
{
    for (unsigned i = 0; i < p->n_sessions; i++) {
        const session_record *r = &p->sessions[i];

        must(r->n_ends == 1);
        promise_must_keep(p, !r->is_orphan || r->is_announced || n_alive == 0 || p->has_forgotten);
    }
}
