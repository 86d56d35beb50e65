#include "server/socketio/describe.h"

#include "protocol/json_read.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/socketio/io.h"

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

static void
describe_add_client(const sio_socket *socket, sio_buf *json)
{
    enum { CLIENT_ID_LEN = 12 };

    sio_buf_add_str(json, "\"_admin\":{\"clientId\":");
    sio_buf_add_json_string(json, (sio_view){sio_session_id(socket), CLIENT_ID_LEN},
                            SIO_JSON_PLAIN);
    sio_buf_add_str(json, ",\"transport\":");
    sio_buf_add_json_string(json, sio_view_of(sio_transport_name(socket)), SIO_JSON_PLAIN);
    sio_buf_add_char(json, '}');
}

void
sio_describe_data(const sio_socket *socket, sio_buf *json)
{
    const sio_view data = sio_json_read_trim(sio_view_of(sio_socket_data(socket)));

    if (!socket->nsp->env->io->shows_clients || sio_json_read_kind_of(data) != SIO_JSON_OBJECT) {
        sio_buf_add_view(json, data);
        return;
    }
    const sio_view members = sio_json_read_trim((sio_view){data.data + 1, data.len - 2});

    sio_buf_add_char(json, '{');
    describe_add_client(socket, json);
    if (members.len > 0)
        sio_buf_add_char(json, ',');
    sio_buf_add_view(json, members);
    sio_buf_add_char(json, '}');
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
    sio_describe_data(socket, json);
    sio_buf_add_char(json, '}');
}
