#include "server/socketio/arguments.h"

#include <cjson/cJSON.h>
#include <limits.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/placeholder.h"
#include "protocol/result.h"
#include "server/base/env.h"
#include "server/socketio/io.h"

int
sio_arguments_no_content(sio_env *env)
{
    return sio_env_fail(env, "no content: its arguments are not valid, or out of memory");
}

int
sio_arguments_check(sio_env *env, const sio_arguments *args, sio_packet *p)
{
    p->args = sio_json_read_trim(args->json);
    p->attachments = args->attachments;
    p->n_attachments = (unsigned)args->n_attachments;
    p->no_compress = args->no_compress;
    if (args->n_attachments > UINT_MAX)
        return sio_env_fail(env, "too many attachments");
    if (p->args.len == 0)
        return 0;
    if (sio_json_validate(p->args, SIO_JSON_MAX_DEPTH) != SIO_OK ||
        sio_json_read_kind_of(p->args) != SIO_JSON_ARRAY)
        return sio_env_fail(env, "the arguments are not a JSON array");
    if (p->n_attachments > 0 && sio_placeholder_check(p->args, p->n_attachments) != SIO_OK)
        return sio_env_fail(env, "a placeholder in the arguments has no attachment");
    return 0;
}

int
sio_arguments_event_packet(const sio_namespace *nsp, sio_view event, const sio_arguments *args,
                           sio_packet *p)
{
    sio_buf *name = &nsp->env->io->event_name;

    *p = (sio_packet){.type = SIO_PACKET_EVENT, .nsp = nsp->name};
    if (sio_arguments_check(nsp->env, args, p) != 0)
        return -1;
    sio_buf_clear(name);
    sio_buf_add_json_string(name, event, SIO_JSON_PLAIN);
    p->name = sio_buf_view(name);
    return name->failed ? sio_env_fail_memory(nsp->env) : 0;
}

int
sio_arguments_print(sio_env *env, const cJSON *args, char **text)
{
    *text = args != NULL ? cJSON_PrintUnformatted(args) : NULL;
    return args == NULL || *text != NULL ? 0 : sio_env_fail_memory(env);
}

void
sio_arguments_free_text(char *text)
{
    cJSON_free(text);
}
