/* Over TLS: bytes, slow readers and ends. */
#include "tests/unit/net/tls_fixture.h"

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
    tls_files_end();
    return check_done();
}
