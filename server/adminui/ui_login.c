#include "server/adminui/ui_login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/json_read.h"
#include "protocol/result.h"
#include "server/base/digest.h"
#include "server/base/random.h"
#include "server/config/config.h"

enum {
    MAX_ATTEMPTS = 8,
    PATIENCE_MS = 1000,        /* until a wrong one is answered */
    SESSION_MS = 86400 * 1000, /* as long as the original has it */
    MAX_ADDRESS = 64,
    MAX_ID = 128,
    PROOF_LEN = 2 * SIO_SHA256_BYTES
};

typedef enum { LOOKING_UP, CHECKING, REFUSING, ACCEPTED } attempt_state;

/* A client that waits, or that has been let in and has not joined yet. */
typedef struct {
    sio_link          link; /* in logins->attempts */
    sio_ui_logins    *logins;
    sio_decision     *decision; /* NULL: it is told */
    attempt_state     state;
    uint64_t          began_ms;
    sio_timer         timer;
    sio_store_req    *request; /* NULL: none */
    sio_bcrypt_check *check;   /* NULL: none */
    bool              is_right_name;
    char             *username, *password; /* NULL: it has none */
    char              address[MAX_ADDRESS];
    char              id[MAX_ID]; /* of the socket to be */
    char              session[SIO_UI_SESSION_LEN + 1];
} attempt;

static attempt *
attempt_at(sio_link *l)
{
    return SIO_CONTAINER(l, attempt, link);
}

static void
attempt_free(attempt *a)
{
    sio_ui_logins *logins = a->logins;

    sio_timer_cancel(&logins->env->timers, &a->timer);
    sio_store_cancel(a->request);
    sio_bcrypt_cancel(a->check);
    sio_link_remove(&a->link);
    logins->n_attempts--;
    if (a->password != NULL)
        explicit_bzero(a->password, strlen(a->password));
    free(a->username);
    free(a->password);
    free(a);
}

/* Of those there are few, by their bounds, and somebody wants to know of each. */
static void
note_wrong(sio_env *env, const char *address)
{
    env->stats.admin_ui_refusals++;
    sio_log_warn(&env->log, NULL, "admin ui refused %s: wrong user name or password",
                 env->cfg->log_addresses ? address : "somebody");
}

static void
count_refusal(sio_env *env, const char *why, const char *address)
{
    env->stats.admin_ui_refusals++;
    sio_log_limit_write(&env->log_limits, SIO_LOG_REFUSED_HANDSHAKE, NULL,
                        "admin ui refused %s: %s", env->cfg->log_addresses ? address : "somebody",
                        why);
}

/* The words by which the page knows that it has to ask for the password. */
static void
refuse(sio_decision *decision)
{
    (void)sio_decide_error(decision, "invalid credentials", NULL);
}

static void
attempt_refuse(attempt *a)
{
    sio_decision *decision = a->decision;

    attempt_free(a);
    refuse(decision);
}

/* --- Sessions: in the store, as the data of a client that has left. --- */

/* What the password is good for ends with it. */
static bool
make_proof(const sio_cfg_admin_ui *ui, char proof[PROOF_LEN + 1])
{
    uint8_t   digest[SIO_SHA256_BYTES];
    char      text[400]; /* the settings have bounds */
    const int n = snprintf(text, sizeof text, "%s %s", ui->password, ui->username);

    if (n < 0 || (size_t)n >= sizeof text ||
        !sio_digest_sha256((sio_view){text, (size_t)n}, digest))
        return false;
    for (size_t i = 0; i < SIO_SHA256_BYTES; i++)
        snprintf(proof + 2 * i, 3, "%02x", digest[i]);
    return true;
}

/* "socket.io-admin#" and the session: of ids of clients none has a '#' there. */
static sio_view
store_id(const char *session, char id[MAX_ID])
{
    const int n = snprintf(id, MAX_ID, "socket.io-admin#%s", session);

    return (sio_view){id, (size_t)n};
}

static void
on_session_kept(void *arg, int rc)
{
    sio_env *env = arg;

    if (rc != SIO_OK)
        sio_log_warn(&env->log, NULL,
                     "admin ui: Redis is away, so the page asks for the password "
                     "again when it is loaded again");
}

static void
ignore_result(void *arg, int rc)
{
    (void)arg;
    (void)rc;
}

static void
keep_session(sio_env *env, const char *session)
{
    const sio_store_client_limits limits = {.max_keys = 1, .max_bytes = 200};
    char                          id[MAX_ID], proof[PROOF_LEN + 1];
    const sio_view                view = store_id(session, id);

    if (!make_proof(&env->cfg->admin_ui, proof))
        return;
    (void)sio_store_client_set(env->store, view, SIO_VIEW("proof"), sio_view_of(proof), &limits,
                               on_session_kept, env);
    (void)sio_store_client_expire(env->store, view, SESSION_MS, ignore_result, NULL);
}

static bool
is_ui_session(const char *text)
{
    return text != NULL && strlen(text) == SIO_UI_SESSION_LEN &&
           strspn(text, "0123456789abcdef") == SIO_UI_SESSION_LEN;
}

/* To workers, each of which has a store of its own. */
static void
tell_session(sio_env *env, const char *session)
{
    char args[SIO_UI_SESSION_LEN + 8];

    snprintf(args, sizeof args, "[\"%s\"]", session);
    if (env->cfg->redis[0] == '\0')
        (void)env->inner_events->emit(sio_sockets(sio_env_server(env)), SIO_UI_SESSION_EVENT, args);
}

void
sio_ui_logins_learn(sio_ui_logins *logins, sio_view args_json)
{
    char *session = sio_json_read_c_string(sio_json_read_elements(args_json));

    if (logins->env != NULL && logins->env->cfg->redis[0] == '\0' && is_ui_session(session))
        keep_session(logins->env, session);
    free(session);
}

/* --- Being let in. --- */

static void
on_attempt_timer(sio_timer *timer)
{
    attempt *a = SIO_CONTAINER(timer, attempt, timer);

    if (a->state == ACCEPTED) /* and it has gone before it has joined */
        attempt_free(a);
    else
        attempt_refuse(a);
}

static bool
make_session(char session[SIO_UI_SESSION_LEN + 1])
{
    uint32_t high, low;

    if (sio_random_u32(&high) != SIO_OK || sio_random_u32(&low) != SIO_OK)
        return false;
    snprintf(session, SIO_UI_SESSION_LEN + 1, "%08x%08x", high, low);
    return true;
}

/* Its session is told when it has joined, which may be in this call. */
static void
attempt_accept(attempt *a)
{
    sio_env      *env = a->logins->env;
    sio_decision *decision = a->decision;

    a->decision = NULL;
    a->state = ACCEPTED;
    if (make_session(a->session)) {
        keep_session(env, a->session);
        tell_session(env, a->session);
    }
    sio_timer_set(&env->timers, &a->timer, PATIENCE_MS);
    sio_log_info(&env->log, NULL, "admin ui: %s has logged in", env->cfg->admin_ui.username);
    sio_decide(decision, SIO_ACCEPT);
}

static void
on_checked(bool is_right, void *arg)
{
    attempt       *a = arg;
    sio_env       *env = a->logins->env;
    const uint64_t now = sio_timer_wheel_now_ms(&env->timers);

    a->check = NULL;
    if (is_right && a->is_right_name) {
        attempt_accept(a);
        return;
    }
    note_wrong(env, a->address);
    a->state = REFUSING;
    if (now - a->began_ms >= PATIENCE_MS)
        attempt_refuse(a);
    else
        sio_timer_set(&env->timers, &a->timer, (unsigned)(PATIENCE_MS - (now - a->began_ms)));
}

static bool
is_alone(const attempt *a)
{
    for (sio_link *l = a->logins->attempts.next; l != &a->logins->attempts; l = l->next) {
        const attempt *other = attempt_at(l);

        if (other != a && (other->state == CHECKING || other->state == REFUSING) &&
            strcmp(other->address, a->address) == 0)
            return false;
    }
    return true;
}

static void
attempt_turn_away(attempt *a, const char *why)
{
    sio_decision *decision = a->decision;

    count_refusal(a->logins->env, why, a->address);
    attempt_free(a);
    (void)sio_decide_error(decision, "too many attempts, try again in a few seconds", NULL);
}

/* A page that has been loaded shows no password at first: that is no attempt. */
static void
attempt_check(attempt *a)
{
    const sio_cfg_admin_ui *ui = &a->logins->env->cfg->admin_ui;

    if (a->username == NULL || a->password == NULL) {
        attempt_refuse(a);
        return;
    }
    if (!is_alone(a)) {
        attempt_turn_away(a, "a second attempt at the same time");
        return;
    }
    /* A wrong name takes as long as a wrong password. */
    a->is_right_name = sio_digest_same_secret(sio_view_of(a->username), sio_view_of(ui->username));
    a->state = CHECKING;
    a->check = sio_bcrypt_begin(a->logins->bcrypt, a->password, ui->password, on_checked, a);
    if (a->check == NULL)
        on_checked(false, a);
}

static void
on_session_found(void *arg, int rc, sio_view value)
{
    attempt *a = arg;
    char     proof[PROOF_LEN + 1];

    a->request = NULL;
    if (rc == SIO_OK && make_proof(&a->logins->env->cfg->admin_ui, proof) &&
        sio_digest_same_secret(value, sio_view_of(proof))) {
        sio_decision *decision = a->decision;

        attempt_free(a);
        sio_decide(decision, SIO_ACCEPT);
        return;
    }
    attempt_check(a);
}

/* --- The question. --- */

static attempt *
attempt_new(sio_ui_logins *logins, sio_decision *decision, const char *handshake_json)
{
    attempt *a = logins->n_attempts < MAX_ATTEMPTS ? calloc(1, sizeof *a) : NULL;
    char    *address;

    if (a == NULL)
        return NULL;
    a->logins = logins;
    a->decision = decision;
    a->began_ms = sio_timer_wheel_now_ms(&logins->env->timers);
    a->timer.fire = on_attempt_timer;
    a->username = sio_auth_text(sio_decision_auth(decision), "username");
    a->password = sio_auth_text(sio_decision_auth(decision), "password");
    address = sio_handshake_address(handshake_json);
    snprintf(a->address, sizeof a->address, "%s", address != NULL ? address : "");
    free(address);
    snprintf(a->id, sizeof a->id, "%s", sio_decision_id(decision));
    sio_link_init(&a->link);
    sio_link_append(&logins->attempts, &a->link);
    logins->n_attempts++;
    return a;
}

static void
begin_attempt(sio_ui_logins *logins, sio_decision *decision, const char *handshake_json)
{
    attempt       *a = attempt_new(logins, decision, handshake_json);
    char          *session, id[MAX_ID];
    sio_store_req *request;

    if (a == NULL) {
        count_refusal(logins->env, "too many attempts at the same time", "many addresses");
        (void)sio_decide_error(decision, "too many attempts, try again in a few seconds", NULL);
        return;
    }
    session = sio_auth_text(sio_decision_auth(decision), "sessionId");
    if (is_ui_session(session)) {
        request = sio_store_client_get(logins->env->store, store_id(session, id), SIO_VIEW("proof"),
                                       on_session_found, a);
        if (request != NULL) /* else it is answered, and the attempt may be gone */
            a->request = request;
    } else {
        attempt_check(a);
    }
    free(session);
}

void
sio_ui_logins_ask(sio_decision *decision, const char *handshake_json, void *arg)
{
    sio_ui_logins *logins = arg;
    const sio_env *env = logins->env;

    if (env == NULL || !sio_cfg_admin_ui_is_served(&env->cfg->admin_ui))
        (void)sio_decide_error(decision, "the Admin UI is not served here", NULL);
    else if (strcmp(env->cfg->admin_ui.auth, "none") == 0)
        sio_decide(decision, SIO_ACCEPT);
    else
        begin_attempt(logins, decision, handshake_json);
}

const char *
sio_ui_logins_new_session(sio_ui_logins *logins, const sio_socket *socket)
{
    for (sio_link *l = logins->attempts.next; l != &logins->attempts; l = l->next) {
        attempt *a = attempt_at(l);

        if (a->state != ACCEPTED || strcmp(a->id, sio_id(socket)) != 0)
            continue;
        snprintf(logins->session, sizeof logins->session, "%s", a->session);
        attempt_free(a);
        return logins->session[0] != '\0' ? logins->session : NULL;
    }
    return NULL;
}

/* --- Life. --- */

void
sio_ui_logins_init(sio_ui_logins *logins)
{
    sio_link_init(&logins->attempts);
}

int
sio_ui_logins_open(sio_ui_logins *logins, sio_env *env)
{
    logins->env = env;
    logins->bcrypt = sio_bcrypt_new(sio_env_server(env));
    return logins->bcrypt != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

void
sio_ui_logins_stop(sio_ui_logins *logins)
{
    while (!sio_link_empty(&logins->attempts)) {
        attempt *a = attempt_at(logins->attempts.next);

        if (a->decision != NULL)
            attempt_refuse(a);
        else
            attempt_free(a);
    }
    if (logins->bcrypt != NULL)
        sio_bcrypt_stop(logins->bcrypt);
    logins->env = NULL;
}

void
sio_ui_logins_close(sio_ui_logins *logins)
{
    sio_ui_logins_stop(logins);
    sio_bcrypt_free(logins->bcrypt);
    logins->bcrypt = NULL;
}
