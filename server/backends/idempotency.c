#include "server/backends/idempotency.h"

#include <string.h>

#include "protocol/result.h"
#include "store/clock.h"
#include "store/once.h"

/* --- How many. --- */

enum { SLOT_MS = SIO_IDEMPOTENCY_KEPT_MS / SIO_IDEMPOTENCY_N_SLOTS };

/* Forget the slots that are over. */
static void
turn_quota(sio_idempotency_quota *q, uint64_t slot)
{
    if (slot - q->slot >= SIO_IDEMPOTENCY_N_SLOTS) {
        *q = (sio_idempotency_quota){.slot = slot};
        return;
    }
    while (q->slot < slot) {
        const uint64_t i = ++q->slot % SIO_IDEMPOTENCY_N_SLOTS;

        q->n_all -= q->n[i];
        q->n_all_bytes -= q->n_bytes[i];
        q->n[i] = 0;
        q->n_bytes[i] = 0;
    }
}

/* Is there room for one more? */
static bool
take_quota(sio_idempotency_quota *q)
{
    const uint64_t slot = sio_now_ms() / SLOT_MS;

    turn_quota(q, slot);
    if (q->n_all >= SIO_IDEMPOTENCY_MAX_IDS)
        return false;
    q->n_all++;
    q->n[slot % SIO_IDEMPOTENCY_N_SLOTS]++;
    return true;
}

/* The same for a result. */
static bool
take_bytes(sio_idempotency_quota *q, size_t n_bytes)
{
    const uint64_t slot = sio_now_ms() / SLOT_MS;

    turn_quota(q, slot);
    if (n_bytes > SIO_IDEMPOTENCY_MAX_BYTES ||
        n_bytes > SIO_IDEMPOTENCY_MAX_KEPT_BYTES - q->n_all_bytes)
        return false;
    q->n_all_bytes += n_bytes;
    q->n_bytes[slot % SIO_IDEMPOTENCY_N_SLOTS] += n_bytes;
    return true;
}

/* --- What is stored: the digest, then the result; nothing behind it while it is being done. --- */

static sio_idempotency_verdict
read_entry(const sio_idempotency *i, sio_view entry, sio_view *result)
{
    if (entry.len < sizeof i->digest || memcmp(entry.data, i->digest, sizeof i->digest) != 0)
        return SIO_IDEMPOTENCY_REUSED;
    *result = (sio_view){entry.data + sizeof i->digest, entry.len - sizeof i->digest};
    return result->len > 0 ? SIO_IDEMPOTENCY_DONE : SIO_IDEMPOTENCY_IN_PROGRESS;
}

static void
on_id_claimed(void *arg, int rc, sio_view entry)
{
    sio_idempotency        *i = arg;
    sio_view                result = {NULL, 0};
    sio_idempotency_verdict verdict = SIO_IDEMPOTENCY_AWAY;

    i->req = NULL;
    i->is_claimed = rc == SIO_OK;
    if (rc == SIO_OK)
        verdict = SIO_IDEMPOTENCY_FRESH;
    else if (rc == SIO_ERR_FULL)
        verdict = read_entry(i, entry, &result);
    i->fn(i, verdict, result);
}

static sio_view
idempotency_key_of(const sio_idempotency *i)
{
    return (sio_view){(const char *)i->key, sizeof i->key};
}

/* The names of keys are texts without blanks, so nobody's id is that of another. */
static bool
set_key(sio_idempotency *i, sio_view caller, sio_view id)
{
    sio_buf text;
    bool    is_set;

    sio_buf_init(&text, SIZE_MAX);
    sio_buf_add_view(&text, caller);
    sio_buf_add_char(&text, ' ');
    sio_buf_add_view(&text, id);
    is_set = !text.failed && sio_digest_sha256(sio_buf_view(&text), i->key);
    sio_buf_fini(&text);
    return is_set;
}

void
sio_idempotency_begin(sio_idempotency *i, sio_env *env, sio_idempotency_quota *quota,
                      sio_view caller, sio_view id, sio_view what,
                      void (*fn)(sio_idempotency *i, sio_idempotency_verdict verdict,
                                 sio_view result))
{
    sio_store_req *req;

    *i = (sio_idempotency){.env = env, .quota = quota, .fn = fn};
    if (!take_quota(quota)) {
        fn(i, SIO_IDEMPOTENCY_FULL, (sio_view){NULL, 0});
        return;
    }
    if (!set_key(i, caller, id) || !sio_digest_sha256(what, i->digest)) {
        fn(i, SIO_IDEMPOTENCY_AWAY, (sio_view){NULL, 0});
        return;
    }
    req = sio_store_once_claim(env->store, idempotency_key_of(i),
                               (sio_view){(const char *)i->digest, sizeof i->digest},
                               SIO_IDEMPOTENCY_CLAIM_MS, on_id_claimed, i);
    if (req != NULL) /* else i may be gone */
        i->req = req;
}

void
sio_idempotency_keep(sio_idempotency *i, sio_view result)
{
    sio_buf entry;

    if (!i->is_claimed)
        return;
    i->is_claimed = false;
    if (!take_bytes(i->quota, result.len)) {
        i->env->stats.api_results_cut++;
        result = SIO_VIEW("{\"kept\":false}");
    }
    sio_buf_init(&entry, SIZE_MAX);
    sio_buf_add(&entry, i->digest, sizeof i->digest);
    sio_buf_add_view(&entry, result);
    if (!entry.failed)
        sio_store_once_put(i->env->store, idempotency_key_of(i), sio_buf_view(&entry),
                           SIO_IDEMPOTENCY_KEPT_MS);
    sio_buf_fini(&entry);
}

void
sio_idempotency_drop(sio_idempotency *i)
{
    if (i->is_claimed)
        sio_store_once_drop(i->env->store, idempotency_key_of(i));
    i->is_claimed = false;
}

void
sio_idempotency_take_over(sio_idempotency *i)
{
    i->is_claimed = true;
}

void
sio_idempotency_cancel(sio_idempotency *i)
{
    sio_store_cancel(i->req);
    i->req = NULL;
}
