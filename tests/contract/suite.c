#include <stdlib.h>
#include <string.h>

#include "tests/contract/contract.h"

static void
tell_auth(sio_socket *socket, void *arg)
{
    const char *auth = sio_auth_json(socket);
    char       *args = array_of(auth, strlen(auth));

    (void)arg;
    sio_emit(socket, "auth", args);
    free(args);
}

static void
send_message_back(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t           len, n;
    const char      *args = sio_event_args(event, &len);
    const sio_bytes *attachments = sio_event_attachments(event, &n);
    char            *copy = strndup(args, len);

    (void)arg;
    sio_emit_binary(socket, "message-back", copy, attachments, n, NULL, NULL);
    free(copy);
}

void
install_suite(sio_server *io)
{
    sio_on_connection(sio_sockets(io), tell_auth, NULL);
    sio_on_connection(sio_of(io, "/custom"), tell_auth, NULL);
    sio_on(sio_sockets(io), "message", send_message_back, NULL);
    sio_on(sio_sockets(io), "message-with-ack", on_echo, NULL);
}

int
set_suite(sio_server *io)
{
    static const char *const settings[][2] = {
        {"pingInterval", "300"},        {"pingTimeout", "200"},
        {"maxPayload", "1000000"},      {"connectTimeout", "1000"},
        {"refuse missing EIO", "true"}, {"engine echo", "\"/engine.io\""},
    };
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < sizeof settings / sizeof settings[0]; i++)
        rc = sio_set(io, settings[i][0], settings[i][1]);
    return rc;
}
