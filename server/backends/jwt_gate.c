#include "server/backends/jwt_gate.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/jwt_grants.h"
#include "protocol/result.h"
#include "server/backends/jwt_claims.h"
#include "server/backends/jwt_expiry.h"
#include "server/backends/jwt_pass.h"
#include "server/backends/jwt_place.h"
#include "server/base/random.h"
#include "server/config/config.h"
#include "store/clock.h"

/*
 * Below the 10 s after which clients of 0.9 give up; and long enough for a client to be done with
 * its upgrade, during which some do not hear that they are turned away.
 */
enum { MIN_PATIENCE_MS = 4000, MAX_PATIENCE_MS = 6000 };

/* A client that waits for keys, until there are some or its time has passed. */
typedef struct {
    sio_link      link;
    sio_timer     timer;
    sio_jwt_gate *gate;
    sio_decision *decision;
    char         *nsp_name; /* a copy, as a dynamic namespace may go before */
    char         *token;
} waiter;

/* Who asks. */
typedef struct {
    sio_jwt_gate *gate;
    sio_decision *decision;
    const char   *nsp_name; /* "/": the default one */
    const char   *token;
    bool          may_wait;
} question;

static const char invalid[] = "token_invalid", expired[] = "token_expired",
                  missing[] = "token_missing", forbidden[] = "namespace_forbidden";

/* --- Verdicts. --- */

/* The words are ours: nothing of the token is in the log, nor in the answer. */
static void
refuse_token(const question *q, const char *code, const char *why)
{
    char data[64];

    q->gate->env->stats.tokens_refused++;
    sio_log_limit_write(&q->gate->env->log_limits, SIO_LOG_REFUSED_HANDSHAKE, NULL,
                        "token refused in namespace %s: %s", q->nsp_name, why);
    snprintf(data, sizeof data, "{\"code\":\"%s\"}", code);
    (void)sio_decide_error(q->decision, code == forbidden ? "not allowed" : "invalid token", data);
}

static void
let_in(const question *q, const sio_jwt *token)
{
    const char   *why;
    sio_jwt_pass *pass = sio_jwt_pass_new(q->gate->env, token, q->nsp_name, &why);

    if (pass == NULL && why != NULL) {
        refuse_token(q, invalid, why);
    } else if (pass == NULL) {
        sio_log_limit_write(&q->gate->env->log_limits, SIO_LOG_FAILURE, NULL,
                            "a client is turned away: out of memory");
        sio_decide(q->decision, SIO_AWAY);
    } else {
        q->gate->env->stats.tokens_accepted++;
        if (!sio_decide_pass(q->decision, pass, sio_jwt_pass_bytes(pass)))
            sio_jwt_pass_free(pass);
    }
}

/* --- To wait for keys. --- */

static void
free_waiter(waiter *w)
{
    sio_timer_cancel(&w->gate->env->timers, &w->timer);
    sio_link_remove(&w->link);
    free(w->nsp_name);
    free(w->token);
    free(w);
}

/* It is in the list, and leaves it with that. */
static void
turn_waiter_away(waiter *w)
{
    sio_decision *decision = w->decision;

    w->gate->n_waiting--;
    free_waiter(w);
    sio_decide(decision, SIO_AWAY);
}

static void
on_gate_patience(sio_timer *timer)
{
    turn_waiter_away(SIO_CONTAINER(timer, waiter, timer));
}

/* Not the same for all, so that those who came together do not come back together. */
static unsigned
patience_ms(void)
{
    uint32_t number = 0;

    (void)sio_random_u32(&number);
    return MIN_PATIENCE_MS + number % (MAX_PATIENCE_MS - MIN_PATIENCE_MS);
}

/* False: it can not wait. */
static bool
add_waiter(const question *q)
{
    sio_jwt_gate *g = q->gate;
    waiter       *w;

    if (g->n_waiting == SIO_JWT_GATE_MAX_WAITING || (w = calloc(1, sizeof *w)) == NULL)
        return false;
    sio_link_init(&w->link);
    w->gate = g;
    w->decision = q->decision;
    w->nsp_name = strdup(q->nsp_name);
    w->token = strdup(q->token);
    if (w->nsp_name == NULL || w->token == NULL) {
        free_waiter(w);
        return false;
    }
    sio_link_append(&g->waiting, &w->link);
    g->n_waiting++;
    w->timer.fire = on_gate_patience;
    sio_timer_set(&g->env->timers, &w->timer, patience_ms());
    return true;
}

/*
 * Nobody is refused for a key that may have been published since; and as the name of a key is not
 * signed, clients have no say in how often the set is asked for.
 */
static void
wait_for_keys(const question *q)
{
    sio_jwt_remote_want(q->gate->remote);
    if (!add_waiter(q))
        sio_decide(q->decision, SIO_AWAY);
}

/* --- A token. --- */

static void
judge_claims(const question *q, const sio_jwt *t)
{
    const sio_cfg_jwt *cfg = &q->gate->env->cfg->jwt;
    const uint64_t     now = sio_epoch_ms();
    const char        *why = sio_jwt_claims_fault(t, cfg, now);

    if (why != NULL)
        refuse_token(q, sio_jwt_has_expired(t, now, cfg->leeway_ms) ? expired : invalid, why);
    else if (!sio_jwt_grants_namespace(t->grants, sio_view_of(q->nsp_name)))
        refuse_token(q, forbidden, "it is not for this namespace");
    else
        let_in(q, t);
}

static void
judge_signature(const question *q, const sio_jwt *t)
{
    const sio_jwt_gate  *g = q->gate;
    const bool           has_keys = g->ring.n > 0;
    const sio_jwt_signer signer = sio_jwt_keyring_check(&g->ring, &g->env->cfg->jwt.algorithms, t);

    if (signer == SIO_JWT_SIGNED)
        judge_claims(q, t);
    else if (g->remote != NULL && q->may_wait && (!has_keys || signer == SIO_JWT_UNKNOWN_KEY))
        wait_for_keys(q);
    else if (!has_keys)
        sio_decide(q->decision, SIO_AWAY);
    else if (signer == SIO_JWT_UNKNOWN_KEY)
        refuse_token(q, invalid, "it names a key that is not known (kid)");
    else
        refuse_token(q, invalid, "it is not signed with a key for it");
}

static void
judge(const question *q)
{
    sio_jwt     token;
    const char *why;

    if (sio_jwt_read(&token, sio_view_of(q->token), &why) == SIO_OK)
        judge_signature(q, &token);
    else
        refuse_token(q, invalid, why);
    sio_jwt_fini(&token);
}

/* --- The guard. --- */

/* The page of the Admin UI has no token, and its namespace a lock of its own. */
static bool
is_guarded(const sio_cfg *cfg, const char *nsp_name)
{
    if (cfg->jwt.namespaces.n > 0)
        return sio_texts_has(&cfg->jwt.namespaces, sio_view_of(nsp_name));
    return !sio_cfg_admin_ui_is_served(&cfg->admin_ui) || strcmp(nsp_name, cfg->admin_ui.nsp) != 0;
}

static const char *
name_of(const sio_namespace *nsp)
{
    const char *name = sio_namespace_name(nsp);

    return name[0] != '\0' ? name : "/";
}

static void
on_gate_wish(sio_decision *decision, const char *handshake_json, void *arg)
{
    sio_jwt_gate      *g = arg;
    const sio_cfg_jwt *cfg = &g->env->cfg->jwt;
    question           q = {.gate = g,
                            .decision = decision,
                            .nsp_name = name_of(sio_decision_namespace(decision)),
                            .may_wait = true};
    char              *token;

    if (!is_guarded(g->env->cfg, q.nsp_name)) {
        sio_decide(decision, SIO_ACCEPT);
        return;
    }
    token = sio_jwt_place_find(&cfg->from, handshake_json, sio_decision_auth(decision));
    q.token = token;
    if (token != NULL)
        judge(&q);
    else if (cfg->required)
        refuse_token(&q, missing, "there is none where \"from\" says");
    else
        sio_decide(decision, SIO_ACCEPT);
    free(token);
}

static void
on_gate_joined(sio_socket *socket, void *arg)
{
    sio_jwt_pass *pass = sio_socket_pass(socket);

    (void)arg;
    if (pass != NULL)
        sio_jwt_pass_use(pass, socket);
}

static bool
hears_event(sio_socket *socket, const sio_event *event, void *arg)
{
    sio_jwt_gate       *g = arg;
    const sio_jwt_pass *pass = sio_socket_pass(socket);
    sio_view            name = {NULL, 0};

    if (pass == NULL)
        return true;
    name.data = sio_event_name(event, &name.len);
    if (name.data != NULL && sio_jwt_pass_allows(pass, name))
        return true;
    g->env->stats.forbidden_events++;
    return false;
}

static void
free_pass(void *pass, void *arg)
{
    (void)arg;
    sio_jwt_pass_free(pass);
}

static const sio_guard guard = {
    .admit = on_gate_wish,
    .joined = on_gate_joined,
    .hears = hears_event,
    .free_pass = free_pass,
};

/* --- Keys. --- */

static void
judge_again(sio_jwt_gate *g, waiter *w)
{
    const question q = {
        .gate = g, .decision = w->decision, .nsp_name = w->nsp_name, .token = w->token};

    judge(&q);
    free_waiter(w);
}

/* Who comes meanwhile is put behind. */
static void
judge_all_again(sio_jwt_gate *g)
{
    for (unsigned n = g->n_waiting; n > 0 && !sio_link_empty(&g->waiting); n--) {
        waiter *w = SIO_CONTAINER(g->waiting.next, waiter, link);

        sio_link_remove(&w->link);
        g->n_waiting--;
        judge_again(g, w);
    }
}

static bool
take_remote_set(void *arg, sio_view set)
{
    sio_jwt_gate *g = arg;
    sio_buf       error;
    bool          is_good;

    sio_buf_init(&error, 256);
    is_good = sio_jwt_keyring_take_set(&g->ring, set, false, &error) == SIO_OK;
    if (is_good)
        judge_all_again(g);
    else
        sio_log_warn(&g->env->log, NULL, "what \"keys url\" answers %.*s", (int)error.len,
                     error.data != NULL ? error.data : "");
    sio_buf_fini(&error);
    return is_good;
}

/* SIO_OK, or SIO_ERR_CONFIG or SIO_ERR_NOMEM and one line in error. */
static int
read_keys(sio_jwt_gate *g, sio_buf *error)
{
    const sio_cfg_jwt *cfg = &g->env->cfg->jwt;
    const size_t       before = error->len;

    if (cfg->secret[0] != '\0' &&
        sio_jwt_keyring_take_secret(&g->ring, sio_view_of(cfg->secret)) != SIO_OK) {
        sio_buf_add_str(error, "out of memory");
        return SIO_ERR_NOMEM;
    }
    if (cfg->keys[0] == '\0')
        return SIO_OK;
    sio_buf_add_str(error, "\"jwt\".\"keys\": ");
    if (sio_jwt_keyring_take_set(&g->ring, sio_view_of(cfg->keys), true, error) != SIO_OK)
        return SIO_ERR_CONFIG;
    error->len = before;
    return SIO_OK;
}

/* --- All of it. --- */

/* False: no memory. */
static bool
make_namespaces(const sio_env *env, sio_server *io)
{
    const sio_texts *names = &env->cfg->jwt.namespaces;

    for (size_t i = 0; i < names->n; i++)
        if (sio_of(io, names->items[i].data) == NULL)
            return false;
    return true;
}

int
sio_jwt_gate_open(sio_jwt_gate *g, sio_env *env, sio_buf *error)
{
    int rc;

    sio_jwt_gate_fini(g); /* to listen may be tried again, with other settings */
    if (!sio_cfg_jwt_is_on(&env->cfg->jwt))
        return SIO_OK;
    g->env = env;
    sio_link_init(&g->waiting);
    sio_set_guard(sio_env_server(env), &guard, g); /* without keys it lets nobody in */
    if ((rc = read_keys(g, error)) != SIO_OK)
        return rc;
    if (!make_namespaces(env, sio_env_server(env)) || !sio_jwt_expiry_open(env)) {
        sio_buf_add_str(error, "out of memory");
        return SIO_ERR_NOMEM;
    }
    if (env->cfg->jwt.keys_url[0] != '\0')
        rc = sio_jwt_remote_new(&g->remote, env, take_remote_set, g, error);
    return rc;
}

void
sio_jwt_gate_adjust(sio_jwt_gate *g, sio_env *env)
{
    sio_buf error;
    int     rc;

    sio_buf_init(&error, 256);
    rc = g->env != NULL ? read_keys(g, &error) : sio_jwt_gate_open(g, env, &error);
    if (rc == SIO_OK && !make_namespaces(env, sio_env_server(env)))
        sio_buf_add_str(&error, "out of memory: not all namespaces of \"jwt\" are there");
    if (error.len > 0)
        sio_log_error(&env->log, NULL, "%.*s", (int)error.len, error.data);
    sio_buf_fini(&error);
}

void
sio_jwt_gate_close(sio_jwt_gate *g)
{
    if (g->env == NULL)
        return;
    sio_jwt_remote_free(g->remote);
    g->remote = NULL;
    while (!sio_link_empty(&g->waiting))
        turn_waiter_away(SIO_CONTAINER(g->waiting.next, waiter, link));
}

void
sio_jwt_gate_fini(sio_jwt_gate *g)
{
    if (g->env == NULL)
        return;
    sio_jwt_gate_close(g);
    sio_jwt_keyring_fini(&g->ring);
    sio_set_guard(sio_env_server(g->env), NULL, NULL);
    *g = (sio_jwt_gate){.env = NULL};
}

const char *
sio_jwt_gate_claims(const sio_jwt_gate *g, const void *pass)
{
    return g->env != NULL && pass != NULL ? sio_jwt_pass_claims(pass) : NULL;
}

const char *
sio_jwt_gate_user(const sio_jwt_gate *g, const void *pass)
{
    return g->env != NULL && pass != NULL ? sio_jwt_pass_user(pass) : NULL;
}
