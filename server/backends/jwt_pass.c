#include "server/backends/jwt_pass.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json_read.h"
#include "protocol/jwt_grants.h"
#include "protocol/result.h"
#include "server/backends/hook_route.h"
#include "server/backends/socket_user.h"
#include "server/base/random.h"
#include "server/config/config.h"
#include "store/clock.h"

enum { MAX_NAP_MS = 3600000, LIFE_PER_JITTER = 10 };

struct sio_jwt_pass {
    sio_env    *env;
    sio_socket *socket; /* NULL: not there yet */
    char       *claims;
    char       *user;      /* its room, "user:" and who it is; NULL: the token does not say */
    sio_texts   rooms;     /* more of them */
    sio_texts   events;    /* as of hook_route.h */
    bool        is_narrow; /* are these all that may be sent? */
    uint64_t    ends_ms;   /* since 1970 */
    sio_timer   timer;
};

/* --- Made of a token. --- */

/* The texts of strings, each a C string. */
static bool
add_texts(sio_texts *texts, sio_json_iter *it)
{
    sio_view literal;
    sio_buf  text;
    bool     ok = true;

    sio_buf_init(&text, SIZE_MAX);
    while (ok && sio_json_read_array_next(it, &literal)) {
        sio_buf_clear(&text);
        ok = sio_json_read_string(literal, &text) == SIO_OK &&
             sio_texts_add(texts, sio_buf_view(&text)) == SIO_OK;
    }
    sio_buf_fini(&text);
    return ok;
}

/* A tenth of what is left, as of a token for seconds the tenth of a minute would be much. */
static uint64_t
jitter_ms(uint64_t left_ms)
{
    const uint64_t most = left_ms / LIFE_PER_JITTER < SIO_JWT_PASS_MAX_JITTER_MS
                              ? left_ms / LIFE_PER_JITTER
                              : SIO_JWT_PASS_MAX_JITTER_MS;
    uint32_t       number = 0;

    (void)sio_random_u32(&number);
    return number % (most + 1);
}

static bool
fill_pass(sio_jwt_pass *p, const sio_jwt *t, const char *nsp_name)
{
    const uint64_t now = sio_epoch_ms(), end = t->expires_ms + p->env->cfg->jwt.leeway_ms;
    sio_json_iter  it;

    p->ends_ms = end + (end > now ? jitter_ms(end - now) : 0);
    if ((p->claims = strndup(t->claims.data, t->claims.len)) == NULL)
        return false;
    if (t->subject.len > 2 && (p->user = sio_socket_user_room(t->subject)) == NULL)
        return false;
    sio_jwt_grants_rooms_begin(t->grants, sio_view_of(nsp_name), &it);
    if (!add_texts(&p->rooms, &it))
        return false;
    p->is_narrow = sio_jwt_grants_events_begin(t->grants, &it);
    return add_texts(&p->events, &it);
}

/* Could its client be in all of its rooms? */
static const char *
check_rooms(const sio_jwt_pass *p)
{
    const sio_cfg *cfg = p->env->cfg;

    if (p->user != NULL && strlen(p->user) > cfg->max_room_name_bytes)
        return "its sub makes a room longer than \"max room name bytes\"";
    for (size_t i = 0; i < p->rooms.n; i++)
        if (p->rooms.items[i].len > cfg->max_room_name_bytes)
            return "it names a room longer than \"max room name bytes\"";
    return p->rooms.n + (p->user != NULL) > cfg->max_rooms
               ? "it names more rooms than \"max rooms\""
               : NULL;
}

sio_jwt_pass *
sio_jwt_pass_new(sio_env *env, const sio_jwt *token, const char *nsp_name, const char **why)
{
    sio_jwt_pass *p = calloc(1, sizeof *p);

    *why = NULL;
    if (p == NULL)
        return NULL;
    p->env = env;
    if (fill_pass(p, token, nsp_name) && (*why = check_rooms(p)) == NULL)
        return p;
    sio_jwt_pass_free(p);
    return NULL;
}

void
sio_jwt_pass_free(sio_jwt_pass *p)
{
    sio_timer_cancel(&p->env->timers, &p->timer);
    sio_texts_fini(&p->events);
    sio_texts_fini(&p->rooms);
    free(p->user);
    free(p->claims);
    free(p);
}

static size_t
bytes_of(const sio_texts *texts)
{
    size_t n = texts->n * sizeof *texts->items;

    for (size_t i = 0; i < texts->n; i++)
        n += texts->items[i].len + 1;
    return n;
}

size_t
sio_jwt_pass_bytes(const sio_jwt_pass *p)
{
    return sizeof *p + strlen(p->claims) + bytes_of(&p->rooms) + bytes_of(&p->events);
}

const char *
sio_jwt_pass_claims(const sio_jwt_pass *p)
{
    return p->claims;
}

const char *
sio_jwt_pass_user(const sio_jwt_pass *p)
{
    return p->user != NULL ? sio_socket_user_of_room(p->user) : NULL;
}

/* --- While its client is there. --- */

/* A clock that is set while one waits is noticed within the hour. */
static unsigned
nap_ms(uint64_t left_ms)
{
    return left_ms < MAX_NAP_MS ? (unsigned)left_ms : MAX_NAP_MS;
}

static void
look_at_clock(sio_timer *timer)
{
    sio_jwt_pass  *p = SIO_CONTAINER(timer, sio_jwt_pass, timer);
    const uint64_t now = sio_epoch_ms();

    if (now < p->ends_ms) {
        sio_timer_set(&p->env->timers, &p->timer, nap_ms(p->ends_ms - now));
        return;
    }
    p->env->stats.tokens_expired++;
    sio_hang_up(p->socket, "token expired");
}

static void
join_room(const sio_jwt_pass *p, const char *room)
{
    if (sio_join(p->socket, room) != 0)
        sio_log_limit_write(&p->env->log_limits, SIO_LOG_FAILURE, NULL,
                            "a room of a token is not joined: too many rooms, or out of memory");
}

void
sio_jwt_pass_use(sio_jwt_pass *p, sio_socket *socket)
{
    p->socket = socket;
    if (p->user != NULL)
        sio_socket_user_leave_others(socket, p->user);
    if (p->user != NULL)
        join_room(p, p->user);
    for (size_t i = 0; i < p->rooms.n; i++)
        join_room(p, p->rooms.items[i].data);
    p->timer.fire = look_at_clock;
    sio_timer_set(&p->env->timers, &p->timer, 0);
}

void
sio_jwt_pass_prolong(sio_jwt_pass *p, uint64_t ends_ms)
{
    p->ends_ms = ends_ms;
    if (p->socket != NULL)
        sio_timer_set(&p->env->timers, &p->timer, 0);
}

bool
sio_jwt_pass_allows(const sio_jwt_pass *p, sio_view event)
{
    return !p->is_narrow || sio_hook_route_has_match(&p->events, event);
}
