#include "server/backends/commands.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "server/config/config.h"

/* A command being done. On the stack, or, once it waits for others, in commands->waiting. */
typedef struct {
    sio_link       link;
    sio_env       *env;
    sio_commands  *commands;
    sio_namespace *nsp;
    bool           is_local;
    size_t         limit; /* of what is listed */
    /* Of SET, copied. */
    char *socket;
    bool  sets_user, sets_data;
    char *user; /* NULL: none any more */
    char *data; /* likewise */

    sio_commands_fn fn;
    void           *arg;
} run;

static const sio_outcome no_memory = {
    .code = "out_of_memory", .at = "", .why = "there is no memory; try again later"};
static const sio_outcome cluster_away = {
    .code = "cluster_unavailable",
    .at = "",
    .why = "Redis is away, so nothing was done; try again, or say \"local\": true"};

/* --- Telling. --- */

static void
tell(const run *r, const sio_outcome *outcome)
{
    r->fn(r->arg, outcome);
}

static void
tell_error(const run *r, const char *code, const char *at, const char *why)
{
    tell(r, &(sio_outcome){.code = code, .at = at, .why = why});
}

static void
tell_json(const run *r, const sio_buf *json)
{
    if (json->failed)
        tell(r, &no_memory);
    else
        tell(r, &(sio_outcome){.at = "", .why = "", .json = sio_buf_view(json)});
}

/* Processes of Node are told of events alone, and say nothing of themselves. */
static uint64_t
count_instances(const run *r)
{
    const bool is_alone = r->is_local || strcmp(r->env->cfg->dialect, "siobroker") != 0;

    return is_alone ? 1 : 1 + r->env->stats.peers;
}

static void
add_number(sio_buf *json, const char *key, uint64_t n)
{
    if (json->data[json->len - 1] != '{')
        sio_buf_add_char(json, ',');
    sio_buf_add_char(json, '"');
    sio_buf_add_str(json, key);
    sio_buf_add_str(json, "\":");
    sio_buf_add_u64(json, n);
}

static void
begin_json(sio_buf *json)
{
    sio_buf_init(json, SIZE_MAX);
    (void)sio_buf_reserve(json, 64);
    sio_buf_add_char(json, '{');
}

static void
end_json(const run *r, sio_buf *json)
{
    sio_buf_add_char(json, '}');
    tell_json(r, json);
    sio_buf_fini(json);
}

/* rc: of a function of siobroker.h. */
static void
tell_done(const run *r, int rc)
{
    sio_buf json;

    if (rc != 0) {
        tell(r, &no_memory);
        return;
    }
    begin_json(&json);
    if (!json.failed)
        add_number(&json, "instances", count_instances(r));
    end_json(r, &json);
}

/* --- Whom it is about. --- */

static sio_to
receivers_of(const sio_backend_command *c)
{
    return (sio_to){
        .rooms = c->has_to ? c->to.names : NULL,
        .except_rooms = c->except.n > 0 ? c->except.names : NULL,
        .is_volatile = c->is_volatile,
        .is_local = c->is_local,
    };
}

static sio_content
content_of(const sio_backend_command *c)
{
    return (sio_content){
        .event = c->name.data,
        .event_len = c->name.len,
        .args_json = c->args.data,
        .args_len = c->args.len,
        .attachments = c->attachments,
        .n_attachments = c->n_attachments,
        .is_volatile = c->is_volatile,
    };
}

/* --- Waiting for others. --- */

static void
run_free(run *r)
{
    sio_link_remove(&r->link);
    r->commands->n_waiting--;
    free(r->socket);
    free(r->user);
    free(r->data);
    free(r);
}

void
sio_commands_init(sio_commands *commands)
{
    sio_link_init(&commands->waiting);
}

void
sio_commands_fini(sio_commands *commands)
{
    while (!sio_link_empty(&commands->waiting))
        run_free(SIO_CONTAINER(commands->waiting.next, run, link));
}

/* A copy of r that can wait. NULL: it can not, and fn has been told. */
static run *
run_keep(const run *r)
{
    run *kept;

    if (r->commands->n_waiting >= SIO_COMMANDS_MAX_WAITING) {
        tell_error(r, "busy", "", "too many commands wait for answers; try again later");
        return NULL;
    }
    if ((kept = malloc(sizeof *kept)) == NULL) {
        tell(r, &no_memory);
        return NULL;
    }
    *kept = *r;
    sio_link_init(&kept->link);
    sio_link_append(&r->commands->waiting, &kept->link);
    r->commands->n_waiting++;
    return kept;
}

/* rc: of the function that asks the others. */
static void
check_begun(run *r, int rc)
{
    if (rc == 0)
        return;
    tell(r, &no_memory);
    run_free(r);
}

static void
end_answers(run *r, sio_buf *json, const sio_answers *answers)
{
    add_number(json, "answered", answers->n_answered);
    add_number(json, "asked", answers->n_asked);
    add_number(json, "instances", answers->n_instances);
    add_number(json, "reached", answers->n_reached);
    end_json(r, json);
    run_free(r);
}

/* --- Events. --- */

static void
do_emit(const run *r, const sio_backend_command *c)
{
    const sio_to      to = receivers_of(c);
    const sio_content content = content_of(c);

    tell_done(r, sio_broadcast_n(r->nsp, &to, &content));
}

static void
on_command_answers(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    sio_buf json;

    (void)nsp;
    begin_json(&json);
    sio_buf_add_str(&json, "\"answers\":");
    sio_buf_add(&json, answers->json, answers->len);
    end_answers(arg, &json, answers);
}

static void
do_ask(const run *r, const sio_backend_command *c)
{
    const sio_to      to = receivers_of(c);
    const sio_content content = content_of(c);
    run              *kept = run_keep(r);

    if (kept != NULL)
        check_begun(kept, sio_broadcast_ack_n(r->nsp, &to, &content, c->timeout_ms,
                                              on_command_answers, kept));
}

static void
on_acknowledged(sio_ack_result result, void *arg)
{
    static const sio_outcome outcomes[] = {
        [SIO_ACK_DONE] = {.at = "", .why = "", .json = SIO_VIEW_INIT("{}")},
        [SIO_ACK_UNKNOWN] = {.code = "ack_unknown",
                             .at = "ack",
                             .why = "there is no such token, it was used or is too old, or its "
                                    "client has left"},
        [SIO_ACK_FAILED] = {.code = "cluster_unavailable",
                            .at = "",
                            .why = "the instance of the client can not be reached now, so nothing "
                                   "was done; try again"},
        [SIO_ACK_UNSURE] = {.code = "no_answer",
                            .at = "",
                            .why = "the instance of the client has not answered; it may happen, or "
                                   "not"},
    };
    run *r = arg;

    tell(r, &outcomes[result]);
    run_free(r);
}

static void
do_ack(const run *r, const sio_backend_command *c)
{
    const sio_content content = content_of(c);
    run              *kept = run_keep(r);

    if (kept != NULL)
        check_begun(kept, sio_ack_by_token_n(sio_env_server(r->env), c->token, &content,
                                             on_acknowledged, kept));
}

/* --- Sockets and rooms. --- */

static bool
are_names_short(const run *r, const sio_backend_command_rooms *rooms)
{
    for (size_t i = 0; i < rooms->n; i++)
        if (strlen(rooms->names[i]) > r->env->cfg->max_room_name_bytes)
            return false;
    return true;
}

static void
do_move(const run *r, const sio_backend_command *c)
{
    const sio_to to = receivers_of(c);
    int          rc = 0;

    if (!are_names_short(r, &c->rooms)) {
        tell_error(r, "too_large", "room", "is longer than \"max room name bytes\"");
        return;
    }
    for (size_t i = 0; i < c->rooms.n; i++)
        rc |= c->kind == SIO_BACKEND_JOIN ? sio_each_join(r->nsp, &to, c->rooms.names[i])
                                          : sio_each_leave(r->nsp, &to, c->rooms.names[i]);
    if (rc == 0)
        tell_done(r, 0);
    else
        tell_error(r, "incomplete", "",
                   "not all could join: \"max rooms\" is reached, or there is no memory");
}

static void
do_disconnect(const run *r, const sio_backend_command *c)
{
    const sio_to to = receivers_of(c);

    tell_done(r, sio_each_disconnect(r->nsp, &to, c->closes));
}

static void
on_command_sockets(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    run          *r = arg;
    size_t        n = 0;
    sio_json_iter it;
    sio_view      socket;
    sio_buf       json;

    (void)nsp;
    begin_json(&json);
    sio_buf_add_str(&json, "\"sockets\":[");
    sio_json_read_array_begin(&it, (sio_view){answers->json, answers->len});
    for (; sio_json_read_array_next(&it, &socket); n++) {
        if (n >= r->limit)
            continue;
        sio_buf_add_str(&json, n > 0 ? "," : "");
        sio_buf_add_view(&json, socket);
    }
    sio_buf_add_str(&json, n > r->limit ? "],\"more\":true" : "],\"more\":false");
    end_answers(r, &json, answers);
}

static void
do_sockets(const run *r, const sio_backend_command *c)
{
    const sio_to to = receivers_of(c);
    run         *kept = run_keep(r);

    if (kept != NULL)
        check_begun(kept, sio_fetch(r->nsp, &to, c->timeout_ms, on_command_sockets, kept));
}

static void
on_command_count(sio_namespace *nsp, const sio_count_result *count, void *arg)
{
    run    *r = arg;
    sio_buf json;

    (void)nsp;
    begin_json(&json);
    if (!json.failed) {
        add_number(&json, "sockets", count->n_sockets);
        add_number(&json, "instances", count->n_instances);
        add_number(&json, "reached", count->n_reached);
    }
    end_json(r, &json);
    run_free(r);
}

static void
do_count(const run *r, const sio_backend_command *c)
{
    const sio_to to = receivers_of(c);
    run         *kept = run_keep(r);

    if (kept != NULL)
        check_begun(kept, sio_count(r->nsp, &to, c->timeout_ms, on_command_count, kept));
}

static void
on_command_rooms(sio_namespace *nsp, const sio_room_list *list, void *arg)
{
    run    *r = arg;
    sio_buf json;

    (void)nsp;
    begin_json(&json);
    sio_buf_add_str(&json, "\"rooms\":{");
    for (size_t i = 0; i < list->n_rooms; i++) {
        sio_buf_add_str(&json, i > 0 ? "," : "");
        sio_buf_add_json_string(&json, sio_view_of(list->rooms[i].name), SIO_JSON_PLAIN);
        sio_buf_add_char(&json, ':');
        sio_buf_add_u64(&json, list->rooms[i].n_sockets);
    }
    sio_buf_add_str(&json, list->has_more ? "},\"more\":true" : "},\"more\":false");
    add_number(&json, "instances", list->n_instances);
    add_number(&json, "reached", list->n_reached);
    end_json(r, &json);
    run_free(r);
}

static void
do_rooms(const run *r, const sio_backend_command *c)
{
    run *kept = run_keep(r);

    if (kept != NULL)
        check_begun(kept,
                    sio_rooms(r->nsp, c->prefix, c->limit, c->timeout_ms, on_command_rooms, kept));
}

/* --- User and data: the socket is looked for, then told. --- */

/* Its user is the one room of it that begins so. */
static const char user_prefix[] = "user:";

static bool
is_user_room(sio_view room)
{
    const size_t len = sizeof user_prefix - 1;

    return room.len > len && memcmp(room.data, user_prefix, len) == 0;
}

/* rooms: those it is in, as JSON. It leaves those of other users. */
static int
leave_users(const run *r, const sio_to *to, sio_view rooms)
{
    sio_json_iter it;
    sio_view      literal;
    sio_buf       name;
    int           rc = 0;

    sio_buf_init(&name, SIZE_MAX);
    sio_json_read_array_begin(&it, rooms);
    while (sio_json_read_array_next(&it, &literal)) {
        sio_buf_clear(&name);
        (void)sio_json_read_string(literal, &name);
        if (!is_user_room(sio_buf_view(&name)))
            continue;
        sio_buf_add_char(&name, '\0');
        if (!name.failed && (r->user == NULL || strcmp(name.data, r->user) != 0))
            rc |= sio_each_leave(r->nsp, to, name.data);
    }
    rc |= name.failed;
    sio_buf_fini(&name);
    return rc;
}

static int
set_user(const run *r, const sio_to *to, sio_view rooms)
{
    int rc = leave_users(r, to, rooms);

    if (r->user != NULL)
        rc |= sio_each_join(r->nsp, to, r->user);
    return rc;
}

static void
set_on_socket(const run *r, sio_view description)
{
    const char *const names[] = {r->socket, NULL};
    const sio_to      to = {.rooms = names, .is_local = r->is_local};
    sio_json_field    rooms = {.name = SIO_VIEW("rooms")};
    int               rc = 0;

    (void)sio_json_pick(description, SIO_JSON_MAX_DEPTH, &rooms, 1);
    if (r->sets_user)
        rc |= set_user(r, &to, rooms.value);
    if (r->sets_data)
        rc |= sio_each_set_data(r->nsp, &to, r->data);
    if (rc == 0)
        tell(r, &(sio_outcome){.at = "", .why = "", .json = SIO_VIEW("{}")});
    else
        tell_error(r, "incomplete", "",
                   "not all was set: \"max rooms\" is reached, or there is no memory");
}

static void
on_command_socket(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    run          *r = arg;
    sio_json_iter it;
    sio_view      description;

    (void)nsp;
    sio_json_read_array_begin(&it, (sio_view){answers->json, answers->len});
    if (sio_json_read_array_next(&it, &description))
        set_on_socket(r, description);
    else if (answers->n_reached < answers->n_instances)
        tell_error(r, "no_answer", "", "an instance has not answered, so nothing was done");
    else
        tell_error(r, "socket_unknown", "socket", "is not connected to this namespace");
    run_free(r);
}

static char *
copy_text(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

/* What is set, for later. False: no memory. */
static bool
note_what_is_set(run *r, const sio_backend_command *c)
{
    const bool has_data = sio_json_read_kind_of(c->data) == SIO_JSON_OBJECT;

    r->socket = strdup(c->socket);
    r->sets_user = c->sets_user;
    r->user = copy_text(c->user);
    r->sets_data = c->data.len > 0;
    r->data = has_data ? strndup(c->data.data, c->data.len) : NULL;
    return r->socket != NULL && (r->user != NULL) == (c->user != NULL) &&
           (r->data != NULL) == has_data;
}

static void
do_set(const run *r, const sio_backend_command *c)
{
    const char *const names[] = {c->socket, NULL};
    const bool        is_here = sio_find(r->nsp, c->socket) != NULL;
    const sio_to      to = {.rooms = names, .is_local = is_here};
    run              *kept;

    if (c->data.len > r->env->cfg->max_stored_bytes) {
        tell_error(r, "too_large", "data", "is longer than \"max stored bytes\"");
        return;
    }
    if ((kept = run_keep(r)) == NULL)
        return;
    kept->is_local = is_here;
    check_begun(kept, note_what_is_set(kept, c)
                          ? sio_fetch(r->nsp, &to, c->timeout_ms, on_command_socket, kept)
                          : -1);
}

/* --- All of them. --- */

static const struct {
    void (*run)(const run *r, const sio_backend_command *c);
    bool is_of_all; /* instances: it has to reach the others */
} doers[SIO_N_BACKEND_COMMANDS] = {
    [SIO_BACKEND_EMIT] = {do_emit, true},       [SIO_BACKEND_ASK] = {do_ask, true},
    [SIO_BACKEND_ACK] = {do_ack, false},        [SIO_BACKEND_JOIN] = {do_move, true},
    [SIO_BACKEND_LEAVE] = {do_move, true},      [SIO_BACKEND_DISCONNECT] = {do_disconnect, true},
    [SIO_BACKEND_SOCKETS] = {do_sockets, true}, [SIO_BACKEND_COUNT] = {do_count, true},
    [SIO_BACKEND_ROOMS] = {do_rooms, true},     [SIO_BACKEND_SET] = {do_set, true},
};

/* Others may be there, and can not be told. */
static bool
is_cluster_away(const sio_env *env)
{
    return env->cfg->redis[0] != '\0' && sio_store_get_counters(env->store)->connected == 0;
}

/* "/" is the default one, which siobroker.h calls "". */
static sio_namespace *
find_namespace(sio_env *env, const char *name)
{
    return sio_find_namespace(sio_env_server(env), strcmp(name, "/") == 0 ? "" : name);
}

/* A socket of this instance can be told while Redis is away. */
static bool
needs_others(const run *r, const sio_backend_command *c)
{
    if (c->kind == SIO_BACKEND_SET)
        return sio_find(r->nsp, c->socket) == NULL;
    return doers[c->kind].is_of_all && !c->is_local;
}

void
sio_commands_run(sio_env *env, sio_commands *commands, const sio_backend_command *c,
                 sio_commands_fn fn, void *arg)
{
    const run r = {.env = env,
                   .commands = commands,
                   .nsp = find_namespace(env, c->nsp),
                   .is_local = c->is_local,
                   .limit = c->limit,
                   .fn = fn,
                   .arg = arg};

    if (r.nsp == NULL)
        tell_error(&r, "unknown_namespace", "namespace", "there is no such namespace here");
    else if (needs_others(&r, c) && is_cluster_away(env))
        tell(&r, &cluster_away);
    else
        doers[c->kind].run(&r, c);
}
