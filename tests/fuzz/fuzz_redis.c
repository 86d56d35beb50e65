/*
 * tests/fuzz/fuzz_redis.c - a whole server, its store and hiredis with a Redis that says anything.
 *
 * What takes the place of Redis is in fake_redis.h, and of sockets in session_client.h; the
 * rest is the real thing. An input is a script: a command on each line. Those of clients are a
 * letter, the digit of a connection and a text: see session_script.h. Those of Redis:
 *
 *     =bytes     what the next command is answered
 *     =VERB bytes         ... the next one of this kind
 *     >bytes     it says this where it is given commands
 *     <bytes     ... where the instance hears the others
 *     |bytes     ... where it hears other programs
 *     *bytes     a message to this instance      @bytes    a message to all
 *     (TTTTTT10g i=$0     such a message made of its fields (cluster_forge.h), of instance TTTTTT
 *     )TTTTTT10g i=$0     ... to all
 *     ^channel bytes      a message on that channel of other programs
 *     -0 -1 -2   it closes the connection for commands, to hear the others, to hear other programs
 *     h          it is silent                    o         no more
 *     +25000     so many milliseconds pass       %0 to %7  the application uses the store
 *     ~          in the first line: the server speaks the dialect node-0.9; ~7: node-0.9.17
 *     #          a remark
 *
 * In a text $0 to $9 is the id of the first to tenth session; \r \n \\ \xHH are bytes. A capital
 * letter: what follows comes in the same turn.
 *
 * Checked: transcript.h for every connection of a client; each operation of the store ends once;
 * and when Redis is started anew and honest, the instance uses it and hears itself, and nothing of
 * the clients is left.
 */
#include <ctype.h>
#include <signal.h>
#include <stdint.h>

#include "server/adapter/adapters.h"
#include "server/cluster/peers.h"
#include "server/server.h"
#include "server/startup.h"
#include "store/redis.h"
#include "tests/fuzz/fake_random.h"
#include "tests/fuzz/must.h"
#include "tests/fuzz/world/cluster_forge.h"
#include "tests/fuzz/fake_clock.h"
#include "tests/fuzz/world/fake_redis.h"
#include "tests/fuzz/world/session_app.h"
#include "tests/fuzz/world/session_client.h"
#include "tests/fuzz/world/session_script.h"
#include "tests/fuzz/world/session_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    MAX_CLIENTS = 10,
    MAX_DIGITS = 5,
    STEP_MS = 500,
    LAST_STEP_MS = 2000,    /* at the end */
    MAX_PASSED_MS = 120000, /* in one input */
    END_MS = 60000,         /* after which Redis is used again, and most clients have gone */
    MAX_ENDS = 20,          /* so often at most, until all have gone */
    MAX_ROUNDS = 1000       /* of one turn */
};

typedef struct {
    sio_server *server;
    fake_redis  redis;
    app         app;
    session_ids ids;
    client     *clients[MAX_CLIENTS];
    unsigned    n_waiting; /* operations of the store */
    unsigned    passed_ms;
} world;

/* --- Life. --- */

static void
set_limits(sio_server *s, const char *dialect)
{
    static const struct {
        const char *key, *value;
    } settings[] = {
        {"redis", "\"redis://fake\""},    {"heartbeat interval", "5"},
        {"heartbeat timeout", "12"},      {"close timeout", "15"},
        {"polling duration", "5"},        {"request timeout", "5"},
        {"keep-alive timeout", "20"},     {"pingInterval", "5000"},
        {"pingTimeout", "20000"},         {"maxDisconnectionDuration", "10000"},
        {"client store expiration", "1"}, {"handshake timeout", "10"},
    };

    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        must(sio_set(s, settings[i].key, settings[i].value) == 0);
    must(sio_set(s, "dialect", dialect) == 0);
}

static void
world_begin(world *w, const char *dialect)
{
    sio_redis_store_cfg cfg = {.url = fake_redis_url()};

    fake_clock_set(1000000);
    fake_random_seed(1);
    fake_redis_init(&w->redis);
    w->server = server_new(SIO_VIEW(""));
    set_limits(w->server, dialect);
    cfg.base = w->server->env.base;
    cfg.bare_clients = sio_adapters_bare_clients(&w->server->env);
    must(sio_redis_store_new(&w->server->env.store, &cfg) == SIO_OK);
    app_init(&w->app, w->server);
    must(sio_startup_join(w->server) == SIO_OK);
}

/* Do clients have something to hand over, or to leave? */
static bool
serve_clients(world *w)
{
    bool any = false;

    for (unsigned i = 0; i < MAX_CLIENTS; i++) {
        client *p = w->clients[i];

        if (p != NULL && p->left)
            client_gone(p, false);
        else if (p != NULL && client_deliver(p))
            any = true;
    }
    return any;
}

/* Until nothing is left to do. */
static void
turn(world *w)
{
    bool again = true;

    for (unsigned n = 0; again; n++) {
        must(n < MAX_ROUNDS);
        event_base_loop(w->server->env.base, EVLOOP_NONBLOCK);
        again = fake_redis_serve(&w->redis);
        again = serve_clients(w) || again || !sio_link_empty(&w->server->env.deferred.tasks);
    }
    server_check(w->server);
}

static void
pass_time(world *w, unsigned ms, unsigned max_step_ms)
{
    sio_timer_wheel *wheel = &w->server->env.timers;

    for (unsigned step; ms > 0; ms -= step) {
        step = ms < max_step_ms ? ms : max_step_ms;
        fake_clock_advance(step);
        sio_timer_wheel_advance(wheel, wheel->clock_ms + step);
        turn(w);
    }
}

/*
 * Redis says nothing wrong any more: the instance goes on with it, and ends tidily. That takes a
 * while: what nobody reads waits until "send timeout", and requests sent at once wait in turn.
 */
static void
world_end(world *w)
{
    sio_server *s = w->server;

    fake_redis_be_honest(&w->redis);
    w->app.prompt = true;
    while (w->app.n_decisions > 0)
        app_decide(&w->app, SIO_ACCEPT);
    while (w->app.n_acks > 0)
        app_acknowledge(&w->app);
    turn(w);
    for (unsigned i = 0; i < MAX_ENDS && (i == 0 || !server_is_idle(s)); i++)
        pass_time(w, END_MS, LAST_STEP_MS);
    must(sio_store_get_counters(s->env.store)->connected == 1 && w->n_waiting == 0);
    must(s->env.phase == SIO_STOPPING ||
         (s->cluster.up && s->cluster.heard_self_ms + END_MS / 2 > s->env.timers.clock_ms));
    must(server_is_idle(s));
    sio_server_free(s);
    fake_redis_fini(&w->redis);
}

/* --- The application and the store. --- */

static void
on_done(void *arg, int rc)
{
    world *w = arg;

    (void)rc;
    must(w->n_waiting-- > 0);
}

static void
on_value(void *arg, int rc, sio_view value)
{
    must(rc == SIO_OK || value.len == 0);
    on_done(arg, rc);
}

static void
on_list(void *arg, int rc, const sio_view *items, size_t n)
{
    (void)items;
    must(rc == SIO_OK || n == 0);
    on_done(arg, rc);
}

static void
use_store(world *w, char what)
{
    const sio_store_client_limits limits = {.max_keys = 5, .max_bytes = 1000};
    const sio_view                id = SIO_VIEW("client"), tag = SIO_VIEW("nobody");
    sio_store                    *s = w->server->env.store;

    w->n_waiting++;
    switch (what) {
    case '0':
        sio_store_client_set(s, id, SIO_VIEW("k"), SIO_VIEW("v"), &limits, on_done, w);
        break;
    case '1':
        sio_store_client_get(s, id, SIO_VIEW("k"), on_value, w);
        break;
    case '2':
        sio_store_client_has(s, id, SIO_VIEW("k"), on_done, w);
        break;
    case '3':
        sio_store_client_inherit(s, id, SIO_VIEW("old"), on_done, w);
        break;
    case '4':
        sio_store_client_expire(s, id, 1000, on_done, w);
        break;
    case '5':
        sio_store_handshake_take(s, id, on_value, w);
        break;
    case '6':
        sio_store_lost_take(s, tag, 1000, on_list, w);
        break;
    default:
        sio_store_client_del(s, id, SIO_VIEW("k"), on_done, w);
        break;
    }
}

/* --- What Redis says. --- */

/* The number that makes the message the next one in turn. */
static uint64_t
next_seq(sio_server *s, sio_view from)
{
    const sio_peer *peer = sio_peer_find(&s->env, from);

    return peer != NULL ? peer->heard_seq + 1 : 1;
}

static void
say_message(world *w, bool is_direct, sio_view bytes)
{
    fake_redis_message(&w->redis, FOR_CLUSTER,
                       is_direct ? sio_buf_view(&w->redis.own_channel) : SIO_VIEW("sio:cast"),
                       bytes);
}

static void
say_forged(world *w, bool is_direct, sio_view text)
{
    forgery f = {.message = {.kind = 0}};
    sio_buf bytes;

    if (text.len <= SIO_STORE_TAG_LEN)
        return;
    sio_buf_init(&bytes, SIZE_MAX);
    sio_buf_init(&f.packets, SIZE_MAX);
    f.message.from = (sio_view){text.data, SIO_STORE_TAG_LEN};
    f.message.seq = is_direct ? next_seq(w->server, f.message.from) : 0;
    forge_message(&f, (sio_view){text.data + SIO_STORE_TAG_LEN, text.len - SIO_STORE_TAG_LEN});
    sio_cluster_message_encode(&f.message, &bytes);
    if (!bytes.failed)
        say_message(w, is_direct, sio_buf_view(&bytes));
    sio_buf_fini(&f.packets);
    sio_buf_fini(&bytes);
}

static void
say_on_channel(world *w, sio_view text)
{
    const char *blank = text.len > 0 ? memchr(text.data, ' ', text.len) : NULL;
    sio_view    channel = text, bytes = SIO_VIEW("");

    if (blank != NULL) {
        channel.len = (size_t)(blank - text.data);
        bytes = (sio_view){blank + 1, text.len - channel.len - 1};
    }
    fake_redis_message(&w->redis, FOR_CHANNELS, channel, bytes);
}

static void
act_on_redis(world *w, char letter, sio_view text)
{
    fake_redis *r = &w->redis;

    switch (letter) {
    case '=':
        fake_redis_set_answer(r, text);
        break;
    case '>':
        fake_redis_say(fake_redis_find(r, FOR_COMMANDS), text);
        break;
    case '<':
        fake_redis_say(fake_redis_find(r, FOR_CLUSTER), text);
        break;
    case '|':
        fake_redis_say(fake_redis_find(r, FOR_CHANNELS), text);
        break;
    case '*':
    case '@':
        say_message(w, letter == '*', text);
        break;
    case '(':
    case ')':
        say_forged(w, letter == '(', text);
        break;
    default:
        say_on_channel(w, text);
        break;
    }
}

static void
cut(world *w, char role)
{
    fake_conn *c = role >= '0' && role < '0' + N_ROLES
                       ? fake_redis_find(&w->redis, (fake_role)(role - '0'))
                       : NULL;

    if (c != NULL)
        fake_redis_close(c);
}

/* --- Scripts. --- */

static void
act_on_client(world *w, char letter, char digit, sio_view text)
{
    client **place = &w->clients[(unsigned)(digit - '0')];

    if (*place == NULL && w->server->env.phase != SIO_STOPPING)
        client_new(w->server, &w->ids, place);
    if (*place != NULL)
        script_act(*place, letter, text);
}

static void
act(world *w, char letter, const char *rest, const char *end)
{
    const bool is_redis = strchr("=><|*@()^", letter) != NULL;
    sio_buf    buf;
    sio_view   text;

    if (!is_redis && (rest == end || !isdigit((unsigned char)*rest)))
        return;
    sio_buf_init(&buf, SIZE_MAX);
    script_expand(&w->ids, is_redis ? rest : rest + 1, end, &buf);
    text = buf.len > 0 ? sio_buf_view(&buf) : SIO_VIEW("");
    if (is_redis)
        act_on_redis(w, letter, text);
    else
        act_on_client(w, letter, *rest, text);
    sio_buf_fini(&buf);
}

static void
pass_some_time(world *w, unsigned ms)
{
    if (ms > MAX_PASSED_MS - w->passed_ms)
        ms = MAX_PASSED_MS - w->passed_ms;
    w->passed_ms += ms;
    pass_time(w, ms, STEP_MS);
}

static void
run_line(void *arg, const char *line, const char *end)
{
    world     *w = arg;
    const char letter = (char)tolower((unsigned char)line[0]);
    const char next = end - line > 1 ? line[1] : '\0';

    switch (letter) {
    case '#':
    case '~':
        return;
    case '+':
        pass_some_time(w, script_number(line + 1, end, MAX_DIGITS));
        break;
    case '-':
        cut(w, next);
        break;
    case '%':
        use_store(w, next);
        break;
    case 'h':
    case 'o':
        w->redis.silent = letter == 'h';
        break;
    case '\0':
        break;
    default:
        act(w, letter, line + 1, end);
        break;
    }
    if (letter == line[0])
        turn(w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const bool is_node = size > 0 && data[0] == '~';
    const bool is_17 = is_node && size > 1 && data[1] == '7';
    world      w = {.server = NULL};

    signal(SIGPIPE, SIG_IGN);
    world_begin(&w, is_17 ? "\"node-0.9.17\"" : is_node ? "\"node-0.9\"" : "\"siobroker\"");
    turn(&w);
    script_run((const char *)data, size, run_line, &w);
    world_end(&w);
    return 0;
}
