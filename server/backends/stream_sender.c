#include "server/backends/stream_sender.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/result.h"
#include "server/backends/stream_entry.h"
#include "store/streams.h"

enum { MAX_NAME = 64 };

/* One stream of several. */
typedef struct {
    sio_stream_sender *of;
    char               name[MAX_NAME];
    sio_store_req     *trim; /* asked for */
    sio_stream_size    size; /* as it was then, and what was added from here since */
} partition;

struct sio_stream_sender {
    sio_env               *env;
    const sio_cfg_backend *cfg;
    sio_stream_sender_ops  ops;
    sio_link               over; /* adding, which has come to nothing at once */
    sio_task               end;
    sio_timer              beat;
    bool                   is_full;   /* as the log was told */
    bool                   is_away;   /* Redis has not answered, when it was asked last */
    uint64_t               n_counted; /* of these entries, in the counters */
    unsigned               n_partitions;
    partition              partitions[];
};

/* An entry on its way: batch->call. */
typedef struct {
    sio_link           link; /* in `over` */
    sio_stream_sender *of;
    sio_event_batch   *batch;
    sio_store_req     *req;
    bool               is_sending, is_over;
} adding;

/* --- How much there is. --- */

static sio_stream_size
whole_size(const sio_stream_sender *s)
{
    sio_stream_size size = {.n_entries = 0};

    for (unsigned i = 0; i < s->n_partitions; i++) {
        size.n_entries += s->partitions[i].size.n_entries;
        size.n_bytes += s->partitions[i].size.n_bytes;
    }
    return size;
}

static bool
is_full(const sio_stream_sender *s)
{
    const sio_stream_size size = whole_size(s);

    return size.n_entries >= s->cfg->max_stream_entries || size.n_bytes >= s->cfg->max_stream_bytes;
}

static void
note_size(sio_stream_sender *s)
{
    const sio_stream_size size = whole_size(s);
    const bool            was_full = s->is_full;

    s->env->stats.stream_entries += size.n_entries - s->n_counted;
    s->n_counted = size.n_entries;
    s->is_full = is_full(s);
    if (s->is_full && !was_full)
        sio_log_warn(&s->env->log, NULL,
                     "backend %s: its stream is full: %llu entries, about %llu bytes, wait for a "
                     "group that has not acknowledged them",
                     s->cfg->name, (unsigned long long)size.n_entries,
                     (unsigned long long)size.n_bytes);
    if (was_full && !s->is_full)
        sio_log_info(&s->env->log, NULL, "backend %s: its stream has room again", s->cfg->name);
}

/* --- Adding. --- */

static void
adding_free(adding *a)
{
    a->batch->call = NULL;
    sio_link_remove(&a->link);
    free(a);
}

static void
adding_end(adding *a, bool is_added)
{
    sio_stream_sender *s = a->of;
    sio_event_batch   *batch = a->batch;

    adding_free(a);
    s->ops.ended(s->ops.arg, batch, is_added);
}

/* It may be called in the call that adds, from which the queue must not hear of it. */
static void
on_event_added(void *arg, int rc)
{
    adding *a = arg;

    a->req = NULL;
    a->is_over = a->is_sending;
    if (!a->is_sending)
        adding_end(a, rc == SIO_OK);
}

static void
end_those_that_are_over(sio_task *task)
{
    sio_stream_sender *s = SIO_CONTAINER(task, sio_stream_sender, end);
    sio_link           over;

    sio_link_init(&over); /* what comes to nothing meanwhile is told later */
    sio_link_move(&over, &s->over);
    while (!sio_link_empty(&over))
        adding_end(SIO_CONTAINER(over.next, adding, link), false);
}

static void
add_entry(adding *a, const sio_stream_entry *e)
{
    static const sio_stream_life life = {.max_entries = 0};
    sio_stream_sender           *s = a->of;
    partition     *p = &s->partitions[sio_stream_entry_partition(e->socket, s->n_partitions)];
    sio_store_req *req;

    a->is_sending = true;
    if (is_full(s)) {
        s->env->stats.stream_full++;
        a->is_over = true;
    } else {
        req = sio_store_stream_add(s->env->store, sio_view_of(p->name), e->fields, e->n, &life,
                                   on_event_added, a);
        if (req != NULL)
            a->req = req;
        p->size.n_entries += !a->is_over;
        p->size.n_bytes += a->is_over ? 0 : a->batch->body.len;
    }
    a->is_sending = false;
}

bool
sio_stream_sender_send(sio_stream_sender *s, sio_event_batch *batch)
{
    adding          *a = calloc(1, sizeof *a);
    sio_stream_entry entry;
    const bool       ok = sio_stream_entry_make(&entry, sio_buf_view(&batch->body)) && a != NULL;

    if (ok) {
        *a = (adding){.of = s, .batch = batch};
        sio_link_init(&a->link);
        batch->call = a;
        add_entry(a, &entry);
        if (a->is_over) {
            sio_link_append(&s->over, &a->link);
            sio_deferred_add(&s->env->deferred, &s->end);
        }
    } else {
        free(a);
    }
    sio_stream_entry_fini(&entry);
    return ok;
}

void
sio_stream_sender_cancel(sio_stream_sender *s, sio_event_batch *batch)
{
    adding *a = batch->call;

    (void)s;
    sio_store_cancel(a->req);
    adding_free(a);
}

/* --- Trimming. --- */

static bool
is_trimming(const sio_stream_sender *s)
{
    for (unsigned i = 0; i < s->n_partitions; i++)
        if (s->partitions[i].trim != NULL)
            return true;
    return false;
}

/* What stood in the way may be gone. (If Redis refuses to add, it is asked less and less often.) */
static void
note_trimmed(sio_stream_sender *s)
{
    const bool was_out = s->is_full || s->is_away;

    s->is_away = false;
    note_size(s);
    if (was_out && !s->is_full)
        s->ops.works(s->ops.arg);
}

static void
on_events_trimmed(void *arg, int rc, const sio_stream_size *size)
{
    partition         *p = arg;
    sio_stream_sender *s = p->of;

    p->trim = NULL;
    if (rc == SIO_OK)
        p->size = *size;
    else
        s->is_away = true;
    if (rc == SIO_OK && !is_trimming(s))
        note_trimmed(s);
}

static void
trim_partition(partition *p)
{
    sio_store_req *req;

    if (p->trim != NULL)
        return;
    req = sio_store_stream_trim(p->of->env->store, sio_view_of(p->name), SIO_STREAM_SENDER_ALONE,
                                on_events_trimmed, p);
    if (req != NULL)
        p->trim = req;
}

static void
on_trim_time(sio_timer *timer)
{
    sio_stream_sender *s = SIO_CONTAINER(timer, sio_stream_sender, beat);

    for (unsigned i = 0; i < s->n_partitions; i++)
        trim_partition(&s->partitions[i]);
    sio_timer_set(&s->env->timers, &s->beat, SIO_STREAM_SENDER_TRIM_MS);
}

/* --- Life. --- */

int
sio_stream_sender_new(sio_stream_sender **out, sio_env *env, const sio_cfg_backend *cfg,
                      const sio_stream_sender_ops *ops)
{
    sio_stream_sender *s = calloc(1, sizeof *s + cfg->partitions * sizeof s->partitions[0]);

    if (s == NULL)
        return SIO_ERR_NOMEM;
    s->env = env;
    s->cfg = cfg;
    s->ops = *ops;
    sio_link_init(&s->over);
    sio_task_init(&s->end, end_those_that_are_over);
    s->n_partitions = cfg->partitions;
    for (unsigned i = 0; i < s->n_partitions; i++) {
        s->partitions[i].of = s;
        snprintf(s->partitions[i].name, sizeof s->partitions[i].name, "events:%s:%u", cfg->name, i);
    }
    s->beat.fire = on_trim_time;
    sio_timer_set(&env->timers, &s->beat, 1);
    *out = s;
    return SIO_OK;
}

void
sio_stream_sender_free(sio_stream_sender *s)
{
    if (s == NULL)
        return;
    for (unsigned i = 0; i < s->n_partitions; i++)
        sio_store_cancel(s->partitions[i].trim);
    s->env->stats.stream_entries -= s->n_counted;
    sio_timer_cancel(&s->env->timers, &s->beat);
    sio_task_cancel(&s->end);
    free(s);
}
