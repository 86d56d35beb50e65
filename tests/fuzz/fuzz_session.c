/*
 * tests/fuzz/fuzz_session.c - the whole server without sockets: any requests and frames, in any
 * order, on several connections, while time passes, peers stop reading, and an application answers
 * late or throws everybody out.
 *
 * What takes the place of sockets is in session_client.h; the rest is the real thing. An input
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
 *     @0 ?0 ^0 &0  from pages, and compressed: session_script.h
 *
 * A first line such as %rz turns things on (session_server.h). In a text $0 to $9 is the id of the
 * first to tenth session, $p the last private id, $o the last offset; \r \n \\ \xHH are bytes. A
 * capital letter: what follows comes in the same turn of the loop.
 *
 * Checked: transcript.h for every connection; queues within their bounds; and when all has been
 * decided, time alone ends every connection and session and leaves nothing behind.
 */
#include <ctype.h>
#include <stdint.h>

#include "server/server.h"
#include "store/memory.h"
#include "tests/fuzz/must.h"
#include "tests/fuzz/world/session_app.h"
#include "tests/fuzz/world/session_client.h"
#include "tests/fuzz/world/session_script.h"
#include "tests/fuzz/world/session_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_CLIENTS = 10, MAX_DIGITS = 7 };

typedef struct {
    sio_server *server;
    app         app;
    session_ids ids;
    client     *clients[MAX_CLIENTS];
} world;

static void
world_begin(world *w, sio_view switches)
{
    sio_handshakes_limits limits = {.max_entries = MAX_HANDSHAKES};

    w->server = server_new(switches);
    must(sio_memory_store_new(&w->server->env.store, w->server->env.base, &limits) == SIO_OK);
    app_init(&w->app, w->server);
}

/* To the end of the turn, and the turns that follow from it at once. */
static void
turn(world *w)
{
    bool again = true;

    while (again) {
        again = false;
        server_run_tasks(w->server);
        for (unsigned i = 0; i < MAX_CLIENTS; i++) {
            if (w->clients[i] != NULL && w->clients[i]->left)
                client_gone(w->clients[i], false);
            else if (w->clients[i] != NULL && client_deliver(w->clients[i]))
                again = true;
        }
        again = again || !sio_link_empty(&w->server->env.deferred.tasks);
    }
    server_check(w->server);
}

/* Let time pass up to that moment, from one thing that is due to the next. */
static void
pass_time(world *w, uint64_t until_ms)
{
    sio_timer_wheel *wheel = &w->server->env.timers;

    for (unsigned n = 0; sio_timer_wheel_idle_ms(wheel) <= until_ms - wheel->clock_ms; n++) {
        must(n < 100000);
        sio_timer_wheel_advance(wheel, wheel->clock_ms + sio_timer_wheel_idle_ms(wheel));
        turn(w);
    }
    sio_timer_wheel_advance(wheel, until_ms);
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
    pass_time(w, s->env.timers.clock_ms + 86400000);
    must(w->app.n_decisions == 0 && w->app.n_told == 0);
    must(server_is_idle(s));
    must(s->env.phase == SIO_STOPPING || sio_timer_wheel_idle_ms(&s->env.timers) == UINT64_MAX);
    sio_server_free(s);
}

/* --- Scripts. --- */

/* The connection at that place, a new one if need be. NULL: a server that stops accepts none. */
static client *
client_at(world *w, unsigned place)
{
    if (w->clients[place] != NULL || w->server->env.phase == SIO_STOPPING)
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
    script_expand(&w->ids, rest + 1, end, &text);
    script_act(p, letter, text.len > 0 ? sio_buf_view(&text) : SIO_VIEW(""));
    sio_buf_fini(&text);
}

static void
run_line(void *arg, const char *line, const char *end)
{
    world     *w = arg;
    const char letter = (char)tolower((unsigned char)line[0]);

    switch (letter) {
    case '#':
    case '%':
        return;
    case '+':
        pass_time(w, w->server->env.timers.clock_ms + script_number(line + 1, end, MAX_DIGITS));
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
    world w = {.server = NULL};

    world_begin(&w, server_switches((const char *)data, size));
    script_run((const char *)data, size, run_line, &w);
    world_end(&w);
    return 0;
}
