#include "server/backends/stream_sender.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/result.h"
#include "server/backends/stream_entry.h"
#include "store/streams.h"

enum { MAX_NAME = 64 };

typedef struct stream_sender stream_sender;

/* One stream of several. */
typedef struct {
    stream_sender  *of;
    char            name[MAX_NAME];
    sio_store_req  *trim; /* asked for */
    sio_stream_size size; /* as it was then, and what was added from here since */
    /* What its groups had not been given then. */
    size_t   n_groups;
    uint64_t unread[SIO_STREAM_MAX_GROUPS];
    char     groups[SIO_STREAM_MAX_GROUPS][SIO_MAX_GROUP_NAME + 1];
} partition;

struct stream_sender {
    const sio_hook_sender_host *host;
    sio_env                    *env;
    const sio_cfg_backend      *cfg;
    sio_link                    over; /* adding, which has come to nothing at once */
    sio_task                    end;
    sio_timer                   beat;
    bool                        is_full; /* as the log was told */
    bool                        is_away; /* Redis has not answered, when it was asked last */
    sio_stream_size             counted; /* what of it is in the counters */
    unsigned                    n_partitions;
    partition                   partitions[];
};

/* An entry on its way: batch->call. */
typedef struct {
    sio_link         link; /* in `over` */
    stream_sender   *of;
    sio_event_batch *batch;
    sio_store_req   *req;
    bool             is_sending, is_over;
} adding;

/* --- How much there is. --- */

static sio_stream_size
whole_size(const stream_sender *s)
{
    sio_stream_size size = {.n_entries = 0};

    for (unsigned i = 0; i < s->n_partitions; i++) {
        size.n_entries += s->partitions[i].size.n_entries;
        size.n_bytes += s->partitions[i].size.n_bytes;
        size.n_unread += s->partitions[i].size.n_unread;
    }
    return size;
}

static bool
is_full(const stream_sender *s)
{
    const sio_stream_size size = whole_size(s);

    return size.n_entries >= s->cfg->max_stream_entries || size.n_bytes >= s->cfg->max_stream_bytes;
}

/* Names that are too long are cut, and then are none that is shown. */
static void
keep_groups(partition *p, const sio_stream_size *size)
{
    p->n_groups = size->n_groups;
    for (size_t i = 0; i < size->n_groups; i++) {
        const sio_view name = size->groups[i].name;

        p->unread[i] = size->groups[i].n_unread;
        p->groups[i][0] = '\0';
        if (name.len <= SIO_MAX_GROUP_NAME)
            snprintf(p->groups[i], sizeof p->groups[i], "%.*s", (int)name.len, name.data);
    }
}

static void
show_groups(const stream_sender *s)
{
    sio_backend_measures *m = s->host->measures;

    m->n_groups = 0;
    for (unsigned i = 0; i < s->n_partitions; i++)
        for (size_t g = 0; g < s->partitions[i].n_groups; g++)
            sio_measures_add_unread(m, sio_view_of(s->partitions[i].groups[g]),
                                    s->partitions[i].unread[g]);
}

static void
note_size(stream_sender *s)
{
    const sio_stream_size size = whole_size(s);
    const bool            was_full = s->is_full;

    s->env->stats.stream_entries += size.n_entries - s->counted.n_entries;
    s->env->stats.stream_unread += size.n_unread - s->counted.n_unread;
    s->counted = size;
    show_groups(s);
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
    static const sio_hook_sender_end added = {
        .status = {.result = SIO_EVENT_REQUEST_DONE, .report = SIO_ENDPOINT_WORKS}};
    static const sio_hook_sender_end failed = {
        .status = {.result = SIO_EVENT_REQUEST_AGAIN, .report = SIO_ENDPOINT_FAILED}};
    stream_sender   *s = a->of;
    sio_event_batch *batch = a->batch;

    adding_free(a);
    s->env->stats.backend_failures += !is_added;
    s->host->ended(s->host->arg, batch, is_added ? &added : &failed);
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
    stream_sender *s = SIO_CONTAINER(task, stream_sender, end);
    sio_link       over;

    sio_link_init(&over); /* what comes to nothing meanwhile is told later */
    sio_link_move(&over, &s->over);
    while (!sio_link_empty(&over))
        adding_end(SIO_CONTAINER(over.next, adding, link), false);
}

static void
add_entry(adding *a, const sio_stream_entry *e)
{
    static const sio_stream_life life = {.max_entries = 0};
    stream_sender               *s = a->of;
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

/* The only event; there is no request around it. */
static bool
write_entry(void *self, sio_event_batch *batch)
{
    const stream_sender *s = self;

    s->host->add_json(s->host->arg, sio_queued_event_of(batch->events.next), &batch->body);
    return !batch->body.failed;
}

static bool
send_entry(void *self, sio_event_batch *batch)
{
    stream_sender   *s = self;
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

/* It may be added all the same. */
static void
cancel_entry(void *self, sio_event_batch *batch)
{
    adding *a = batch->call;

    (void)self;
    sio_store_cancel(a->req);
    adding_free(a);
}

/* --- Trimming. --- */

static bool
is_trimming(const stream_sender *s)
{
    for (unsigned i = 0; i < s->n_partitions; i++)
        if (s->partitions[i].trim != NULL)
            return true;
    return false;
}

/* What stood in the way may be gone. (If Redis refuses to add, it is asked less and less often.) */
static void
note_trimmed(stream_sender *s)
{
    const bool was_out = s->is_full || s->is_away;

    s->is_away = false;
    note_size(s);
    if (was_out && !s->is_full)
        s->host->works(s->host->arg, 0);
}

static void
on_events_trimmed(void *arg, int rc, const sio_stream_size *size)
{
    partition     *p = arg;
    stream_sender *s = p->of;

    p->trim = NULL;
    if (rc == SIO_OK) {
        p->size = *size;
        keep_groups(p, size);
    } else {
        s->is_away = true;
    }
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
    stream_sender *s = SIO_CONTAINER(timer, stream_sender, beat);

    for (unsigned i = 0; i < s->n_partitions; i++)
        trim_partition(&s->partitions[i]);
    sio_timer_set(&s->env->timers, &s->beat, SIO_STREAM_SENDER_TRIM_MS);
}

/* --- The sender. --- */

static int
open_streams(void **out, const sio_hook_sender_host *host, sio_buf *error)
{
    const unsigned n = host->cfg->partitions;
    stream_sender *s = calloc(1, sizeof *s + n * sizeof s->partitions[0]);

    if (s == NULL) {
        sio_buf_add_str(error, "out of memory");
        return SIO_ERR_NOMEM;
    }
    s->host = host;
    s->env = host->env;
    s->cfg = host->cfg;
    sio_link_init(&s->over);
    sio_task_init(&s->end, end_those_that_are_over);
    s->n_partitions = n;
    for (unsigned i = 0; i < n; i++) {
        s->partitions[i].of = s;
        snprintf(s->partitions[i].name, MAX_NAME, "events:%s:%u", s->cfg->name, i);
    }
    s->beat.fire = on_trim_time;
    sio_timer_set(&s->env->timers, &s->beat, 1);
    *out = s;
    return SIO_OK;
}

static void
close_streams(void *self)
{
    stream_sender *s = self;

    if (s == NULL)
        return;
    for (unsigned i = 0; i < s->n_partitions; i++)
        sio_store_cancel(s->partitions[i].trim);
    s->env->stats.stream_entries -= s->counted.n_entries;
    s->env->stats.stream_unread -= s->counted.n_unread;
    sio_timer_cancel(&s->env->timers, &s->beat);
    sio_task_cancel(&s->end);
    free(s);
}

/* An event is an entry, and one of each socket is under way at a time. So they stay in order. */
static void
send_one_by_one(sio_event_limits *limits)
{
    limits->max_requests = SIO_STREAM_SENDER_MAX_ADDING;
    limits->max_batch = 1;
    limits->batch_wait_ms = 0;
}

static size_t
count_endpoints(const sio_cfg_backend *cfg)
{
    (void)cfg;
    return 1;
}

static const char *
name_stream(const sio_cfg_backend *cfg, size_t endpoint)
{
    (void)cfg;
    (void)endpoint;
    return "its stream";
}

const sio_hook_sender_ops sio_stream_sender = {
    .open = open_streams,
    .free = close_streams,
    .adapt = send_one_by_one,
    .n_endpoints = count_endpoints,
    .endpoint_name = name_stream,
    .write = write_entry,
    .send = send_entry,
    .cancel = cancel_entry,
};
