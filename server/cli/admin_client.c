#include "server/cli/admin_client.h"

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/result.h"

enum { MAX_ERROR = 1024 };

static const sio_texts *
listen_of(const sio_cfg *cfg)
{
    return &cfg->admin_listen;
}

static const char *
admin_key_of(const sio_cfg *cfg)
{
    return cfg->admin_key;
}

int
sio_admin_client_init(sio_side_client *c, const sio_command_line *line)
{
    static const sio_side_client_kind kind = {"admin",           "\"admin listen\"",
                                              "SIOBROKER_ADMIN", "env:SIOBROKER_ADMIN_KEY",
                                              listen_of,         admin_key_of};

    return sio_side_client_init(c, &kind, line);
}

/* A refusal says why in its body: {"error":"..."}. */
static int
tell_refusal(const sio_command_line *line, const sio_web_answer *answer)
{
    sio_json_field field = {SIO_VIEW("error"), SIO_VIEW("")};
    sio_buf        why;
    int            status;

    sio_buf_init(&why, MAX_ERROR);
    if (sio_json_pick(answer->rest, 8, &field, 1) != SIO_OK ||
        sio_json_read_string(field.value, &why) != SIO_OK)
        sio_buf_add_str(&why, "no siobroker listens there");
    status = sio_command_line_fail(line, SIO_COMMAND_FAILED, "%u: %.*s", answer->status,
                                   (int)why.len, why.len > 0 ? why.data : "");
    sio_buf_fini(&why);
    return status;
}

int
sio_admin_client_ask(const sio_side_client *c, const sio_command_line *line, const char *method,
                     sio_view target, sio_buf *body)
{
    sio_side_answer a = {0};
    sio_buf         error;
    int             status = SIO_COMMAND_DONE;

    sio_buf_init(&error, MAX_ERROR);
    if (sio_side_client_ask(c, method, target, SIO_VIEW(""), &a, &error) != SIO_OK)
        status = sio_command_line_fail(line, SIO_COMMAND_FAILED, "%.*s", (int)error.len,
                                       error.len > 0 ? error.data : "");
    else if (a.answer.status != 200)
        status = tell_refusal(line, &a.answer);
    else
        sio_buf_add_view(body, a.answer.rest);
    sio_side_answer_fini(&a);
    sio_buf_fini(&error);
    return status;
}
