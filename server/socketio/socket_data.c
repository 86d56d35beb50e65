#include "server/socketio/socket_data.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"
#include "server/socketio/extra.h"
#include "server/socketio/observer.h"

static const char *
data_of(const sio_socket *socket)
{
    return socket->extra != NULL ? socket->extra->data : NULL;
}

const char *
sio_socket_data(const sio_socket *socket)
{
    return data_of(socket) != NULL ? data_of(socket) : "{}";
}

size_t
sio_socket_data_len(const sio_socket *socket)
{
    return sio_view_of(data_of(socket)).len;
}

bool
sio_socket_data_is_valid(const sio_env *env, sio_view json)
{
    return json.len <= env->cfg->max_stored_bytes && !sio_view_has_nul(json) &&
           sio_json_validate(json, SIO_JSON_MAX_DEPTH) == SIO_OK && !sio_json_read_has_nul(json);
}

bool
sio_socket_data_inherit(sio_socket *socket, char *json)
{
    sio_extra *extra = json != NULL ? sio_extra_of(socket) : socket->extra;

    if (extra == NULL) {
        free(json);
        return json == NULL;
    }
    sio_session_refund(socket->session, sio_socket_data_len(socket));
    free(extra->data);
    extra->data = json;
    sio_session_charge(socket->session, sio_socket_data_len(socket));
    return true;
}

int
sio_set_socket_data(sio_socket *socket, const char *json)
{
    const sio_view text = sio_json_read_trim(sio_view_of(json));
    sio_env       *env = socket->nsp->env;
    char          *copy = NULL;

    if (!socket->connected)
        return sio_env_fail(env, "the client has left");
    if (json != NULL && !sio_socket_data_is_valid(env, text))
        return sio_env_fail(env, "the data are not JSON, are longer than \"max stored bytes\", or "
                                 "have U+0000");
    if (json != NULL && (copy = strndup(text.data, text.len)) == NULL)
        return sio_env_fail_memory(env);
    if (!sio_socket_data_inherit(socket, copy))
        return sio_env_fail_memory(env);
    sio_observer_changed(socket);
    return 0;
}

char *
sio_socket_data_copy(const sio_socket *socket, bool *failed)
{
    const char *data = data_of(socket);
    char       *copy = data != NULL ? strdup(data) : NULL;

    *failed |= data != NULL && copy == NULL;
    return copy;
}
