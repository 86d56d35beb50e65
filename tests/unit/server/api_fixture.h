/*
 * tests/unit/server/api_fixture.h - what the tests of siobroker.h share: a real server on a free
 * port, and raw clients of it, all in this process on one event loop.
 *
 * A client never waits by itself: whatever it needs, it turns the loop until that is there, or the
 * test has failed.
 */
#ifndef SIO_TESTS_UNIT_API_FIXTURE_H
#define SIO_TESTS_UNIT_API_FIXTURE_H

#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "protocol/buf.h"
#include "protocol/http_chunked.h"
#include "server/server.h"
#include "server/siobroker.h"

enum { SOON_MS = 30000 /* no test may need this long */, PAUSE_US = 200 };

static struct event_base *base;
static sio_server        *io; /* the one that most tests are about */

/* --- The loop. --- */

static inline long
now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static inline void
turn_loop(void)
{
    event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    usleep(PAUSE_US);
}

/* Turn the loop until the condition holds; tells whether it did. */
#define UNTIL(cond)                                                \
    __extension__({                                                \
        const long until_ms_ = now_ms() + SOON_MS;                 \
        bool       holds_;                                         \
        while (!(holds_ = (cond)) && now_ms() < until_ms_)         \
            turn_loop();                                           \
        check_true(__FILE__, __LINE__, holds_, "in time: " #cond); \
    })

/* --- What callbacks leave behind. --- */

static char notes[1000];

static inline void __attribute__((format(printf, 1, 2))) note(const char *format, ...)
{
    const size_t len = strlen(notes);
    va_list      args;

    va_start(args, format);
    if (len > 0)
        snprintf(notes + len, sizeof notes - len, " ");
    vsnprintf(notes + strlen(notes), sizeof notes - strlen(notes), format, args);
    va_end(args);
}

/* What was noted since the last time. */
static inline sio_view
noted(void)
{
    static char last[sizeof notes];

    memcpy(last, notes, sizeof notes);
    notes[0] = '\0';
    return sio_view_of(last);
}

#define CHECK_NOTED(want) CHECK_VIEW(noted(), want)

/* --- Servers. --- */

/*
 * A quiet server on the loopback address; it does not listen yet. It counts what it asks of clients
 * from 1, so that tests can say what they hear; see acks.h.
 */
static inline sio_server *
new_server(void)
{
    sio_server *s = sio_server_new(base);

    if (s == NULL || sio_set(s, "port", "0") != 0 || sio_set(s, "host", "\"127.0.0.1\"") != 0 ||
        sio_set(s, "log", "false") != 0 || sio_set(s, "greeting", "false") != 0)
        exit(1);
    s->io.last_ack_id = 0;
    return s;
}

static inline void
listen_now(sio_server *s)
{
    if (sio_listen(s) != 0) {
        fprintf(stderr, "%s\n", sio_error(s));
        exit(1);
    }
}

/* Start over, with a server that listens; nothing is left of the one before. */
static inline void
replace_server(void)
{
    sio_server_free(io);
    io = new_server();
    listen_now(io);
}

/* --- Clients: connections. --- */

typedef struct {
    int     fd;
    bool    ended; /* by the server */
    sio_buf in;
    char    id[32];
    char    text[4096]; /* the last packet or body */
} client;

static inline void
open_connection_to(client *c, unsigned port)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    c->ended = false;
    sio_buf_init(&c->in, SIZE_MAX);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&sa, sizeof sa) != 0 ||
        fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0)
        exit(1);
}

static inline void
open_connection(client *c, const sio_server *s)
{
    open_connection_to(c, sio_port(s));
}

/* Close the connection, as a client does that just goes. */
static inline void
hang_up(client *c)
{
    close(c->fd);
    sio_buf_fini(&c->in);
}

static inline void
read_more(client *c)
{
    char          bytes[4096];
    const ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);

    if (n > 0)
        sio_buf_add(&c->in, bytes, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
        c->ended = true;
}

/* Requests and frames of tests are far smaller than a socket buffer. */
static inline void
write_all(client *c, const void *bytes, size_t n)
{
    CHECK_INT(send(c->fd, bytes, n, MSG_NOSIGNAL), n);
}

/* Has the server closed the connection? */
static inline bool
is_ended(client *c)
{
    read_more(c);
    return c->ended;
}

static inline void
drop_input(client *c, size_t n)
{
    memmove(c->in.data, c->in.data + n, c->in.len - n);
    c->in.len -= n;
}

/* --- Clients: HTTP. --- */

static inline void
ask(client *c, const char *method, const char *path, const char *body)
{
    char text[1000];

    snprintf(text, sizeof text,
             "%s /socket.io/1/%s HTTP/1.1\r\nHost: test\r\nContent-Length: %zu\r\n\r\n%s", method,
             path, strlen(body), body);
    write_all(c, text, strlen(text));
}

/*
 * The body, which begins at data, into c->text. How many bytes it took, or -1: not all is there
 * yet.
 */
static inline ptrdiff_t
take_body(client *c, const char *head, const char *data, size_t n)
{
    const char      *length = strcasestr(head, "\r\nContent-Length:");
    sio_http_chunked chunked;
    sio_buf          body;
    ptrdiff_t        taken;

    if (strcasestr(head, "\r\nTransfer-Encoding: chunked\r\n") == NULL) {
        taken = length != NULL ? atoi(length + strlen("\r\nContent-Length:")) : 0;
        snprintf(c->text, sizeof c->text, "%.*s", (int)taken, data);
        return (size_t)taken <= n ? taken : -1;
    }
    sio_http_chunked_init(&chunked);
    sio_buf_init(&body, SIZE_MAX);
    taken = sio_http_chunked_feed(&chunked, data, n, &body);
    snprintf(c->text, sizeof c->text, "%.*s", (int)body.len, body.len > 0 ? body.data : "");
    sio_buf_fini(&body);
    return chunked.done ? taken : -1;
}

/* Take a whole answer: its status, its body in c->text. 0: not there yet. */
static inline int
take_answer(client *c)
{
    char     *end;
    size_t    head_len;
    ptrdiff_t body_len;
    int       status;

    read_more(c);
    sio_buf_add_char(&c->in, '\0');
    c->in.len--;
    if ((end = strstr(c->in.data, "\r\n\r\n")) == NULL)
        return 0;
    head_len = (size_t)(end - c->in.data) + 4;
    end[2] = '\0'; /* so that nothing of a body counts as a header */
    body_len = take_body(c, c->in.data, c->in.data + head_len, c->in.len - head_len);
    end[2] = '\r';
    if (body_len < 0)
        return 0;
    status = atoi(c->in.data + strlen("HTTP/1.1 "));
    drop_input(c, head_len + (size_t)body_len);
    return status;
}

static inline int
answer_of(client *c)
{
    int status = 0;

    UNTIL((status = take_answer(c)) != 0 || c->ended);
    return status;
}

/* One request on a connection of its own. */
static inline int
request(client *c, const sio_server *s, const char *method, const char *path, const char *body)
{
    client once = {.fd = -1};
    int    status;

    open_connection(&once, s);
    ask(&once, method, path, body);
    status = answer_of(&once);
    memcpy(c->text, once.text, sizeof once.text);
    hang_up(&once);
    return status;
}

static inline bool
handshake(client *c, const sio_server *s)
{
    *c = (client){.fd = -1};
    if (!CHECK_INT(request(c, s, "GET", "", ""), 200))
        return false;
    snprintf(c->id, sizeof c->id, "%.*s", (int)strcspn(c->text, ":"), c->text);
    return true;
}

/* --- Clients: websocket. --- */

static inline void
open_websocket(client *c, const sio_server *s)
{
    char text[500];

    snprintf(text, sizeof text,
             "GET /socket.io/1/websocket/%s HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
             c->id);
    open_connection(c, s);
    write_all(c, text, strlen(text));
    CHECK_INT(answer_of(c), 101);
}

/* Send a packet of at most 4,000 bytes: one masked frame; the mask is 0. */
static inline void
say_view(client *c, sio_view packet)
{
    const size_t len = packet.len;
    char         frame[4096] = {(char)0x81, (char)(0x80 | (len < 126 ? len : 126))};
    size_t       n = 2;

    if (len >= 126) {
        frame[n++] = (char)(len >> 8);
        frame[n++] = (char)len;
    }
    memcpy(frame + n + 4, packet.data, len);
    write_all(c, frame, n + 4 + len);
}

static inline void
say(client *c, const char *packet)
{
    say_view(c, sio_view_of(packet));
}

/* Take one frame into c->text; a close frame ends the client. False: none is there. */
static inline bool
take_frame(client *c)
{
    const unsigned char *b = (const unsigned char *)c->in.data;
    size_t               header = 2, len;

    if (c->in.len < 2)
        return false;
    len = b[1];
    if (len == 126) {
        if (c->in.len < 4)
            return false;
        len = (size_t)b[2] << 8 | b[3];
        header = 4;
    }
    if (c->in.len < header + len)
        return false;
    snprintf(c->text, sizeof c->text, "%.*s", (int)len, c->in.data + header);
    if (b[0] == 0x88)
        snprintf(c->text, sizeof c->text, "closed");
    drop_input(c, header + len);
    return true;
}

static inline bool
next_packet(client *c)
{
    read_more(c);
    return take_frame(c);
}

/* The next packet; "closed" for the close frame, "nothing" when the server just hangs up. */
static inline sio_view
heard(client *c)
{
    bool got = false;

    UNTIL((got = next_packet(c)) || c->ended);
    return sio_view_of(got ? c->text : "nothing");
}

#define CHECK_HEARD(c, want) CHECK_VIEW(heard(c), want)

/* Nothing waits for the client: the next thing that it hears is the answer to what it says now. */
#define CHECK_QUIET(c)            \
    do {                          \
        say(c, "3:99::");         \
        CHECK_HEARD(c, "6:::99"); \
    } while (0)

/* Its session is over and so is its connection. */
#define CHECK_CLOSED(c)           \
    do {                          \
        CHECK_HEARD(c, "closed"); \
        hang_up(c);               \
    } while (0)

/* A client that has joined the default namespace. */
static inline void
enter(client *c, const sio_server *s)
{
    if (!handshake(c, s))
        exit(1);
    open_websocket(c, s);
    CHECK_HEARD(c, "1::");
}

/* The same for several. */
static inline void
enter_all(client *clients, size_t n)
{
    for (size_t i = 0; i < n; i++)
        enter(&clients[i], io);
}

/* --- Clients of Engine.IO: frames as they are, with the digit of the engine. --- */

/* The text between `from` and the next quote, into id. */
static inline void
take_id(client *c, const char *from)
{
    const char *at = strstr(c->text, from);

    CHECK(at != NULL);
    if (at == NULL)
        exit(1);
    at += strlen(from);
    snprintf(c->id, sizeof c->id, "%.*s", (int)strcspn(at, "\""), at);
}

/* A session of that revision, whose id goes to c->id; nothing is joined yet. */
static inline void
open_engine(client *c, const sio_server *s, int revision)
{
    char text[500];

    *c = (client){.fd = -1};
    snprintf(text, sizeof text,
             "GET /socket.io/?EIO=%d&transport=websocket&color=red HTTP/1.1\r\nHost: test\r\n"
             "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
             revision);
    open_connection(c, s);
    write_all(c, text, strlen(text));
    CHECK_INT(answer_of(c), 101);
    heard(c);
    take_id(c, "\"sid\":\"");
}

/* A client of socket.io 3 or 4 in a namespace; c->id is that of its socket there. */
static inline void
join5(client *c, const char *nsp)
{
    char packet[200];

    snprintf(packet, sizeof packet, "40%s%s", nsp, nsp[0] != '\0' ? "," : "");
    say(c, packet);
    heard(c);
    CHECK(strncmp(c->text, packet, strlen(packet)) == 0);
    take_id(c, "{\"sid\":\"");
}

static inline void
enter5(client *c, const sio_server *s)
{
    open_engine(c, s, 4);
    join5(c, "");
}

/* A client of socket.io 1 or 2. */
static inline void
enter4(client *c, const sio_server *s)
{
    open_engine(c, s, 3);
    CHECK_HEARD(c, "40");
}

/* Send a binary message. */
static inline void
say_bytes(client *c, const char *bytes)
{
    char frame[200] = {(char)0x82, (char)(0x80 | strlen(bytes))};

    memcpy(frame + 6, bytes, strlen(bytes));
    write_all(c, frame, 6 + strlen(bytes));
}

#define CHECK_QUIET5(c)                                                   \
    do {                                                                  \
        say(c, "40/nowhere,");                                            \
        CHECK_HEARD(c, "44/nowhere,{\"message\":\"Invalid namespace\"}"); \
    } while (0)

#define CHECK_QUIET4(c)                                     \
    do {                                                    \
        say(c, "40/nowhere,");                              \
        CHECK_HEARD(c, "44/nowhere,\"Invalid namespace\""); \
    } while (0)

static inline sio_socket *
socket_of(const client *c, const char *nsp)
{
    sio_socket *socket = sio_find(sio_of(io, nsp), c->id);

    if (!CHECK(socket != NULL))
        exit(1);
    return socket;
}

/* --- Running. --- */

static void (*current)(void);

static inline void
with_server(void)
{
    notes[0] = '\0';
    if ((base = event_base_new()) == NULL)
        exit(1);
    io = new_server();
    current();
    sio_server_free(io);
    event_base_free(base);
    CHECK_NOTED(""); /* each test has looked at all that happened to it */
}

/* Run a test that finds `io` made, with its default settings, and not listening. */
static inline void
run_with_server(const char *name, void (*test)(void))
{
    current = test;
    check_run(name, with_server);
}

#define RUN_WITH_SERVER(test) run_with_server(#test, test)

#endif
