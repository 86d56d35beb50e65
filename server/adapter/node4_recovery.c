#include "server/adapter/node4_recovery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/cluster_message.h"
#include "protocol/node4_channel.h"
#include "protocol/node4_entry.h"
#include "protocol/node4_session.h"
#include "protocol/utf8.h"
#include "server/adapter/adapters.h"
#include "server/adapter/node4_wire.h"
#include "server/base/env.h"
#include "server/base/random.h"
#include "server/config/config.h"
#include "server/engine/engine.h"
#include "server/socketio/recovery_rooms.h"
#include "server/socketio/socket_data.h"
#include "store/past.h"

enum {
    PATIENCE_MS = 5000, /* the client waits, and can do without */
    LOOK_MS = 40        /* between two looks at how far the stream is read */
};

/*
 * A client that comes back: first its record is taken, then the stream is read from its offset to
 * its end. When the instance itself has read, and told, exactly as far, the state is complete:
 * what comes then is for the client like any other's.
 */
typedef struct {
    sio_recovery_question question; /* first: it is what the caller holds */
    sio_env              *env;
    sio_recovery_state   *state; /* of a namespace that is held */
    sio_store_req        *req;   /* that Redis has to answer; or NULL */
    sio_link              link;  /* in node4->returning */
    sio_timer             timer;
    uint64_t              begun_ms;
    bool                  is_begun;                  /* the caller has it */
    bool                  is_over;                   /* before that */
    bool                  has_record;                /* nobody else does */
    bool                  is_read;                   /* to the end of the stream, as that was */
    char                  at[SIO_STREAM_MAX_ID + 1]; /* it is read so far */
    sio_send_queue        size;                      /* of the packets: no queue, but counted so */
    sio_buf               frames;                    /* of them; references */
} returning;

bool
sio_node4_recovery_is_on(const sio_env *env)
{
    return env->adapters->node4.is_streams && env->cfg->max_disconnection_ms > 0;
}

bool
sio_node4_recovery_covers(const sio_node4_cluster_message *m)
{
    return m->kind == SIO_NODE4_CLUSTER_EVENT && !m->q.event.is_volatile && !m->q.event.has_id;
}

/* --- A client has left. --- */

/* Like Node, with the id among the rooms. */
static void
list_rooms(const sio_recovery_state *state, sio_buf *list)
{
    const sio_buf *rooms = &state->rooms;

    sio_cluster_message_add_packet(list, sio_view_of(state->id), false);
    for (size_t i = 0; i < rooms->len; i += strlen(rooms->data + i) + 1)
        sio_cluster_message_add_packet(list, sio_view_of(rooms->data + i), false);
}

static void
make_key(const sio_env *env, sio_view private_id, sio_buf *key)
{
    sio_buf_add_str(key, env->cfg->node_session_key);
    sio_buf_add_view(key, private_id);
}

/* Without Redis, or memory, it is a new client when it comes. */
static void
keep(const sio_recovery_state *state)
{
    sio_env          *env = state->env;
    sio_node4_session s = {.sid = sio_view_of(state->id), .data = sio_view_of(state->data)};
    const sio_view    private_id = sio_view_of(state->private_id);
    sio_buf           rooms, record, key;

    sio_buf_init(&rooms, SIZE_MAX);
    sio_buf_init(&record, SIO_PAST_MAX_VALUE); /* nobody would take more */
    sio_buf_init(&key, SIZE_MAX);
    list_rooms(state, &rooms);
    make_key(env, private_id, &key);
    s.rooms = sio_buf_view(&rooms);
    if (env->store == NULL || rooms.failed || key.failed ||
        sio_node4_session_add(&record, &s, private_id) != SIO_OK ||
        sio_store_past_put(env->store, sio_buf_view(&key), sio_buf_view(&record),
                           env->cfg->max_disconnection_ms) != SIO_OK)
        env->stats.recovery_dropped++;
    sio_buf_fini(&key);
    sio_buf_fini(&record);
    sio_buf_fini(&rooms);
}

/* --- The end of a question. --- */

static size_t
n_frames_of(const returning *r)
{
    return r->frames.len / sizeof(sio_frame *);
}

static void
returning_free(returning *r)
{
    sio_frame **frames = (sio_frame **)(void *)r->frames.data;

    if (r->req != NULL)
        sio_store_cancel(r->req);
    for (size_t i = 0; i < n_frames_of(r); i++)
        sio_frame_unref(frames[i]);
    sio_buf_fini(&r->frames);
    sio_recovery_state_free(r->state);
    sio_timer_cancel(&r->env->timers, &r->timer);
    sio_link_remove(&r->link);
    r->env->io->recovery.n_awaited--;
    free(r);
}

/* Whoever does not wait any more may come to another server. */
static void
end(returning *r)
{
    const sio_recovery_question q = r->question;

    if (!r->is_begun) {
        r->is_over = true;
        return;
    }
    if (q.done == NULL && r->has_record && r->state != NULL)
        keep(r->state);
    returning_free(r);
    if (q.done != NULL)
        q.done(q.owner);
}

/* All is here. It goes to where clients are looked for that have left this instance. */
static void
take_in(returning *r)
{
    sio_recovery_state *state = r->state;
    sio_recovery       *recovery = &r->env->io->recovery;
    sio_frame         **frames = (sio_frame **)(void *)r->frames.data;
    const sio_target    alone = {.has_room = true, .room = sio_view_of(state->id)};
    const sio_cast_id   none = {.number = 0};

    if (r->question.done != NULL) {
        state->sent = state->left_at = state->came_at = recovery->log.last;
        for (size_t i = 0; i < n_frames_of(r); i++)
            sio_recovery_add(state->nsp, &alone, none, frames[i]);
        sio_recovery_keep(state, r->env->cfg->max_disconnection_ms);
        r->state = NULL;
    }
    end(r);
}

/* --- Reading what it has missed. --- */

static void on_past_read(void *arg, int rc, const sio_past_page *page);

static void
read_on(returning *r)
{
    sio_env       *env = r->env;
    sio_store_req *req;

    r->is_read = false;
    req = sio_store_past_read(env->store, sio_view_of(env->cfg->node_stream), sio_view_of(r->at),
                              sio_node4_channel_name_of(r->state->nsp->name), SIO_VIEW("3"),
                              on_past_read, r);
    if (req != NULL) /* else it has ended */
        r->req = req;
}

/* Has this instance read as far, no less and no more? */
static void
compare(returning *r)
{
    const char *told = sio_store_tail_position(r->env->store);

    if (told[0] == '\0' || sio_store_tail_is_behind(r->at, told))
        return; /* later */
    if (sio_store_tail_is_behind(told, r->at))
        read_on(r);
    else
        take_in(r);
}

/* False: more than may wait for a client, or no memory; it is as good as new. */
static bool
add_missed(returning *r, const sio_node4_event *e, sio_view id)
{
    sio_env    *env = r->env;
    sio_packet  p = sio_node4_wire_packet_of(e);
    sio_frame  *frame;
    const void *place;

    if (sio_send_queue_is_full(&r->size, &env->engine->queue_limits))
        return false;
    p.nsp = r->state->nsp->name;
    p.offset = id;
    sio_buf_clear(&env->packet);
    frame = env->io->recovery.dialect->encode(&p, &env->packet);
    place = &frame;
    if (frame == NULL)
        return false;
    if (p.no_compress)
        sio_frame_keep_plain(frame);
    for (const sio_frame *f = frame; f != NULL; f = sio_frame_next(f)) {
        r->size.n_frames++;
        r->size.n_bytes += sio_frame_message(f).len;
    }
    sio_buf_add(&r->frames, place, sizeof(sio_frame *));
    if (r->frames.failed)
        sio_frame_unref(frame);
    return !r->frames.failed;
}

/* What is no event is counted where all entries are read. */
static bool
add_entry(returning *r, const sio_past_entry *entry)
{
    sio_node4                *n = &r->env->adapters->node4;
    const sio_node4_entry     e = {.uid = SIO_VIEW("-"), /* whoever it was, this instance too */
                                   .nsp = sio_node4_channel_name_of(r->state->nsp->name),
                                   .type = SIO_VIEW("3"),
                                   .data = entry->data};
    sio_node4_cluster_message m;
    sio_target                target;

    if (sio_node4_entry_read(&n->reader, &e, SIO_VIEW(""), &n->entry, &m) != SIO_OK ||
        !sio_node4_recovery_covers(&m))
        return true;
    target = sio_node4_wire_target_of(&m.q.event);
    return !sio_recovery_rooms_match_target(r->state, &target) ||
           add_missed(r, &m.q.event, entry->id);
}

static void
on_past_read(void *arg, int rc, const sio_past_page *page)
{
    returning *r = arg;

    r->req = NULL;
    for (size_t i = 0; rc == SIO_OK && i < page->n; i++)
        if (!add_entry(r, &page->entries[i]))
            rc = SIO_ERR_FULL;
    if (rc != SIO_OK || page->read_to.len > SIO_STREAM_MAX_ID) {
        r->env->stats.recovery_dropped++;
        end(r);
        return;
    }
    if (page->read_to.len > 0)
        snprintf(r->at, sizeof r->at, "%.*s", (int)page->read_to.len, page->read_to.data);
    r->is_read = page->is_whole;
    if (r->is_read)
        compare(r);
    else
        read_on(r);
}

/* --- Its record. --- */

static bool
is_room(const sio_env *env, sio_view name)
{
    return name.len <= env->cfg->max_room_name_bytes && !sio_view_has_nul(name) &&
           sio_utf8_valid(name);
}

/* False: they are more, or other ones, than a socket may be in here. */
static bool
take_rooms(sio_recovery_state *state, sio_view list)
{
    sio_view name;
    unsigned n = 0;

    while (sio_cluster_message_next_packet(&list, &name, NULL)) {
        if (sio_view_eq(name, sio_view_of(state->id)))
            continue;
        if (n++ >= state->env->cfg->max_rooms || !is_room(state->env, name))
            return false;
        sio_buf_add_view(&state->rooms, name);
        sio_buf_add_char(&state->rooms, '\0');
    }
    sio_recovery_rooms_note(state);
    return !state->rooms.failed;
}

static bool
take_data(sio_recovery_state *state, sio_view json)
{
    if (json.len == 0 || sio_view_eq(json, SIO_VIEW("{}")))
        return true;
    if (!sio_socket_data_is_valid(state->env, json))
        return false;
    state->data = strndup(json.data, json.len);
    return state->data != NULL;
}

/* False: it is of no use here. */
static bool
take_record(sio_recovery_state *state, sio_view record)
{
    sio_env          *env = state->env;
    sio_node4        *n = &env->adapters->node4;
    sio_node4_session s;
    const int         rc =
        sio_node4_session_read(&n->reader, record, sio_view_of(state->private_id), &n->entry, &s);
    bool is_good;

    if (rc == SIO_DROPPED)
        return false;
    is_good = rc == SIO_OK && s.sid.len > 0 && s.sid.len <= SIO_SESSION_ID_MAX &&
              sio_random_is_text(s.sid);
    if (is_good) {
        memcpy(state->id, s.sid.data, s.sid.len);
        is_good = take_rooms(state, s.rooms) && take_data(state, s.data);
    }
    if (!is_good)
        sio_node4_wire_note_bad(env, "record");
    return is_good;
}

static void
on_taken(void *arg, int rc, sio_view record)
{
    returning *r = arg;

    r->req = NULL;
    if (rc == SIO_TOO_LARGE)
        sio_node4_wire_note_bad(r->env, "record");
    if (rc != SIO_OK || !take_record(r->state, record)) {
        end(r);
        return;
    }
    r->has_record = true;
    read_on(r);
}

/* --- A client comes back. --- */

static void
on_recovery_look(sio_timer *timer)
{
    returning *r = SIO_CONTAINER(timer, returning, timer);

    if (sio_timer_wheel_now_ms(&r->env->timers) - r->begun_ms >= PATIENCE_MS) {
        end(r);
        return;
    }
    sio_timer_set(&r->env->timers, timer, LOOK_MS);
    if (r->is_read)
        compare(r);
}

static sio_view
digits_of(sio_view *text)
{
    const sio_view all = *text;

    while (text->len > 0 && text->data[0] >= '0' && text->data[0] <= '9') {
        text->data++;
        text->len--;
    }
    return (sio_view){all.data, all.len - text->len};
}

/* "<number>-<number>": of any other Node says that it is none, and the record stays. */
static bool
is_offset(sio_view text)
{
    if (text.len > SIO_OFFSET_MAX || digits_of(&text).len == 0 || text.len == 0 ||
        text.data[0] != '-')
        return false;
    text.data++;
    text.len--;
    return digits_of(&text).len > 0 && text.len == 0;
}

static bool
is_private_id(sio_view text)
{
    return text.len > 0 && text.len <= SIO_SESSION_ID_MAX && sio_random_is_text(text);
}

static returning *
returning_new(const sio_namespace *nsp, sio_view private_id, sio_view offset)
{
    sio_env   *env = nsp->env;
    returning *r = calloc(1, sizeof *r);

    if (r == NULL || (r->state = sio_recovery_state_new(env)) == NULL) {
        free(r);
        return NULL;
    }
    sio_recovery_set_namespace(r->state, sio_namespace_find(env, nsp->name));
    memcpy(r->state->private_id, private_id.data, private_id.len);
    memcpy(r->state->came_with, offset.data, offset.len);
    memcpy(r->at, offset.data, offset.len);
    r->env = env;
    r->begun_ms = sio_timer_wheel_now_ms(&env->timers);
    r->timer.fire = on_recovery_look;
    sio_buf_init(&r->frames, SIZE_MAX);
    sio_link_init(&r->link);
    sio_link_append(&env->adapters->node4.returning, &r->link);
    env->io->recovery.n_awaited++;
    sio_timer_set(&env->timers, &r->timer, LOOK_MS);
    return r;
}

static sio_recovery_question *
ask(const sio_namespace *nsp, sio_view private_id, sio_view offset, void (*done)(void *owner),
    void *owner)
{
    sio_env   *env = nsp->env;
    returning *r;
    sio_buf    key;

    if (!sio_node4_recovery_is_on(env) || !is_private_id(private_id) || !is_offset(offset) ||
        (r = returning_new(nsp, private_id, offset)) == NULL)
        return NULL;
    r->question = (sio_recovery_question){done, owner};
    sio_buf_init(&key, SIZE_MAX);
    make_key(env, private_id, &key);
    if (key.failed)
        r->is_over = true;
    else
        r->req = sio_store_past_take(env->store, sio_buf_view(&key),
                                     sio_view_of(env->cfg->node_stream), offset, on_taken, r);
    sio_buf_fini(&key);
    if (r->is_over) {
        returning_free(r);
        return NULL;
    }
    r->is_begun = true;
    return &r->question;
}

static void
abandon(sio_recovery_question *question)
{
    question->done = NULL;
}

static const sio_recovery_remote node4_recovery_remote = {
    .has_offsets = true, .keep = keep, .ask = ask, .abandon = abandon};

/* --- The stream is read. --- */

static void
go_on(sio_env *env, sio_view id, bool is_told)
{
    sio_link *list = &env->adapters->node4.returning;

    for (sio_link *l = list->next, *next = l->next; l != list; l = next, next = l->next) {
        returning *r = SIO_CONTAINER(l, returning, link);

        if (r->is_read && (is_told ? sio_view_eq(id, sio_view_of(r->at))
                                   : sio_store_tail_is_behind(id.data, r->at)))
            take_in(r);
    }
}

void
sio_node4_recovery_note_next(sio_env *env, sio_view id)
{
    go_on(env, id, false);
}

void
sio_node4_recovery_note_told(sio_env *env, sio_view id)
{
    go_on(env, id, true);
}

/* --- Life. --- */

void
sio_node4_recovery_join(sio_env *env)
{
    env->io->recovery.remote = &node4_recovery_remote;
}

void
sio_node4_recovery_settle(sio_env *env)
{
    sio_link *list = &env->adapters->node4.returning;

    while (!sio_link_empty(list)) {
        returning *r = SIO_CONTAINER(list->next, returning, link);

        r->question.done = NULL;
        end(r);
    }
}
