/*
 * tests/unit/net/tls_fixture.h - both ends of TLS in one process: a connection of the carrier, and a
 * client, of which all that it says passes through our hands.
 */
#ifndef SIO_TESTS_UNIT_NET_TLS_FIXTURE_H
#define SIO_TESTS_UNIT_NET_TLS_FIXTURE_H

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "tests/unit/net/conn_fixture.h"
#include "tests/unit/tls_files.h"

enum { BYTES_MAX = 1 << 20 };

static inline void
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

static inline void
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

static inline void
client_end(void)
{
    SSL_free(client.ssl);
    SSL_CTX_free(client.ctx);
    ERR_clear_error();
}

/* What the client wants to send: how many bytes, in client.said. */
static inline size_t
client_take(void)
{
    const int n = BIO_read(SSL_get_wbio(client.ssl), client.said, sizeof client.said);

    return n > 0 ? (size_t)n : 0;
}

static inline void
send_raw(const char *bytes, size_t n)
{
    CHECK_INT(send(at.peer, bytes, n, MSG_NOSIGNAL), n);
    turn();
}

static inline void
client_send(void)
{
    const size_t n = client_take();

    if (n > 0)
        send_raw(client.said, n);
}

/* What has come from the server goes to the client. False: nothing has. */
static inline bool
client_receive(void)
{
    static char   bytes[65536];
    const ssize_t n = recv(at.peer, bytes, sizeof bytes, 0);

    if (n > 0)
        BIO_write(SSL_get_rbio(client.ssl), bytes, (int)n);
    return n > 0;
}

/* Both speak until neither has more to say. */
static inline void
exchange(void)
{
    do {
        (void)SSL_do_handshake(client.ssl);
        client_send();
    } while (client_receive());
    ERR_clear_error();
}

static inline void
client_say(const char *bytes, size_t n)
{
    CHECK_INT(SSL_write(client.ssl, bytes, (int)n), (int)n);
    client_send();
}

/* Everything that the server has said, as much as the client has heard. */
static inline size_t
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

static inline void
client_hears(const char *want)
{
    char         text[PEER_TEXT_MAX];
    const size_t n = client_hear(text, sizeof text);

    CHECK_VIEW(((sio_view){text, n}), want);
}

/* --- The server. --- */

static inline void
set_text(const char *key, const char *value)
{
    sio_buf no_error;

    sio_buf_init(&no_error, SIZE_MAX);
    CHECK_INT(sio_cfg_set_text(&world.cfg, key, value, &no_error), SIO_OK);
    sio_buf_fini(&no_error);
}

static inline void
set_certificates(const char *json)
{
    sio_buf error;

    sio_buf_init(&error, SIZE_MAX);
    CHECK_INT(sio_cfg_set_json(&world.cfg, "tls", json, &error), SIO_OK);
    CHECK_INT(sio_net_open_tls(&world.env, &error), SIO_OK);
    CHECK_VIEW(sio_buf_view(&error), "");
    sio_buf_fini(&error);
}

static inline void
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
static inline bool
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
static inline bool
begin_tls(int version)
{
    if (!begin_server())
        return false;
    accept_one(SIO_VIEW(""));
    client_begin(version);
    return at.conn != NULL;
}

/* One whose handshake is complete. */
static inline bool
begin_secure(int version)
{
    if (!begin_tls(version))
        return false;
    exchange();
    return CHECK(SSL_is_init_finished(client.ssl)) &&
           CHECK_INT(world.env.stats.tls_handshakes, 1) &&
           CHECK_INT(world.env.stats.tls_shaking, 0);
}

static inline void
end_tls(void)
{
    client_end();
    end();
}

static inline void
failed_once(sio_tls_failure failure)
{
    CHECK_INT(world.env.stats.tls_failures, 1);
    CHECK_INT(world.env.measures.tls_failures[failure], 1);
    CHECK_INT(world.env.stats.tls_shaking, 0);
    CHECK(at.conn == NULL);
}

#endif
