/*
 * tests/fuzz/fuzz_session.c - the whole server without sockets: any requests and frames, in any
 * order, on several connections, while time passes, peers stop reading, and an application answers
 * late or throws everybody out.
 *
 * What takes the place of server/conn.c is in session_client.h; the rest is the real thing. An input
 * is a script: a command on each line, a letter, for most the digit of a connection, and a text.
 *
 *     g0/path      GET                        c0  the peer closes      s0  stops reading
 *     p0/path body POST                       r0  resets               w0  reads again
 *     u0/path      upgrade to a websocket     l0  has left, which      x0  the next write fails
 *     t0text       websocket text message         nobody saw yet
 *     m0bytes      a binary one               +25000  so many milliseconds pass
 *     b0bytes      raw bytes                  y n f  the oldest decision: accept, refuse, fail
 *     d0bytes      the same one by one
 *     #            a remark                   k  answer the oldest acknowledgement    q  stop
 *
 * In a text $0 to $9 is the id of the first to tenth session; \r \n \\ \xHH are bytes. A capital
 * letter: what follows comes in the same turn of the loop.
 *
 * Checked: transcript.h for every connection; queues within their bounds; and when all has been
 * decided, time alone ends every connection and session and leaves nothing behind.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>

#include "server/server.h"
#include "server/session.h"
#include "store/memory.h"
#include "tests/fuzz/session_app.h"
#include "tests/fuzz/session_client.h"
#include "tests/fuzz/transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_CLIENTS = 10, MAX_PACKETS = 20, MAX_BYTES = 2048 };

typedef struct {
    sio_server *server;
    app         app;
    session_ids ids;
    client     *clients[MAX_CLIENTS];
} world;

/* What sio_listen() does, but for sockets; and time stands still. */
static sio_server *
server_new(void)
{
    static const struct {
        const char *key, *value;
    } settings[] = {
        {"max header bytes", "512"},
        {"max url bytes", "256"},
        {"destroy buffer size", "2000"},
        {"max queued packets", "20"},
        {"max queued bytes", "2048"},
        {"max rooms", "3"},
        {"maxPayload", "2000"},
        {"maxAttachments", "2"},
        {"engine echo", "\"/e\""},
        {"max unused handshakes", "5"},
        {"origins", "[\"*:*\"]"},
        {"transports", "[\"websocket\",\"flashsocket\",\"htmlfile\",\"xhr-polling\","
                       "\"jsonp-polling\"]"},
    };
    sio_handshakes_limits limits = {.max_entries = 5};
    sio_server           *s = sio_server_new(NULL);

    must(s != NULL);
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        must(sio_set(s, settings[i].key, settings[i].value) == 0);
    s->log.level = SIO_LOG_NONE;
    s->queue_limits = (sio_outq_limits){.max_frames = MAX_PACKETS, .max_bytes = MAX_BYTES};
    sio_wheel_fini(&s->wheel);
    must(sio_wheel_init(&s->wheel, NULL) == SIO_OK && sio_intake_init(&s->intake, s) == SIO_OK);
    must(sio_memory_store_new(&s->store, s->base, &limits) == SIO_OK);
    return s;
}

static void
check_session(const sio_session *s)
{
    const sio_mailbox *m = &s->mailbox;

    must(m->queue.n_frames <= MAX_PACKETS + 2 && /* with a goodbye */
         m->queue.n_bytes <= MAX_BYTES + MAX_PACKET);
    must(m->channel == NULL || m->channel->mailbox == m);
    must(!s->forgotten && (!s->ended || m->channel == NULL));
}

static void
check(const sio_server *s)
{
    size_t n_live = 0;

    for (size_t i = 0; i < s->sessions.n_slots; i++)
        for (sio_hash_node *node = s->sessions.slots[i]; node != NULL; node = node->next) {
            check_session(SIO_CONTAINER(node, sio_session, node));
            n_live += !SIO_CONTAINER(node, sio_session, node)->ended;
        }
    must(n_live == s->stats.sessions);
    must(sio_link_empty(&s->turn.tasks));
}

/* To the end of the turn, and the turns that follow from it at once. */
static void
turn(world *w)
{
    bool again = true;

    while (again) {
        again = false;
        while (!sio_link_empty(&w->server->turn.tasks))
            event_base_loop(w->server->base, EVLOOP_NONBLOCK);
        for (unsigned i = 0; i < MAX_CLIENTS; i++) {
            if (w->clients[i] != NULL && w->clients[i]->left)
                client_gone(w->clients[i], "socket end");
            else if (w->clients[i] != NULL && client_deliver(w->clients[i]))
                again = true;
        }
        again = again || !sio_link_empty(&w->server->turn.tasks);
    }
    check(w->server);
}

/* Let time pass up to that moment, from one thing that is due to the next. */
static void
pass_time(world *w, uint64_t until_ms)
{
    sio_wheel *wheel = &w->server->wheel;

    for (unsigned n = 0; sio_wheel_idle_ms(wheel) <= until_ms - wheel->clock_ms; n++) {
        must(n < 100000);
        sio_wheel_advance(wheel, wheel->clock_ms + sio_wheel_idle_ms(wheel));
        turn(w);
    }
    sio_wheel_advance(wheel, until_ms);
    turn(w);
}

/* Nobody does anything any more: after a day nothing is left. */
static void
world_end(world *w)
{
    sio_server *s = w->server;

    w->app.prompt = true;
    while (w->app.n_decisions > 0)
        app_decide(&w->app, SIO_ACCEPT);
    while (w->app.n_acks > 0)
        app_acknowledge(&w->app);
    turn(w);
    pass_time(w, s->wheel.clock_ms + 86400000);
    must(w->app.n_decisions == 0 && sio_link_empty(&s->conns) && s->stats.connections == 0);
    must(s->sessions.n_items == 0 && s->stats.sessions == 0 && sio_link_empty(&s->openings));
    must(sio_link_empty(&s->surveys) && w->app.n_told == 0);
    must(s->stopping || sio_wheel_idle_ms(&s->wheel) == UINT64_MAX);
    for (sio_link *l = s->namespaces.next; l != &s->namespaces; l = l->next) {
        sio_namespace *nsp = SIO_CONTAINER(l, sio_namespace, link);

        must(sio_link_empty(&nsp->sockets) && nsp->rooms.n_items == 0 && nsp->ids.n_items == 0);
    }
    sio_server_free(s);
}

/* --- Scripts. --- */

static char
unescape(const char **at, const char *end)
{
    const char c = *(*at)++;
    unsigned   byte;
    char       hex[3] = {0};

    if (c == 'n')
        return '\n';
    if (c == 'r')
        return '\r';
    if (c != 'x' || end - *at < 2)
        return c;
    memcpy(hex, *at, 2);
    *at += 2;
    return sscanf(hex, "%2x", &byte) == 1 ? (char)byte : '\0';
}

static void
expand(const world *w, const char *at, const char *end, sio_buf *text)
{
    while (at < end) {
        const char c = *at++;

        if (c == '\\' && at < end)
            sio_buf_add_char(text, unescape(&at, end));
        else if (c == '$' && at < end && isdigit((unsigned char)*at))
            sio_buf_add_str(text, w->ids.texts[*at++ - '0']);
        else
            sio_buf_add_char(text, c);
    }
}

static void
act(client *p, char letter, sio_view text)
{
    static const char upgrade[] = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                                  "dGhlIHNhbXBsZSBub25jZQ==\r\n";

    switch (letter) {
    case 'g':
        client_request(p, "GET ", text, "");
        break;
    case 'p':
        client_request(p, "POST ", text, "Origin: http://o\r\n");
        break;
    case 'u':
        client_request(p, "GET ", text, upgrade);
        break;
    case 't':
        client_message(p, SIO_WS_TEXT, text);
        break;
    case 'm':
        client_message(p, SIO_WS_BINARY, text);
        break;
    case 'b':
        client_send(p, text);
        break;
    case 'd':
        client_send_bytewise(p, text);
        break;
    case 'c':
        client_gone(p, "socket end");
        break;
    case 'r':
        client_gone(p, "socket error");
        break;
    case 'l':
        p->left = true;
        break;
    case 's':
        p->stalled = true;
        break;
    case 'w':
        client_read_again(p);
        break;
    case 'x':
        p->failing = true;
        break;
    default:
        break;
    }
}

/* The connection at that place, a new one if need be. NULL: a server that stops accepts none. */
static client *
client_at(world *w, unsigned place)
{
    if (w->clients[place] != NULL || w->server->stopping)
        return w->clients[place];
    return client_new(w->server, &w->ids, &w->clients[place]);
}

static void
act_on_client(world *w, char letter, const char *rest, const char *end)
{
    client *p;
    sio_buf text;

    if (rest >= end || !isdigit((unsigned char)*rest) ||
        (p = client_at(w, (unsigned)(*rest - '0'))) == NULL)
        return;
    sio_buf_init(&text, SIZE_MAX);
    expand(w, rest + 1, end, &text);
    act(p, letter, text.len > 0 ? sio_buf_view(&text) : SIO_VIEW(""));
    sio_buf_fini(&text);
}

static void
run_line(world *w, const char *line, const char *end)
{
    const char letter = (char)tolower((unsigned char)line[0]);
    char       digits[8];

    switch (letter) {
    case '#':
        return;
    case '+':
        snprintf(digits, sizeof digits, "%.*s", (int)(end - line - 1), line + 1);
        if (isdigit((unsigned char)digits[0]))
            pass_time(w, w->server->wheel.clock_ms + strtoul(digits, NULL, 10));
        break;
    case 'y':
        app_decide(&w->app, SIO_ACCEPT);
        break;
    case 'n':
        app_decide(&w->app, SIO_REFUSE);
        break;
    case 'f':
        if (end - line == 1)
            app_decide(&w->app, SIO_FAIL);
        break;
    case 'k':
        app_acknowledge(&w->app);
        break;
    case 'q':
        sio_stop(w->server);
        break;
    default:
        act_on_client(w, letter, line + 1, end);
        break;
    }
    if (letter == line[0])
        turn(w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data, *end = at + size;
    world       w = {.server = server_new()};

    app_init(&w.app, w.server);
    while (at < end) {
        const char *eol = memchr(at, '\n', (size_t)(end - at));

        if (eol == NULL)
            eol = end;
        if (eol > at)
            run_line(&w, at, eol);
        at = eol + 1;
    }
    world_end(&w);
    return 0;
}
