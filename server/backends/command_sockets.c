#include "server/backends/command_sockets.h"

#include <string.h>

#include "protocol/json.h"
#include "protocol/json_member.h"
#include "protocol/json_read.h"
#include "server/config/config.h"

static bool
are_names_short(const sio_command_run *r, const sio_backend_command_rooms *rooms)
{
    for (size_t i = 0; i < rooms->n; i++)
        if (strlen(rooms->names[i]) > r->env->cfg->max_room_name_bytes)
            return false;
    return true;
}

void
sio_command_sockets_move(const sio_command_run *r, const sio_backend_command *c)
{
    const sio_to to = sio_command_run_receivers(c);
    int          rc = 0;

    if (!are_names_short(r, &c->rooms)) {
        sio_command_run_tell_error(r, "too_large", "room",
                                   "is longer than \"max room name bytes\"");
        return;
    }
    for (size_t i = 0; i < c->rooms.n; i++)
        rc |= c->kind == SIO_BACKEND_JOIN ? sio_each_join(r->nsp, &to, c->rooms.names[i])
                                          : sio_each_leave(r->nsp, &to, c->rooms.names[i]);
    if (rc == 0)
        sio_command_run_tell_done(r, 0);
    else
        sio_command_run_tell_error(
            r, "incomplete", "",
            "not all could join: \"max rooms\" is reached, or there is no memory");
}

void
sio_command_sockets_disconnect(const sio_command_run *r, const sio_backend_command *c)
{
    const sio_to to = sio_command_run_receivers(c);

    sio_command_run_tell_done(r, sio_each_disconnect(r->nsp, &to, c->closes));
}

static void
on_command_sockets(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    sio_command_run *r = arg;
    size_t           n = 0;
    sio_json_iter    it;
    sio_view         socket;
    sio_buf          json;

    (void)nsp;
    sio_command_run_begin_json(&json);
    sio_buf_add_str(&json, "\"sockets\":[");
    sio_json_read_array_begin(&it, (sio_view){answers->json, answers->len});
    for (; sio_json_read_array_next(&it, &socket); n++) {
        if (n >= r->limit)
            continue;
        sio_buf_add_str(&json, n > 0 ? "," : "");
        sio_buf_add_view(&json, socket);
    }
    sio_buf_add_str(&json, n > r->limit ? "],\"more\":true" : "],\"more\":false");
    sio_command_run_end_answers(r, &json, answers);
}

void
sio_command_sockets_list(const sio_command_run *r, const sio_backend_command *c)
{
    const sio_to     to = sio_command_run_receivers(c);
    sio_command_run *kept = sio_command_run_keep(r);

    if (kept != NULL)
        sio_command_run_check_begun(
            kept, sio_fetch(r->nsp, &to, c->timeout_ms, on_command_sockets, kept));
}

static void
on_command_count(sio_namespace *nsp, const sio_count_result *count, void *arg)
{
    sio_command_run *r = arg;
    sio_buf          json;

    (void)nsp;
    sio_command_run_begin_json(&json);
    sio_json_member_number(&json, "sockets", count->n_sockets);
    sio_json_member_number(&json, "instances", count->n_instances);
    sio_json_member_number(&json, "reached", count->n_reached);
    sio_command_run_end_json(r, &json);
    sio_command_run_free(r);
}

void
sio_command_sockets_count(const sio_command_run *r, const sio_backend_command *c)
{
    const sio_to     to = sio_command_run_receivers(c);
    sio_command_run *kept = sio_command_run_keep(r);

    if (kept != NULL)
        sio_command_run_check_begun(kept,
                                    sio_count(r->nsp, &to, c->timeout_ms, on_command_count, kept));
}

static void
on_command_rooms(sio_namespace *nsp, const sio_room_list *list, void *arg)
{
    sio_command_run *r = arg;
    sio_buf          json;

    (void)nsp;
    sio_command_run_begin_json(&json);
    sio_buf_add_str(&json, "\"rooms\":{");
    for (size_t i = 0; i < list->n_rooms; i++) {
        sio_buf_add_str(&json, i > 0 ? "," : "");
        sio_buf_add_json_string(&json, sio_view_of(list->rooms[i].name), SIO_JSON_PLAIN);
        sio_buf_add_char(&json, ':');
        sio_buf_add_u64(&json, list->rooms[i].n_sockets);
    }
    sio_buf_add_str(&json, list->has_more ? "},\"more\":true" : "},\"more\":false");
    sio_json_member_number(&json, "instances", list->n_instances);
    sio_json_member_number(&json, "reached", list->n_reached);
    sio_command_run_end_json(r, &json);
    sio_command_run_free(r);
}

void
sio_command_sockets_rooms(const sio_command_run *r, const sio_backend_command *c)
{
    sio_command_run *kept = sio_command_run_keep(r);

    if (kept != NULL)
        sio_command_run_check_begun(
            kept, sio_rooms(r->nsp, c->prefix, c->limit, c->timeout_ms, on_command_rooms, kept));
}
