#include "server/backends/hook_will.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/json.h"
#include "protocol/json_member.h"
#include "protocol/json_read.h"

enum { MAX_ID = 64, MAX_DEPTH = 2000 };

/* Ids of sockets in two namespaces may be the same, and names may be long. */
static void
will_id(const sio_hook_socket *s, char out[MAX_ID + 1])
{
    static const uint64_t seed[2];

    snprintf(out, MAX_ID + 1, "hook:%016llx:%.40s",
             (unsigned long long)sio_hash_siphash(seed, s->node.key), s->id);
}

void
sio_hook_will_leave(const sio_hook_socket *s, const char *backend)
{
    char    id[MAX_ID + 1];
    sio_buf will;

    if (!s->all->env->store->has_others)
        return;
    sio_buf_init(&will, SIZE_MAX);
    sio_buf_add_str(&will, "{\"backend\":");
    sio_buf_add_json_string(&will, sio_view_of(backend), SIO_JSON_PLAIN);
    sio_buf_add_str(&will, ",\"nsp\":");
    sio_buf_add_json_string(&will, sio_view_of(sio_hook_socket_nsp_name(s)), SIO_JSON_PLAIN);
    sio_buf_add_str(&will, ",\"id\":");
    sio_buf_add_json_string(&will, sio_view_of(s->id), SIO_JSON_PLAIN);
    sio_hook_socket_add_state(s->socket, false, &will);
    sio_buf_add_char(&will, '}');
    sio_buf_add_char(&will, '\0');
    will_id(s, id);
    if (will.failed || sio_set_will(sio_env_server(s->all->env), id, will.data) != 0)
        sio_log_limit_write(&s->all->env->log_limits, SIO_LOG_FAILURE, NULL,
                            "a socket leaves no will: its data are longer than \"max stored "
                            "bytes\", or there is no memory");
    sio_buf_fini(&will);
}

void
sio_hook_will_revoke(const sio_hook_socket *s)
{
    char id[MAX_ID + 1];

    will_id(s, id);
    (void)sio_set_will(sio_env_server(s->all->env), id, NULL);
}

bool
sio_hook_will_read(sio_hook_will *w, const char *text)
{
    sio_json_field fields[] = {{.name = SIO_VIEW("backend")},
                               {.name = SIO_VIEW("nsp")},
                               {.name = SIO_VIEW("id")},
                               {.name = SIO_VIEW("user")},
                               {.name = SIO_VIEW("data")}};

    (void)sio_json_pick(sio_view_of(text), MAX_DEPTH, fields, 5);
    w->backend = sio_json_read_c_string(fields[0].value);
    w->nsp_name = sio_json_read_c_string(fields[1].value);
    w->id = sio_json_read_c_string(fields[2].value);
    sio_buf_init(&w->state, SIZE_MAX);
    sio_json_member_json(&w->state, "user", fields[3].value);
    sio_json_member_json(&w->state, "data", fields[4].value);
    return w->backend != NULL && w->nsp_name != NULL && w->id != NULL && !w->state.failed;
}

void
sio_hook_will_fini(sio_hook_will *w)
{
    free(w->backend);
    free(w->nsp_name);
    free(w->id);
    sio_buf_fini(&w->state);
}
