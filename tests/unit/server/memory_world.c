#include "tests/unit/server/memory_world.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "protocol/sio09_payload.h"
#include "server/server.h"
#include "tests/fuzz/must.h"
#include "tests/fuzz/world/session_script.h"
#include "tests/fuzz/world/session_server.h"
#include "tests/unit/server/failing_memory.h"

memory_world world;

/* --- Where the server ends and the test begins. --- */

static ptrdiff_t
user_write(sio_conn *c, sio_view bytes)
{
    const bool was_armed = memory_arm(false);
    ptrdiff_t  n;

    client_of(c)->transcript.may_be_cut = world.may_fail;
    n = client_carrier.write(c, bytes);
    memory_arm(was_armed);
    return n;
}

/* As that of clients, but its own memory does not fail. */
static const sio_carrier *
user_carrier(void)
{
    static sio_carrier carrier;

    carrier = client_carrier;
    carrier.name = "user";
    carrier.write = user_write;
    return &carrier;
}

/* --- What users hear. --- */

/* How many characters of an id, of its alphabet, there are. */
static size_t
run_of_id(sio_view text)
{
    size_t n = 0;

    while (n < text.len &&
           (isalnum((unsigned char)text.data[n]) || text.data[n] == '-' || text.data[n] == '_'))
        n++;
    return n;
}

/* Is it an offset, which begins with the tag of the instance? See recovery.h. */
static bool
is_offset(sio_view text)
{
    for (unsigned i = 0; i < N_NODES && text.len > SIO_STORE_TAG_LEN; i++) {
        const sio_server *s = world.nodes[i].server;

        if (s != NULL && memcmp(text.data, s->env.tag, SIO_STORE_TAG_LEN) == 0)
            return true;
    }
    return false;
}

/* What the user may have to tell when it comes back: the id last, before that an offset. */
static void
note_id_of(user *u, sio_view id)
{
    snprintf(id.len < SESSION_ID_LEN ? u->offset : u->last_id, ID_LEN + 1, "%.*s", (int)id.len,
             id.data);
}

/* Ids as "#" and offsets as "@", since they differ. */
static void
normalize(user *u, sio_view text, char out[SAYING_LEN])
{
    size_t n = 0;

    while (text.len > 0 && n < SAYING_LEN - 1) {
        const sio_view word = {text.data, run_of_id(text)};
        const size_t   used = word.len > 0 ? word.len : 1;

        if (word.len >= SESSION_ID_LEN || is_offset(word)) {
            note_id_of(u, word);
            out[n++] = word.len >= SESSION_ID_LEN ? '#' : '@';
        } else {
            for (size_t i = 0; i < used && n < SAYING_LEN - 1; i++)
                out[n++] = text.data[i];
        }
        text = (sio_view){text.data + used, text.len - used};
    }
    out[n] = '\0';
}

/* What may be heard in place of what was asked for, when there is no memory. */
static bool
is_refusal(const char *text)
{
    static const char *const refusals[] = {
        "Out of memory.",
        "Too many sessions of this address, or out of memory.",
        "handshake error",
        "io.j[1](new Error(\"handshake error\"));",
        "The instance that had this session is gone.",
        "The instance that has this session does not answer.",
        "{\"code\":1,\"message\":\"Session ID unknown\"}",
        "not an HTTP request", /* what comes behind an upgrade that is refused */
        "7:::1+0",             /* reconnect */
        "io.j[0](\"7:::1+0\");",
        "<script>_(\"7:::1+0\");</script>",
        "8::", /* a poll is over, and the next one will tell that the session is; */
        "io.j[0](\"8::\");",
        "___eio[0](\"1:1\");",
        "40{\"sid\":\"#\"}", /* a client that will not find its state when it comes back */
        "40/chat,{\"sid\":\"#\"}",
        "42[\"joined\"]",
        "42[\"room\",1]",
        "6", /* this and the next in Engine.IO */
        "1",
        "{\"code\":4,\"message\":\"Forbidden\"}",
        "42/chat,[\"silent\"]", /* the application is told of an answer that does not come */
        "bAQI=",                /* of a broadcast, in a poll, as there was no upgrade */
        "7::",
        "io.j[0](\"7::\");",
        "<script>_(\"7::\");</script>",
        "___eio[0](\"18:44\\\"internal error\\\"\");",
        "44\"internal error\"",
        "44{\"message\":\"internal error\"}",
        "44/chat,{\"message\":\"internal error\"}",
    };

    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        if (strcmp(text, refusals[i]) == 0)
            return true;
    return false;
}

static bool
is_known(const char *text)
{
    for (unsigned i = 0; i < world.n_sayings; i++)
        if (strcmp(text, world.sayings[i]) == 0)
            return true;
    return false;
}

/*
 * Nothing is cut short or mixed up: out of memory, only what is heard with memory is, or a refusal.
 */
static void
hear_packet(user *u, sio_view packet)
{
    char *text;

    must(u->n_heard < MAX_SAYINGS);
    text = u->heard[u->n_heard++];
    normalize(u, packet, text);
    if (is_known(text) || (world.may_fail && is_refusal(text)))
        return;
    if (world.may_fail) {
        world.n_wrong++;
        fprintf(stderr, "heard, but not with memory: %s\n", text);
    }
    must(world.n_sayings < MAX_SAYINGS);
    memcpy(world.sayings[world.n_sayings++], text, SAYING_LEN);
}

/* A body may hold several packets: of 0.9, each with its length, or of Engine.IO 4. */
static void
on_heard(void *arg, sio_view part)
{
    sio09_payload_iter it;
    sio_view           packet;
    const char        *end;

    if (part.len > 0 && part.data[0] == '\xef') {
        for (sio09_payload_begin(&it, part); sio09_payload_next(&it, &packet);)
            hear_packet(arg, packet);
        return;
    }
    while ((end = memchr(part.data, '\x1e', part.len)) != NULL) {
        hear_packet(arg, (sio_view){part.data, (size_t)(end - part.data)});
        part = (sio_view){end + 1, part.len - (size_t)(end - part.data) - 1};
    }
    hear_packet(arg, part);
}

/* --- Turns, and time. --- */

static bool
users_turn(const node *n)
{
    bool again = false;

    for (unsigned i = 0; i < N_USERS; i++) {
        client *p = world.users[i].client;

        if (p != NULL && p->conn.env == &n->server->env && client_deliver(p))
            again = true;
    }
    return again;
}

static bool
node_turn(node *n)
{
    bool again;

    if (n->server == NULL)
        return false;
    again = redis_notice(n->redis);
    while (redis_answer(n->redis))
        again = true;
    while (redis_hear(n->redis))
        again = true;
    again = users_turn(n) || again;
    again = !sio_link_empty(&n->server->env.deferred.tasks) || again;
    server_run_tasks(n->server);
    server_check(n->server);
    return again;
}

static bool
nodes_turn(void)
{
    bool again = false;

    for (unsigned i = 0; i < N_NODES; i++)
        again = node_turn(&world.nodes[i]) || again;
    return again;
}

void
world_turn(void)
{
    const bool was_armed = memory_arm(true);

    world.users_wait = false;
    for (unsigned n = 0; nodes_turn(); n++)
        must(n < 1000);
    world.users_wait = true;
    memory_arm(was_armed);
}

static void
set_clocks(uint64_t now_ms)
{
    const bool was_armed = memory_arm(true);

    world.redis.now_ms = world.now_ms = now_ms;
    for (unsigned i = 0; i < N_NODES; i++)
        if (world.nodes[i].server != NULL)
            sio_timer_wheel_advance(&world.nodes[i].server->env.timers, now_ms);
    memory_arm(was_armed);
    world_turn();
}

void
world_pass_time(uint64_t ms)
{
    const uint64_t until_ms = world.now_ms + ms;

    while (world.now_ms < until_ms) {
        uint64_t wait_ms = until_ms - world.now_ms;

        for (unsigned i = 0; i < N_NODES; i++) {
            sio_server *s = world.nodes[i].server;

            if (s != NULL && sio_timer_wheel_idle_ms(&s->env.timers) < wait_ms)
                wait_ms = sio_timer_wheel_idle_ms(&s->env.timers);
        }
        set_clocks(world.now_ms + wait_ms);
    }
}

/* --- What users do. --- */

void
user_leave(user *u)
{
    const bool was_armed = memory_arm(true);

    if (u->client != NULL)
        client_gone(u->client, false);
    memory_arm(was_armed);
    world_turn();
}

void
user_connect(user *u, unsigned place)
{
    const bool was_armed = memory_arm(true);

    user_leave(u);
    u->n_heard = 0;
    memory_arm(true);
    client_new_on(user_carrier(), world.nodes[place].server, &u->ids, &u->client);
    memory_arm(was_armed);
    if (u->client == NULL)
        return;
    u->client->asleep = &world.users_wait;
    u->client->transcript.may_be_cut = world.may_fail;
    u->client->transcript.heard = on_heard;
    u->client->transcript.heard_arg = u;
}

void
user_say(user *u, char letter, const char *text)
{
    const char *id = u->ids.n > 0 ? u->ids.texts[u->ids.n - 1] : "";
    const char *at = strchr(text, '$');
    char        full[500];

    if (u->client == NULL)
        return;
    snprintf(full, sizeof full, "%.*s%s%s", (int)(at != NULL ? (size_t)(at - text) : strlen(text)),
             text, at != NULL ? id : "", at != NULL ? at + 1 : "");
    script_act(u->client, letter, sio_view_of(full));
}

bool
user_hears(user *u, const char *want)
{
    for (unsigned i = 0; i < u->n_heard; i++)
        if (strcmp(u->heard[i], want) == 0) {
            memmove(u->heard[i], u->heard[i + 1], (--u->n_heard - i) * sizeof u->heard[0]);
            return true;
        }
    return false;
}

bool
user_has_ended(const user *u)
{
    const client *p = u->client;

    return p == NULL || p->conn.broken || p->conn.state != SIO_CONN_OPEN ||
           p->transcript.phase == OVER;
}

/* Out of memory, users get a refusal or an end; or the application was told. */
static bool
is_excused(const user *u)
{
    if (!world.may_fail || memory.n_failed == 0)
        return false;
    for (unsigned i = 0; i < u->n_heard; i++)
        if (is_refusal(u->heard[i]))
            return true;
    return user_has_ended(u) || world.n_told > 0;
}

enum { PATIENCE_MS = 5000 };

bool
user_expect(const char *file, int line, user *u, const char *want)
{
    const uint64_t until_ms = world.now_ms + PATIENCE_MS;
    bool           is_heard;

    world_turn();
    while (!(is_heard = user_hears(u, want)) && !is_excused(u) && world.now_ms < until_ms)
        world_pass_time(500);
    if (is_heard || is_excused(u))
        return is_heard;
    world.n_wrong++;
    fprintf(stderr, "%s:%d: neither an answer nor an end%s: %s\n", file, line,
            world.may_fail ? "" : ", with memory", want);
    for (unsigned i = 0; i < u->n_heard; i++)
        fprintf(stderr, "  but: %s\n", u->heard[i]);
    return false;
}
