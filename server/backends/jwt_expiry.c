#include "server/backends/jwt_expiry.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json_read.h"
#include "protocol/whole_number.h"
#include "server/backends/jwt_pass.h"

/* Between instances, in the default namespace: [namespace, id, seconds or null]. */
static const char event_name[] = "siobroker:expires";

/* False: it is not here. */
static bool
prolong_here(sio_namespace *nsp, const char *id, uint64_t expires_s)
{
    sio_socket   *socket = sio_find(nsp, id);
    sio_jwt_pass *pass = socket != NULL ? sio_socket_pass(socket) : NULL;

    if (pass != NULL)
        sio_jwt_pass_prolong(pass, expires_s < UINT64_MAX / 1000 ? 1000 * expires_s : UINT64_MAX);
    return socket != NULL;
}

/* --- Telling the others. --- */

static bool
tell_others(sio_env *env, const char *nsp_name, const char *id, uint64_t expires_s)
{
    sio_buf args;
    bool    ok;

    sio_buf_init(&args, SIZE_MAX);
    sio_buf_add_char(&args, '[');
    sio_buf_add_json_string(&args, sio_view_of(nsp_name), SIO_JSON_PLAIN);
    sio_buf_add_char(&args, ',');
    sio_buf_add_json_string(&args, sio_view_of(id), SIO_JSON_PLAIN);
    sio_buf_add_char(&args, ',');
    if (expires_s == UINT64_MAX)
        sio_buf_add_str(&args, "null");
    else
        sio_buf_add_u64(&args, expires_s);
    sio_buf_add(&args, "]", 2);
    ok = !args.failed &&
         env->inner_events->emit(sio_of(sio_env_server(env), ""), event_name, args.data) >= 0;
    sio_buf_fini(&args);
    return ok;
}

bool
sio_jwt_expiry_set(sio_env *env, sio_namespace *nsp, const char *id, uint64_t expires_s)
{
    return prolong_here(nsp, id, expires_s) ||
           tell_others(env, sio_namespace_name(nsp), id, expires_s);
}

/* --- Being told. --- */

static bool
read_seconds(sio_view value, uint64_t *s)
{
    size_t    number = 0;
    const int rc = sio_json_read_kind_of(value) == SIO_JSON_NULL
                       ? SIO_OK
                       : sio_whole_number(value, UINT32_MAX, &number);

    *s = sio_json_read_kind_of(value) == SIO_JSON_NULL ? UINT64_MAX : number;
    return rc == SIO_OK;
}

static void
on_told_of_expiry(sio_namespace *root, const char *args_json, size_t len, void *arg)
{
    sio_env       *env = arg;
    sio_json_iter  it;
    sio_view       name = {NULL, 0}, id = {NULL, 0}, seconds = {NULL, 0};
    uint64_t       expires_s;
    char          *nsp_name, *socket_id;
    sio_namespace *nsp;

    (void)root;
    sio_json_read_array_begin(&it, (sio_view){args_json, len});
    if (!sio_json_read_array_next(&it, &name) || !sio_json_read_array_next(&it, &id) ||
        !sio_json_read_array_next(&it, &seconds) || !read_seconds(seconds, &expires_s))
        return;
    nsp_name = sio_json_read_c_string(name);
    socket_id = sio_json_read_c_string(id);
    nsp = nsp_name != NULL ? sio_find_namespace(sio_env_server(env), nsp_name) : NULL;
    if (nsp != NULL && socket_id != NULL)
        (void)prolong_here(nsp, socket_id, expires_s);
    free(nsp_name);
    free(socket_id);
}

bool
sio_jwt_expiry_open(sio_env *env)
{
    sio_namespace *root = sio_of(sio_env_server(env), "");

    return root != NULL && env->inner_events->on(root, event_name, on_told_of_expiry, env) == 0;
}
