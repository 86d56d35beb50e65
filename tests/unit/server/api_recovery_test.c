/*
 * tests/unit/server/api_recovery_test.c - clients that lose their connection and come back, as an
 * application sees it by siobroker.h, and as it stands on the wire.
 */
#include "tests/unit/server/api_fixture.h"

typedef struct {
    client c; /* c.id is that of its socket */
    char   private_id[32];
    char   offset[32]; /* of the last event */
} guest;

static void
note_joined(sio_socket *socket, void *arg)
{
    (void)arg;
    note("%s:%d:%zu", sio_recovered(socket) ? "back" : "new", sio_user_data(socket) != NULL,
         strlen(sio_id(socket)));
    sio_set_user_data(socket, socket);
}

static void
note_left(sio_socket *socket, const char *reason, void *arg)
{
    (void)arg;
    (void)socket;
    note("left:%s", reason);
}

static void
serve(const char *ms)
{
    CHECK_INT(sio_set(io, "maxDisconnectionDuration", ms), 0);
    sio_on_connection(sio_sockets(io), note_joined, NULL);
    sio_on_disconnect(sio_sockets(io), note_left, NULL);
    listen_now(io);
}

static uint64_t
counter(const char *name)
{
    char        key[64];
    char       *all = sio_counters(io);
    const char *at;
    uint64_t    value = UINT64_MAX;

    snprintf(key, sizeof key, "\"%s\":", name);
    if (all != NULL && (at = strstr(all, key)) != NULL)
        value = strtoull(at + strlen(key), NULL, 10);
    free(all);
    return value;
}

/* It has joined, with this in its CONNECT; c.text is the answer. */
static void
join(guest *g, const char *auth)
{
    char packet[200];

    open_engine(&g->c, io, 4);
    snprintf(packet, sizeof packet, "40%s", auth);
    say(&g->c, packet);
}

static void
hear_answer(guest *g)
{
    heard(&g->c);
    take_id(&g->c, "\"pid\":\"");
    memcpy(g->private_id, g->c.id, sizeof g->private_id);
    take_id(&g->c, "40{\"sid\":\"");
}

/* The last argument of the event that was just heard, which it is compared with without that. */
static sio_view
hear_event(guest *g)
{
    char *comma;

    heard(&g->c);
    if ((comma = strrchr(g->c.text, ',')) == NULL || comma[1] != '"')
        return sio_view_of(g->c.text);
    snprintf(g->offset, sizeof g->offset, "%.*s", (int)strcspn(comma + 2, "\""), comma + 2);
    *comma = '\0';
    return sio_view_of(g->c.text);
}

#define CHECK_EVENT(g, want) CHECK_VIEW(hear_event(g), want)

static void
enter_guest(guest *g)
{
    join(g, "");
    hear_answer(g);
    CHECK_NOTED("new:0:20");
}

static void
lose(guest *g)
{
    hang_up(&g->c);
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("left:transport close");
}

/* The answer, or what comes before it, is next to be heard. */
static void
come_back(guest *g)
{
    char auth[160];

    snprintf(auth, sizeof auth, "{\"pid\":\"%s\",\"offset\":\"%s\"}", g->private_id, g->offset);
    join(g, auth);
}

static void
test_events_carry_an_offset(void)
{
    const sio_bytes bytes = {"b", 1};
    guest           g;
    sio_socket     *socket;

    serve("60000");
    enter_guest(&g);
    socket = socket_of(&g.c, "");
    sio_emit(socket, "a", NULL);
    CHECK_EVENT(&g, "42[\"a\"");
    sio_emit(socket, "a", "[1]");
    CHECK_EVENT(&g, "42[\"a\",1");
    sio_broadcast(sio_sockets(io), NULL, "a", "[2]");
    CHECK_EVENT(&g, "42[\"a\",2");
    sio_send(socket, "t", 1);
    CHECK_EVENT(&g, "42[\"message\",\"t\"");
    sio_send_json(socket, "{}");
    CHECK_EVENT(&g, "42[\"message\",{}");
    sio_emit_binary(socket, "a", "[{\"_placeholder\":true,\"num\":0}]", &bytes, 1, NULL, NULL);
    CHECK_EVENT(&g, "451-[\"a\",{\"_placeholder\":true,\"num\":0}");
    CHECK_HEARD(&g.c, "b");
    sio_emit_volatile(socket, "a", "[3]");
    CHECK_HEARD(&g.c, "42[\"a\",3]");
    lose(&g);
}

static void
ignore_ack(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    (void)socket;
    (void)args_json;
    (void)len;
    (void)arg;
}

static void
test_events_with_an_acknowledgement_do_not(void)
{
    guest g;

    serve("60000");
    enter_guest(&g);
    sio_emit_ack(socket_of(&g.c, ""), "a", "[5]", ignore_ack, NULL);
    CHECK_HEARD(&g.c, "421[\"a\",5]");
    lose(&g);
}

static void
test_others_know_nothing_of_it(void)
{
    client four, old;
    guest  g;

    serve("60000");
    enter_guest(&g);
    enter4(&four, io);
    enter(&old, io);
    CHECK_NOTED("new:0:20 new:0:20");
    sio_broadcast(sio_sockets(io), NULL, "a", "[1]");
    CHECK_HEARD(&four, "42[\"a\",1]");
    CHECK_HEARD(&old, "5:::{\"name\":\"a\",\"args\":[1]}");
    CHECK_EVENT(&g, "42[\"a\",1");
    hang_up(&four);
    UNTIL(notes[0] != '\0');
    hang_up(&old);
    UNTIL(strlen(notes) > 25);
    CHECK_NOTED("left:transport close left:socket end");
    CHECK_INT(counter("recoverable"), 0);
    lose(&g);
    CHECK_INT(counter("recoverable"), 1);
}

static void
test_who_comes_back_is_who_it_was(void)
{
    static const char *const rooms[] = {"x", "y", NULL}, *const but_s[] = {"s", NULL};
    sio_namespace *nsp = sio_sockets(io);
    sio_socket    *socket;
    char           id[32], private_id[32];
    guest          g;

    serve("60000");
    enter_guest(&g);
    memcpy(id, g.c.id, sizeof id);
    memcpy(private_id, g.private_id, sizeof private_id);
    sio_join(socket_of(&g.c, ""), "r");
    sio_join(socket_of(&g.c, ""), "s");
    CHECK_INT(sio_set_socket_data(socket_of(&g.c, ""), "{\"name\":\"Ann\"}"), 0);
    sio_emit(socket_of(&g.c, ""), "a", "[0]");
    CHECK_EVENT(&g, "42[\"a\",0");
    lose(&g);
    sio_broadcast(nsp, NULL, "a", "[1]");
    sio_broadcast(nsp, &(sio_to){.room = "r"}, "a", "[2]");
    sio_broadcast(nsp, &(sio_to){.rooms = rooms}, "a", "[3]");
    sio_broadcast(nsp, &(sio_to){.except_rooms = but_s}, "a", "[4]");
    sio_broadcast(nsp, &(sio_to){.room = id}, "a", "[5]");
    sio_broadcast(nsp, &(sio_to){.is_volatile = true}, "a", "[6]");
    sio_broadcast(sio_of(io, "/other"), NULL, "a", "[7]");
    come_back(&g);
    CHECK_EVENT(&g, "42[\"a\",1");
    CHECK_EVENT(&g, "42[\"a\",2");
    CHECK_EVENT(&g, "42[\"a\",5");
    hear_answer(&g);
    CHECK_NOTED("back:0:20");
    CHECK_VIEW(sio_view_of(g.c.id), sio_view_of(id));
    CHECK_VIEW(sio_view_of(g.private_id), sio_view_of(private_id));
    socket = socket_of(&g.c, "");
    CHECK_VIEW(sio_view_of(sio_room(socket, 0)), "r");
    CHECK_VIEW(sio_view_of(sio_room(socket, 1)), "s");
    CHECK(sio_room(socket, 2) == NULL);
    CHECK_VIEW(sio_view_of(sio_socket_data(socket)), "{\"name\":\"Ann\"}");
    CHECK_INT(counter("recovered"), 1);
    CHECK_INT(counter("recoverable"), 0);
    CHECK_QUIET5(&g.c);
    lose(&g);
}

static void
test_its_own_broadcast_is_not_for_it(void)
{
    guest g;

    serve("60000");
    enter_guest(&g);
    sio_emit(socket_of(&g.c, ""), "a", "[0]");
    sio_broadcast(sio_sockets(io), &(sio_to){.except = socket_of(&g.c, "")}, "a", "[1]");
    sio_emit(socket_of(&g.c, ""), "a", "[2]");
    CHECK_EVENT(&g, "42[\"a\",0"); /* and it does not get the rest */
    lose(&g);
    come_back(&g);
    CHECK_EVENT(&g, "42[\"a\",2");
    hear_answer(&g);
    CHECK_NOTED("back:0:20");
    lose(&g);
}

static void
disconnect(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    sio_disconnect(socket, false);
}

static void
test_who_left_on_purpose_is_new(void)
{
    guest g;

    sio_on(sio_sockets(io), "go", disconnect, NULL);
    serve("60000");
    enter_guest(&g);
    sio_emit(socket_of(&g.c, ""), "a", NULL);
    CHECK_EVENT(&g, "42[\"a\"");
    say(&g.c, "42[\"go\"]");
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("left:server namespace disconnect");
    CHECK_INT(counter("recoverable"), 0);
    hang_up(&g.c);
    come_back(&g);
    hear_answer(&g);
    CHECK_NOTED("new:0:20");
    CHECK_INT(counter("not_recovered"), 1);
    lose(&g);
}

/* --- Limits. --- */

static void
test_packets_over_a_limit_go(void)
{
    guest early, late;

    CHECK_INT(sio_set(io, "max recovery packets", "5"), 0);
    serve("60000");
    enter_guest(&early);
    sio_emit(socket_of(&early.c, ""), "a", "[0]");
    CHECK_EVENT(&early, "42[\"a\",0");
    lose(&early);
    enter_guest(&late);
    for (int i = 0; i < 3; i++)
        sio_broadcast(sio_sockets(io), NULL, "a", "[1]");
    for (int i = 0; i < 3; i++)
        CHECK_EVENT(&late, "42[\"a\",1");
    lose(&late);
    for (int i = 0; i < 3; i++)
        sio_broadcast(sio_sockets(io), NULL, "a", "[2]");
    CHECK_INT(counter("recovery_dropped"), 2);
    come_back(&early);
    hear_answer(&early);
    CHECK_NOTED("new:0:20");
    come_back(&late);
    for (int i = 0; i < 3; i++)
        CHECK_EVENT(&late, "42[\"a\",2");
    hear_answer(&late);
    CHECK_NOTED("back:0:20");
    lose(&early);
    lose(&late);
}

static void
test_clients_over_a_limit_go(void)
{
    guest g[3];

    CHECK_INT(sio_set(io, "max recovery clients", "2"), 0);
    serve("60000");
    for (size_t i = 0; i < 3; i++) {
        enter_guest(&g[i]);
        sio_emit(socket_of(&g[i].c, ""), "a", NULL);
        CHECK_EVENT(&g[i], "42[\"a\"");
        lose(&g[i]);
    }
    CHECK_INT(counter("recoverable"), 2);
    CHECK_INT(counter("recovery_dropped"), 1);
    for (size_t i = 0; i < 3; i++) {
        come_back(&g[i]);
        hear_answer(&g[i]);
        CHECK_NOTED(i == 0 ? "new:0:20" : "back:0:20");
    }
    for (size_t i = 0; i < 3; i++)
        lose(&g[i]);
}

static void
test_who_missed_more_than_may_wait_is_new(void)
{
    guest g;

    CHECK_INT(sio_set(io, "max queued packets", "10"), 0);
    serve("60000");
    enter_guest(&g);
    sio_emit(socket_of(&g.c, ""), "a", NULL);
    CHECK_EVENT(&g, "42[\"a\"");
    lose(&g);
    for (int i = 0; i < 11; i++)
        sio_broadcast(sio_sockets(io), NULL, "a", "[1]");
    come_back(&g);
    hear_answer(&g);
    CHECK_NOTED("new:0:20");
    lose(&g);
}

static void
test_after_the_time_there_is_nothing_left(void)
{
    guest g;

    CHECK_INT(sio_set(io, "pingInterval", "20"), 0);
    CHECK_INT(sio_set(io, "pingTimeout", "20"), 0);
    serve("20");
    enter_guest(&g);
    sio_emit(socket_of(&g.c, ""), "a", NULL);
    UNTIL(notes[0] != '\0'); /* it answers no ping */
    CHECK_NOTED("left:ping timeout");
    UNTIL(counter("recoverable") == 0);
    hang_up(&g.c);
}

static void
test_idle_clients_come_back_however_much_others_got(void)
{
    guest g;

    CHECK_INT(sio_set(io, "max recovery packets", "5"), 0);
    serve("60000");
    enter_guest(&g);
    sio_emit(socket_of(&g.c, ""), "a", NULL);
    CHECK_EVENT(&g, "42[\"a\"");
    {
        guest other;

        enter_guest(&other);
        for (int i = 0; i < 20; i++)
            sio_emit(socket_of(&other.c, ""), "b", NULL);
        lose(&other);
    }
    lose(&g);
    sio_broadcast(sio_sockets(io), NULL, "a", "[1]");
    come_back(&g);
    CHECK_EVENT(&g, "42[\"a\",1");
    hear_answer(&g);
    CHECK_NOTED("back:0:20");
    lose(&g);
}

int
main(void)
{
    RUN_WITH_SERVER(test_events_carry_an_offset);
    RUN_WITH_SERVER(test_events_with_an_acknowledgement_do_not);
    RUN_WITH_SERVER(test_others_know_nothing_of_it);
    RUN_WITH_SERVER(test_who_comes_back_is_who_it_was);
    RUN_WITH_SERVER(test_its_own_broadcast_is_not_for_it);
    RUN_WITH_SERVER(test_who_left_on_purpose_is_new);
    RUN_WITH_SERVER(test_packets_over_a_limit_go);
    RUN_WITH_SERVER(test_clients_over_a_limit_go);
    RUN_WITH_SERVER(test_who_missed_more_than_may_wait_is_new);
    RUN_WITH_SERVER(test_after_the_time_there_is_nothing_left);
    RUN_WITH_SERVER(test_idle_clients_come_back_however_much_others_got);
    return check_done();
}
