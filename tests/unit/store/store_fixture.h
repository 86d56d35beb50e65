/*
 * tests/unit/store/store_fixture.h - what the tests of store/ share: an event loop with
 * deadlines, callbacks that remember, stores on a real redis-server.
 */
#ifndef SIO_TESTS_UNIT_STORE_FIXTURE_H
#define SIO_TESTS_UNIT_STORE_FIXTURE_H

#include "tests/unit/check.h"
#include "tests/unit/store/redis_server.h"

#include "store/bus.h"
#include "store/memory.h"
#include "store/redis.h"
#include "store/redis_client.h"

#include <event2/event.h>
#include <stdlib.h>

enum {
    TTL_MS = 30000,
    SOON_MS = 10000, /* no test may need this long for what comes at once */
    TICK_MS = 2
};

static struct event_base *base;
static struct event      *tick; /* lets UNTIL look at its condition */
static redis_server       server;
static unsigned           n_tests; /* for a key prefix per test */

/* Run the event loop until the condition holds; the test fails when it does not within ms. */
#define UNTIL_MS(cond, ms)                             \
    do {                                               \
        const uint64_t until_ms = sio_now_ms() + (ms); \
        while (!(cond) && sio_now_ms() < until_ms)     \
            event_base_loop(base, EVLOOP_ONCE);        \
        CHECK(cond);                                   \
    } while (0)
#define UNTIL(cond) UNTIL_MS(cond, SOON_MS)

static inline void
on_tick(evutil_socket_t fd, short events, void *arg)
{
    (void)fd;
    (void)events;
    (void)arg;
}

/* ---- what the callbacks were told ---- */

typedef struct {
    unsigned n_calls;
    int      rc;
    size_t   len;
    char     data[64]; /* the beginning */
} outcome;

static inline void
on_put(void *arg, int rc)
{
    outcome *o = arg;

    o->n_calls++;
    o->rc = rc;
}

static inline void
on_take(void *arg, int rc, sio_view data)
{
    outcome *o = arg;

    on_put(o, rc);
    o->len = data.len;
    if (data.len > 0)
        memcpy(o->data, data.data, data.len < sizeof o->data ? data.len : sizeof o->data);
}

static inline sio_view
data_of(const outcome *o)
{
    return (sio_view){o->data, o->len < sizeof o->data ? o->len : sizeof o->data};
}

static inline int
put(sio_store *s, sio_view id, sio_view data)
{
    outcome o = {.n_calls = 0};

    sio_store_handshake_put(s, id, data, TTL_MS, on_put, &o);
    UNTIL(o.n_calls == 1);
    return o.rc;
}

static inline outcome
take(sio_store *s, sio_view id)
{
    outcome o = {.n_calls = 0};

    sio_store_handshake_take(s, id, on_take, &o);
    UNTIL(o.n_calls == 1);
    return o;
}

static inline int
take_rc(sio_store *s, sio_view id)
{
    return take(s, id).rc;
}

/* ---- log lines of the Redis stores of one test ---- */

typedef struct {
    unsigned n_lines[4]; /* by level */
    char     last[4][512];
} lines;

static lines logged;

static inline void
on_log(void *arg, int level, const char *text)
{
    lines *l = arg;

    l->n_lines[level]++;
    snprintf(l->last[level], sizeof l->last[level], "%s", text);
}

/* ---- stores ---- */

static inline bool
connected(sio_store *s)
{
    return sio_store_get_counters(s)->connected == 1;
}

/* A store of this test's own keys; address NULL: the server's port. Does not wait. */
static inline sio_store *
bounded_redis_store_at(const char *address, const sio_handshakes_limits *limits, size_t max_pending,
                       size_t max_publish_bytes)
{
    char                here[64], prefix[32], error[128];
    sio_redis_url       url;
    sio_redis_store_cfg cfg = {.base = base, .url = &url, .prefix = prefix, .log = on_log};
    sio_store          *s = NULL;

    snprintf(here, sizeof here, "redis://127.0.0.1:%d", server.port);
    snprintf(prefix, sizeof prefix, "test%u:", n_tests);
    cfg.log_arg = &logged;
    cfg.max_pending = max_pending;
    cfg.max_publish_bytes = max_publish_bytes;
    if (limits != NULL)
        cfg.limits = *limits;
    if (sio_redis_url_parse(address != NULL ? address : here, &url, error, sizeof error) !=
            SIO_OK ||
        sio_redis_store_new(&s, &cfg) != SIO_OK) {
        fprintf(stderr, "no store: %s\n", error);
        exit(1);
    }
    return s;
}

static inline sio_store *
redis_store_at(const char *address, const sio_handshakes_limits *limits, size_t max_pending)
{
    return bounded_redis_store_at(address, limits, max_pending, 0);
}

static inline sio_store *
new_redis_store(const sio_handshakes_limits *limits)
{
    sio_store *s = redis_store_at(NULL, limits, 0);

    UNTIL(connected(s));
    return s;
}

static inline sio_store *
new_memory_store(const sio_handshakes_limits *limits)
{
    const sio_handshakes_limits defaults = {.max_entries = 0};
    sio_store                  *s = NULL;

    if (sio_memory_store_new(&s, base, limits != NULL ? limits : &defaults) != SIO_OK)
        exit(1);
    return s;
}

/* Of a process that has no others. */
static inline sio_store *
new_bus_store(const sio_handshakes_limits *limits)
{
    sio_bus_cfg cfg = {.base = base};
    sio_store  *s = NULL;

    if (limits != NULL)
        cfg.limits = *limits;
    if (sio_bus_store_new(&s, &cfg) != SIO_OK)
        exit(1);
    return s;
}

/* ---- many takes of one id ---- */

typedef struct {
    unsigned n_calls, n_winners;
} race;

static inline void
on_race(void *arg, int rc, sio_view data)
{
    race *r = arg;

    (void)data;
    r->n_calls++;
    if (rc == SIO_OK)
        r->n_winners++;
}

static inline void
run_race(sio_store *a, sio_store *b)
{
    race r = {0};

    CHECK_INT(put(a, SIO_VIEW("prize"), SIO_VIEW("x")), SIO_OK);
    for (int i = 0; i < 500; i++) {
        sio_store_handshake_take(a, SIO_VIEW("prize"), on_race, &r);
        sio_store_handshake_take(b, SIO_VIEW("prize"), on_race, &r);
    }
    UNTIL(r.n_calls == 1000);
    CHECK_INT(r.n_winners, 1);
}

/* ---- running ---- */

static inline void
begin(void)
{
    const struct timeval interval = sio_timeval_ms(TICK_MS);

    memset(&logged, 0, sizeof logged);
    n_tests++;
    base = event_base_new();
    tick = base != NULL ? event_new(base, -1, EV_PERSIST, on_tick, NULL) : NULL;
    if (tick == NULL || event_add(tick, &interval) != 0)
        exit(1);
}

static inline void
end(void)
{
    event_free(tick);
    event_base_free(base);
}

static void (*current)(void);

static inline void
with_loop(void)
{
    begin();
    current();
    end();
}

/* Whatever a test did to the server, the next one finds a new one. */
static inline void
with_fresh_server(void)
{
    redis_server_kill(&server);
    redis_server_start(&server, NULL);
    with_loop();
}

static inline void
run(const char *kind, const char *name, void (*test)(void), void (*around)(void))
{
    char text[128];

    snprintf(text, sizeof text, "%s: %s", kind, name);
    current = test;
    check_run(text, around);
}

#define RUN_REDIS(test) run("redis", #test, test, with_fresh_server)

#endif
