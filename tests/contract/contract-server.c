/*
 * tests/contract/contract-server.c - the contract as a program.
 *
 * Same command line and configuration as siobroker, and "--suite" or "--reach". Not installed.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/contract/contract.h"

/* --- Connections. --- */

static void
greet(sio_socket *socket, void *arg)
{
    const app *a = arg;

    sio_emit(socket, "server", a->greeting);
}

static void
welcome_chat(sio_socket *socket, void *arg)
{
    (void)arg;
    sio_emit(socket, "welcome", "[{\"namespace\":\"/chat\"}]");
}

static void
welcome_auth(sio_socket *socket, void *arg)
{
    (void)arg;
    sio_emit(socket, "welcome", "[{\"namespace\":\"/auth\"}]");
}

static void
tell_left(sio_namespace *nsp, const char *id, const char *reason)
{
    char *args = NULL;

    if (asprintf(&args, "[\"%s\",\"%s\"]", id, reason) < 0)
        return;
    sio_broadcast(nsp, NULL, "left", args);
    free(args);
}

/* When this instance was declared lost, another has told everyone. */
static void
on_left(sio_socket *socket, const char *reason, void *arg)
{
    (void)arg;
    stop_all_waiting(socket);
    if (strcmp(reason, "instance lost") == 0)
        return;
    tell_left(sio_namespace_of(socket), sio_id(socket), reason);
    revoke_mourning(socket);
}

static void
on_lost(const char *id, const char *reason, void *io)
{
    tell_left(sio_sockets(io), id, reason);
}

static void
leave_chat(sio_socket *socket, const char *reason, void *arg)
{
    (void)reason;
    (void)arg;
    stop_all_waiting(socket);
}

/* --- Authorization. --- */

static bool
has_text(const cJSON *object, const char *key, const char *text)
{
    const char *found = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

    return found != NULL && strcmp(found, text) == 0;
}

static bool
query_has(const char *handshake_json, const char *key, const char *value)
{
    char      *found = sio_handshake_query(handshake_json, key);
    const bool has = found != NULL && strcmp(found, value) == 0;

    free(found);
    return has;
}

static void
authorize_handshake(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)arg;
    if (query_has(handshake_json, "fail", "1"))
        sio_decide(decision, SIO_FAIL);
    else
        sio_decide(decision, query_has(handshake_json, "deny", "1") ? SIO_REFUSE : SIO_ACCEPT);
}

static void
authorize_auth(sio_decision *decision, const char *handshake_json, void *arg)
{
    cJSON     *auth = cJSON_Parse(sio_decision_auth(decision));
    const bool knows =
        query_has(handshake_json, "token", "secret") || has_text(auth, "token", "secret");

    (void)arg;
    cJSON_Delete(auth);
    sio_decide(decision, knows ? SIO_ACCEPT : SIO_REFUSE);
}

static void
authorize_err(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)handshake_json;
    (void)arg;
    sio_decide(decision, SIO_FAIL);
}

/* --- Putting it together. --- */

static void
serve_namespace(sio_namespace *nsp, app *a)
{
    serve_events(nsp, a);
    serve_data(nsp, a);
}

static void
install(sio_server *io, app *a)
{
    serve_namespace(sio_sockets(io), a);
    serve_namespace(sio_of(io, "/chat"), a);
    sio_on_connection(sio_sockets(io), greet, a);
    sio_on_disconnect(sio_sockets(io), on_left, a);
    sio_on_lost(io, on_lost, io);
    sio_on_connection(sio_of(io, "/chat"), welcome_chat, a);
    sio_on_disconnect(sio_of(io, "/chat"), leave_chat, a);
    sio_authorization(io, authorize_handshake, NULL);
    sio_namespace_authorization(sio_of(io, "/auth"), authorize_auth, NULL);
    sio_on_connection(sio_of(io, "/auth"), welcome_auth, a);
    sio_namespace_authorization(sio_of(io, "/err"), authorize_err, NULL);
}

static int
fail(const sio_server *io)
{
    fprintf(stderr, "contract-server: %s\n", sio_error(io));
    return 1;
}

static int
run(sio_server *io, app *a)
{
    if ((a->is_suite && set_suite(io) != 0) || sio_listen(io) != 0)
        return fail(io);
    a->name = sio_get(io, "name");
    if (a->name == NULL ||
        asprintf(&a->greeting, "[{\"server\":%s,\"port\":%u}]", a->name, sio_port(io)) < 0)
        return 1;
    if (a->is_suite)
        install_suite(io);
    else
        install(io, a);
    if (a->is_reaching) {
        serve_reach(sio_sockets(io));
        serve_pages(io);
    }
    return sio_run(io) == 0 ? 0 : 1;
}

/* Take the option out of the arguments, as it is ours alone. */
static bool
take_option(int *argc, char *argv[], const char *option)
{
    for (int i = 1; i < *argc; i++)
        if (strcmp(argv[i], option) == 0) {
            for (; i < *argc; i++)
                argv[i] = argv[i + 1]; /* the last one is NULL */
            --*argc;
            return true;
        }
    return false;
}

int
main(int argc, char *argv[])
{
    app         a = {0};
    sio_server *io = sio_server_new(NULL);
    int         status;

    if (io == NULL)
        return 1;
    a.is_suite = take_option(&argc, argv, "--suite");
    a.is_reaching = take_option(&argc, argv, "--reach");
    if ((status = sio_options(io, argc, argv, "test")) < 0 && (status = sio_fork_workers(&io)) != 0)
        status = status > 0 ? run(io, &a) : fail(io);
    sio_server_free(io);
    free(a.name);
    free(a.greeting);
    return status;
}
