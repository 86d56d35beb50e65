/* Handshakes of TLS: those that fail, and what bounds them. */
#include "tests/unit/net/tls_fixture.h"

/* --- Handshakes that fail. --- */

static void
test_http_without_tls_is_answered(void)
{
    char text[PEER_TEXT_MAX], byte;

    if (!begin_tls(TLS1_3_VERSION))
        return;
    peer_say(at.peer, "OPTIONS / HTTP/1.1\r\n\r\n");
    turn();
    CHECK_VIEW(sio_view_of(peer_hear(at.peer, text)), "no TLS");
    CHECK_INT(recv(at.peer, &byte, 1, 0), 0);
    failed_once(SIO_TLS_PLAIN);
    CHECK_VIEW(sio_view_of(at.reason), "socket end");
    end_tls();
}

static void
test_noise_gets_an_alert(void)
{
    char text[PEER_TEXT_MAX];

    if (!begin_tls(TLS1_3_VERSION))
        return;
    send_raw("\x16\x03\x01\x00\x05noise", 10);
    CHECK_INT(peer_hear(at.peer, text)[0], 0x15);
    failed_once(SIO_TLS_OTHER);
    end_tls();
}

static void
test_an_old_version_gets_an_alert(void)
{
    if (!begin_server())
        return;
    set_text("tls min version", "1.3");
    sio_tls_contexts *fresh = NULL;
    sio_buf           error;

    sio_buf_init(&error, SIZE_MAX);
    CHECK_INT(sio_tls_prepare(&world.env, &world.cfg, &fresh, &error), SIO_OK);
    sio_tls_renew(&world.env, fresh);
    sio_buf_fini(&error);
    accept_one(SIO_VIEW(""));
    client_begin(TLS1_2_VERSION);
    (void)SSL_do_handshake(client.ssl);
    client_send();
    CHECK(client_receive());
    CHECK_INT(SSL_do_handshake(client.ssl), -1);
    CHECK_INT(ERR_GET_REASON(ERR_peek_last_error()), SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
    failed_once(SIO_TLS_VERSION);
    end_tls();
}

static void
test_one_that_is_not_complete_in_time(void)
{
    size_t n;

    if (!begin_tls(TLS1_3_VERSION))
        return;
    (void)SSL_do_handshake(client.ssl);
    n = client_take();
    send_raw(client.said, n / 2);
    pass_time(world.cfg.request_timeout_ms - 100);
    CHECK(at.conn != NULL);
    pass_time(200);
    failed_once(SIO_TLS_TIMEOUT);
    end_tls();
}

static void
test_one_that_is_broken_off(void)
{
    size_t n;

    if (!begin_tls(TLS1_3_VERSION))
        return;
    (void)SSL_do_handshake(client.ssl);
    n = client_take();
    send_raw(client.said, n / 2);
    peer_close();
    turn();
    failed_once(SIO_TLS_CLOSED);
    CHECK(is_gone());
    end_tls();
}

static void
test_a_look_at_the_port_is_no_failure(void)
{
    if (!begin_tls(TLS1_3_VERSION))
        return;
    peer_close();
    turn();
    CHECK(is_gone());
    CHECK_INT(world.env.stats.tls_failures, 0);
    CHECK_INT(world.env.stats.tls_shaking, 0);
    end_tls();
}

static void
test_a_client_that_refuses_us(void)
{
    if (!begin_tls(TLS1_3_VERSION))
        return;
    SSL_set_verify(client.ssl, SSL_VERIFY_PEER, NULL);
    exchange();
    turn();
    failed_once(SIO_TLS_ALERT);
    end_tls();
}

static void
test_the_owner_closes_before_it_is_complete(void)
{
    char byte;

    if (!begin_tls(TLS1_3_VERSION))
        return;
    sio_conn_close(at.conn);
    turn();
    CHECK_INT(recv(at.peer, &byte, 1, 0), 0);
    CHECK_INT(world.env.stats.tls_shaking, 0);
    CHECK_INT(world.env.stats.tls_failures, 0);
    end_tls();
}

/* --- Bounds. --- */

/* Whoever speaks on another connection. */
static void
on_other_closed(sio_conn *c, const char *reason)
{
    CHECK(c != at.conn);
    at.reason = reason;
}

static const sio_conn_handler other_handler = {.closed = on_other_closed};

static void
test_the_oldest_of_too_many_gives_way(void)
{
    int first;

    if (!begin_tls(TLS1_3_VERSION))
        return;
    first = at.peer;
    at.conn->handler = &other_handler;
    world.net.tls.max_shakes = 1;
    accept_one(SIO_VIEW(""));
    CHECK_VIEW(sio_view_of(at.reason), "socket end");
    CHECK_INT(world.env.measures.tls_failures[SIO_TLS_CROWDED], 1);
    CHECK_INT(world.env.stats.tls_shaking, 1);
    turn();
    CHECK_INT(peer_sees(first), 0);
    close(first);
    exchange();
    CHECK(SSL_is_init_finished(client.ssl));
    end_tls();
}

static void
test_a_turn_has_so_many_steps(void)
{
    if (!begin_server())
        return;
    for (unsigned i = 0; i < SIO_TLS_STEPS_OF_A_TURN; i++)
        CHECK(sio_tls_may_step(&world.env));
    CHECK(!sio_tls_may_step(&world.env));
    turn();
    CHECK(sio_tls_may_step(&world.env));
    turn();
    world_end();
}

/* A turn that has no step left: the socket is still ready in the next. */
static void
test_a_step_that_has_to_wait(void)
{
    if (!begin_tls(TLS1_3_VERSION))
        return;
    (void)SSL_do_handshake(client.ssl);
    for (unsigned i = 0; i < SIO_TLS_STEPS_OF_A_TURN; i++)
        CHECK(sio_tls_may_step(&world.env));
    client_send();
    exchange();
    CHECK(SSL_is_init_finished(client.ssl));
    CHECK_INT(world.env.stats.tls_handshakes, 1);
    end_tls();
}

static void
test_nobody_renegotiates(void)
{
    if (!begin_secure(TLS1_2_VERSION))
        return;
    CHECK_INT(SSL_renegotiate(client.ssl), 1);
    (void)SSL_do_handshake(client.ssl);
    client_send();
    CHECK(client_receive());
    CHECK_INT(SSL_do_handshake(client.ssl), -1);
    CHECK_INT(ERR_GET_REASON(ERR_peek_last_error()), SSL_R_NO_RENEGOTIATION);
    CHECK_INT(world.env.stats.tls_handshakes, 1);
    CHECK_INT(at.n_heard, 0);
    end_tls();
}

static void
test_new_keys_on_the_way(void)
{
    if (!begin_secure(TLS1_3_VERSION))
        return;
    CHECK_INT(SSL_key_update(client.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
    client_say("with a new key", 14);
    CHECK_VIEW(heard(), "with a new key");
    sio_conn_write(at.conn, SIO_VIEW("with ours"));
    client_hears("with ours");
    end_tls();
}

/* --- Behind a PROXY header. --- */

static void
test_what_came_with_the_header_begins_the_handshake(void)
{
    size_t n;

    if (!begin_server())
        return;
    client_begin(TLS1_3_VERSION);
    (void)SSL_do_handshake(client.ssl);
    n = client_take();
    accept_one((sio_view){client.said, n / 2});
    turn();
    send_raw(client.said + n / 2, n - n / 2);
    exchange();
    client_say("hello", 5);
    CHECK_VIEW(heard(), "hello");
    end_tls();
}

static void
test_all_of_it_came_with_the_header(void)
{
    if (!begin_server())
        return;
    client_begin(TLS1_3_VERSION);
    (void)SSL_do_handshake(client.ssl);
    accept_one((sio_view){client.said, client_take()});
    turn();
    CHECK(client_receive());
    exchange();
    CHECK_INT(world.env.stats.tls_handshakes, 1);
    end_tls();
}

int
main(void)
{
    tls_files_begin();
    tls_pair_make("a", "DNS:a.example");
    RUN(test_http_without_tls_is_answered);
    RUN(test_noise_gets_an_alert);
    RUN(test_an_old_version_gets_an_alert);
    RUN(test_one_that_is_not_complete_in_time);
    RUN(test_one_that_is_broken_off);
    RUN(test_a_look_at_the_port_is_no_failure);
    RUN(test_a_client_that_refuses_us);
    RUN(test_the_owner_closes_before_it_is_complete);
    RUN(test_the_oldest_of_too_many_gives_way);
    RUN(test_a_turn_has_so_many_steps);
    RUN(test_a_step_that_has_to_wait);
    RUN(test_nobody_renegotiates);
    RUN(test_new_keys_on_the_way);
    RUN(test_what_came_with_the_header_begins_the_handshake);
    RUN(test_all_of_it_came_with_the_header);
    tls_files_end();
    return check_done();
}
