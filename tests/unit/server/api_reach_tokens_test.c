/*
 * tests/unit/server/api_reach_tokens_test.c - siobroker.h with several instances: any of them
 * acknowledges by a token, and one without a port does what the others do.
 */
#include "tests/unit/server/reach_fixture.h"

/* --- Acknowledgements by tokens. --- */

static char token[SIO_ACK_TOKEN_SIZE];

static void
keep_token(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    CHECK_INT(sio_ack_token(socket, event, LONG_MS, token), 0);
}

static void
note_result(sio_ack_result result, void *arg)
{
    static const char *const names[] = {"done", "unknown", "failed", "unsure"};

    (void)arg;
    note("%s", names[result]);
}

/* Asks the server for an acknowledgement, whose token is kept. */
static void
ask_server(size_t i)
{
    sio_on(sio_sockets(servers[i]), "x", keep_token, NULL);
    say(&clients[i], "427[\"x\"]");
    token[0] = '\0';
    UNTIL(token[0] != '\0');
}

static void
use_token_at(size_t i, const char *args, const sio_bytes *bytes)
{
    CHECK_INT(
        sio_ack_by_token(servers[i], token, args, bytes, bytes != NULL ? 1 : 0, note_result, NULL),
        0);
}

static void
test_any_instance_acknowledges_by_a_token(void)
{
    const sio_bytes bytes = {"abc", 3};

    start_cluster(3);
    ask_server(2);
    use_token_at(0, "[{\"_placeholder\":true,\"num\":0}]", &bytes);
    CHECK_TOLD("done");
    CHECK_HEARD(&clients[2], "461-7[{\"_placeholder\":true,\"num\":0}]");
    CHECK_HEARD(&clients[2], "abc");
    use_token_at(1, "[]", NULL);
    CHECK_TOLD("unknown");
    ask_server(1);
    for (size_t i = 0; i < N; i++) /* all at once: one of them is first */
        use_token_at(i, "[1]", NULL);
    UNTIL(strlen(notes) >= strlen("done unknown unknown"));
    CHECK(strstr(noted().data, "done") != NULL);
    CHECK_HEARD(&clients[1], "437[1]");
    CHECK_QUIET5(&clients[1]);
    memcpy(token, "nobody", 6);
    use_token_at(0, NULL, NULL);
    CHECK_TOLD("unknown"); /* such an instance is not there */
    end_cluster();
}

static void
test_a_token_is_good_again_after_an_outage(void)
{
    start_cluster(2);
    ask_server(1);
    redis_server_kill(&redis);
    UNTIL(!io->cluster.up);
    use_token_at(0, NULL, NULL);
    CHECK_TOLD("failed");
    redis_server_start(&redis, NULL);
    UNTIL(io->cluster.up && servers[1]->cluster.up);
    use_token_at(0, "[2]", NULL);
    CHECK_TOLD("done");
    CHECK_HEARD(&clients[1], "437[2]");
    end_cluster();
}

/* Who was asked may have done it before it has gone. */
static void
test_an_instance_that_goes_leaves_tokens_unsure(void)
{
    start_cluster(2);
    ask_server(1);
    redis_server_freeze(&redis);
    use_token_at(0, NULL, NULL);
    sio_peer_bury(sio_peer_find(&io->env, sio_view_of(servers[1]->env.tag)));
    CHECK_TOLD("unsure");
    redis_server_thaw(&redis);
    CHECK_HEARD(&clients[1], "437[]");
    end_cluster();
}

/* --- A worker without a port. --- */

/* What it says as soon as it can is not lost. */
static void
note_ready(void *worker)
{
    CHECK_INT(sio_broadcast(sio_sockets(worker), NULL, "first", NULL), 0);
    note("ready");
}

static void
test_a_worker_needs_no_port(void)
{
    sio_server *worker = new_server();
    char        value[100];

    start_cluster(2);
    snprintf(value, sizeof value, "\"unix:%s\"", redis.socket);
    CHECK_INT(sio_set(worker, "redis", value), 0);
    sio_on_ready(worker, note_ready, worker);
    CHECK_INT(sio_join_cluster(worker), 0);
    CHECK_NOTED("");
    CHECK_INT(sio_port(worker), 0);
    CHECK_INT(sio_listen(worker), -1);
    CHECK_VIEW(sio_view_of(sio_error(worker)), "in the cluster already");
    CHECK_TOLD("ready");
    CHECK_HEARD(&clients[0], "42[\"first\"]");
    CHECK_HEARD(&clients[1], "42[\"first\"]");
    UNTIL(have_met(2) && counter_of(worker, "peers") == 2);
    CHECK_INT(sio_broadcast(sio_sockets(worker), NULL, "w", "[1]"), 0);
    CHECK_HEARD(&clients[0], "42[\"w\",1]");
    CHECK_HEARD(&clients[1], "42[\"w\",1]");
    CHECK_INT(sio_count(sio_sockets(worker), NULL, LONG_MS, note_count, NULL), 0);
    CHECK_TOLD("2 3/3");
    ask_server(1);
    CHECK_INT(sio_ack_by_token(worker, token, "[2]", NULL, 0, note_result, NULL), 0);
    CHECK_TOLD("done");
    CHECK_HEARD(&clients[1], "437[2]");
    sio_server_free(worker);
    end_cluster();
}

int
main(void)
{
    begin_tests();
    RUN_WITH_SERVER(test_any_instance_acknowledges_by_a_token);
    RUN_WITH_SERVER(test_a_token_is_good_again_after_an_outage);
    RUN_WITH_SERVER(test_an_instance_that_goes_leaves_tokens_unsure);
    RUN_WITH_SERVER(test_a_worker_needs_no_port);
    return end_tests();
}
