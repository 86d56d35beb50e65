#include "server/socketio/describe.h"

#include "server/base/env.h"
#include "server/config/config.h"

static void
describe_add_rooms(const sio_socket *socket, sio_buf *json)
{
    const char *room;

    sio_buf_add_char(json, '[');
    for (size_t i = 0; (room = sio_room(socket, i)) != NULL; i++) {
        if (i > 0)
            sio_buf_add_char(json, ',');
        sio_buf_add_json_string(json, sio_view_of(room), SIO_JSON_PLAIN);
    }
    sio_buf_add_char(json, ']');
}

void
sio_describe_socket(const sio_socket *socket, sio_buf *json)
{
    sio_buf_add_str(json, "{\"id\":");
    sio_buf_add_json_string(json, sio_socket_id(socket), SIO_JSON_PLAIN);
    sio_buf_add_str(json, ",\"server\":");
    sio_buf_add_json_string(json, sio_view_of(socket->nsp->env->cfg->name), SIO_JSON_PLAIN);
    sio_buf_add_str(json, ",\"connected\":");
    sio_buf_add_u64(json, socket->connected_ms);
    sio_buf_add_str(json, ",\"rooms\":");
    describe_add_rooms(socket, json);
    sio_buf_add_str(json, ",\"handshake\":");
    sio_buf_add_str(json, sio_handshake_json(socket));
    sio_buf_add_str(json, ",\"auth\":");
    sio_buf_add_str(json, sio_auth_json(socket));
    sio_buf_add_str(json, ",\"data\":");
    sio_buf_add_str(json, sio_socket_data(socket));
    sio_buf_add_char(json, '}');
}
