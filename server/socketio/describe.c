#include "server/socketio/describe.h"

#include "server/adapter/native.h"
#include "server/adapter/survey.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/socketio/broadcast.h"

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
    sio_buf_add_char(json, '}');
}

static void
add_own(sio_socket *socket, void *arg)
{
    sio_survey *v = arg;
    sio_buf     json;

    sio_survey_note_asked(v, 1);
    sio_buf_init(&json, SIZE_MAX);
    sio_describe_socket(socket, &json);
    if (!json.failed)
        sio_survey_add(v, sio_buf_view(&json));
    sio_buf_fini(&json);
}

int
sio_fetch(sio_namespace *nsp, const sio_to *to, unsigned timeout_ms, sio_answers_fn fn, void *arg)
{
    sio_survey   *v = sio_survey_new(nsp, fn, arg);
    sio_receivers receivers;

    if (v == NULL || sio_receivers_init(&receivers, to) != 0) {
        sio_survey_free(v);
        return -1;
    }
    if (!receivers.is_nobody) {
        sio_rooms_walk(nsp, &receivers.target, add_own, v);
        if (!sio_native_is_alone(nsp, to))
            sio_survey_note_cast(v, sio_native_fetch(nsp, &receivers.target, sio_survey_number(v)));
    }
    sio_receivers_fini(&receivers);
    sio_survey_run(v, timeout_ms);
    return 0;
}
