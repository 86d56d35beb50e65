#include "tests/unit/server/memory_play.h"

#include <stdio.h>
#include <string.h>

#include "server/server.h"
#include "tests/unit/server/memory_app.h"
#include "tests/unit/server/memory_world.h"

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
    if (!world.may_fail && world.n_answered != 1) {
        fprintf(stderr, "%u have answered, and not 1\n", world.n_answered);
        world.n_wrong++;
    }
    return true;
}

/* One asks at one instance, and the other acknowledges. */
static bool
use_token(bool is_upgrader_in)
{
    if (!is_upgrader_in)
        return true;
    memcpy(memory_app_token, "AbC-_9.0123456789abcdef", sizeof memory_app_token);
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

void
memory_play(void)
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
