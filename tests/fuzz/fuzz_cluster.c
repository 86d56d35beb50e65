/*
 * tests/fuzz/fuzz_cluster.c - several whole servers without sockets and without Redis: requests of
 * clients to any of them, while messages between them wait and are lost, Redis goes away, and
 * servers freeze, die, stop and start.
 *
 * An input is a script: a command on each line. Those of clients begin with the digits of a server
 * and of a connection to it, and are in session_script.h, but for the last:
 *
 *     g01/path      p01/path body   u01/path   t01text    b01bytes   d01bytes
 *     n01bytes      a binary message of a websocket
 *     c01  r01  l01  s01  w01  x01
 *     e01/path      POST a message that is marked; on a websocket: send one
 *     @01/path      ?01/path        ^01/path   &01text    from pages, and compressed
 *
 * Those of servers:
 *
 *     h1   what comes from Redis waits       o1   ... no more     +25000  milliseconds pass
 *     m1   it hears the oldest message, m13: three of them; a1, a13: the same with answers
 *     i1   its subscription is interrupted   -1   it is cut off from Redis     =1  ... no more
 *     !1   its next message is refused, !13      -    Redis goes away, all forget  =   it is back
 *     z1   it freezes                        ~    the same, and Redis forgets, too
 *     v1   it goes on                        k1   it dies          j1  a new one joins in its place
 *     q1   it is told to stop                #    a remark
 *     *1bytes        it gets this message
 *     $1             it gets the last message that it has heard once more
 *     <10g i=$0      it gets this one (cluster_forge.h), in the name of server 0
 *     >10c e="n"     the same, as a message to all
 *
 * A capital letter: what follows comes in the same turn. What waits for nothing comes at once. A
 * first line such as %rz turns things on (session_server.h).
 *
 * Checked: transcript.h for every connection; queues within their bounds, and numbers of messages;
 * cluster_promise.h, unless messages were forged or repeated, which with a secret ("%s") breaks no
 * promise, but for those that are sealed as if by a server, < and >; and that afterwards every
 * request is answered, every session still gets its messages and events, and time alone ends all of
 * them, on all servers, and leaves nothing behind.
 */
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "protocol/utf8.h"
#include "server/cluster/peers.h"
#include "server/cluster/seal.h"
#include "server/server.h"
#include "tests/fuzz/fake_random.h"
#include "tests/fuzz/must.h"
#include "tests/fuzz/world/cluster_end.h"
#include "tests/fuzz/world/cluster_forge.h"
#include "tests/fuzz/world/cluster_seat.h"
#include "tests/fuzz/world/cluster_turn.h"
#include "tests/fuzz/world/session_script.h"
#include "tests/fuzz/world/session_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_DIGITS = 5 /* of the milliseconds that pass */ };

/* --- Messages that nobody sent. --- */

/* Servers send each other nothing else, and pass it on unread. */
static bool
is_all_utf8(const sio_cluster_message *m)
{
    return sio_utf8_valid(m->packets) && sio_utf8_valid(m->body) && sio_utf8_valid(m->name) &&
           sio_utf8_valid(m->args);
}

static void
inject(world *w, node *n, bool direct, sio_view bytes)
{
    sio_cluster_message m;
    const bool          is_message = sio_cluster_message_decode(bytes, &m) == SIO_OK;

    if (!n->redis->subscribed || (is_message && !is_all_utf8(&m)))
        return;
    if (!sio_seal_is_used(&n->server->env))
        w->promise.is_void = w->promise.is_void || is_message;
    redis_send(n->redis, NULL, direct, bytes);
}

/* With the secret, by the server with that digit, or by somebody else who knows it. */
static void
inject_sealed(world *w, node *n, char from, bool direct, sio_view bytes)
{
    const unsigned i = (unsigned)(from - '0');
    sio_server    *s = i < N_SERVERS ? w->nodes[i].server : NULL;
    sio_env       *env = s != NULL ? &s->env : &n->server->env;
    const sio_view tag = direct ? sio_view_of(n->redis->tag) : SIO_VIEW("");
    sio_view       sealed;

    if (!sio_seal_is_used(env)) {
        inject(w, n, direct, bytes);
        return;
    }
    must(sio_seal_put(env, tag, bytes, &sealed));
    w->promise.is_void = true;
    if (n->redis->subscribed)
        redis_send(n->redis, NULL, direct, sealed);
}

static void
inject_again(world *w, node *n)
{
    const redis_message *m = redis_replay(n->redis);

    if (m != NULL && !sio_seal_is_used(&n->server->env))
        w->promise.is_void = true;
}

/* The tag of the server with that digit, running or not, or one that no server has. */
static sio_view
tag_of(const world *w, char digit)
{
    const unsigned i = (unsigned)(digit - '0');

    return i < N_SERVERS && w->nodes[i].server != NULL ? sio_view_of(w->nodes[i].server->env.tag)
                                                       : SIO_VIEW("nobody");
}

/* The number that makes the message the next one in turn. */
static uint64_t
next_seq(const node *n, sio_view from)
{
    const sio_peer *peer = sio_peer_find(&n->server->env, from);

    return peer != NULL ? peer->heard_seq + 1 : 1;
}

static void
inject_forged(world *w, node *n, bool direct, sio_view text)
{
    forgery f = {.message = {.kind = 0}};
    sio_buf bytes;

    if (text.len < 2)
        return;
    sio_buf_init(&bytes, SIZE_MAX);
    sio_buf_init(&f.packets, SIZE_MAX);
    f.message.from = tag_of(w, text.data[0]);
    f.message.seq = direct ? next_seq(n, f.message.from) : 0;
    forge_message(&f, (sio_view){text.data + 1, text.len - 1});
    if (f.message.origin.len == 1)
        f.message.origin = tag_of(w, f.message.origin.data[0]);
    sio_cluster_message_encode(&f.message, &bytes);
    if (!bytes.failed)
        inject_sealed(w, n, text.data[0], direct, sio_buf_view(&bytes));
    sio_buf_fini(&f.packets);
    sio_buf_fini(&bytes);
}

/* --- Scripts. --- */

static void
act_on_redis(world *w, char letter)
{
    if (letter == '=') {
        w->redis.away = false;
        return;
    }
    redis_go_away(&w->redis);
    if (letter == '~') {
        redis_forget(&w->redis);
        w->promise.has_forgotten = true;
    }
}

/* One that is awake reads what waits for it. */
static void
take_some(node *n, bool (*take)(redis_link *l), unsigned count)
{
    for (bool more = node_is_awake(n); more && count > 0; count--)
        more = take(n->redis);
}

/* What others have not heard so far is lost, so that to them it has been silent for longer. */
static void
cut_off(world *w, node *n)
{
    redis_cut(n->redis);
    for (unsigned i = 0; i < N_SERVERS; i++)
        if (w->nodes[i].deaf_from_ms < n->silent_from_ms)
            n->silent_from_ms = w->nodes[i].deaf_from_ms;
}

static void
act_on_server(world *w, node *n, char letter, sio_view text)
{
    const unsigned count = text.len > 0 ? script_number(text.data, text.data + text.len, 3) : 1;

    switch (letter) {
    case 'h':
    case 'o':
        n->holding = letter == 'h';
        break;
    case 'm':
        take_some(n, redis_hear, count);
        break;
    case 'a':
        take_some(n, redis_answer, count);
        break;
    case 'i':
        redis_unsubscribe(n->redis);
        break;
    case '-':
        cut_off(w, n);
        break;
    case '=':
        n->redis->cut = false;
        break;
    case '!':
        n->redis->refuses = count;
        break;
    case 'z':
        n->frozen = true;
        break;
    case 'v':
        if (n->frozen)
            node_thaw(w, n);
        break;
    case 'k':
        node_kill(w, n);
        break;
    case 'q':
        if (!n->frozen)
            node_stop(w, n);
        break;
    case '*':
        inject(w, n, true, text);
        break;
    case '$':
        inject_again(w, n);
        break;
    case '<':
    case '>':
        inject_forged(w, n, letter == '<', text);
        break;
    default:
        break;
    }
}

static void
act_on_node(world *w, node *n, char letter, const char *rest, const char *end)
{
    const bool is_client = strchr("gputnbdcrlswxe@?^&", letter) != NULL;
    sio_buf    buf;
    sio_view   text;

    if (is_client && (rest == end || !isdigit((unsigned char)*rest)))
        return;
    sio_buf_init(&buf, SIZE_MAX);
    script_expand(&w->ids, is_client ? rest + 1 : rest, end, &buf);
    text = buf.len > 0 ? sio_buf_view(&buf) : SIO_VIEW("");
    if (is_client)
        seat_act(w, n, letter, (unsigned)(*rest - '0'), text);
    else
        act_on_server(w, n, letter, text);
    sio_buf_fini(&buf);
}

static void
run_line(void *arg, const char *line, const char *end)
{
    world         *w = arg;
    const char     letter = (char)tolower((unsigned char)line[0]);
    const unsigned place = end - line > 1 ? (unsigned)(line[1] - '0') : N_SERVERS;
    node          *n = place < N_SERVERS ? &w->nodes[place] : NULL;

    if (letter == '#' || letter == '%')
        return;
    if (letter == '+')
        world_pass_time(w, script_number(line + 1, end, MAX_DIGITS));
    else if (end - line == 1 && strchr("-=~", letter) != NULL)
        act_on_redis(w, letter);
    else if (n != NULL && n->server != NULL)
        act_on_node(w, n, letter, line + 2, end);
    else if (n != NULL && letter == 'j')
        node_start(w, n);
    if (letter == line[0])
        world_turn(w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    world w = {.switches = server_switches((const char *)data, size)};

    fake_random_seed(1);
    promise_init(&w.promise);
    redis_init(&w.redis);
    for (unsigned i = 0; i < N_SERVERS; i++)
        node_start(&w, &w.nodes[i]);
    world_turn(&w);
    script_run((const char *)data, size, run_line, &w);
    world_end(&w);
    return 0;
}
