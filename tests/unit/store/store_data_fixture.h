/*
 * tests/unit/store/store_data_fixture.h - operations on the data of clients, which are waited for.
 */
#ifndef SIO_TESTS_UNIT_STORE_DATA_FIXTURE_H
#define SIO_TESTS_UNIT_STORE_DATA_FIXTURE_H

#include "tests/unit/store/store_fixture.h"

static const sio_store_client_limits wide = {.max_keys = 100, .max_bytes = 1000000};

static inline int
set(sio_store *s, const char *id, sio_view key, sio_view value,
    const sio_store_client_limits *limits)
{
    outcome o = {.n_calls = 0};

    sio_store_client_set(s, sio_view_of(id), key, value, limits, on_put, &o);
    UNTIL(o.n_calls == 1);
    return o.rc;
}

static inline int
set_text(sio_store *s, const char *id, const char *key, const char *value)
{
    return set(s, id, sio_view_of(key), sio_view_of(value), &wide);
}

static inline outcome
get(sio_store *s, const char *id, sio_view key)
{
    outcome o = {.n_calls = 0};

    sio_store_client_get(s, sio_view_of(id), key, on_take, &o);
    UNTIL(o.n_calls == 1);
    return o;
}

static inline int
get_rc(sio_store *s, const char *id, const char *key)
{
    return get(s, id, sio_view_of(key)).rc;
}

static inline int
has(sio_store *s, const char *id, const char *key)
{
    outcome o = {.n_calls = 0};

    sio_store_client_has(s, sio_view_of(id), sio_view_of(key), on_put, &o);
    UNTIL(o.n_calls == 1);
    return o.rc;
}

static inline int
del(sio_store *s, const char *id, const char *key)
{
    outcome o = {.n_calls = 0};

    sio_store_client_del(s, sio_view_of(id), sio_view_of(key), on_put, &o);
    UNTIL(o.n_calls == 1);
    return o.rc;
}

static inline int
expire(sio_store *s, const char *id, uint64_t ttl_ms)
{
    outcome o = {.n_calls = 0};

    sio_store_client_expire(s, sio_view_of(id), ttl_ms, on_put, &o);
    UNTIL(o.n_calls == 1);
    return o.rc;
}

static inline void
check_value(sio_store *s, const char *id, const char *key, const char *want)
{
    const outcome o = get(s, id, sio_view_of(key));

    CHECK_INT(o.rc, SIO_OK);
    CHECK_VIEW(data_of(&o), want);
}

static inline int
inherit(sio_store *s, const char *id, const char *from)
{
    outcome o = {.n_calls = 0};

    sio_store_client_inherit(s, sio_view_of(id), sio_view_of(from), on_put, &o);
    UNTIL(o.n_calls == 1);
    return o.rc;
}

/* Start one of each; the requests that are pending. */
static inline void
start_all(sio_store *s, outcome o[5], sio_store_req *req[5])
{
    const sio_view id = SIO_VIEW("id"), key = SIO_VIEW("k");

    req[0] = sio_store_client_set(s, id, key, SIO_VIEW("v"), &wide, on_put, &o[0]);
    req[1] = sio_store_client_get(s, id, key, on_take, &o[1]);
    req[2] = sio_store_client_has(s, id, key, on_put, &o[2]);
    req[3] = sio_store_client_del(s, id, SIO_VIEW("other"), on_put, &o[3]);
    req[4] = sio_store_client_expire(s, id, TTL_MS, on_put, &o[4]);
}

#endif
