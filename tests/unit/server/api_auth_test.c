/*
 * tests/unit/server/api_auth_test.c - who may connect, by siobroker.h: verdicts at once, later, too
 * late.
 */
#include "tests/unit/server/api_fixture.h"

#include <sys/socket.h>

static sio_decision *waiting; /* one that was not decided at once */
static unsigned      n_asked;
static int           verdict; /* what the next one gets; LATER: is kept */

enum { LATER = -1 };

static void
authorize(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)arg;
    n_asked++;
    CHECK(strstr(handshake_json, "\"host\":\"test\"") != NULL);
    if (verdict == LATER)
        waiting = decision;
    else
        sio_decide(decision, (sio_verdict)verdict);
}

static void
decide(sio_verdict v)
{
    sio_decide(waiting, v);
    waiting = NULL;
}

static const struct {
    const char *row;
    sio_verdict verdict;
    int         status;
    const char *body;   /* of a handshake; NULL: the id */
    const char *packet; /* of a namespace */
} verdicts[] = {
    {"accept", SIO_ACCEPT, 200, NULL, "1::/chat"},
    {"refuse", SIO_REFUSE, 403, "handshake unauthorized", "7::/chat:2"},
    {"fail", SIO_FAIL, 500, "handshake error", "7::/chat"},
    {"away", SIO_AWAY, 503, "handshake error", "7::/chat"}, /* it is in another one already */
};

enum { N_VERDICTS = sizeof verdicts / sizeof *verdicts };

static void
check_handshake_answer(client *c, size_t i)
{
    CHECK_INT(answer_of(c), verdicts[i].status);
    if (verdicts[i].body != NULL)
        CHECK_VIEW(sio_view_of(c->text), verdicts[i].body);
    else
        CHECK_INT(strcspn(c->text, ":"), 20);
}

/* --- Handshakes. --- */

static const char *another; /* handshake, that the next client gets */
static char        seen[256];
static size_t      seen_id_len;

static void
give_handshake(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)arg;
    CHECK(strstr(handshake_json, "\"headers\"") != NULL);
    verdict = sio_decide_handshake(decision, another);
}

static void
see_handshake(sio_socket *socket, void *arg)
{
    (void)arg;
    snprintf(seen, sizeof seen, "%s", sio_handshake_json(socket));
    seen_id_len = strlen(sio_session_id(socket));
    CHECK_INT(strcmp(sio_session_id(socket), sio_id(socket)), 0); /* of 0.9 they are the same */
}

static void
let_in_with(const char *handshake_json, int rc)
{
    client c;

    another = handshake_json;
    check_row = handshake_json;
    enter(&c, io);
    CHECK_INT(verdict, rc);
    CHECK_INT(seen_id_len, 20);
    hang_up(&c);
    UNTIL(sio_find(sio_sockets(io), c.id) == NULL);
}

static void
test_the_application_may_change_a_handshake(void)
{
    static const struct {
        const char *json;
        int         rc;
    } rows[] = {
        {"{\"user\":\"Ann\",\"query\":{}}", 0},
        {" {} ", 0},
        {"[]", -1},
        {"{", -1},
        {"", -1},
        {"{\"a\":\"\\u0000\"}", -1},
    };

    sio_authorization(io, give_handshake, NULL);
    sio_on_connection(sio_sockets(io), see_handshake, NULL);
    listen_now(io);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        let_in_with(rows[i].json, rows[i].rc);
        if (rows[i].rc == 0)
            CHECK_VIEW(sio_json_read_trim(sio_view_of(another)), seen);
        else
            CHECK(strstr(seen, "\"headers\"") != NULL);
    }
}

static void
test_a_long_handshake_is_left_out(void)
{
    char text[100];

    sio_authorization(io, give_handshake, NULL);
    sio_on_connection(sio_sockets(io), see_handshake, NULL);
    CHECK_INT(sio_set(io, "max stored bytes", "50"), 0);
    listen_now(io);
    snprintf(text, sizeof text, "{\"a\":\"%060d\"}", 1);
    let_in_with(text, 0);
    CHECK(strstr(seen, "\"headers\"") != NULL);
}

static void
test_handshakes_are_decided_at_once_or_later(void)
{
    client c;

    sio_authorization(io, authorize, NULL);
    listen_now(io);
    open_connection(&c, io); /* the same for all: each answer leaves it usable */
    for (size_t i = 0; i < N_VERDICTS; i++) {
        check_row = verdicts[i].row;
        verdict = (int)verdicts[i].verdict;
        ask(&c, "GET", "", "");
        check_handshake_answer(&c, i);
        verdict = LATER;
        ask(&c, "GET", "", "");
        UNTIL(waiting != NULL);
        CHECK_INT(take_answer(&c), 0);
        decide(verdicts[i].verdict);
        check_handshake_answer(&c, i);
    }
    hang_up(&c);
}

static void
test_a_verdict_about_one_who_hung_up_is_harmless(void)
{
    client c, next;

    sio_authorization(io, authorize, NULL);
    listen_now(io);
    for (size_t i = 0; i < N_VERDICTS; i++) {
        verdict = LATER;
        open_connection(&c, io);
        ask(&c, "GET", "", "");
        UNTIL(waiting != NULL);
        hang_up(&c);
        verdict = SIO_ACCEPT; /* once another one was served, the end was seen */
        CHECK(handshake(&next, io));
        decide(verdicts[i].verdict);
    }
}

/*
 * Behind a handshake that waits come more bytes than are taken, so nobody reads when the client
 * resets the connection: only writing the answer shows that it has gone.
 */
static void
test_a_verdict_about_one_who_reset_the_connection_is_harmless(void)
{
    static char         spaces[64 * 1024];
    const struct linger reset = {.l_onoff = 1};
    client              c;

    sio_authorization(io, authorize, NULL);
    listen_now(io);
    verdict = LATER;
    open_connection(&c, io);
    ask(&c, "GET", "", "");
    memset(spaces, ' ', sizeof spaces);
    write_all(&c, spaces, sizeof spaces);
    UNTIL(waiting != NULL);
    for (unsigned i = 0; i < 10; i++)
        turn_loop();
    CHECK_INT(setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
    hang_up(&c);
    decide(SIO_ACCEPT);
    verdict = SIO_ACCEPT;
    CHECK(handshake(&c, io));
}

/* --- Namespaces. --- */

static void
test_joining_is_decided_at_once_or_later(void)
{
    client c;

    sio_namespace_authorization(sio_of(io, "/chat"), authorize, NULL);
    listen_now(io);
    for (size_t i = 0; i < N_VERDICTS * (size_t)2; i++) {
        const size_t row = i / 2;

        check_row = verdicts[row].row;
        verdict = i % 2 == 0 ? (int)verdicts[row].verdict : LATER;
        n_asked = 0;
        enter(&c, io);
        say(&c, "1::/chat");
        if (verdict == LATER) {
            say(&c, "1::/chat"); /* asked already */
            CHECK_QUIET(&c);
            CHECK(sio_find(sio_of(io, "/chat"), c.id) == NULL);
            decide(verdicts[row].verdict);
        }
        CHECK_HEARD(&c, verdicts[row].packet);
        CHECK_INT(n_asked, 1);
        CHECK_QUIET(&c);
        CHECK((sio_find(sio_of(io, "/chat"), c.id) != NULL) == (row == 0));
        hang_up(&c);
    }
}

/* The default namespace can be closed as any other; what comes before the verdict is lost. */
static void
test_the_default_namespace_is_decided_too(void)
{
    client c;

    sio_namespace_authorization(sio_sockets(io), authorize, NULL);
    listen_now(io);
    verdict = LATER;
    handshake(&c, io);
    open_websocket(&c, io);
    CHECK_QUIET(&c);
    decide(SIO_ACCEPT);
    CHECK_HEARD(&c, "1::");
    CHECK_QUIET(&c);
    hang_up(&c);
}

/* Without a goodbye, so that the client connects anew. */
static void
test_who_is_nowhere_yet_is_turned_away(void)
{
    client c;

    sio_namespace_authorization(sio_sockets(io), authorize, NULL);
    listen_now(io);
    for (int later = 0; later < 2; later++) {
        verdict = later ? LATER : SIO_AWAY;
        handshake(&c, io);
        open_websocket(&c, io);
        if (later) {
            CHECK_QUIET(&c);
            decide(SIO_AWAY);
        }
        CHECK_HEARD(&c, "1::"); /* or it would not come back */
        CHECK_CLOSED(&c);
    }
}

static void
test_a_verdict_about_one_who_left_before_joining_is_harmless(void)
{
    client c;

    sio_namespace_authorization(sio_of(io, "/chat"), authorize, NULL);
    listen_now(io);
    for (size_t i = 0; i < N_VERDICTS; i++) {
        verdict = LATER;
        enter(&c, io);
        say(&c, "1::/chat");
        UNTIL(waiting != NULL);
        hang_up(&c);
        UNTIL(sio_find(sio_sockets(io), c.id) == NULL);
        decide(verdicts[i].verdict);
    }
}

/* --- What it may want to know. --- */

static void
test_a_parameter_of_the_query_is_found(void)
{
    static const char handshake_json[] =
        "{\"headers\":{\"query\":\"{}\",\"a\":\"x\"},\"query\":{\"a\":\"1 \\\"\\u00e9\","
        "\"b\":[\"x\",\"y\"],\"none\":\"\",\"zero\":\"1\\u0000\",\"\\\"\":\"quote\"},\"c\":\"1\"}";
    static const struct {
        const char *name, *want;
    } rows[] = {
        {"a", "1 \"é"}, {"b", "[\"x\",\"y\"]"}, {"none", ""}, {"\"", "quote"}, {"zero", NULL},
        {"c", NULL},    {"host", NULL},         {"", NULL},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *found = sio_handshake_query(handshake_json, rows[i].name);

        check_row = rows[i].name;
        CHECK_VIEW(sio_view_of(found), sio_view_of(rows[i].want));
        CHECK((found == NULL) == (rows[i].want == NULL));
        free(found);
    }
    CHECK(sio_handshake_query("not JSON", "a") == NULL);
    CHECK(sio_handshake_query("", "a") == NULL);
}

static void
check_text(char *found, const char *want)
{
    CHECK_VIEW(sio_view_of(found), sio_view_of(want));
    CHECK((found == NULL) == (want == NULL));
    free(found);
}

static void
test_headers_and_the_address_are_found(void)
{
    static const char handshake_json[] =
        "{\"headers\":{\"cookie\":\"a=1; \\\"b\\\"\",\"x\":[\"1\",\"2\"]},"
        "\"address\":{\"address\":\"::1\",\"port\":7},\"query\":{\"cookie\":\"no\"}}";

    check_text(sio_handshake_header(handshake_json, "cookie"), "a=1; \"b\"");
    check_text(sio_handshake_header(handshake_json, "x"), "[\"1\",\"2\"]");
    check_text(sio_handshake_header(handshake_json, "address"), NULL);
    check_text(sio_handshake_address(handshake_json), "::1");
    check_text(sio_handshake_header("{}", "x"), NULL);
    check_text(sio_handshake_address("{}"), NULL);
}

static void
test_texts_of_auth_are_found(void)
{
    static const char auth_json[] =
        "{\"n\":7,\"t\\u006fken\":\"s\\u00e9\",\"o\":{\"token\":\"no\"},\"z\":\"1\\u0000\"}";

    check_text(sio_auth_text(auth_json, "token"), "s\xC3\xA9");
    check_text(sio_auth_text(auth_json, "n"), NULL);
    check_text(sio_auth_text(auth_json, "o"), NULL);
    check_text(sio_auth_text(auth_json, "z"), NULL);
    check_text(sio_auth_text(auth_json, "none"), NULL);
    check_text(sio_auth_text("{}", "token"), NULL);
}

/* --- What may happen while the application is asked. --- */

static client asking;
static bool   stops;

static void
end_while_asked(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)handshake_json;
    if (stops)
        sio_stop(io);
    else
        sio_disconnect(socket_of(&asking, ""), true);
    if (arg != NULL)
        sio_decide(decision, SIO_ACCEPT);
    else
        waiting = decision;
}

static void
test_the_session_may_end_while_its_verdict_is_asked(void)
{
    static bool at_once = true;

    for (unsigned i = 0; i < 4; i++) {
        replace_server();
        stops = i / 2 == 1;
        sio_namespace_authorization(sio_of(io, "/chat"), end_while_asked,
                                    i % 2 == 0 ? &at_once : NULL);
        enter(&asking, io);
        say(&asking, "1::/chat");
        if (!stops)
            CHECK_HEARD(&asking, "0::");
        CHECK_CLOSED(&asking);
        if (waiting != NULL)
            decide(SIO_ACCEPT);
    }
}

static void
test_the_server_may_stop_while_a_handshake_is_asked(void)
{
    static bool at_once = true;
    client      c;

    stops = true;
    sio_authorization(io, end_while_asked, &at_once);
    listen_now(io);
    open_connection(&c, io);
    ask(&c, "GET", "", "");
    CHECK_INT(answer_of(&c), 200);
    UNTIL(is_ended(&c));
    hang_up(&c);
}

/* Decisions outlive the server: each is given back by a verdict, whenever. */
static void
test_verdicts_may_come_after_the_server(void)
{
    sio_decision *handshakes, *joins;
    client        c, d;

    sio_authorization(io, authorize, NULL);
    sio_namespace_authorization(sio_of(io, "/chat"), authorize, NULL);
    listen_now(io);
    verdict = SIO_ACCEPT;
    enter(&c, io);
    verdict = LATER;
    say(&c, "1::/chat");
    UNTIL(waiting != NULL);
    joins = waiting;
    waiting = NULL;
    open_connection(&d, io);
    ask(&d, "GET", "", "");
    UNTIL(waiting != NULL);
    handshakes = waiting;
    waiting = NULL;
    sio_server_free(io);
    io = NULL;
    sio_decide(handshakes, SIO_ACCEPT);
    sio_decide(joins, SIO_REFUSE);
    hang_up(&c);
    hang_up(&d);
}

int
main(void)
{
    RUN_WITH_SERVER(test_the_application_may_change_a_handshake);
    RUN_WITH_SERVER(test_a_long_handshake_is_left_out);
    RUN_WITH_SERVER(test_handshakes_are_decided_at_once_or_later);
    RUN_WITH_SERVER(test_a_verdict_about_one_who_hung_up_is_harmless);
    RUN_WITH_SERVER(test_a_verdict_about_one_who_reset_the_connection_is_harmless);
    RUN_WITH_SERVER(test_joining_is_decided_at_once_or_later);
    RUN_WITH_SERVER(test_the_default_namespace_is_decided_too);
    RUN_WITH_SERVER(test_who_is_nowhere_yet_is_turned_away);
    RUN_WITH_SERVER(test_a_verdict_about_one_who_left_before_joining_is_harmless);
    RUN(test_a_parameter_of_the_query_is_found);
    RUN_WITH_SERVER(test_headers_and_the_address_are_found);
    RUN_WITH_SERVER(test_texts_of_auth_are_found);
    RUN_WITH_SERVER(test_the_session_may_end_while_its_verdict_is_asked);
    RUN_WITH_SERVER(test_the_server_may_stop_while_a_handshake_is_asked);
    RUN_WITH_SERVER(test_verdicts_may_come_after_the_server);
    return check_done();
}
