/*
 * The n-th allocation fails, for every n: from a handshake to the end of an instance. The process
 * lives, clients get an answer or an end, nothing leaks, and afterwards all is as before.
 */
#include <cjson/cJSON.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/server.h"
#include "server/startup.h"
#include "tests/fuzz/fake_random.h"
#include "tests/fuzz/must.h"
#include "tests/fuzz/world/cluster_store.h"
#include "tests/fuzz/world/session_server.h"
#include "tests/unit/check.h"
#include "tests/unit/server/failing_memory.h"
#include "tests/unit/server/memory_world.h"

/* --- The application. --- */

/* What it was told that it can not have. */
static void
told(int rc)
{
    world.n_told += rc != 0;
}

static void
on_echo(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t           len, n;
    const char      *args = sio_event_args(event, &len);
    const sio_bytes *attachments = sio_event_attachments(event, &n);
    char             copy[SAYING_LEN];

    (void)arg;
    snprintf(copy, sizeof copy, "%.*s", (int)len, args);
    told(sio_emit_binary(socket, "echo", copy, attachments, n, NULL, NULL));
    if (sio_event_wants_ack(event))
        told(sio_ack_binary(socket, event, copy, attachments, n));
}

static char kept_token[SIO_ACK_TOKEN_SIZE]; /* of the last one who asked for it */

/* The other instance acknowledges. */
static void
on_token(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)arg;
    told(sio_ack_token(socket, event, 5000, kept_token));
}

static void
on_token_used(sio_ack_result result, void *arg)
{
    (void)arg;
    told(result == SIO_ACK_DONE ? 0 : -1);
}

static void
on_use_token(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_bytes bytes = {"\x01\x02", 2};

    (void)event;
    (void)arg;
    told(sio_emit(socket, "joined", NULL));
    told(sio_ack_by_token(sio_server_of(sio_namespace_of(socket)), kept_token,
                          "[{\"_placeholder\":true,\"num\":0}]", &bytes, 1, on_token_used, NULL));
}

static void
on_tree(sio_socket *socket, const sio_event *event, void *arg)
{
    const cJSON *tree = sio_event_tree(event);

    (void)arg;
    told(tree == NULL ? -1 : sio_emit_tree(socket, "tree", tree, NULL, NULL));
}

static void
on_later(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_ack_later *ack = sio_ack_keep(socket, event);

    (void)arg;
    told(ack != NULL ? sio_ack_now(ack, "[\"late\"]") : -1);
}

/* A message comes back as text, or as JSON. */
static void
on_message(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t      len;
    const char *text = sio_event_data(event, &len);

    (void)arg;
    told(sio_send(socket, text, len));
}

static void
on_later_still(void *arg)
{
    told(sio_broadcast(sio_sockets(arg), NULL, "later", NULL));
}

static void
on_soon(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_server *s = sio_server_of(sio_namespace_of(socket));

    (void)event;
    (void)arg;
    told(sio_after(s, 100, on_later_still, s) != NULL ? 0 : -1);
}

static void
on_join(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    told(sio_set_socket_data(socket, "{\"name\":\"Ann\"}"));
    told(sio_join(socket, "r"));
    told(sio_emit(socket, "joined", NULL));
}

static void
on_leave(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    sio_leave(socket, "r");
}

static void
on_room(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *const rooms[] = {"r", "s", NULL};
    const sio_to      to = {.rooms = rooms};

    (void)event;
    (void)arg;
    told(sio_broadcast(sio_namespace_of(socket), &to, "room", "[1]"));
}

static void
on_all(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_bytes bytes = {"\x01\x02", 2};

    (void)event;
    (void)arg;
    told(sio_broadcast_binary(sio_namespace_of(socket), NULL, "all",
                              "[{\"_placeholder\":true,\"num\":0}]", &bytes, 1));
}

static char answered[] = "answers", listed[] = "listed"; /* what the application says then */

static void
on_answers(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    world.n_answered = (unsigned)answers->n_answered;
    told(answers->n_reached < answers->n_instances ? -1 : 0);
    told(sio_broadcast(nsp, NULL, arg, NULL));
}

static void
on_survey(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_to to = {.room = "r"};

    (void)event;
    (void)arg;
    told(sio_broadcast_ack(sio_namespace_of(socket), &to, "q", NULL, 2000, on_answers, answered));
}

static void
on_fetch(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *const rooms[] = {"r", "", "s", NULL}, *const except[] = {"t", "u", NULL};
    const sio_to to = {.rooms = rooms, .except_rooms = except};

    (void)event;
    (void)arg;
    told(sio_fetch(sio_namespace_of(socket), &to, 2000, on_answers, listed));
}

static void
on_counted(sio_namespace *nsp, const sio_count_result *count, void *arg)
{
    told(count->n_reached < count->n_instances ? -1 : 0);
    told(sio_broadcast(nsp, NULL, arg, NULL));
}

static void
on_rooms(sio_namespace *nsp, const sio_room_list *list, void *arg)
{
    told(list->n_reached < list->n_instances || list->has_more ? -1 : 0);
    told(sio_broadcast(nsp, NULL, arg, NULL));
}

static char counted[] = "counted", rooms_listed[] = "rooms";

static void
on_count(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    told(sio_count(sio_namespace_of(socket), NULL, 2000, on_counted, counted));
}

static void
on_list_rooms(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    told(sio_rooms(sio_namespace_of(socket), NULL, 10, 2000, on_rooms, rooms_listed));
}

static void
resume(sio_socket *socket, void *arg)
{
    (void)arg;
    sio_pause(socket, false);
}

static void
on_rested(void *arg)
{
    told(sio_each(sio_sockets(arg), NULL, resume, NULL));
}

static void
on_rest(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_server *s = sio_server_of(sio_namespace_of(socket));

    (void)event;
    (void)arg;
    if (sio_after(s, 100, on_rested, s) == NULL)
        told(-1);
    else
        told(sio_pause(socket, true));
}

static void
on_move(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *const rooms[] = {"s", "r", NULL}, *const except[] = {"t", NULL};
    const sio_to to = {.rooms = rooms, .except_rooms = except};

    (void)event;
    (void)arg;
    told(sio_each_join(sio_namespace_of(socket), NULL, "s"));
    told(sio_broadcast(sio_namespace_of(socket), &to, "moved", NULL));
    told(sio_each_leave(sio_namespace_of(socket), &to, "s"));
}

static void
on_question_answered(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    (void)arg;
    (void)len;
    told(sio_emit(socket, args_json != NULL ? "answered" : "silent", NULL));
}

static void
on_ask(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    told(sio_emit_ack_within(socket, "ask", NULL, 1000, on_question_answered, NULL));
}

static void
accept_all(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)handshake_json;
    (void)arg;
    sio_decide(decision, SIO_ACCEPT);
}

/* False: there is no memory for it. */
static bool
serve(sio_server *s)
{
    static const struct {
        const char  *name;
        sio_event_fn fn;
    } events[] = {
        {"echo", on_echo},
        {"tree", on_tree},
        {"later", on_later},
        {"join", on_join},
        {"leave", on_leave},
        {"room", on_room},
        {"all", on_all},
        {"survey", on_survey},
        {"fetch", on_fetch},
        {"move", on_move},
        {"soon", on_soon},
        {"ask", on_ask},
        {"token", on_token},
        {"use token", on_use_token},
        {"rest", on_rest},
        {"count", on_count},
        {"list rooms", on_list_rooms},
    };
    const unsigned n_failed = memory.n_failed;
    sio_namespace *chat = sio_of(s, "/chat");

    if (chat == NULL)
        return false;
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        sio_on(sio_sockets(s), events[i].name, events[i].fn, NULL);
        sio_on(chat, events[i].name, events[i].fn, NULL);
    }
    sio_on_message(sio_sockets(s), on_message, NULL);
    sio_authorization(s, accept_all, NULL);
    sio_namespace_authorization(chat, accept_all, NULL);
    return memory.n_failed == n_failed; /* sio_on() logs it, and goes on */
}

/* --- Instances. --- */

static bool
configure(sio_server *s)
{
    static const struct {
        const char *key, *value;
    } settings[] = {
        {"redis", "\"redis://fake\""},
        {"log", "false"},
        {"origins", "[\"*:*\"]"},
        {"perMessageDeflate", "true"},
        {"perMessageDeflate threshold", "200"},
        {"maxDisconnectionDuration", "30"},
    };

    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if (sio_set(s, settings[i].key, settings[i].value) != 0) {
            CHECK(sio_error(s)[0] != '\0');
            return false;
        }
    s->env.log.level = SIO_LOG_NONE;
    s->io.last_ack_id = 0;
    s->engine.queue_limits =
        (sio_send_queue_limits){.max_frames = MAX_PACKETS, .max_bytes = MAX_BYTES};
    sio_timer_wheel_fini(&s->env.timers);
    return sio_timer_wheel_init(&s->env.timers, NULL) == SIO_OK &&
           sio_admission_init(&s->net.admission, &s->env) == SIO_OK;
}

/* What sio_listen() does, but for sockets and Redis. NULL: no memory. */
static sio_server *
server_start(void)
{
    sio_server *s = sio_server_new(NULL);

    if (s != NULL && configure(s) && serve(s))
        return s;
    sio_server_free(s);
    return NULL;
}

static void
node_start(node *n)
{
    n->server = server_start();
    must(n->server != NULL);
    n->redis = redis_link_new(&world.redis);
    n->server->env.store = &n->redis->store;
    sio_timer_wheel_advance(&n->server->env.timers, world.now_ms);
    must(sio_startup_join(n->server) == SIO_OK);
}

enum { STOP_MS = 3000 };

static void
world_begin(bool may_fail)
{
    memory.is_armed = false;
    fake_random_seed(1);
    world.users_wait = true;
    world.now_ms = 0;
    world.n_told = world.n_wrong = 0;
    world.may_fail = may_fail;
    memset(world.users, 0, sizeof world.users);
    redis_init(&world.redis);
    for (unsigned i = 0; i < N_NODES; i++)
        node_start(&world.nodes[i]);
    world_turn();
}

/* Its users hear of it, and their connections end. */
static void
node_stop(node *n)
{
    memory_arm(true);
    sio_stop(n->server);
    memory_arm(false);
    world_turn();
    world_pass_time(STOP_MS);
    for (unsigned i = 0; i < N_USERS; i++)
        if (world.users[i].client != NULL && world.users[i].client->conn.env == &n->server->env) {
            CHECK(user_has_ended(&world.users[i]));
            user_leave(&world.users[i]);
        }
    memory_arm(true);
    sio_server_free(n->server);
    memory_arm(false);
    n->server = NULL;
}

static void
everybody_leaves(void)
{
    for (unsigned i = 0; i < N_USERS; i++)
        user_leave(&world.users[i]);
}

static void
world_end(void)
{
    for (unsigned i = 0; i < N_NODES; i++)
        node_stop(&world.nodes[i]);
    redis_fini(&world.redis);
}

/* --- What happens. --- */

enum { A, B };

/* Those of world.users. */
enum { STREAM, POLLER, POSTER, UPGRADER, DEFLATER, PASSER, RETURNER, READER };

static user *
of(unsigned who)
{
    return &world.users[who];
}

/* Of 0.9: a handshake at one instance, a websocket to the other. */
static bool
enter_stream(user *u)
{
    user_connect(u, A);
    user_say(u, 'g', "/socket.io/1/");
    if (!EXPECT(u, "#:60:60:websocket,htmlfile,xhr-polling,jsonp-polling"))
        return false;
    user_connect(u, B);
    user_say(u, 'u', "/socket.io/1/websocket/$");
    user_say(u, 't', "5:::{\"name\":\"echo\",\"args\":[\"\xff\"]}"); /* at once, and not in UTF-8 */
    return EXPECT(u, "1::") && EXPECT(u, "5:::{\"name\":\"echo\",\"args\":[\"\xef\xbf\xbd\"]}");
}

/* Of 0.9: a handshake at one instance, polls and messages at the other, which relays them. */
static bool
enter_poller(user *u, user *poster)
{
    user_connect(u, B);
    user_say(u, 'g', "/socket.io/1/?jsonp=1");
    if (!EXPECT(u, "io.j[1](\"#:60:60:websocket,htmlfile,xhr-polling,jsonp-polling\");"))
        return false;
    poster->ids = u->ids;
    user_connect(u, A);
    user_say(u, 'g', "/socket.io/1/xhr-polling/$");
    if (!EXPECT(u, "1::"))
        return false;
    user_connect(poster, A);
    user_say(poster, 'p', "/socket.io/1/xhr-polling/$ 5:::{\"name\":\"join\"}");
    if (!EXPECT(poster, "1"))
        return false;
    user_say(u, 'g', "/socket.io/1/xhr-polling/$");
    return EXPECT(u, "5:::{\"name\":\"joined\"}");
}

static bool
upgrade(user *u)
{
    user *old = of(PASSER);

    *old = *u; /* its polls go on meanwhile */
    if (old->client != NULL) {
        old->client->place = &old->client;
        old->client->transcript.heard_arg = old;
    }
    u->client = NULL;
    user_connect(u, B);
    user_say(old, 'g', "/socket.io/?EIO=4&transport=polling&sid=$");
    user_say(u, 'u', "/socket.io/?EIO=4&transport=websocket&sid=$");
    world_turn();
    if (u->client == NULL || u->client->transcript.phase != IN_FRAMES)
        return false;
    user_say(u, 't', "2probe");
    if (!EXPECT(u, "3probe") || !EXPECT(old, "6"))
        return false;
    user_say(u, 't', "5");
    user_leave(old);
    return true;
}

/* Of 4.x: a handshake at one instance, polls, messages and the upgrade at the other. */
static bool
enter_upgrader(user *u)
{
    user_connect(u, A);
    user_say(u, 'g', "/socket.io/?EIO=4&transport=polling");
    if (!EXPECT(u, "0{\"sid\":\"#\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,"
                   "\"pingTimeout\":20000,\"maxPayload\":1000000}"))
        return false;
    user_connect(u, B);
    user_say(u, 'p',
             "/socket.io/?EIO=4&transport=polling&sid=$ 40\x1e"
             "40/chat,{\"a\":1}");
    if (!EXPECT(u, "ok"))
        return false;
    user_say(u, 'g', "/socket.io/?EIO=4&transport=polling&sid=$");
    if (!EXPECT(u, "40{\"sid\":\"#\",\"pid\":\"#\"}") ||
        !EXPECT(u, "40/chat,{\"sid\":\"#\",\"pid\":\"#\"}") || !upgrade(u))
        return false;
    user_say(u, 't', "42[\"join\"]");
    return EXPECT(u, "42[\"joined\",\"@\"]");
}

/* Of 2.x: a websocket from the start, which carries compressed messages. */
static bool
enter_deflater(user *u)
{
    static const char upgrade_with_deflate[] = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                                               "dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                               "Sec-WebSocket-Extensions: permessage-deflate\r\n";

    user_connect(u, A);
    if (u->client == NULL)
        return false;
    client_request(u->client, "GET ", SIO_VIEW("/socket.io/?EIO=3&transport=websocket"),
                   upgrade_with_deflate);
    return EXPECT(u, "0{\"sid\":\"#\",\"upgrades\":[],\"pingInterval\":25000,"
                     "\"pingTimeout\":20000,\"maxPayload\":1000000}") &&
           EXPECT(u, "40");
}

/* --- Events. --- */

static void
talk_09(user *u)
{
    user_say(u, 't', "5:1+::{\"name\":\"echo\",\"args\":[\"x\"]}");
    user_say(u, 't', "5:2+::{\"name\":\"later\",\"args\":\"no array\"}");
    user_say(u, 't', "5:::{\"name\":\"tree\",\"args\":\"no array\"}");
    (void)(EXPECT(u, "5:::{\"name\":\"echo\",\"args\":[\"x\"]}") && EXPECT(u, "6:::1+[\"x\"]") &&
           EXPECT(u, "6:::2+[\"late\"]") &&
           EXPECT(u, "5:::{\"name\":\"tree\",\"args\":[\"no array\"]}"));
}

static void
talk_modern(user *u)
{
    user_say(u, 't', "451-1[\"echo\",{\"_placeholder\":true,\"num\":0}]");
    user_say(u, 'm', "bytes");
    user_say(u, 't', "42/chat,[\"ask\"]");
    if (!EXPECT(u, "451-[\"echo\",{\"_placeholder\":true,\"num\":0},\"@\"]") ||
        !EXPECT(u, "461-1[{\"_placeholder\":true,\"num\":0}]") || !EXPECT(u, "42/chat,1[\"ask\"]"))
        return;
    user_say(u, 't', "43/chat,1[\"answer\"]");
    user_say(u, 't', "42[\"message\",\"text\"]");
    (void)(EXPECT(u, "42/chat,[\"answered\",\"@\"]") &&
           EXPECT(u, "42[\"message\",\"text\",\"@\"]"));
}

/* An event that is longer than its 19 bytes. */
static void
talk_compressed(user *u)
{
    static const char echo[] = "\xc1\x94\0\0\0\0" /* with a mask: 0 */
                               "\x32\x31\x32\x8c\x56\x4a\x4d\xce\xc8\x57"
                               "\xd2\x51\xaa\x50\x20\x1f\x2a\xc5\x02";

    client_send(u->client, (sio_view){echo, sizeof echo}); /* with the 0 at its end */
    (void)EXPECT(u, "431[\"x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x \"]");
}

/* --- Many. --- */

/* The speaker says that to many, and they hear this. False: the speaker does not, and has gone. */
static bool
tell_many(bool is_upgrader_in, const char *event, const char *text_09, const char *text_modern)
{
    user_say(of(STREAM), 't', event);
    if (!EXPECT(of(STREAM), text_09))
        return false;
    if (is_upgrader_in)
        (void)EXPECT_AT_MOST(of(UPGRADER), text_modern);
    return true;
}

static void
talk_to_room(bool is_poller_in)
{
    if (is_poller_in)
        user_say(of(POLLER), 'g', "/socket.io/1/xhr-polling/$");
    user_say(of(UPGRADER), 't', "42[\"room\"]");
    if (EXPECT(of(UPGRADER), "42[\"room\",1,\"@\"]") && is_poller_in)
        (void)EXPECT(of(POLLER), "5:::{\"name\":\"room\",\"args\":[1]}");
}

static bool
ask_many(bool is_upgrader_in)
{
    world.nodes[A].server->io.last_ack_id = 0;
    user_say(of(STREAM), 't', "5:::{\"name\":\"survey\"}");
    if (is_upgrader_in && EXPECT_AT_MOST(of(UPGRADER), "421[\"q\"]"))
        user_say(of(UPGRADER), 't', "431[1]");
    if (!EXPECT(of(STREAM), "5:::{\"name\":\"answers\"}"))
        return false;
    if (!world.may_fail)
        CHECK_INT(world.n_answered, 1);
    return true;
}

/* One asks at one instance, and the other acknowledges. */
static bool
use_token(bool is_upgrader_in)
{
    if (!is_upgrader_in)
        return true;
    memcpy(kept_token, "AbC-_9.0123456789abcdef", sizeof kept_token);
    user_say(of(STREAM), 't', "5:3+::{\"name\":\"token\"}");
    user_say(of(UPGRADER), 't', "42[\"use token\"]");
    if (!EXPECT_AT_MOST(of(UPGRADER), "42[\"joined\",\"@\"]"))
        return true;
    return EXPECT(of(STREAM), "6:::3+[\"AQI=\"]");
}

/* One whose POSTs another instance passes on: the second is answered when it is heard again. */
static bool
talk_slowly(user *u, user *poster)
{
    user_say(poster, 'p', "/socket.io/1/xhr-polling/$ 5:::{\"name\":\"rest\"}");
    if (!EXPECT(poster, "1"))
        return false;
    user_say(poster, 'p', "/socket.io/1/xhr-polling/$ 5:::{\"name\":\"join\"}");
    if (!EXPECT(poster, "1"))
        return false;
    user_say(u, 'g', "/socket.io/1/xhr-polling/$");
    return EXPECT(u, "5:::{\"name\":\"joined\"}");
}

static void
talk_to_many(bool is_upgrader_in)
{
    (void)(tell_many(is_upgrader_in, "5:::{\"name\":\"all\"}",
                     "5:::{\"name\":\"all\",\"args\":[\"AQI=\"]}",
                     "451-[\"all\",{\"_placeholder\":true,\"num\":0},\"@\"]") &&
           tell_many(is_upgrader_in, "5:::{\"name\":\"fetch\"}", "5:::{\"name\":\"listed\"}",
                     "42[\"listed\",\"@\"]") &&
           tell_many(is_upgrader_in, "5:::{\"name\":\"count\"}", "5:::{\"name\":\"counted\"}",
                     "42[\"counted\",\"@\"]") &&
           tell_many(is_upgrader_in, "5:::{\"name\":\"list rooms\"}", "5:::{\"name\":\"rooms\"}",
                     "42[\"rooms\",\"@\"]") &&
           tell_many(is_upgrader_in, "5:::{\"name\":\"move\"}", "5:::{\"name\":\"moved\"}",
                     "42[\"moved\",\"@\"]") &&
           use_token(is_upgrader_in) && ask_many(is_upgrader_in));
}

/* --- Those who come and go. --- */

/* Of 0.9, in scripts. */
static void
visit_in_scripts(user *u)
{
    user_connect(u, A);
    user_say(u, 'g', "/socket.io/1/");
    if (!EXPECT(u, "#:60:60:websocket,htmlfile,xhr-polling,jsonp-polling"))
        return;
    user_say(u, 'g', "/socket.io/1/jsonp-polling/$?i=0");
    if (!EXPECT(u, "io.j[0](\"1::\");"))
        return;
    user_say(u, 'p',
             "/socket.io/1/jsonp-polling/$?i=0 "
             "d=%225%3A%3A%3A%7B%5C%22name%5C%22%3A%5C%22join%5C%22%7D%22");
    if (!EXPECT(u, "1"))
        return;
    user_say(u, 'g', "/socket.io/1/jsonp-polling/$?i=0");
    (void)EXPECT(u, "io.j[0](\"5:::{\\\"name\\\":\\\"joined\\\"}\");");
    user_say(u, 'g', "/socket.io/1/xhr-polling/$?disconnect=1");
}

/* Of 0.9, by a page that does not end. */
static void
visit_by_page(user *u)
{
    user_connect(u, A);
    user_say(u, 'g', "/socket.io/1/");
    if (!EXPECT(u, "#:60:60:websocket,htmlfile,xhr-polling,jsonp-polling"))
        return;
    user_connect(u, A);
    user_say(u, 'g', "/socket.io/1/htmlfile/$");
    (void)EXPECT(u, "<script>_(\"1::\");</script>");
}

/* Of 1.x, in scripts. */
static void
visit_in_old_scripts(user *u)
{
    user_connect(u, A);
    user_say(u, 'g', "/socket.io/?EIO=3&transport=polling&j=0");
    if (!EXPECT(u, "___eio[0](\"118:0{\\\"sid\\\":\\\"#\\\",\\\"upgrades\\\":[\\\"websocket\\\"],"
                   "\\\"pingInterval\\\":25000,\\\"pingTimeout\\\":20000,"
                   "\\\"maxPayload\\\":1000000}\");"))
        return;
    memcpy(u->ids.texts[u->ids.n++], u->last_id, SESSION_ID_LEN); /* in a script it is not found */
    user_say(u, 'g', "/socket.io/?EIO=3&transport=polling&j=0&sid=$");
    if (!EXPECT(u, "___eio[0](\"2:40\");"))
        return;
    user_say(u, 'p',
             "/socket.io/?EIO=3&transport=polling&j=0&sid=$ "
             "d=10%3A42%5B%22soon%22%5D");
    if (!EXPECT(u, "ok"))
        return;
    user_say(u, 'g', "/socket.io/?EIO=3&transport=polling&j=0&sid=$");
    (void)EXPECT(u, "___eio[0](\"11:42[\\\"later\\\"]\");");
}

/* It loses its connection, misses what is said, and comes back to the other instance. */
static void
come_back(user *u)
{
    char packet[150];

    user_connect(u, A);
    user_say(u, 'u', "/socket.io/?EIO=4&transport=websocket");
    user_say(u, 't', "40");
    user_say(u, 't', "42[\"join\"]");
    if (!EXPECT(u, "40{\"sid\":\"#\",\"pid\":\"#\"}") || !EXPECT(u, "42[\"joined\",\"@\"]"))
        return;
    snprintf(packet, sizeof packet, "40{\"pid\":\"%s\",\"offset\":\"%s\"}", u->last_id, u->offset);
    user_leave(u);
    user_say(of(STREAM), 't', "5:::{\"name\":\"room\"}");
    world_turn();
    user_connect(u, B);
    user_say(u, 'u', "/socket.io/?EIO=4&transport=websocket");
    user_say(u, 't', packet);
    if (EXPECT(u, "40{\"sid\":\"#\",\"pid\":\"#\"}") && !world.may_fail)
        EXPECT(u, "42[\"room\",1,\"@\"]");
}

/* --- All of it. --- */

static void
play(void)
{
    bool is_in[N_USERS] = {false};

    for (unsigned i = 0; i < N_NODES; i++)
        world.nodes[i].server->io.last_ack_id = 0;
    for (unsigned i = 0; i < N_USERS; i++)
        of(i)->ids.n = 0;
    is_in[STREAM] = enter_stream(of(STREAM));
    is_in[POLLER] = enter_poller(of(POLLER), of(POSTER));
    if (is_in[POLLER])
        is_in[POLLER] = talk_slowly(of(POLLER), of(POSTER));
    is_in[UPGRADER] = enter_upgrader(of(UPGRADER));
    is_in[DEFLATER] = enter_deflater(of(DEFLATER));
    if (is_in[STREAM])
        talk_09(of(STREAM));
    if (is_in[UPGRADER])
        talk_modern(of(UPGRADER));
    if (is_in[DEFLATER])
        talk_compressed(of(DEFLATER));
    if (is_in[UPGRADER])
        talk_to_room(is_in[POLLER]);
    if (is_in[STREAM])
        talk_to_many(is_in[UPGRADER]);
    come_back(of(RETURNER));
    visit_in_scripts(of(PASSER));
    visit_in_old_scripts(of(PASSER));
    visit_by_page(of(READER));
}

enum {
    RECOVERY_MS = 60000 /* until instances that have lost a message to each other agree again */
};

/* The same with memory, a while later: nothing is amiss any more. */
static void
play_again(void)
{
    const unsigned n_asked = memory.n_asked, fail_at = memory.fail_at;
    const bool     may_fail = world.may_fail;

    memory_plan(0, memory.n_fail);
    world_pass_time(RECOVERY_MS);
    world.may_fail = false;
    play();
    for (unsigned i = 0; i < N_USERS; i++)
        if (world.users[i].client != NULL)
            world.users[i].client->transcript.may_be_cut = may_fail;
    world.may_fail = may_fail;
    memory.n_asked = n_asked;
    memory.fail_at = fail_at;
}

/* --- The runs. --- */

static char run_name[40]; /* which allocations fail */

static void
begin_run(unsigned n, unsigned n_fail)
{
    snprintf(run_name, sizeof run_name, "allocation %u, %u fail", n, n_fail);
    check_row = run_name;
}

/* Whoever looks why the process died learns in which run. */
static void
on_abort(int number)
{
    (void)number;
    (void)!write(STDERR_FILENO, run_name, strlen(run_name));
    (void)!write(STDERR_FILENO, "\n", 1);
}

/* One run. True: all was over before that allocation; 0: none fails. */
static bool
run(unsigned n, unsigned n_fail)
{
    const long n_live = memory.n_live;

    begin_run(n, n_fail);
    memory_plan(0, 0);
    world_begin(n > 0);
    memory_plan(n, n_fail);
    play();
    everybody_leaves();
    play_again();
    world_end();
    CHECK_INT(world.n_wrong, 0);
    CHECK_INT(memory.n_live, n_live);
    return memory.n_asked < n;
}

/* The same for the start of an instance. */
static bool
start(unsigned n)
{
    const long  n_live = memory.n_live;
    sio_server *s;

    begin_run(n, 1);
    memory_plan(n, 1);
    memory_arm(true);
    s = server_start();
    CHECK(s == NULL || memory.n_failed == 0);
    sio_server_free(s);
    memory_arm(false);
    CHECK_INT(memory.n_live, n_live);
    return memory.n_failed == 0;
}

static void
test_start(void)
{
    unsigned n = 1;

    while (!start(n))
        n++;
    CHECK(n > 100); /* the settings alone are that many */
}

/* All runs, or the one that the environment names. */
static void
run_all(unsigned n_fail)
{
    const char *only = getenv("ALLOCATION");
    unsigned    n = 1;

    (void)run(0, 0); /* to know what is heard */
    if (only != NULL)
        (void)run((unsigned)atoi(only), n_fail);
    while (only == NULL && !run(n, n_fail))
        n++;
    CHECK(only != NULL || n > 300); /* it has not ended early */
}

static void
test_one_allocation_fails(void)
{
    run_all(1);
}

/* As when what is tried in its place finds no memory either. */
static void
test_ten_in_a_row_fail(void)
{
    run_all(10);
}

int
main(void)
{
    (void)signal(SIGABRT, on_abort);
    memory_init();
    RUN(test_start);
    RUN(test_one_allocation_fails);
    RUN(test_ten_in_a_row_fail);
    return check_done();
}
