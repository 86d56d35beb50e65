#include "server/backends/command_events.h"

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
        .no_compress = c->no_compress,
    };
}

void
sio_command_events_emit(const sio_command_run *r, const sio_backend_command *c)
{
    const sio_to      to = sio_command_run_receivers(c);
    const sio_content content = content_of(c);

    sio_command_run_tell_done(r, sio_broadcast_n(r->nsp, &to, &content));
}

static void
on_command_answers(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    sio_buf json;

    (void)nsp;
    sio_command_run_begin_json(&json);
    sio_buf_add_str(&json, "\"answers\":");
    sio_buf_add(&json, answers->json, answers->len);
    sio_command_run_end_answers(arg, &json, answers);
}

void
sio_command_events_ask(const sio_command_run *r, const sio_backend_command *c)
{
    const sio_to      to = sio_command_run_receivers(c);
    const sio_content content = content_of(c);
    sio_command_run  *kept = sio_command_run_keep(r);

    if (kept != NULL)
        sio_command_run_check_begun(kept, sio_broadcast_ack_n(r->nsp, &to, &content, c->timeout_ms,
                                                              on_command_answers, kept));
}

static void
on_command_acknowledged(sio_ack_result result, void *arg)
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
    sio_command_run *r = arg;

    sio_command_run_tell(r, &outcomes[result]);
    sio_command_run_free(r);
}

void
sio_command_events_ack(const sio_command_run *r, const sio_backend_command *c)
{
    const sio_content content = content_of(c);
    sio_command_run  *kept = sio_command_run_keep(r);

    if (kept != NULL)
        sio_command_run_check_begun(kept,
                                    sio_ack_by_token_n(sio_env_server(r->env), c->token, &content,
                                                       on_command_acknowledged, kept));
}
