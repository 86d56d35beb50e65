/* Both ends of TLS in one process. What the client says passes through our hands. */
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "tests/unit/net/conn_fixture.h"
#include "tests/unit/tls_files.h"

enum { BYTES_MAX = 1 << 20 };

static void
on_nobody(sio_conn *c)
{
    (void)c;
}

static const sio_net_owner owner = {
    .accepted = on_nobody, .refusal = {"full", 4}, .insecure = {"no TLS", 6}};

/* --- The client. --- */

static struct {
    SSL_CTX *ctx;
    SSL     *ssl; /* on two buffers: what comes, and what leaves */
    char     said[BYTES_MAX];
} client;

static void
client_begin(int version)
{
    client.ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(client.ctx, version);
    SSL_CTX_set_max_proto_version(client.ctx, version);
    client.ssl = SSL_new(client.ctx);
    SSL_set_bio(client.ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    BIO_set_mem_eof_return(SSL_get_rbio(client.ssl), -1);
    SSL_set_connect_state(client.ssl);
}

static void
client_end(void)
{
    SSL_free(client.ssl);
    SSL_CTX_free(client.ctx);
    ERR_clear_error();
}

/* What the client wants to send: how many bytes, in client.said. */
static size_t
client_take(void)
{
    const int n = BIO_read(SSL_get_wbio(client.ssl), client.said, sizeof client.said);

    return n > 0 ? (size_t)n : 0;
}

static void
send_raw(const char *bytes, size_t n)
{
    CHECK_INT(send(at.peer, bytes, n, MSG_NOSIGNAL), n);
    turn();
}

static void
client_send(void)
{
    const size_t n = client_take();

    if (n > 0)
        send_raw(client.said, n);
}

/* What has come from the server goes to the client. False: nothing has. */
static bool
client_receive(void)
{
    static char   bytes[65536];
    const ssize_t n = recv(at.peer, bytes, sizeof bytes, 0);

    if (n > 0)
        BIO_write(SSL_get_rbio(client.ssl), bytes, (int)n);
    return n > 0;
}

/* Both speak until neither has more to say. */
static void
exchange(void)
{
    do {
        (void)SSL_do_handshake(client.ssl);
        client_send();
    } while (client_receive());
    ERR_clear_error();
}

static void
client_say(const char *bytes, size_t n)
{
    CHECK_INT(SSL_write(client.ssl, bytes, (int)n), (int)n);
    client_send();
}

/* Everything that the server has said, as much as the client has heard. */
static size_t
client_hear(char *bytes, size_t size)
{
    size_t n = 0;
    int    got;

    while (client_receive())
        turn();
    while (n < size && (got = SSL_read(client.ssl, bytes + n, (int)(size - n))) > 0)
        n += (size_t)got;
    ERR_clear_error();
    return n;
}

static void
client_hears(const char *want)
{
    char         text[PEER_TEXT_MAX];
    const size_t n = client_hear(text, sizeof text);

    CHECK_VIEW(((sio_view){text, n}), want);
}

/* --- The server. --- */

static void
set_text(const char *key, const char *value)
{
    sio_buf no_error;

    sio_buf_init(&no_error, SIZE_MAX);
    CHECK_INT(sio_cfg_set_text(&world.cfg, key, value, &no_error), SIO_OK);
    sio_buf_fini(&no_error);
}

static void
set_certificates(const char *json)
{
    sio_buf error;

    sio_buf_init(&error, SIZE_MAX);
    CHECK_INT(sio_cfg_set_json(&world.cfg, "tls", json, &error), SIO_OK);
    CHECK_INT(sio_net_open_tls(&world.env, &error), SIO_OK);
    CHECK_VIEW(sio_buf_view(&error), "");
    sio_buf_fini(&error);
}

static void
accept_one(sio_view early)
{
    int fd;

    if (!open_pair(&fd, &at.peer))
        return;
    at.conn = sio_conn_adopt(&world.env, &sio_carrier_tls, fd, &nobody, &world.net.admitted);
    if (!CHECK(at.conn != NULL))
        return;
    at.conn->handler = &handler;
    sio_holds_take(&world.env.holds);
    world.env.stats.connections++;
    sio_carrier_tls.secure(at.conn, early);
}

/* A server with a certificate, before a connection. */
static bool
begin_server(void)
{
    char json[3 * FILE_MAX];

    memset(&at, 0, sizeof at);
    at.peer = -1;
    if (!world_begin(&owner))
        return false;
    snprintf(json, sizeof json, "[{\"certificate\":\"%s\",\"key\":\"%s\"}]", tls_file("a.pem"),
             tls_file("a.key"));
    set_certificates(json);
    return true;
}

/* One whose handshake has not begun. */
static bool
begin_tls(int version)
{
    if (!begin_server())
        return false;
    accept_one(SIO_VIEW(""));
    client_begin(version);
    return at.conn != NULL;
}

/* One whose handshake is complete. */
static bool
begin_secure(int version)
{
    if (!begin_tls(version))
        return false;
    exchange();
    return CHECK(SSL_is_init_finished(client.ssl)) &&
           CHECK_INT(world.env.stats.tls_handshakes, 1) &&
           CHECK_INT(world.env.stats.tls_shaking, 0);
}

static void
end_tls(void)
{
    client_end();
    end();
}

static void
failed_once(sio_tls_failure failure)
{
    CHECK_INT(world.env.stats.tls_failures, 1);
    CHECK_INT(world.env.measures.tls_failures[failure], 1);
    CHECK_INT(world.env.stats.tls_shaking, 0);
    CHECK(at.conn == NULL);
}

/* --- Bytes. --- */

static void
both_ways(int version)
{
    if (!begin_secure(version))
        return;
    CHECK(at.conn->is_secure);
    client_say("hello", 5);
    CHECK_VIEW(heard(), "hello");
    sio_conn_write(at.conn, SIO_VIEW("you, too"));
    CHECK(!sio_conn_blocked(at.conn));
    client_hears("you, too");
    end_tls();
}

static void
test_bytes_go_both_ways(void)
{
    both_ways(TLS1_3_VERSION);
    both_ways(TLS1_2_VERSION);
}

/* As for somebody who may not come in. */
static void
test_what_is_written_before_the_handshake_leaves_behind_it(void)
{
    if (!begin_tls(TLS1_3_VERSION))
        return;
    sio_conn_write(at.conn, SIO_VIEW("early"));
    CHECK(sio_conn_blocked(at.conn));
    turn();
    CHECK_INT(peer_sees(at.peer), EAGAIN);
    exchange();
    turn();
    client_hears("early");
    CHECK_INT(at.n_writable, 1);
    end_tls();
}

static void
test_a_record_comes_byte_by_byte(void)
{
    size_t n;

    if (!begin_tls(TLS1_3_VERSION))
        return;
    (void)SSL_do_handshake(client.ssl);
    n = client_take();
    for (size_t i = 0; i < n; i++)
        send_raw(client.said + i, 1);
    exchange();
    CHECK_INT(world.env.stats.tls_handshakes, 1);
    SSL_write(client.ssl, "in parts", 8);
    n = client_take();
    for (size_t i = 0; i + 1 < n; i++)
        send_raw(client.said + i, 1);
    CHECK_INT(at.n_heard, 0);
    send_raw(client.said + n - 1, 1);
    CHECK_VIEW(heard(), "in parts");
    end_tls();
}

/* Nothing is left in OpenSSL, where no event would tell of it. */
static void
test_many_records_at_once(void)
{
    size_t n = 0;

    if (!begin_secure(TLS1_3_VERSION))
        return;
    for (unsigned i = 0; i < 150; i++)
        SSL_write(client.ssl, "abcde", 5);
    SSL_shutdown(client.ssl);
    n = client_take();
    send_raw(client.said, n);
    CHECK_INT(at.n_heard, 750);
    CHECK_VIEW(sio_view_of(at.reason), "socket end");
    end_tls();
}

static void
test_the_first_words_come_with_the_end_of_the_handshake(void)
{
    if (!begin_tls(TLS1_3_VERSION))
        return;
    (void)SSL_do_handshake(client.ssl);
    client_send();
    CHECK(client_receive());
    CHECK_INT(SSL_do_handshake(client.ssl), 1);
    SSL_write(client.ssl, "at once", 7);
    client_send();
    CHECK_VIEW(heard(), "at once");
    end_tls();
}

static void
test_a_pause_leaves_bytes_where_they_are(void)
{
    if (!begin_secure(TLS1_3_VERSION))
        return;
    sio_conn_pause(at.conn, true);
    client_say("wait", 4);
    CHECK_INT(at.n_heard, 0);
    sio_conn_pause(at.conn, false);
    turn();
    CHECK_VIEW(heard(), "wait");
    end_tls();
}

/* --- Slow readers. --- */

static char *
numbers(void)
{
    char *bytes = malloc(MUCH);

    for (size_t i = 0; bytes != NULL && i < MUCH; i++)
        bytes[i] = (char)(i * 31 + i / 251);
    return bytes;
}

static void
much_arrives_whole(int version)
{
    char *bytes = numbers(), *got = calloc(1, MUCH + 100);

    if (!CHECK(bytes != NULL && got != NULL) || !begin_secure(version)) {
        free(bytes);
        free(got);
        return;
    }
    sio_conn_write(at.conn, (sio_view){bytes, MUCH});
    CHECK(sio_conn_blocked(at.conn));
    sio_conn_write(at.conn, SIO_VIEW("and the rest"));
    client_say("I am slow", 9);
    CHECK_VIEW(heard(), "I am slow");
    CHECK_INT(client_hear(got, MUCH + 100), MUCH + 12);
    CHECK(memcmp(got, bytes, MUCH) == 0 && memcmp(got + MUCH, "and the rest", 12) == 0);
    CHECK_INT(at.n_writable, 1);
    free(bytes);
    free(got);
    end_tls();
}

static void
test_what_the_socket_does_not_take_leaves_later(void)
{
    much_arrives_whole(TLS1_3_VERSION);
    much_arrives_whole(TLS1_2_VERSION);
}

static void
test_who_stops_reading_is_given_up(void)
{
    char *bytes = numbers();

    if (!CHECK(bytes != NULL) || !begin_secure(TLS1_3_VERSION)) {
        free(bytes);
        return;
    }
    sio_conn_write(at.conn, (sio_view){bytes, MUCH});
    pass_time(world.cfg.send_timeout_ms + 20);
    CHECK_VIEW(sio_view_of(at.reason), "socket error");
    CHECK_INT(world.env.stats.send_timeouts, 1);
    CHECK(is_gone());
    free(bytes);
    end_tls();
}

/* --- Ends. --- */

static void
test_the_peer_says_goodbye(void)
{
    if (!begin_secure(TLS1_3_VERSION))
        return;
    SSL_shutdown(client.ssl);
    client_send();
    CHECK(at.conn == NULL);
    CHECK_VIEW(sio_view_of(at.reason), "socket end");
    end_tls();
}

/* What is said has lengths of its own, so that what was cut off is known to be. */
static void
test_the_peer_ends_without_one(void)
{
    if (!begin_secure(TLS1_3_VERSION))
        return;
    client_say("bye", 3);
    peer_close();
    turn();
    CHECK_VIEW(heard(), "bye");
    CHECK_VIEW(sio_view_of(at.reason), "socket end");
    end_tls();
}

static void
test_a_record_is_cut_off(void)
{
    size_t n;

    if (!begin_secure(TLS1_3_VERSION))
        return;
    SSL_write(client.ssl, "half", 4);
    n = client_take();
    send_raw(client.said, n / 2);
    peer_close();
    turn();
    CHECK_INT(at.n_heard, 0);
    CHECK_VIEW(sio_view_of(at.reason), "socket end");
    end_tls();
}

static void
test_a_record_is_changed(void)
{
    size_t n;

    if (!begin_secure(TLS1_3_VERSION))
        return;
    SSL_write(client.ssl, "changed", 7);
    n = client_take();
    client.said[n - 1] ^= 1;
    send_raw(client.said, n);
    CHECK_INT(at.n_heard, 0);
    CHECK_VIEW(sio_view_of(at.reason), "socket error");
    CHECK(is_gone());
    end_tls();
}

static void
test_we_say_goodbye(void)
{
    char byte;

    if (!begin_secure(TLS1_3_VERSION))
        return;
    sio_conn_write(at.conn, SIO_VIEW("last words"));
    sio_conn_close(at.conn);
    turn();
    client_hears("last words");
    CHECK_INT(SSL_get_shutdown(client.ssl) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
    CHECK_INT(recv(at.peer, &byte, 1, 0), 0);
    CHECK(!is_gone()); /* it lingers */
    SSL_shutdown(client.ssl);
    client_send();
    peer_close();
    turn();
    CHECK(is_gone());
    end_tls();
}

static void
hears_of_the_end(const char *last_words)
{
    if (!begin_secure(TLS1_3_VERSION))
        return;
    at.is_heard_out = true;
    sio_conn_pause(at.conn, true);
    if (last_words[0] != '\0')
        client_say(last_words, strlen(last_words));
    SSL_shutdown(client.ssl);
    client_send();
    shutdown(at.peer, SHUT_WR);
    let_notice();
    CHECK_INT(at.n_ends, 1);
    CHECK_INT(at.has_unread, last_words[0] != '\0');
    sio_conn_pause(at.conn, false);
    turn();
    CHECK_VIEW(heard(), last_words);
    CHECK_VIEW(sio_view_of(at.reason), "socket end");
    end_tls();
}

/* A goodbye comes as bytes, but it is none of what was said. */
static void
test_the_peer_leaves_while_it_is_paused(void)
{
    hears_of_the_end("");
    hears_of_the_end("words");
}

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
    RUN(test_bytes_go_both_ways);
    RUN(test_what_is_written_before_the_handshake_leaves_behind_it);
    RUN(test_a_record_comes_byte_by_byte);
    RUN(test_many_records_at_once);
    RUN(test_the_first_words_come_with_the_end_of_the_handshake);
    RUN(test_a_pause_leaves_bytes_where_they_are);
    RUN(test_what_the_socket_does_not_take_leaves_later);
    RUN(test_who_stops_reading_is_given_up);
    RUN(test_the_peer_says_goodbye);
    RUN(test_the_peer_ends_without_one);
    RUN(test_a_record_is_cut_off);
    RUN(test_a_record_is_changed);
    RUN(test_we_say_goodbye);
    RUN(test_the_peer_leaves_while_it_is_paused);
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
