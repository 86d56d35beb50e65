/*
 * tests/unit/server/api_pause_test.c - clients that the application does not want to hear for a
 * while: sio_pause().
 */
#include "tests/unit/server/api_fixture.h"

/* --- The application. --- */

static bool pauses; /* the next event pauses its socket */

static void
on_event(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t      len;
    const char *args = sio_event_args(event, &len);

    (void)arg;
    note("%.*s", (int)len, args);
    if (pauses)
        CHECK_INT(sio_pause(socket, true), 0);
    pauses = false;
}

static void
on_left(sio_socket *socket, const char *reason, void *arg)
{
    (void)socket;
    (void)arg;
    note("left:%s", reason);
}

static void
serve(void)
{
    sio_namespace *nsps[] = {sio_sockets(io), sio_of(io, "/chat")};

    for (size_t i = 0; i < 2; i++) {
        sio_on(nsps[i], "x", on_event, NULL);
        sio_on_disconnect(nsps[i], on_left, NULL);
    }
    pauses = false;
    listen_now(io);
}

static void
resume(client *c)
{
    CHECK_INT(sio_pause(socket_of(c, ""), false), 0);
}

/* Whatever a client has sent would have been heard by now. */
static void
let_time_pass(void)
{
    const long until_ms = now_ms() + 30;

    while (now_ms() < until_ms)
        turn_loop();
}

static uint64_t
n_paused(void)
{
    return io->env.stats.paused;
}

/* --- Websockets. --- */

static void
check_order(client *c, const char *const packets[3])
{
    pauses = true;
    for (size_t i = 0; i < 3; i++)
        say(c, packets[i]);
    UNTIL(notes[0] != '\0');
    let_time_pass();
    CHECK_NOTED("[1]"); /* what came together with it waits as well */
    CHECK_INT(n_paused(), 1);
    sio_emit(socket_of(c, ""), "y", NULL); /* but it is told what there is to tell */
    heard(c);
    pauses = true;
    resume(c);
    CHECK_NOTED(""); /* not in the call */
    UNTIL(notes[0] != '\0');
    let_time_pass();
    CHECK_NOTED("[2]");
    resume(c);
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("[3]");
    CHECK_INT(n_paused(), 0);
}

static void
test_a_websocket_waits_in_order(void)
{
    static const char *const old[] = {"5:::{\"name\":\"x\",\"args\":[1]}",
                                      "5:::{\"name\":\"x\",\"args\":[2]}",
                                      "5:::{\"name\":\"x\",\"args\":[3]}"};
    static const char *const modern[] = {"42[\"x\",1]", "42[\"x\",2]", "42[\"x\",3]"};
    client                   c;

    serve();
    enter(&c, io);
    check_order(&c, old);
    CHECK_QUIET(&c);
    hang_up(&c);
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("left:socket end");
    enter4(&c, io);
    check_order(&c, modern);
    CHECK_QUIET4(&c);
    hang_up(&c);
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("left:transport close");
    enter5(&c, io);
    check_order(&c, modern);
    CHECK_QUIET5(&c);
    hang_up(&c);
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("left:transport close");
}

/* One that is paused and resumed in the same breath loses nothing. */
static void
test_pausing_for_nothing(void)
{
    client c;

    serve();
    enter5(&c, io);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(sio_pause(socket_of(&c, ""), true), 0);
        CHECK_INT(sio_pause(socket_of(&c, ""), true), 0); /* once more is the same */
        resume(&c);
        resume(&c);
    }
    say(&c, "42[\"x\"]");
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("[]");
    CHECK_INT(n_paused(), 0);
    hang_up(&c);
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("left:transport close");
}

static void
test_all_sockets_of_a_client_wait_for_each(void)
{
    client      c;
    sio_socket *here, *there;

    serve();
    enter5(&c, io);
    here = socket_of(&c, "");
    join5(&c, "/chat");
    there = socket_of(&c, "/chat");
    sio_pause(here, true);
    sio_pause(there, true);
    say(&c, "42[\"x\",1]");
    say(&c, "42/chat,[\"x\",2]");
    let_time_pass();
    sio_pause(here, false);
    let_time_pass();
    CHECK_NOTED("");
    sio_disconnect(there, false); /* its pause ends with it */
    CHECK_NOTED("left:server namespace disconnect");
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("[1]"); /* the other one was under way */
    CHECK_HEARD(&c, "41/chat,");
    CHECK_QUIET5(&c);
    sio_pause(here, true);
    sio_disconnect(here, true);
    CHECK_NOTED("left:server namespace disconnect");
    CHECK_INT(sio_pause(here, false), 0); /* harmless, as everything with a socket that has left */
    CHECK_INT(n_paused(), 0);
    CHECK_HEARD(&c, "41");
    CHECK_CLOSED(&c);
}

enum { FRAME_LEN = 8 + 1000, N_FRAMES = 16 };

/* Frames of a thousand bytes, one behind the other; the mask is 0. */
static void
make_frames(char frames[N_FRAMES * FRAME_LEN])
{
    memset(frames, ' ', N_FRAMES * FRAME_LEN);
    for (size_t i = 0; i < N_FRAMES; i++) {
        char *f = frames + i * FRAME_LEN;

        memcpy(f, "\x81\xfe\x03\xe8\0\0\0\0", 8);
        memcpy(f + 8, "42[\"x\",7]", 9);
    }
}

/* The client finds that its socket takes no more, and the server has kept next to nothing. */
static void
test_tcp_holds_a_websocket_back(void)
{
    static char frames[N_FRAMES * FRAME_LEN];
    size_t      n_sent = 0;
    long        quiet_since;
    client      c;

    make_frames(frames);
    serve();
    enter5(&c, io);
    sio_pause(socket_of(&c, ""), true);
    quiet_since = now_ms();
    while (now_ms() < quiet_since + 100) {
        const size_t  at = n_sent % sizeof frames;
        const ssize_t n = send(c.fd, frames + at, sizeof frames - at, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n > 0) {
            n_sent += (size_t)n;
            quiet_since = now_ms();
        }
        turn_loop();
    }
    CHECK(n_sent < (size_t)16 * 1024 * 1024); /* what two sockets take */
    CHECK_NOTED("");
    CHECK_INT(io->env.stats.packets_in, 1);
    sio_on(sio_sockets(io), "x", NULL, NULL);
    resume(&c);
    UNTIL(io->env.stats.packets_in >= 1 + n_sent / FRAME_LEN);
    hang_up(&c);
    UNTIL(notes[0] != '\0');
    noted();
}

/* --- Polls. --- */

/* A session of Engine.IO 4 that polls; its id goes to c->id. */
static void
open_polling(client *c)
{
    *c = (client){.fd = -1};
    open_connection(c, io);
    write_all(c, "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: test\r\n\r\n",
              strlen("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: test\r\n\r\n"));
    CHECK_INT(answer_of(c), 200);
    take_id(c, "\"sid\":\"");
}

static void
engine_request(client *c, const char *method, const char *id, const char *body)
{
    char text[1500];

    snprintf(text, sizeof text,
             "%s /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: test\r\n"
             "Content-Length: %zu\r\n\r\n%s",
             method, id, strlen(body), body);
    write_all(c, text, strlen(text));
}

static sio_socket *the_socket;

static void
keep_socket(sio_socket *socket, void *arg)
{
    (void)arg;
    the_socket = socket;
}

static void
test_a_post_is_answered_when_its_packets_are_done(void)
{
    client c;
    char   id[32];

    sio_on_connection(sio_sockets(io), keep_socket, NULL);
    serve();
    open_polling(&c);
    memcpy(id, c.id, sizeof id);
    engine_request(&c, "POST", id, "40");
    CHECK_INT(answer_of(&c), 200);
    pauses = true;
    engine_request(&c, "POST", id,
                   "42[\"x\",1]\x1e"
                   "42[\"x\",2]");
    CHECK_INT(answer_of(&c), 200); /* it was heard when this came */
    CHECK_VIEW(sio_view_of(c.text), "ok");
    CHECK_NOTED("[1]");
    engine_request(&c, "POST", id,
                   "42[\"x\",3]\x1e"
                   "bAQI=\x1e"
                   "42[\"x\",4]");
    let_time_pass();
    CHECK_INT(take_answer(&c), 0);
    CHECK_NOTED("");
    pauses = true;
    sio_pause(the_socket, false);
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("[2]");
    let_time_pass();
    CHECK_INT(take_answer(&c), 0);
    sio_pause(the_socket, false);
    CHECK_INT(answer_of(&c), 200);
    CHECK_NOTED("[3] left:forced close"); /* bytes that nothing announced, as ever */
    hang_up(&c);
}

static void
test_a_post_of_a_session_that_ends_is_answered(void)
{
    client c, gone;
    char   id[32];

    sio_on_connection(sio_sockets(io), keep_socket, NULL);
    serve();
    open_polling(&c);
    memcpy(id, c.id, sizeof id);
    engine_request(&c, "POST", id, "40");
    CHECK_INT(answer_of(&c), 200);
    sio_pause(the_socket, true);
    open_connection(&gone, io);
    engine_request(&gone, "POST", id, "42[\"x\",1]");
    let_time_pass();
    hang_up(&gone); /* it does not wait: its packets are here */
    engine_request(&c, "POST", id, "42[\"x\",2]");
    let_time_pass();
    CHECK_INT(take_answer(&c), 0);
    sio_disconnect(the_socket, true);
    CHECK_INT(answer_of(&c), 200);
    CHECK_NOTED("left:server namespace disconnect");
    CHECK_INT(n_paused(), 0);
    hang_up(&c);
}

static void
test_polls_of_09_wait_too(void)
{
    client c, poll;
    char   path[100];

    sio_on_connection(sio_sockets(io), keep_socket, NULL);
    serve();
    handshake(&c, io);
    snprintf(path, sizeof path, "xhr-polling/%s", c.id);
    open_connection(&poll, io);
    ask(&poll, "GET", path, "");
    CHECK_INT(answer_of(&poll), 200);
    open_connection(&c, io);
    sio_pause(the_socket, true);
    ask(&c, "POST", path, "5:::{\"name\":\"x\",\"args\":[1]}");
    ask(&poll, "GET", path, "");
    let_time_pass();
    CHECK_INT(take_answer(&c), 0);
    sio_emit(the_socket, "y", NULL);
    CHECK_INT(answer_of(&poll), 200); /* polls go on */
    CHECK_NOTED("");
    sio_pause(the_socket, false);
    CHECK_INT(answer_of(&c), 200);
    CHECK_NOTED("[1]");
    sio_disconnect(the_socket, true);
    noted();
    hang_up(&c);
    hang_up(&poll);
}

/* More than a client can send that waits for answers: it opens a connection for each POST. */
static void
test_who_sends_too_much_by_polling_is_ended(void)
{
    enum { N_POSTS = 10 };
    client posts[N_POSTS], c;
    char   id[32], body[900];

    CHECK_INT(sio_set(io, "maxPayload", "1000"), 0);
    CHECK_INT(sio_set(io, "max payload packets", "16"), 0);
    sio_on_connection(sio_sockets(io), keep_socket, NULL);
    serve();
    open_polling(&c);
    memcpy(id, c.id, sizeof id);
    engine_request(&c, "POST", id, "40");
    CHECK_INT(answer_of(&c), 200);
    sio_pause(the_socket, true);
    memset(body, ' ', sizeof body);
    memcpy(body, "42[\"x\",1", 8);
    snprintf(body + sizeof body - 2, 2, "]");
    for (size_t i = 0; i < N_POSTS; i++) {
        open_connection(&posts[i], io);
        engine_request(&posts[i], "POST", id, body);
    }
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("left:overloaded");
    CHECK_INT(io->env.stats.overloaded, 1);
    for (size_t i = 0; i < N_POSTS; i++) {
        answer_of(&posts[i]);
        hang_up(&posts[i]);
    }
    hang_up(&c);
}

/* --- Heartbeats. --- */

/* The client is silent for several timeouts, and alive. */
static void
check_alive(client *c, const char *beat)
{
    const long until_ms = now_ms() + 700;
    unsigned   n_beats = 0;

    sio_pause(socket_of(c, ""), true);
    while (now_ms() < until_ms) {
        turn_loop();
        while (next_packet(c)) {
            CHECK_VIEW(sio_view_of(c->text), beat);
            n_beats++;
        }
        CHECK(!c->ended);
        if (c->ended)
            break;
    }
    CHECK(n_beats >= 3);
    CHECK_NOTED("");
    resume(c); /* from here on its time counts again */
    UNTIL(notes[0] != '\0');
}

static void
test_silence_does_not_count_while_nobody_listens(void)
{
    client c;

    CHECK_INT(sio_set(io, "heartbeat interval", "0.1"), 0);
    CHECK_INT(sio_set(io, "heartbeat timeout", "0.15"), 0);
    CHECK_INT(sio_set(io, "pingInterval", "100"), 0);
    CHECK_INT(sio_set(io, "pingTimeout", "100"), 0);
    serve();
    enter(&c, io);
    check_alive(&c, "2::");
    CHECK_NOTED("left:heartbeat timeout");
    hang_up(&c);
    enter5(&c, io);
    check_alive(&c, "2");
    CHECK_NOTED("left:ping timeout");
    hang_up(&c);
    enter4(&c, io);
    check_alive(&c, "3");
    CHECK_NOTED("left:ping timeout");
    hang_up(&c);
}

int
main(void)
{
    RUN_WITH_SERVER(test_a_websocket_waits_in_order);
    RUN_WITH_SERVER(test_pausing_for_nothing);
    RUN_WITH_SERVER(test_all_sockets_of_a_client_wait_for_each);
    RUN_WITH_SERVER(test_tcp_holds_a_websocket_back);
    RUN_WITH_SERVER(test_a_post_is_answered_when_its_packets_are_done);
    RUN_WITH_SERVER(test_a_post_of_a_session_that_ends_is_answered);
    RUN_WITH_SERVER(test_polls_of_09_wait_too);
    RUN_WITH_SERVER(test_who_sends_too_much_by_polling_is_ended);
    RUN_WITH_SERVER(test_silence_does_not_count_while_nobody_listens);
    return check_done();
}
