/*
 * server/base/budget.h - what clients make the server keep has a limit, in bytes.
 *
 * Each session has a charge (base/accounts.h) on the account of the address it came from, and so
 * has whatever else a client can make grow. Over "max client bytes" the heaviest address gives up
 * first: its oldest sessions end, those before others that nothing has come for since their
 * handshake.
 *
 * Not counted are what waits to be sent (the limits of send queues hold there) and the data that
 * the application keeps in the store.
 */
#ifndef SIO_BASE_BUDGET_H
#define SIO_BASE_BUDGET_H

#include "protocol/view.h"
#include "server/base/accounts.h"
#include "server/base/timer_wheel.h"

typedef struct sio_env sio_env;

enum { SIO_BUDGET_KEY_MAX = 8 };

typedef struct {
    sio_env     *env;
    sio_accounts accounts;
    size_t       max_bytes;
    sio_timer    timer; /* for giving up, some at a time */
} sio_budget;

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_budget_fini() is still allowed. */
int  sio_budget_init(sio_env *env);
void sio_budget_fini(sio_env *env);

/* No more than max_bytes from now on; 0: than half of the memory that the process may have. */
void sio_budget_open(sio_env *env, size_t max_bytes);

/*
 * The account of an address of 4 or 16 bytes: an IPv4 address, or the network of 64 bits that a
 * subscriber has. Views key.
 */
sio_view sio_budget_key(const uint8_t *address, size_t n_bytes, uint8_t key[SIO_BUDGET_KEY_MAX]);

/* That of the "address" in a handshake's record (JSON); an empty one when it tells none. */
sio_view sio_budget_key_of_record(sio_view record, uint8_t key[SIO_BUDGET_KEY_MAX]);

/* As sio_charge_begin() and sio_charge_add(), and somebody gives up when that is too much. */
int  sio_budget_begin(sio_env *env, sio_charge *c, sio_view key, size_t n_bytes);
void sio_budget_add(sio_env *env, sio_charge *c, size_t n_bytes);

#endif
