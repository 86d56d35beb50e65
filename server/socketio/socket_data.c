#include "server/socketio/socket_data.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"

const char *
sio_socket_data(const sio_socket *socket)
{
    return socket->data != NULL ? socket->data : "{}";
}

size_t
sio_socket_data_len(const sio_socket *socket)
{
    return socket->data != NULL ? strlen(socket->data) : 0;
}

bool
sio_socket_data_is_valid(const sio_env *env, sio_view json)
{
    return json.len <= env->cfg->max_stored_bytes && !sio_view_has_nul(json) &&
           sio_json_validate(json, SIO_JSON_MAX_DEPTH) == SIO_OK && !sio_json_read_has_nul(json);
}

/* json is taken. */
static void
replace_data(sio_socket *socket, char *json)
{
    sio_session_refund(socket->session, sio_socket_data_len(socket));
    free(socket->data);
    socket->data = json;
    sio_session_charge(socket->session, sio_socket_data_len(socket));
}

int
sio_set_socket_data(sio_socket *socket, const char *json)
{
    const sio_view text = sio_json_read_trim(sio_view_of(json));
    char          *copy = NULL;

    if (!socket->connected)
        return -1;
    if (json != NULL && (!sio_socket_data_is_valid(socket->nsp->env, text) ||
                         (copy = strndup(text.data, text.len)) == NULL))
        return -1;
    replace_data(socket, copy);
    return 0;
}

char *
sio_socket_data_copy(const sio_socket *socket, bool *failed)
{
    char *copy = socket->data != NULL ? strdup(socket->data) : NULL;

    *failed |= socket->data != NULL && copy == NULL;
    return copy;
}

void
sio_socket_data_inherit(sio_socket *socket, char *json)
{
    replace_data(socket, json);
}

void
sio_socket_data_free(sio_socket *socket)
{
    free(socket->data);
    socket->data = NULL;
}
