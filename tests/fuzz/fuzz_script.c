/*
 * tests/fuzz/fuzz_script.c - a script (script_driver.js) on the whole server without sockets: it
 * says any word of its modules, and any function that lib/ has of C, with the oddest arguments,
 * while clients come, speak and go.
 *
 * An input is a script of fuzz_session.c, but for what that says of its application; and
 *
 *     jbytes       the driver takes its choices from the bytes: whom, which word, with what
 *     +25000       so many milliseconds pass
 *     q            stop
 *
 * Checked: nothing crashes, and at the end QuickJS finds everything freed that it has given.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>

#include "server/script/interpreter.h"
#include "server/script/script.h"
#include "server/server.h"
#include "store/memory.h"
#include "tests/fuzz/fake_clock.h"
#include "tests/fuzz/must.h"
#include "tests/fuzz/world/session_client.h"
#include "tests/fuzz/world/session_script.h"
#include "tests/fuzz/world/session_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_CLIENTS = 10, MAX_DIGITS = 5, MAX_STEPS = 200 };

typedef struct {
    sio_server      *server;
    sio_interpreter *in;
    session_ids      ids;
    client          *clients[MAX_CLIENTS];
    unsigned         n_steps;
} world;

/* Call a function that the driver has made, with one argument, which is freed. */
static void
call_driver(world *w, const char *name, JSValue arg)
{
    JSContext *context = w->in->context;
    JSValue    global = JS_GetGlobalObject(context);
    JSValue    fn = JS_GetPropertyStr(context, global, name);

    JS_FreeValue(context, sio_interpreter_call(w->in, name, fn, JS_UNDEFINED, 1, &arg));
    JS_FreeValue(context, arg);
    JS_FreeValue(context, fn);
    JS_FreeValue(context, global);
}

static void
world_begin(world *w, sio_view switches)
{
    static char           driver[] = "tests/fuzz/script_driver.js";
    static char *const    argv[] = {driver, NULL};
    sio_handshakes_limits limits = {.max_entries = MAX_HANDSHAKES};

    fake_clock_set(1000000);
    w->server = server_new(switches);
    must(sio_set(w->server, "script max memory", "16777216") == 0);
    must(sio_memory_store_new(&w->server->env.store, w->server->env.base, &limits) == SIO_OK);
    w->in = sio_script_begin(w->server, 1, argv, false, -1);
    must(w->in != NULL);
    must(!w->in->has_ended);
    call_driver(w, "begin", JS_GetPropertyStr(w->in->context, w->in->hooks, "native"));
}

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
}

static void
pass_time(world *w, uint64_t ms)
{
    sio_timer_wheel *wheel = &w->server->env.timers;
    const uint64_t   until_ms = wheel->clock_ms + ms;

    for (unsigned n = 0; n < 1000 && sio_timer_wheel_idle_ms(wheel) <= until_ms - wheel->clock_ms;
         n++) {
        const uint64_t idle_ms = sio_timer_wheel_idle_ms(wheel);

        fake_clock_advance(idle_ms);
        sio_timer_wheel_advance(wheel, wheel->clock_ms + idle_ms);
        turn(w);
    }
    fake_clock_advance(until_ms - wheel->clock_ms);
    sio_timer_wheel_advance(wheel, until_ms);
    turn(w);
}

static void
world_end(world *w)
{
    call_driver(w, "finish", JS_UNDEFINED);
    turn(w);
    pass_time(w, 100000);
    for (unsigned i = 0; i < MAX_CLIENTS; i++)
        if (w->clients[i] != NULL)
            client_gone(w->clients[i], false);
    turn(w);
    sio_script_end(w->in);
}

/* --- Scripts. --- */

static void
step(world *w, const char *at, const char *end)
{
    JSContext *context = w->in->context;
    JSValue    bytes = JS_NewArray(context);

    for (uint32_t i = 0; at < end; at++, i++)
        JS_SetPropertyUint32(context, bytes, i, JS_NewInt32(context, (uint8_t)*at));
    if (w->n_steps++ < MAX_STEPS)
        call_driver(w, "step", bytes);
    else
        JS_FreeValue(context, bytes);
}

static void
act_on_client(world *w, char letter, const char *rest, const char *end)
{
    const unsigned place = rest < end ? (unsigned)(*rest - '0') : MAX_CLIENTS;
    client        *p;
    sio_buf        text;

    if (place >= MAX_CLIENTS)
        return;
    p = w->clients[place];
    if (p == NULL && w->server->env.phase != SIO_STOPPING)
        p = client_new(w->server, &w->ids, &w->clients[place]);
    if (p == NULL)
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
    case 'j':
        step(w, line + 1, end);
        break;
    case '+':
        pass_time(w, script_number(line + 1, end, MAX_DIGITS));
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
