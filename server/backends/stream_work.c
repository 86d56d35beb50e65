#include "server/backends/stream_work.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "server/backends/api_error.h"
#include "server/backends/stream_letters.h"
#include "server/config/config.h"
#include "store/clock.h"

typedef enum {
    WAITS, /* for its turn */
    LOOKS, /* whether it was done already */
    RUNS,
    DONE /* and Redis does not know it yet */
} entry_state;

typedef struct {
    sio_stream_ack   ack;  /* its id; its link is in one of the lists of the work */
    sio_hash_node    node; /* in work->known, by id */
    sio_stream_work *of;
    uint64_t         number; /* in the order in which they came */
    entry_state      state;
    char             reply[SIO_STREAM_MAX_REPLY + 1]; /* "": nobody is told */
    const char      *fault; /* the word for what is wrong with it; NULL: nothing so far */
    const char      *why;
    sio_buf          json;
    sio_idempotency  once; /* if it has an id */
} entry;

static entry *
entry_of(sio_link *link)
{
    return SIO_CONTAINER(link, entry, ack.link);
}

static sio_stream_letter
letter_of(const entry *e)
{
    return (sio_stream_letter){.entry = sio_view_of(e->ack.id),
                               .reply = sio_view_of(e->reply),
                               .json = sio_buf_view(&e->json)};
}

static void
forget_json(entry *e)
{
    e->of->n_bytes -= e->json.len;
    sio_buf_fini(&e->json);
    sio_buf_init(&e->json, SIZE_MAX);
}

static void
entry_free(entry *e)
{
    sio_idempotency_cancel(&e->once);
    forget_json(e);
    sio_link_remove(&e->ack.link);
    sio_hash_remove(&e->of->known, &e->node);
    e->of->n--;
    free(e);
}

static void
free_all(sio_link *entries)
{
    while (!sio_link_empty(entries))
        entry_free(entry_of(entries->next));
}

static void
go_on_later(sio_stream_work *w)
{
    sio_deferred_add(&w->env->deferred, &w->next);
}

/* --- The end of an entry. --- */

static void
on_told_of_end(sio_stream_ack *ack)
{
    entry           *e = SIO_CONTAINER(ack, entry, ack);
    sio_stream_work *w = e->of;

    if (w->is_reading)
        sio_link_append(&w->told, &ack->link);
    else
        entry_free(e);
    go_on_later(w);
}

/* Redis is told with all that end in this turn. */
static void
entry_end(entry *e)
{
    e->state = DONE;
    forget_json(e);
    sio_link_remove(&e->ack.link);
    sio_stream_acks_add(&e->of->acks, &e->ack);
    go_on_later(e->of);
}

static void
succeed(entry *e, sio_view result)
{
    const sio_outcome       outcome = {.at = "", .why = "", .json = result};
    const sio_stream_letter letter = letter_of(e);

    sio_stream_letters_reply(e->of->env, &letter, &outcome);
    entry_end(e);
}

/* Nobody can ever do it. */
static void
bury(entry *e, const sio_outcome *outcome)
{
    const sio_stream_letter letter = letter_of(e);

    sio_idempotency_drop(&e->once);
    sio_stream_letters_reply(e->of->env, &letter, outcome);
    sio_stream_letters_bury(e->of->env, &letter, outcome);
    entry_end(e);
}

static void
bury_for(entry *e, const char *code, const char *at, const char *why)
{
    bury(e, &(sio_outcome){.code = code, .at = at, .why = why});
}

/* Before all that came after it. Usually it is the first. */
static void
wait_in_order(entry *e)
{
    sio_link *all = &e->of->waiting, *next;

    sio_link_remove(&e->ack.link);
    next = all->next;
    while (next != all && entry_of(next)->number < e->number)
        next = next->next;
    e->state = WAITS;
    sio_link_append(next, &e->ack.link);
}

/* Nothing was done, and it may be done later: until then all wait, so that they stay in order. */
static void
wait_a_moment(entry *e)
{
    sio_stream_work *w = e->of;

    sio_idempotency_drop(&e->once);
    wait_in_order(e);
    sio_timer_set(&w->env->timers, &w->again, SIO_STREAM_WORK_AGAIN_MS);
}

static bool
is_for_now(const char *code)
{
    static const char *const rows[] = {"cluster_unavailable", "busy", "out_of_memory",
                                       "rate_limited", "in_progress"};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i], code) == 0)
            return true;
    return false;
}

static void
entry_fail(entry *e, const sio_outcome *outcome)
{
    if (is_for_now(outcome->code))
        wait_a_moment(e);
    else
        bury(e, outcome);
}

/* --- Doing it. --- */

static void
on_entry_done(void *arg, const sio_outcome *outcome)
{
    entry *e = arg;

    if (e->of->is_closed)
        return;
    if (outcome->code != NULL) {
        entry_fail(e, outcome);
        return;
    }
    sio_idempotency_keep(&e->once, outcome->json);
    succeed(e, outcome->json);
}

static void
entry_run(entry *e, const sio_backend_command *c)
{
    e->state = RUNS;
    sio_link_remove(&e->ack.link);
    sio_link_append(&e->of->running, &e->ack.link);
    e->of->env->stats.stream_commands++;
    sio_commands_run(e->of->env, e->of->commands, c, on_entry_done, e);
}

/* False: it has ended. */
static bool
entry_read(entry *e, sio_backend_command *c)
{
    sio_backend_command_error error = {.at = "", .why = "there is no memory"};
    const int                 rc =
        sio_backend_command_read(c, sio_buf_view(&e->json), SIO_N_BACKEND_COMMANDS, "/", &error);

    if (rc == SIO_ERR_NOMEM)
        wait_a_moment(e);
    else if (rc != SIO_OK)
        bury_for(e, rc == SIO_TOO_LARGE ? "too_large" : "bad_command", error.at, error.why);
    return rc == SIO_OK;
}

/* Its text was good when it was read first. */
static void
entry_run_now(entry *e)
{
    sio_backend_command c;

    if (entry_read(e, &c))
        entry_run(e, &c);
    sio_backend_command_fini(&c);
}

/* Is another entry with this id under way here? */
static bool
is_under_way(const entry *e)
{
    for (sio_link *l = e->of->running.next; l != &e->of->running; l = l->next)
        if (memcmp(entry_of(l)->once.key, e->once.key, sizeof e->once.key) == 0)
            return true;
    return false;
}

static void
on_entry_looked(sio_idempotency *once, sio_idempotency_verdict verdict, sio_view result)
{
    entry      *e = SIO_CONTAINER(once, entry, once);
    const char *why, *code;

    go_on_later(e->of);
    /* One reads at a time. So whoever began it, and not here, has ended in the middle of it. */
    if (verdict == SIO_IDEMPOTENCY_IN_PROGRESS && !is_under_way(e)) {
        sio_idempotency_take_over(once);
        verdict = SIO_IDEMPOTENCY_FRESH;
    }
    if (verdict == SIO_IDEMPOTENCY_FRESH) {
        entry_run_now(e);
    } else if (verdict == SIO_IDEMPOTENCY_DONE) {
        succeed(e, result);
    } else {
        code = sio_api_error_of_verdict(verdict, &why);
        entry_fail(e, &(sio_outcome){.code = code, .at = "", .why = why});
    }
}

/* Its caller has a name that no key of the API has. */
static void
entry_look(entry *e, const sio_backend_command *c)
{
    e->state = LOOKS;
    sio_idempotency_begin(&e->once, e->of->env, e->of->quota, SIO_VIEW("stream:"), c->id,
                          sio_buf_view(&e->json), on_entry_looked);
}

static void
entry_begin(entry *e)
{
    sio_backend_command c;

    if (e->fault == NULL &&
        sio_json_validate(sio_buf_view(&e->json), SIO_JSON_MAX_DEPTH) != SIO_OK) {
        e->fault = "bad_json";
        e->why = "its field \"json\" is not valid JSON";
    }
    if (e->fault != NULL) {
        bury_for(e, e->fault, "", e->why);
        return;
    }
    if (entry_read(e, &c)) {
        if (c.id.len > 0)
            entry_look(e, &c);
        else
            entry_run(e, &c);
    }
    sio_backend_command_fini(&c);
}

/* --- All of them. --- */

static bool
may_begin(const sio_stream_work *w)
{
    return !w->is_closed && !sio_timer_armed(&w->again) &&
           sio_now_ms() < w->until_ms; /* this process may have been stopped for a while */
}

/* The first that waits for its turn, if that has come; NULL: none. */
static entry *
next_entry(const sio_stream_work *w)
{
    entry *first = sio_link_empty(&w->waiting) ? NULL : entry_of(w->waiting.next);

    return first != NULL && first->state == WAITS ? first : NULL;
}

/* A full turn is followed by another one, so that what is to be sent leaves in between. */
static void
begin_some(sio_stream_work *w)
{
    unsigned n = 0;
    entry   *e;

    while (may_begin(w) && (e = next_entry(w)) != NULL && n++ < SIO_STREAM_WORK_A_TURN)
        entry_begin(e);
    if (n > SIO_STREAM_WORK_A_TURN)
        sio_timer_set(&w->env->timers, &w->soon, 0);
}

static void
go_on(sio_task *next)
{
    sio_stream_work *w = SIO_CONTAINER(next, sio_stream_work, next);

    if (!sio_timer_armed(&w->soon))
        begin_some(w);
    sio_stream_acks_flush(&w->acks);
    if (!w->is_closed && sio_stream_work_has_room(w))
        w->has_room(w->arg);
}

static void
on_soon(sio_timer *timer)
{
    go_on_later(SIO_CONTAINER(timer, sio_stream_work, soon));
}

static void
on_again(sio_timer *timer)
{
    go_on_later(SIO_CONTAINER(timer, sio_stream_work, again));
}

int
sio_stream_work_init(sio_stream_work *w, sio_env *env, sio_commands *commands,
                     sio_idempotency_quota *quota, void (*has_room)(void *arg), void *arg)
{
    *w = (sio_stream_work){
        .env = env, .commands = commands, .quota = quota, .has_room = has_room, .arg = arg};
    sio_link_init(&w->waiting);
    sio_link_init(&w->running);
    sio_link_init(&w->told);
    sio_stream_acks_init(&w->acks, env, on_told_of_end);
    sio_task_init(&w->next, go_on);
    w->again.fire = on_again;
    w->soon.fire = on_soon;
    return sio_hash_init(&w->known);
}

static void
note_fault(entry *e, const char *code, const char *why)
{
    if (e->fault == NULL) {
        e->fault = code;
        e->why = why;
    }
}

static void
read_field(entry *e, const sio_stream_field *field)
{
    if (sio_view_eq(field->name, SIO_VIEW("v")) && !sio_view_eq(field->value, SIO_VIEW("1")))
        note_fault(e, "bad_command", "its field \"v\" is not 1");
    if (sio_view_eq(field->name, SIO_VIEW("reply"))) {
        if (sio_stream_letters_is_name(field->value))
            memcpy(e->reply, field->value.data, field->value.len);
        else
            note_fault(e, "bad_command", "its field \"reply\" must be 1 to 64 of a-z A-Z 0-9 _-.:");
    }
    if (sio_view_eq(field->name, SIO_VIEW("json")) && e->json.len == 0) {
        if (field->value.len > e->of->env->cfg->api.max_body)
            note_fault(e, "too_large", "it is longer than \"max body\" of \"api\"");
        else
            sio_buf_add_view(&e->json, field->value);
    }
}

static void
read_fields(entry *e, const sio_stream_field *fields, size_t n, bool is_too_large)
{
    if (is_too_large)
        note_fault(e, "too_large", "it is too long to be read at all");
    for (size_t i = 0; i < n; i++)
        read_field(e, &fields[i]);
    if (e->json.len == 0)
        note_fault(e, "bad_command", "it has no field \"json\"");
    e->of->n_bytes += e->json.len;
}

/* NULL: no memory. It waits. */
static entry *
entry_new(sio_stream_work *w, sio_view id)
{
    entry *e = calloc(1, sizeof *e);

    if (e == NULL)
        return NULL;
    e->of = w;
    memcpy(e->ack.id, id.data, id.len);
    e->number = ++w->last_number;
    e->node.key = sio_view_of(e->ack.id);
    sio_hash_insert(&w->known, &e->node);
    sio_buf_init(&e->json, SIZE_MAX);
    sio_link_init(&e->ack.link);
    sio_link_append(&w->waiting, &e->ack.link);
    w->n++;
    return e;
}

void
sio_stream_work_add(sio_stream_work *w, sio_view id, const sio_stream_field *fields, size_t n,
                    bool is_too_large)
{
    entry *e;

    if (w->is_closed || sio_hash_find(&w->known, id) != NULL || (e = entry_new(w, id)) == NULL)
        return;                    /* without memory it is read again */
    if (n == 0 && !is_too_large) { /* somebody has deleted it */
        entry_end(e);
        return;
    }
    read_fields(e, fields, n, is_too_large);
    if (e->json.failed)
        entry_free(e);
    else
        go_on_later(w);
}

void
sio_stream_work_begin_read(sio_stream_work *w)
{
    w->is_reading = true;
}

void
sio_stream_work_end_read(sio_stream_work *w)
{
    w->is_reading = false;
    free_all(&w->told);
}

void
sio_stream_work_allow(sio_stream_work *w, uint64_t until_ms)
{
    w->until_ms = until_ms;
    go_on_later(w);
}

void
sio_stream_work_forbid(sio_stream_work *w)
{
    w->until_ms = 0;
    sio_timer_cancel(&w->env->timers, &w->again);
    free_all(&w->waiting);
}

bool
sio_stream_work_has_room(const sio_stream_work *w)
{
    return w->n + SIO_STREAM_READ_COUNT <= SIO_STREAM_WORK_MAX &&
           w->n_bytes < SIO_STREAM_WORK_MAX_BYTES;
}

void
sio_stream_work_acknowledge(sio_stream_work *w)
{
    sio_stream_acks_flush(&w->acks);
}

static void
forget_ids(sio_link *entries)
{
    for (sio_link *l = entries->next; l != entries; l = l->next)
        sio_idempotency_cancel(&entry_of(l)->once);
}

void
sio_stream_work_close(sio_stream_work *w)
{
    sio_stream_work_forbid(w);
    sio_stream_acks_flush(&w->acks);
    sio_stream_acks_close(&w->acks);
    w->is_closed = true;
    sio_task_cancel(&w->next);
    sio_timer_cancel(&w->env->timers, &w->soon);
    forget_ids(&w->running);
    forget_ids(&w->acks.untold);
}

void
sio_stream_work_fini(sio_stream_work *w)
{
    free_all(&w->waiting);
    free_all(&w->running);
    free_all(&w->acks.untold);
    free_all(&w->told);
    sio_hash_fini(&w->known);
}
