#include "server/backends/command_run.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json_member.h"
#include "server/config/config.h"

static const sio_outcome no_memory = {
    .code = "out_of_memory", .at = "", .why = "there is no memory; try again later"};

/* --- Telling. --- */

void
sio_command_run_tell(const sio_command_run *r, const sio_outcome *outcome)
{
    r->fn(r->arg, outcome);
}

void
sio_command_run_tell_error(const sio_command_run *r, const char *code, const char *at,
                           const char *why)
{
    sio_command_run_tell(r, &(sio_outcome){.code = code, .at = at, .why = why});
}

/* A call has failed: for want of memory, or since the others could not bear what it says. */
static void
run_tell_failure(const sio_command_run *r)
{
    const char *why = sio_error(sio_env_server(r->env));

    if (strcmp(why, "out of memory") == 0)
        sio_command_run_tell(r, &no_memory);
    else
        sio_command_run_tell_error(r, "bad_command", "", why);
}

static void
run_tell_json(const sio_command_run *r, const sio_buf *json)
{
    if (json->failed)
        sio_command_run_tell(r, &no_memory);
    else
        sio_command_run_tell(r, &(sio_outcome){.at = "", .why = "", .json = sio_buf_view(json)});
}

/* Processes of Node are told of events alone, and say nothing of themselves. */
static uint64_t
count_instances(const sio_command_run *r)
{
    const bool is_alone = r->is_local || strcmp(r->env->cfg->dialect, "siobroker") != 0;

    return is_alone ? 1 : 1 + r->env->stats.peers;
}

void
sio_command_run_begin_json(sio_buf *json)
{
    sio_buf_init(json, SIZE_MAX);
    sio_buf_add_char(json, '{');
}

void
sio_command_run_end_json(const sio_command_run *r, sio_buf *json)
{
    sio_buf_add_char(json, '}');
    run_tell_json(r, json);
    sio_buf_fini(json);
}

/* rc: of a function of siobroker.h. */
void
sio_command_run_tell_done(const sio_command_run *r, int rc)
{
    sio_buf json;

    if (rc != 0) {
        run_tell_failure(r);
        return;
    }
    sio_command_run_begin_json(&json);
    sio_json_member_number(&json, "instances", count_instances(r));
    sio_command_run_end_json(r, &json);
}

/* --- Whom it is about. --- */

sio_to
sio_command_run_receivers(const sio_backend_command *c)
{
    return (sio_to){
        .rooms = c->has_to ? c->to.names : NULL,
        .except_rooms = c->except.n > 0 ? c->except.names : NULL,
        .is_volatile = c->is_volatile,
        .whole_answers = c->whole_answers,
        .is_local = c->is_local,
    };
}

/* --- Waiting for others. --- */

void
sio_command_run_free(sio_command_run *r)
{
    sio_link_remove(&r->link);
    r->commands->n_waiting--;
    free(r->socket);
    free(r->user);
    free(r->data);
    free(r);
}

/* A copy of r that can wait. NULL: it can not, and fn has been told. */
sio_command_run *
sio_command_run_keep(const sio_command_run *r)
{
    sio_command_run *kept;

    if (r->commands->n_waiting >= SIO_COMMANDS_MAX_WAITING) {
        sio_command_run_tell_error(r, "busy", "",
                                   "too many commands wait for answers; try again later");
        return NULL;
    }
    if ((kept = malloc(sizeof *kept)) == NULL) {
        sio_command_run_tell(r, &no_memory);
        return NULL;
    }
    *kept = *r;
    sio_link_init(&kept->link);
    sio_link_append(&r->commands->waiting, &kept->link);
    r->commands->n_waiting++;
    return kept;
}

/* rc: of the function that asks the others. */
void
sio_command_run_check_begun(sio_command_run *r, int rc)
{
    if (rc == 0)
        return;
    run_tell_failure(r);
    sio_command_run_free(r);
}

void
sio_command_run_end_answers(sio_command_run *r, sio_buf *json, const sio_answers *answers)
{
    sio_json_member_number(json, "answered", answers->n_answered);
    sio_json_member_number(json, "asked", answers->n_asked);
    sio_json_member_number(json, "instances", answers->n_instances);
    sio_json_member_number(json, "reached", answers->n_reached);
    sio_command_run_end_json(r, json);
    sio_command_run_free(r);
}
