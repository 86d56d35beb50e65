#include "server/net/conn.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/base/env.h"
#include "server/base/pace.h"
#include "server/config/config.h"
#include "server/net/carrier.h"
#include "server/net/net.h"

enum { LINGER_MS = 2000 };

/* Made when the socket takes no more, so that others cost nothing. */
struct sio_conn_unsent {
    sio_conn  *conn;
    sio_timer  timer; /* until the socket has to have taken more of it */
    uint64_t   since_ms;
    sio_buf    bytes;
    size_t     n_sent; /* of these */
    sio_charge charge; /* when it was weighed */
};

/* Made when something has to wait, likewise. */
struct sio_conn_kept {
    sio_conn  *conn;
    sio_charge charge;
};

static void
conn_watch(sio_conn *c, unsigned wants)
{
    if (c->wants == wants)
        return;
    c->wants = (uint8_t)wants;
    c->carrier->watch(c);
}

/* How many of the bytes the socket takes; none when it has failed. */
static size_t
send_some(sio_conn *c, sio_view bytes)
{
    const ptrdiff_t n = c->carrier->write(c, bytes);

    if (n < 0) {
        sio_conn_fail(c);
        return 0;
    }
    c->env->stats.bytes_out += (size_t)n;
    return (size_t)n;
}

/* --- What the socket does not take. --- */

static void
on_stalled(sio_timer *timer)
{
    sio_conn_unsent *u = SIO_CONTAINER(timer, sio_conn_unsent, timer);

    u->conn->env->stats.send_timeouts++;
    sio_conn_fail(u->conn);
}

static sio_conn_unsent *
unsent_new(sio_conn *c)
{
    sio_conn_unsent *u = calloc(1, sizeof *u);

    if (u == NULL)
        return NULL;
    u->conn = c;
    u->since_ms = sio_timer_wheel_now_ms(&c->env->timers);
    u->timer.fire = on_stalled;
    sio_buf_init(&u->bytes, SIZE_MAX);
    return u;
}

static void
unsent_free(sio_conn *c)
{
    if (c->unsent == NULL)
        return;
    sio_timer_cancel(&c->env->timers, &c->unsent->timer);
    sio_charge_end(&c->unsent->charge);
    sio_budget_sent(&c->env->budget, c->unsent->bytes.cap);
    sio_buf_fini(&c->unsent->bytes);
    free(c->unsent);
    c->unsent = NULL;
}

/*
 * So long the socket may take nothing now. A peer that takes a byte now and then has no more than
 * that in all, and the time that its bytes need at the slowest: also of a connection that closes,
 * which would never end otherwise.
 */
static unsigned
patience_ms(const sio_conn *c)
{
    const sio_cfg *cfg = c->env->cfg;
    const unsigned ms = c->door->send_timeout_ms;
    const sio_pace pace = {c->unsent->since_ms, c->unsent->n_sent};
    const uint64_t now_ms = sio_timer_wheel_now_ms(&c->env->timers);

    return sio_pace_left_ms(&pace, now_ms, ms != 0 ? ms : cfg->send_timeout_ms, cfg->min_send_rate);
}

/* Wait until the socket takes more. */
static void
await_socket(sio_conn *c)
{
    sio_timer_set(&c->env->timers, &c->unsent->timer, patience_ms(c));
    conn_watch(c, c->wants | SIO_CARRIER_WRITE);
}

static void
unsent_add(sio_conn_unsent *u, sio_view bytes)
{
    const size_t n_before = u->bytes.cap;

    sio_buf_add_view(&u->bytes, bytes);
    sio_budget_await(&u->conn->env->budget, u->bytes.cap - n_before);
}

static void
keep(sio_conn *c, sio_view bytes)
{
    if (c->unsent != NULL) {
        unsent_add(c->unsent, bytes);
    } else if ((c->unsent = unsent_new(c)) != NULL) {
        unsent_add(c->unsent, bytes);
        await_socket(c);
    }
    if (c->unsent == NULL || c->unsent->bytes.failed)
        sio_conn_fail(c);
}

static void
on_unsent_evicted(sio_charge *charge)
{
    sio_conn *c = SIO_CONTAINER(charge, sio_conn_unsent, charge)->conn;

    c->env->stats.evicted++;
    sio_conn_fail(c);
}

void
sio_conn_weigh(sio_conn *c)
{
    sio_conn_unsent *u = c->unsent;
    uint8_t          key[SIO_BUDGET_KEY_MAX];

    if (u == NULL || c->broken)
        return;
    u->charge.evict = on_unsent_evicted;
    if (u->charge.account == NULL)
        (void)sio_charge_begin(&u->charge, &c->env->budget.accounts,
                               sio_address_account(&c->peer, key), 0);
    sio_charge_await(&u->charge, u->bytes.cap);
}

/* True when all of it has left. */
static bool
send_unsent(sio_conn *c)
{
    sio_conn_unsent *u = c->unsent;

    u->n_sent += send_some(c, (sio_view){u->bytes.data + u->n_sent, u->bytes.len - u->n_sent});
    if (u->n_sent < u->bytes.len) {
        await_socket(c);
        return false;
    }
    unsent_free(c);
    conn_watch(c, c->wants & ~(unsigned)SIO_CARRIER_WRITE);
    return true;
}

void
sio_conn_write(sio_conn *c, sio_view bytes)
{
    size_t n = 0;

    if (c->broken || bytes.len == 0)
        return;
    assert(c->state == SIO_CONN_OPEN);
    if (c->unsent == NULL)
        n = send_some(c, bytes);
    if (n < bytes.len && !c->broken)
        keep(c, (sio_view){bytes.data + n, bytes.len - n});
}

bool
sio_conn_blocked(const sio_conn *c)
{
    return c->unsent != NULL && !c->broken;
}

/* --- What has come and waits for the rest. --- */

static void
kept_free(sio_conn *c)
{
    if (c->kept == NULL)
        return;
    sio_charge_end(&c->kept->charge);
    free(c->kept);
    c->kept = NULL;
}

static void
on_kept_evicted(sio_charge *charge)
{
    sio_conn *c = SIO_CONTAINER(charge, sio_conn_kept, charge)->conn;

    c->env->stats.evicted++;
    sio_conn_fail(c);
}

static int
kept_new(sio_conn *c, size_t n_bytes)
{
    uint8_t key[SIO_BUDGET_KEY_MAX];

    if ((c->kept = calloc(1, sizeof *c->kept)) == NULL)
        return SIO_ERR_NOMEM;
    c->kept->conn = c;
    c->kept->charge.evict = on_kept_evicted;
    return sio_budget_begin(c->env, &c->kept->charge, sio_address_account(&c->peer, key), n_bytes);
}

void
sio_conn_keep_some(sio_conn *c, size_t n_bytes)
{
    if (n_bytes == 0) {
        kept_free(c);
    } else if (c->kept == NULL) {
        if (kept_new(c, n_bytes) != SIO_OK)
            sio_conn_fail(c);
    } else if (n_bytes > c->kept->charge.n_bytes) {
        sio_budget_add(c->env, &c->kept->charge, n_bytes - c->kept->charge.n_bytes);
    } else {
        sio_charge_sub(&c->kept->charge, c->kept->charge.n_bytes - n_bytes);
    }
}

/* --- Life. --- */

static void
on_conn_timer(sio_timer *timer)
{
    sio_conn *c = SIO_CONTAINER(timer, sio_conn, timer);

    if (c->state == SIO_CONN_OPEN)
        c->handler->timeout(c);
    else
        sio_conn_abort(c);
}

static void
conn_tell_closed(sio_conn *c)
{
    const sio_conn_handler *handler = c->handler;

    c->handler = NULL;
    if (handler != NULL)
        handler->closed(c, c->broken ? "socket error" : "socket end");
}

void
sio_conn_kill(sio_conn *c)
{
    sio_env          *env = c->env;
    sio_door         *door = c->door;
    const sio_address peer = c->peer;

    conn_tell_closed(c);
    sio_timer_cancel(&env->timers, &c->timer);
    sio_task_cancel(&c->close_task);
    unsent_free(c);
    kept_free(c);
    sio_link_remove(&c->link);
    c->carrier->detach(c);
    free(c);
    door->left(env, door, &peer);
}

/* We say no more; wait until the peer does not either. */
static void
linger(sio_conn *c)
{
    if (!c->carrier->end_output(c)) {
        sio_conn_kill(c);
        return;
    }
    c->state = SIO_CONN_LINGERING;
    conn_watch(c, SIO_CARRIER_READ);
    sio_timer_set(&c->env->timers, &c->timer, LINGER_MS);
}

/* Nothing of this connection is on the stack here, and all that was written is out or kept. */
static void
close_at_turn_end(sio_task *task)
{
    sio_conn *c = SIO_CONTAINER(task, sio_conn, close_task);

    if (c->broken || (c->peer_done && c->unsent == NULL))
        sio_conn_kill(c);
    else if (c->state == SIO_CONN_CLOSING && c->unsent == NULL)
        linger(c);
}

static sio_conn *
conn_new(sio_env *env, const sio_carrier *carrier, int fd)
{
    sio_conn *c = calloc(1, carrier->conn_size);

    if (c == NULL)
        return NULL;
    c->env = env;
    c->carrier = carrier;
    c->fd = fd;
    c->wants = SIO_CARRIER_READ;
    c->timer.fire = on_conn_timer;
    sio_task_init(&c->close_task, close_at_turn_end);
    sio_link_init(&c->link);
    if (carrier->attach(c) == SIO_OK)
        return c;
    free(c);
    return NULL;
}

sio_conn *
sio_conn_adopt(sio_env *env, const sio_carrier *carrier, int fd, const sio_address *peer,
               sio_door *door)
{
    sio_conn *c = conn_new(env, carrier, fd);

    if (c == NULL) {
        close(fd);
        return NULL;
    }
    c->peer = *peer;
    c->door = door;
    sio_link_append(&env->net->conns, &c->link);
    return c;
}

void
sio_conn_fail(sio_conn *c)
{
    c->broken = true;
    sio_deferred_add(&c->env->deferred, &c->close_task);
}

bool
sio_conn_peer_has_left(const sio_conn *c)
{
    return c->broken || c->carrier->peer_has_left(c);
}

void
sio_conn_set_timeout(sio_conn *c, unsigned delay_ms)
{
    assert(c->state == SIO_CONN_OPEN);
    if (delay_ms == 0)
        sio_timer_cancel(&c->env->timers, &c->timer);
    else
        sio_timer_set(&c->env->timers, &c->timer, delay_ms);
}

void
sio_conn_pause(sio_conn *c, bool paused)
{
    const unsigned writes = c->wants & SIO_CARRIER_WRITE;

    conn_watch(c, writes | (paused ? SIO_CARRIER_END : SIO_CARRIER_READ));
}

void
sio_conn_close(sio_conn *c)
{
    if (c->state != SIO_CONN_OPEN)
        return;
    c->state = SIO_CONN_CLOSING;
    c->handler = NULL;
    sio_timer_cancel(&c->env->timers, &c->timer);
    sio_deferred_add(&c->env->deferred, &c->close_task);
}

void
sio_conn_abort(sio_conn *c)
{
    c->state = SIO_CONN_CLOSING;
    c->handler = NULL;
    sio_conn_fail(c);
}

/* --- What the socket says. --- */

/* Whoever speaks here learns it at once, but the peer may still read what was written. */
static void
part(sio_conn *c)
{
    if (c->state == SIO_CONN_OPEN)
        c->state = SIO_CONN_CLOSING;
    sio_timer_cancel(&c->env->timers, &c->timer);
    conn_watch(c, c->wants & SIO_CARRIER_WRITE); /* the end of input would be news for ever */
    conn_tell_closed(c);
    sio_deferred_add(&c->env->deferred, &c->close_task);
}

void
sio_conn_refuse(sio_conn *c, sio_view answer)
{
    if (c->state != SIO_CONN_OPEN || c->broken) {
        sio_conn_fail(c);
        return;
    }
    unsent_free(c);
    conn_watch(c, 0);
    sio_conn_write(c, answer);
    part(c);
}

/* The peer says no more, or the socket has failed. */
static void
end_input(sio_conn *c, bool is_failed)
{
    c->peer_done = true;
    c->broken = c->broken || is_failed;
    part(c);
}

void
sio_conn_on_readable(sio_conn *c)
{
    char           *bytes = c->env->net->input;
    const ptrdiff_t n = c->carrier->read(c, bytes, SIO_CONN_READ_BYTES);

    if (n == SIO_PARTIAL)
        return;
    sio_deferred_note_turn(&c->env->deferred);
    if (n <= 0) {
        end_input(c, n < 0);
        return;
    }
    c->env->stats.bytes_in += (size_t)n;
    if (c->state == SIO_CONN_OPEN && !c->broken)
        c->handler->readable(c, bytes, (size_t)n);
}

void
sio_conn_on_writable(sio_conn *c)
{
    if (c->broken || c->unsent == NULL || !send_unsent(c))
        return;
    if (c->state == SIO_CONN_CLOSING)
        sio_deferred_add(&c->env->deferred, &c->close_task);
    else if (c->state == SIO_CONN_OPEN)
        c->handler->writable(c);
}

static bool
is_heard_out(sio_conn *c, bool has_unread)
{
    return c->handler->hears_out != NULL && c->handler->hears_out(c, has_unread);
}

void
sio_conn_on_end(sio_conn *c)
{
    bool has_unread;

    if (c->broken || (c->wants & SIO_CARRIER_END) == 0 || !c->carrier->peer_has_left(c))
        return;
    conn_watch(c, c->wants & SIO_CARRIER_WRITE); /* once is enough */
    if (c->state != SIO_CONN_OPEN)
        return;
    has_unread = c->carrier->has_unread(c);
    if (is_heard_out(c, has_unread))
        return;
    if (has_unread)
        part(c);
    else
        sio_conn_on_readable(c); /* which tells how it ended */
}
