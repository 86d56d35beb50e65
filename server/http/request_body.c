#include "server/http/request_body.h"

#include "protocol/result.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/http/client_address.h"
#include "server/http/exchange_settings.h"
#include "server/http/http.h"

static void
on_body_evicted(sio_charge *c)
{
    sio_request_body *b = SIO_CONTAINER(c, sio_request_body, charge);

    b->x->env->stats.evicted++;
    sio_conn_fail(b->x->conn);
}

void
sio_request_body_init(sio_request_body *b, sio_exchange *x)
{
    *b = (sio_request_body){.x = x};
}

void
sio_request_body_fini(sio_request_body *b)
{
    sio_buf_fini(&b->bytes);
}

void
sio_request_body_charge(sio_request_body *b, const sio_http_request *head, size_t n_bytes)
{
    const sio_address client = sio_client_address(b->x, head);
    uint8_t           key[SIO_BUDGET_KEY_MAX];

    b->charge.evict = on_body_evicted;
    if (sio_budget_begin(b->x->env, &b->charge, sio_address_account(&client, key), n_bytes) !=
        SIO_OK)
        sio_conn_fail(b->x->conn);
}

static void
on_partial_evicted(sio_charge *c)
{
    sio_request_body *b = SIO_CONTAINER(c, sio_request_body, partial);

    b->x->env->stats.evicted_bodies++;
    sio_conn_fail(b->x->conn);
}

/* Sides have few connections, and bounds of their own. */
static void
begin_partial(sio_request_body *b, const sio_http_request *head)
{
    const sio_address client = sio_client_address(b->x, head);
    uint8_t           key[SIO_BUDGET_KEY_MAX];

    b->partial.evict = on_partial_evicted;
    if (b->x->side == NULL && sio_charge_begin(&b->partial, &b->x->env->http->bodies,
                                               sio_address_account(&client, key), 0) != SIO_OK)
        sio_conn_fail(b->x->conn);
}

void
sio_request_body_weigh(sio_request_body *b, size_t n_bytes)
{
    sio_env      *env = b->x->env;
    sio_accounts *all = &env->http->bodies;

    if (n_bytes > b->partial.n_bytes)
        sio_charge_add(&b->partial, n_bytes - b->partial.n_bytes);
    while (all->n_bytes > env->cfg->max_body_bytes && sio_accounts_evict(all, false))
        ;
}

/* As it counts from its beginning: chunks are the most that they may become. */
static size_t
announced_bytes(const sio_request_body *b, const sio_http_request *head)
{
    return head->chunked ? b->x->route->max_body(b->x->env) : (size_t)head->content_length;
}

void
sio_request_body_begin(sio_request_body *b, const sio_http_request *head)
{
    sio_exchange *x = b->x;

    b->is_coming = true;
    sio_request_body_charge(b, head, announced_bytes(b, head));
    begin_partial(b, head);
    b->pace = (sio_pace){.since_ms = sio_timer_wheel_now_ms(&x->env->timers)};
    if (x->route->body_begins != NULL)
        x->route->body_begins(x, head);
}

void
sio_request_body_end(sio_request_body *b, bool is_lost)
{
    const sio_http_route *route = b->x->route;

    if (!b->is_coming)
        return;
    b->is_coming = false;
    sio_charge_end(&b->partial);
    if (route->body_ends != NULL)
        route->body_ends(b->x, is_lost);
}

unsigned
sio_request_body_left_ms(const sio_request_body *b)
{
    sio_env *env = b->x->env;

    return sio_pace_left_ms(&b->pace, sio_timer_wheel_now_ms(&env->timers),
                            sio_exchange_settings_timeout_ms(b->x), env->cfg->min_body_rate);
}
