/*
 * tests/unit/server/api_ending_test.c - siobroker.h lets any callback end any session: its own,
 * another one, all of them.
 */
#include "tests/unit/server/api_fixture.h"

#include "server/server.h" /* its statistics: each session is counted once */
#include "server/socketio/client.h"

typedef enum { LEAVE, CLOSE, LEAVE_TWICE, END_THE_OTHER, STOP, N_WAYS } way;
typedef enum {
    AT_CONNECTION,
    AT_EVENT,
    AT_MESSAGE,
    AT_JSON,
    AT_ACK,
    AT_DISCONNECT,
    N_PLACES
} place;

static client   one, other; /* `one` is the client whose callbacks end something */
static way      how;
static place    where;
static unsigned n_left_one, n_left_other; /* disconnect callbacks */

static bool
is_one(const sio_socket *socket)
{
    return strcmp(sio_id(socket), one.id) == 0;
}

static void
end(sio_socket *socket)
{
    sio_socket *victim;

    if (how == LEAVE || how == LEAVE_TWICE)
        sio_disconnect(socket, false);
    if (how == CLOSE || how == LEAVE_TWICE)
        sio_disconnect(socket, true);
    if (how == END_THE_OTHER && (victim = sio_find(sio_namespace_of(socket), other.id)) != NULL)
        sio_disconnect(victim, true);
    if (how == STOP)
        sio_stop(io);
    /* The socket can still be looked at, and used in vain. */
    CHECK_INT(strlen(sio_id(socket)), 20);
    CHECK_INT(sio_emit(socket, "after", NULL), 0);
}

static void
on_connection(sio_socket *socket, void *arg)
{
    (void)arg;
    if (where == AT_CONNECTION && is_one(socket))
        end(socket);
}

static void
on_data(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t len;

    (void)arg;
    end(socket);
    CHECK(sio_event_args(event, &len)[0] == '['); /* the event is still there, too */
    CHECK_INT(sio_ack(socket, event, NULL), 0);
}

static void
on_ack(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    (void)arg;
    end(socket);
    CHECK_VIEW(((sio_view){args_json, len}), "[5]");
}

static void
ask_for_ack(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    CHECK_INT(sio_emit_ack(socket, "q", NULL, on_ack, NULL), 0);
}

static void
on_disconnect(sio_socket *socket, const char *reason, void *arg)
{
    (void)reason;
    (void)arg;
    if (is_one(socket))
        n_left_one++;
    else
        n_left_other++;
    if (where == AT_DISCONNECT && is_one(socket))
        end(socket);
}

static void
set_callbacks(sio_namespace *nsp)
{
    sio_on_connection(nsp, on_connection, NULL);
    sio_on(nsp, "x", where == AT_ACK ? ask_for_ack : on_data, NULL);
    sio_on_message(nsp, on_data, NULL);
    sio_on_json(nsp, on_data, NULL);
    sio_on_disconnect(nsp, on_disconnect, NULL);
}

/* Say what makes the server call the callback, and more right behind it. */
static void
provoke(const char *nsp)
{
    static const struct {
        const char *head, *data;
    } packets[N_PLACES] = {
        [AT_CONNECTION] = {"3::", ":hi"},        [AT_EVENT] = {"5:7+:", ":{\"name\":\"x\"}"},
        [AT_MESSAGE] = {"3:7+:", ":hi"},         [AT_JSON] = {"4:7+:", ":[1]"},
        [AT_ACK] = {"5::", ":{\"name\":\"x\"}"}, [AT_DISCONNECT] = {"0::", ""},
    };
    char text[100];

    snprintf(text, sizeof text, "%s%s%s", packets[where].head, nsp, packets[where].data);
    say(&one, text);
    if (where == AT_ACK) {
        snprintf(text, sizeof text, "6::%s:1+[5]", nsp);
        say(&one, text);
    }
    say(&one, "5:::{\"name\":\"y\"}");
    say(&one, "1::/chat");
}

static void
enter_namespace(client *c, const char *nsp)
{
    char text[40];

    snprintf(text, sizeof text, "1::%s", nsp);
    if (nsp[0] != '\0')
        say(c, text);
}

/* Which of them the row ends: sessions, or for one that only leaves, its place in the namespace. */
static void
check_row_of(const char *nsp)
{
    const bool in_default = nsp[0] == '\0';
    const bool one_ends = how == CLOSE || how == LEAVE_TWICE || how == STOP ||
                          (in_default && (how == LEAVE || where == AT_DISCONNECT));
    const bool one_leaves = one_ends || how == LEAVE || where == AT_DISCONNECT;
    const bool other_ends = how == END_THE_OTHER || how == STOP;

    UNTIL(!one_ends || is_ended(&one));
    UNTIL(!other_ends || is_ended(&other));
    UNTIL(n_left_one >= (unsigned)one_leaves);
    for (unsigned i = 0; i < 5; i++)
        turn_loop(); /* what comes behind */
    CHECK_INT(n_left_one, one_leaves);
    CHECK_INT(n_left_other, other_ends);
    CHECK_INT(io->env.stats.sessions, !one_ends + !other_ends);
    CHECK((sio_find(sio_sockets(io), one.id) == NULL) == one_ends);
    CHECK((sio_find(sio_sockets(io), other.id) == NULL) == other_ends);
}

static void
run_row(const char *nsp)
{
    replace_server();
    n_left_one = n_left_other = 0;
    set_callbacks(sio_of(io, nsp));
    enter(&other, io);
    enter_namespace(&other, nsp);
    if (nsp[0] != '\0')
        CHECK_HEARD(&other, "1::/room");
    handshake(&one, io);
    open_websocket(&one, io);
    enter_namespace(&one, nsp);
    provoke(nsp);
    check_row_of(nsp);
    hang_up(&one);
    hang_up(&other);
}

static void
test_callbacks_may_end_any_session(void)
{
    static const char *const namespaces[] = {"", "/room"};
    static char              row[60];

    check_row = row;
    for (how = 0; how < N_WAYS; how++)
        for (where = 0; where < N_PLACES; where++)
            for (unsigned i = 0; i < 2; i++) {
                snprintf(row, sizeof row, "namespace \"%s\", callback %d, way %d", namespaces[i],
                         (int)where, (int)how);
                run_row(namespaces[i]);
            }
}

/* --- The same between two polls. --- */

static void
test_a_goodbye_waits_for_the_next_poll(void)
{
    client c;
    char   path[64];

    where = N_PLACES;
    listen_now(io);
    handshake(&c, io);
    snprintf(path, sizeof path, "xhr-polling/%s", c.id);
    CHECK_INT(request(&c, io, "GET", path, ""), 200);
    sio_emit(socket_of(&c, ""), "last", NULL);
    sio_disconnect(socket_of(&c, ""), true);
    CHECK(sio_find(sio_sockets(io), c.id) == NULL);
    CHECK_INT(request(&c, io, "GET", path, ""), 200);
    CHECK_VIEW(sio_view_of(c.text), "�19�5:::{\"name\":\"last\"}�3�0::");
    CHECK_INT(request(&c, io, "GET", path, ""), 200);
    CHECK_VIEW(sio_view_of(c.text), "7:::1+0");
}

static void
greet_and_end(sio_socket *socket, void *arg)
{
    (void)arg;
    sio_emit(socket, "last", NULL);
    sio_disconnect(socket, true);
}

/*
 * Engine.IO: the first answer is the open packet alone, and no close packet comes in one answer
 * with what was sent before it.
 */
static void
test_a_session_that_ends_at_its_beginning_says_all(void)
{
    client c = {.fd = -1};
    char   path[100];

    sio_on_connection(sio_sockets(io), greet_and_end, NULL);
    listen_now(io);
    CHECK_INT(request(&c, io, "GET", "?EIO=3&transport=polling&b64=1", ""), 200);
    CHECK(strstr(c.text, ":0{\"sid\"") != NULL);
    CHECK(c.text[strlen(c.text) - 1] == '}');
    take_id(&c, "\"sid\":\"");
    snprintf(path, sizeof path, "?EIO=3&transport=polling&b64=1&sid=%s", c.id);
    CHECK_INT(request(&c, io, "GET", path, ""), 200);
    CHECK_VIEW(sio_view_of(c.text), "2:4010:42[\"last\"]2:41");
    CHECK_INT(request(&c, io, "GET", path, ""), 200);
    CHECK_VIEW(sio_view_of(c.text), "1:61:1");
    CHECK_INT(request(&c, io, "GET", path, ""), 400);
}

/* --- Joining and leaving again and again. --- */

static size_t n_connections;

static void
count_connection(sio_socket *socket, void *arg)
{
    (void)arg;
    n_connections++;
    sio_join(socket, "r");
}

/* A client that goes in and out of a namespace must not grow its session. */
static void
test_sockets_that_left_are_freed(void)
{
    enum { N = 300 };
    const sio_link *sockets;
    size_t          n_sockets = 0;
    client          c;

    n_connections = 0;
    sio_on_connection(sio_of(io, "/chat"), count_connection, NULL);
    listen_now(io);
    enter(&c, io);
    for (unsigned i = 0; i < N; i++) {
        say(&c, "1::/chat");
        CHECK_HEARD(&c, "1::/chat");
        say(&c, "0::/chat");
    }
    CHECK_QUIET(&c);
    CHECK_INT(n_connections, N);
    sockets = &sio_client_of(socket_of(&c, "")->session)->sockets;
    for (const sio_link *l = sockets->next; l != sockets; l = l->next)
        n_sockets++;
    CHECK_INT(n_sockets, 1);
    hang_up(&c);
}

int
main(void)
{
    RUN_WITH_SERVER(test_callbacks_may_end_any_session);
    RUN_WITH_SERVER(test_a_goodbye_waits_for_the_next_poll);
    RUN_WITH_SERVER(test_a_session_that_ends_at_its_beginning_says_all);
    RUN_WITH_SERVER(test_sockets_that_left_are_freed);
    return check_done();
}
