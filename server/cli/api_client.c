#include "server/cli/api_client.h"

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/result.h"

static const sio_texts *
listen_of(const sio_cfg *cfg)
{
    return &cfg->api.listen;
}

/* A unix socket wants none. */
static const char *
api_key_of(const sio_cfg *cfg)
{
    const sio_cfg_api_key *keys = cfg->api.keys.items;

    return cfg->api.keys.n > 0 ? keys[0].key : "";
}

int
sio_api_client_init(sio_side_client *c, const sio_command_line *line)
{
    static const sio_side_client_kind kind = {"api",           "\"listen\" of \"api\"",
                                              "SIOBROKER_API", "env:SIOBROKER_API_KEY",
                                              listen_of,       api_key_of};

    return sio_side_client_init(c, &kind, line);
}

static void
add_part(sio_buf *error, const char *before, sio_view literal)
{
    if (literal.len == 0)
        return;
    sio_buf_add_str(error, before);
    (void)sio_json_read_string(literal, error); /* SIO_BAD: it is no text, and left out */
}

/* {"error":{"code":"bad_command","at":"name","message":"is missing"}} */
int
sio_api_client_judge(const sio_web_answer *answer, sio_buf *error)
{
    sio_json_field outer = {SIO_VIEW("error"), SIO_VIEW("")};
    sio_json_field parts[] = {{SIO_VIEW("code"), SIO_VIEW("")},
                              {SIO_VIEW("at"), SIO_VIEW("")},
                              {SIO_VIEW("message"), SIO_VIEW("")}};

    if (answer->status == 200)
        return SIO_OK;
    sio_buf_add_u64(error, answer->status);
    if (sio_json_pick(answer->rest, 8, &outer, 1) != SIO_OK ||
        sio_json_pick(outer.value, 8, parts, 3) != SIO_OK || parts[2].value.len == 0) {
        sio_buf_add_str(error, ": no siobroker answers there");
        return SIO_BAD;
    }
    add_part(error, " ", parts[0].value);
    add_part(error, ": ", parts[1].value);
    add_part(error, ": ", parts[2].value);
    return SIO_BAD;
}
