/*
 * tests/unit/server/api_modern_test.c - joining and leaving namespaces with socket.io 3.x and 4.x,
 * as an application sees it by siobroker.h.
 */
#include "tests/unit/server/modern_fixture.h"

static void
test_clients_join_with_an_auth_object(void)
{
    client c;
    char  *color;

    noted_namespace("");
    noted_namespace("/chat");
    listen_now(io);
    open_engine(&c, io, 4);
    say(&c, "40{\"token\":\"é\"}");
    heard(&c);
    CHECK_NOTED("joined:{\"token\":\"é\"}");
    take_id(&c, "40{\"sid\":\"");
    CHECK_INT(strlen(c.id), 20);
    CHECK_VIEW(sio_view_of(sio_auth_json(socket_of(&c, ""))), "{\"token\":\"é\"}");
    color = sio_handshake_query(sio_handshake_json(socket_of(&c, "")), "color");
    CHECK_VIEW(sio_view_of(color), "red");
    free(color);
    join5(&c, "/chat");
    CHECK_NOTED("joined:{}");
    CHECK_VIEW(sio_view_of(sio_id(socket_of(&c, "/chat"))), sio_view_of(c.id));
    CHECK(sio_find(sio_sockets(io), c.id) == NULL); /* another one than there */
    hang_up(&c);
    UNTIL(strlen(notes) > 40);
    CHECK_NOTED("left:transport close left:transport close");
}

static void
test_namespaces_nobody_made_are_refused(void)
{
    client c;

    listen_now(io);
    open_engine(&c, io, 4);
    CHECK_QUIET5(&c);
    say(&c, "42/nowhere,[\"under way\"]");
    CHECK_QUIET5(&c);
    hang_up(&c);
    enter4(&c, io);
    CHECK_QUIET4(&c);
    hang_up(&c);
}

static void
refuse_with_data(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)handshake_json;
    CHECK_INT(sio_decide_error(decision, "no \"way\"", arg), 0);
}

static void
refuse_with_rubbish(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)handshake_json;
    (void)arg;
    CHECK_INT(sio_decide_error(decision, "no", "rubbish"), -1);
}

static void
decide_at_once(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)handshake_json;
    sio_decide(decision, *(sio_verdict *)arg);
}

static void
test_refusals_say_why(void)
{
    static char        data[] = " {\"code\":7} ";
    static sio_verdict refuse = SIO_REFUSE, fail = SIO_FAIL;
    client             four, five;

    sio_namespace_authorization(sio_of(io, "/data"), refuse_with_data, data);
    sio_namespace_authorization(sio_of(io, "/text"), refuse_with_data, NULL);
    sio_namespace_authorization(sio_of(io, "/rubbish"), refuse_with_rubbish, NULL);
    sio_namespace_authorization(sio_of(io, "/refuse"), decide_at_once, &refuse);
    sio_namespace_authorization(sio_of(io, "/fail"), decide_at_once, &fail);
    listen_now(io);
    open_engine(&five, io, 4);
    enter4(&four, io);
    say(&five, "40/data,");
    CHECK_HEARD(&five, "44/data,{\"message\":\"no \\\"way\\\"\",\"data\":{\"code\":7}}");
    say(&four, "40/data,");
    CHECK_HEARD(&four, "44/data,{\"code\":7}");
    say(&five, "40/text");
    CHECK_HEARD(&five, "44/text,{\"message\":\"no \\\"way\\\"\"}");
    say(&four, "40/text");
    CHECK_HEARD(&four, "44/text,\"no \\\"way\\\"\"");
    say(&five, "40/rubbish,");
    CHECK_HEARD(&five, "44/rubbish,{\"message\":\"no\"}");
    say(&five, "40/refuse,");
    CHECK_HEARD(&five, "44/refuse,{\"message\":\"unauthorized\"}");
    say(&four, "40/fail,");
    CHECK_HEARD(&four, "44/fail,\"internal error\"");
    say(&five, "42/refuse,[\"under way\"]");
    join5(&five, "");
    hang_up(&five);
    hang_up(&four);
}

/* Whoever is in no namespace loses the connection, and comes back; others stay where they are. */
static void
test_clients_are_turned_away_when_nobody_can_decide(void)
{
    static sio_verdict away = SIO_AWAY;
    client             four, five;

    sio_namespace_authorization(noted_namespace("/chat"), decide_at_once, &away);
    sio_namespace_authorization(noted_namespace("/later"), decide_later, NULL);
    listen_now(io);
    open_engine(&five, io, 4);
    say(&five, "40/later,");
    say(&five, "42/later,[\"x\"]");
    say(&five, "40/chat,");
    CHECK_CLOSED(&five);
    decide(SIO_ACCEPT); /* nobody is there any more */
    enter5(&five, io);
    say(&five, "40/chat,");
    CHECK_HEARD(&five, "44/chat,{\"message\":\"backend unavailable\",\"data\":{\"retry\":true}}");
    CHECK_QUIET5(&five);
    hang_up(&five);
    enter4(&four, io);
    say(&four, "40/chat");
    CHECK_HEARD(&four, "44/chat,{\"retry\":true}");
    CHECK_QUIET4(&four);
    hang_up(&four);
    sio_namespace_authorization(sio_sockets(io), decide_at_once, &away);
    open_engine(&four, io, 3);
    CHECK_CLOSED(&four);
}

static void
test_packets_wait_for_the_decision(void)
{
    client c;

    sio_namespace_authorization(noted_namespace(""), decide_later, NULL);
    listen_now(io);
    open_engine(&c, io, 4);
    say(&c, "40{\"a\":1}");
    say(&c, "40{\"a\":2}"); /* the same again: there is one socket */
    say(&c, "42[\"x\",1]");
    say(&c, "452-[\"x\",{\"_placeholder\":true,\"num\":1}]");
    say_bytes(&c, "one");
    say_bytes(&c, "two");
    say(&c, "40/chat,"); /* not made */
    CHECK_HEARD(&c, "44/chat,{\"message\":\"Invalid namespace\"}");
    CHECK_VIEW(sio_view_of(asked_auth), "{\"a\":1}");
    CHECK_NOTED("");
    decide(SIO_ACCEPT);
    heard(&c);
    CHECK_NOTED("joined:{\"a\":1} x:[1] x:[{\"_placeholder\":true,\"num\":1}]");
    CHECK_QUIET5(&c);
    hang_up(&c);
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("left:transport close");
}

/* The one that is there after the verdict has the id that was told before it. */
static void
check_decided_id(const char *nsp_name)
{
    sio_socket *socket;

    decide(SIO_ACCEPT);
    socket = sio_find(sio_of(io, nsp_name), asked_id);
    if (CHECK(socket != NULL))
        CHECK_VIEW(sio_view_of(asked_transport), sio_view_of(sio_transport_name(socket)));
}

static void
test_a_decision_knows_the_id(void)
{
    client five, four;

    sio_namespace_authorization(sio_of(io, ""), decide_later, NULL);
    sio_namespace_authorization(sio_of(io, "/chat"), decide_later, NULL);
    listen_now(io);
    open_engine(&five, io, 4);
    say(&five, "40");
    check_decided_id("");
    say(&five, "40/chat,");
    check_decided_id("/chat");
    open_engine(&four, io, 3); /* the id of its session; elsewhere with the namespace before it */
    check_decided_id("");
    say(&four, "40/chat");
    check_decided_id("/chat");
    CHECK(strncmp(asked_id, "/chat#", 6) == 0);
    hang_up(&five);
    hang_up(&four);
}

static void
test_nobody_knows_the_id_of_one_who_has_left(void)
{
    client c;

    sio_namespace_authorization(noted_namespace("/chat"), decide_later, NULL);
    noted_namespace("");
    listen_now(io);
    enter5(&c, io);
    say(&c, "40/chat,");
    UNTIL(pending != NULL);
    hang_up(&c);
    UNTIL(strstr(notes, "left:") != NULL);
    CHECK_NOTED("joined:{} left:transport close");
    CHECK_VIEW(sio_view_of(sio_decision_id(pending)), "");
    CHECK_VIEW(sio_view_of(sio_decision_transport(pending)), "");
    decide(SIO_ACCEPT);
}

static void
test_a_client_that_is_hung_up_on_hears_nothing(void)
{
    client c;

    noted_namespace("");
    listen_now(io);
    enter5(&c, io);
    CHECK_NOTED("joined:{}");
    sio_hang_up(socket_of(&c, ""), "backend unavailable");
    CHECK_NOTED("left:backend unavailable");
    CHECK_CLOSED(&c);
}

static void
test_leaving_waits_in_its_turn(void)
{
    client c;

    sio_namespace_authorization(noted_namespace("/chat"), decide_later, NULL);
    listen_now(io);
    enter5(&c, io);
    say(&c, "40/chat,");
    say(&c, "41/chat,");
    say(&c, "40/chat,{\"again\":1}");
    say(&c, "42/chat,[\"x\"]");
    CHECK_QUIET5(&c);
    decide(SIO_ACCEPT);
    CHECK(strncmp(heard(&c).data, "40/chat,{", 9) == 0);
    CHECK_NOTED("joined:{} left:client namespace disconnect");
    CHECK_VIEW(sio_view_of(asked_auth), "{\"again\":1}");
    decide(SIO_REFUSE);
    CHECK_HEARD(&c, "44/chat,{\"message\":\"unauthorized\"}");
    CHECK_QUIET5(&c);
    hang_up(&c);
}

static void
test_what_waits_is_bounded(void)
{
    char   packet[900];
    client c;

    CHECK_INT(sio_set(io, "maxPayload", "1000"), 0);
    CHECK_INT(sio_set(io, "maxAttachments", "1"), 0);
    sio_namespace_authorization(sio_of(io, ""), decide_later, NULL);
    listen_now(io);
    open_engine(&c, io, 4);
    say(&c, "40");
    memset(packet, ' ', sizeof packet);
    memcpy(packet, "42[\"x\",\"", 8);
    snprintf(packet + sizeof packet - 3, 3, "\"]");
    for (size_t i = 0; i < 3; i++)
        say(&c, packet);
    CHECK_CLOSED(&c);
    sio_decide(pending, SIO_ACCEPT); /* nobody is there any more */
    pending = NULL;
}

/* Does the packet end the connection of a client that speaks this revision of the engine? */
static bool
cuts_off(int revision, const char *packet)
{
    client c;
    bool   is_cut;

    if (revision == 4)
        enter5(&c, io);
    else
        enter4(&c, io);
    say(&c, packet);
    say(&c, "40/nowhere,"); /* which is answered if there is still somebody */
    is_cut = sio_view_eq(heard(&c), SIO_VIEW("closed"));
    hang_up(&c);
    return is_cut;
}

static void
test_packets_out_of_place(void)
{
    static const struct {
        const char *packet;
        bool        five, four; /* is a client of that protocol cut off? */
    } rows[] = {
        {"42/chat,[\"x\"]", true, false}, /* it never asked for that namespace */
        {"42/nope,[\"x\"]", true, false},
        {"41/chat,", true, false},
        {"43/chat,1[]", true, false},
        {"44{\"message\":\"m\"}", true, false},
        {"49", true, false},
        {"4abc", true, false},
        {"42{}", true, true},
        {"42[\"x\"", true, true},
        {"42", false, false},
        {"40", false, false},
        {"4", true, true},
        {"42[\"nobody listens\"]", false, false},
        {"4399[]", false, false},
        {"43[]", false, false},
        {"42[\"connect\"]", true, false},
    };

    noted_namespace("/chat");
    listen_now(io);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row = rows[i].packet;
        CHECK_INT(cuts_off(4, rows[i].packet), rows[i].five);
        CHECK_INT(cuts_off(3, rows[i].packet), rows[i].four);
    }
}

static void
test_leaving_a_namespace_is_not_the_end(void)
{
    client c;

    noted_namespace("");
    noted_namespace("/chat");
    listen_now(io);
    enter5(&c, io);
    join5(&c, "/chat");
    CHECK_NOTED("joined:{} joined:{}");
    say(&c, "41");
    say(&c, "42[\"x\"]"); /* it was there */
    say(&c, "42/chat,[\"x\"]");
    say(&c, "41/chat,");
    CHECK_QUIET5(&c);
    CHECK_NOTED("left:client namespace disconnect x:[] left:client namespace disconnect");
    join5(&c, "");
    CHECK_NOTED("joined:{}");
    hang_up(&c);
    UNTIL(notes[0] != '\0');
    CHECK_NOTED("left:transport close");
}

static void
test_disconnected_clients_are_told_in_each_namespace(void)
{
    client four, five;

    noted_namespace("");
    noted_namespace("/chat");
    listen_now(io);
    enter5(&five, io);
    join5(&five, "/chat");
    enter4(&four, io);
    say(&four, "40/chat");
    CHECK_HEARD(&four, "40/chat,");
    CHECK_NOTED("joined:{} joined:{} joined:{} joined:{}");
    sio_disconnect(socket_of(&five, "/chat"), false);
    CHECK_NOTED("left:server namespace disconnect");
    CHECK_HEARD(&five, "41/chat,");
    CHECK_QUIET5(&five);
    join5(&five, "/chat");
    CHECK_NOTED("joined:{}");
    sio_disconnect(socket_of(&five, "/chat"), true);
    CHECK_NOTED("left:server namespace disconnect left:server namespace disconnect");
    CHECK_HEARD(&five, "41");
    CHECK_HEARD(&five, "41/chat,");
    CHECK_CLOSED(&five);
    sio_disconnect(socket_of(&four, ""), false);
    CHECK_NOTED("left:server namespace disconnect left:server namespace disconnect");
    CHECK_HEARD(&four, "41");
    CHECK_HEARD(&four, "41/chat,");
    CHECK_CLOSED(&four);
}

static void
test_clients_must_join_something_in_time(void)
{
    client idle, late, four;

    CHECK_INT(sio_set(io, "connectTimeout", "1000"), 0); /* time for all that is said first */
    noted_namespace("");
    sio_namespace_authorization(sio_of(io, "/chat"), decide_later, NULL);
    listen_now(io);
    open_engine(&idle, io, 4);
    open_engine(&late, io, 4);
    enter4(&four, io);
    CHECK_NOTED("joined:{}");
    say(&late, "40/chat,");
    CHECK_CLOSED(&idle);
    CHECK_CLOSED(&late);
    sio_decide(pending, SIO_ACCEPT);
    pending = NULL;
    CHECK_QUIET4(&four);
    say(&four, "451-[\"x\",{\"_placeholder\":true,\"num\":0}]"); /* and nothing more */
    CHECK_CLOSED(&four);
    CHECK_NOTED("left:forced close");
}

static void
note_data(sio_socket *socket, sio_data_result result, const char *value, void *arg)
{
    (void)socket;
    note("%s:%d:%s", (const char *)arg, result, value != NULL ? value : "-");
}

static void
test_data_belong_to_the_session(void)
{
    static char set[] = "set", get[] = "get", has[] = "has", del[] = "del";
    char       *counters;
    client      c;

    CHECK_INT(sio_set(io, "client store expiration", "0"), 0);
    sio_of(io, "/chat");
    listen_now(io);
    enter5(&c, io);
    sio_data_set(socket_of(&c, ""), "k", "v", note_data, set);
    join5(&c, "/chat");
    sio_data_get(socket_of(&c, "/chat"), "k", note_data, get);
    CHECK_NOTED("set:0:- get:0:v");
    sio_data_has(socket_of(&c, "/chat"), "k", note_data, has);
    sio_data_del(socket_of(&c, "/chat"), "k", note_data, del);
    sio_data_has(socket_of(&c, "/chat"), "k", note_data, has);
    CHECK_NOTED("has:0:- del:0:- has:1:-");
    hang_up(&c);
    UNTIL(sio_find(sio_of(io, "/chat"), c.id) == NULL);
    counters = sio_counters(io);
    CHECK(counters != NULL && strstr(counters, "\"data_clients\":0") != NULL);
    free(counters);
}

int
main(void)
{
    RUN_WITH_SERVER(test_clients_join_with_an_auth_object);
    RUN_WITH_SERVER(test_namespaces_nobody_made_are_refused);
    RUN_WITH_SERVER(test_refusals_say_why);
    RUN_WITH_SERVER(test_clients_are_turned_away_when_nobody_can_decide);
    RUN_WITH_SERVER(test_packets_wait_for_the_decision);
    RUN_WITH_SERVER(test_a_decision_knows_the_id);
    RUN_WITH_SERVER(test_nobody_knows_the_id_of_one_who_has_left);
    RUN_WITH_SERVER(test_a_client_that_is_hung_up_on_hears_nothing);
    RUN_WITH_SERVER(test_leaving_waits_in_its_turn);
    RUN_WITH_SERVER(test_what_waits_is_bounded);
    RUN_WITH_SERVER(test_packets_out_of_place);
    RUN_WITH_SERVER(test_leaving_a_namespace_is_not_the_end);
    RUN_WITH_SERVER(test_disconnected_clients_are_told_in_each_namespace);
    RUN_WITH_SERVER(test_clients_must_join_something_in_time);
    RUN_WITH_SERVER(test_data_belong_to_the_session);
    return check_done();
}
