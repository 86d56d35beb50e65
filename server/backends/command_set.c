#include "server/backends/command_set.h"

#include <string.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "server/backends/jwt_expiry.h"
#include "server/config/config.h"

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
leave_users(const sio_command_run *r, const sio_to *to, sio_view rooms)
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
set_user(const sio_command_run *r, const sio_to *to, sio_view rooms)
{
    int rc = leave_users(r, to, rooms);

    if (r->user != NULL)
        rc |= sio_each_join(r->nsp, to, r->user);
    return rc;
}

static void
set_on_socket(const sio_command_run *r, sio_view description)
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
    if (r->sets_expires)
        rc |= !sio_jwt_expiry_set(r->env, r->nsp, r->socket, r->expires_s);
    if (rc == 0)
        sio_command_run_tell(r, &(sio_outcome){.at = "", .why = "", .json = SIO_VIEW("{}")});
    else
        sio_command_run_tell_error(
            r, "incomplete", "",
            "not all was set: \"max rooms\" is reached, or there is no memory");
}

static void
on_command_socket(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    sio_command_run *r = arg;
    sio_json_iter    it;
    sio_view         description;

    (void)nsp;
    sio_json_read_array_begin(&it, (sio_view){answers->json, answers->len});
    if (sio_json_read_array_next(&it, &description))
        set_on_socket(r, description);
    else if (answers->n_reached < answers->n_instances)
        sio_command_run_tell_error(r, "no_answer", "",
                                   "an instance has not answered, so nothing was done");
    else
        sio_command_run_tell_error(r, "socket_unknown", "socket",
                                   "is not connected to this namespace");
    sio_command_run_free(r);
}

static char *
copy_text(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

/* What is set, for later. False: no memory. */
static bool
note_what_is_set(sio_command_run *r, const sio_backend_command *c)
{
    const bool has_data = sio_json_read_kind_of(c->data) == SIO_JSON_OBJECT;

    r->socket = strdup(c->socket);
    r->sets_user = c->sets_user;
    r->user = copy_text(c->user);
    r->sets_data = c->data.len > 0;
    r->sets_expires = c->sets_expires;
    r->expires_s = c->expires_s;
    r->data = has_data ? strndup(c->data.data, c->data.len) : NULL;
    return r->socket != NULL && (r->user != NULL) == (c->user != NULL) &&
           (r->data != NULL) == has_data;
}

void
sio_command_set(const sio_command_run *r, const sio_backend_command *c)
{
    const char *const names[] = {c->socket, NULL};
    const bool        is_here = sio_find(r->nsp, c->socket) != NULL;
    const sio_to      to = {.rooms = names, .is_local = is_here};
    sio_command_run  *kept;

    if (c->data.len > r->env->cfg->max_stored_bytes) {
        sio_command_run_tell_error(r, "too_large", "data", "is longer than \"max stored bytes\"");
        return;
    }
    if (c->sets_expires && !sio_cfg_jwt_is_on(&r->env->cfg->jwt)) {
        sio_command_run_tell_error(r, "bad_command", "expires",
                                   "is for clients with a token (jwt)");
        return;
    }
    if ((kept = sio_command_run_keep(r)) == NULL)
        return;
    kept->is_local = is_here;
    sio_command_run_check_begun(kept,
                                note_what_is_set(kept, c)
                                    ? sio_fetch(r->nsp, &to, c->timeout_ms, on_command_socket, kept)
                                    : -1);
}
