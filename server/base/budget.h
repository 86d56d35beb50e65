/*
 * server/base/budget.h - what the server keeps for clients has a limit, in bytes.
 *
 * Each session has a charge (base/accounts.h) on the account of the address it came from, and so
 * has whatever else a client can make grow. Over "max client bytes" the heaviest address gives up
 * first: its oldest sessions end, those before others that nothing has come for since their
 * handshake.
 *
 * What waits to be sent counts as well: each packet once, in however many queues it waits. When
 * that is what makes it too much, those pay for whom it waits; and while it is more than an eighth
 * too much, nothing is queued for a client for whom much waits already.
 *
 * Not counted are the data that the application keeps in the store.
 */
#ifndef SIO_BASE_BUDGET_H
#define SIO_BASE_BUDGET_H

#include "protocol/view.h"
#include "server/base/accounts.h"
#include "server/base/timer_wheel.h"

typedef struct sio_env sio_env;

enum { SIO_BUDGET_KEY_MAX = 8, SIO_BUDGET_SCALES = 2 };

typedef struct {
    sio_env     *env;
    sio_accounts accounts;
    size_t       max_bytes; /* now: less than the next while it is squeezed */
    size_t       most_bytes;
    size_t       n_waiting;      /* bytes to be sent; of a packet that many wait for once */
    bool         is_tight;       /* it is an eighth too much */
    bool         has_more_to_do; /* of giving up, though it may be enough */
    sio_timer    timer;          /* for giving up, some at a time */
    /* Those who know for whom something waits. */
    void (*weigh[SIO_BUDGET_SCALES])(sio_env *env);
    unsigned n_scales;
} sio_budget;

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_budget_fini() is still allowed. */
int  sio_budget_init(sio_env *env);
void sio_budget_fini(sio_env *env);

/* No more than max_bytes from now on; 0: than half of the memory that the process may have. */
void sio_budget_open(sio_env *env, size_t max_bytes);

/*
 * An eighth of what is kept has to go, and no more may come than is left then: the process is short
 * of memory (memory_guard.h). Until it is relaxed.
 */
void sio_budget_squeeze(sio_env *env);
void sio_budget_relax(sio_env *env);

/*
 * The account of an address of 4 or 16 bytes: an IPv4 address, or the network of 64 bits that a
 * subscriber has. Views key.
 */
sio_view sio_budget_key(const uint8_t *address, size_t n_bytes, uint8_t key[SIO_BUDGET_KEY_MAX]);

/* That of the "address" in a handshake's record (JSON); an empty one when it tells none. */
sio_view sio_budget_key_of_record(sio_view record, uint8_t key[SIO_BUDGET_KEY_MAX]);

/* weigh(env) calls sio_charge_await() for all that it knows. */
void sio_budget_add_scale(sio_env *env, void (*weigh)(sio_env *env));

/* As sio_charge_begin() and sio_charge_add(), and somebody gives up when that is too much. */
int  sio_budget_begin(sio_env *env, sio_charge *c, sio_view key, size_t n_bytes);
void sio_budget_add(sio_env *env, sio_charge *c, size_t n_bytes);

/* For sio_budget_await(). */
void sio_budget_note_excess(sio_budget *b);

/* Bytes begin to wait, or do not wait any more. Inline, as it happens for each packet. */
static inline void
sio_budget_await(sio_budget *b, size_t n_bytes)
{
    b->n_waiting += n_bytes;
    if (b->n_waiting + b->accounts.n_bytes > b->max_bytes)
        sio_budget_note_excess(b);
}

static inline void
sio_budget_sent(sio_budget *b, size_t n_bytes)
{
    b->n_waiting -= n_bytes;
}

#endif
