#include "store/redis_client.h"

#include "store/clock.h"

#include <stdlib.h>

struct sio_redis_client {
    sio_redis_link     *link;
    sio_store_counters *counters;
    void (*up)(void *arg);
    void (*down)(void *arg, const char *reason);
    void           *arg;
    sio_redis_guide guide; /* `other` is NULL: there is none */
    size_t          max_pending, n_pending;
    struct event   *timer;         /* the first deadline, or the end of the silence */
    uint64_t        last_heard_ms; /* or when the oldest command in flight was sent */
    bool            sick;
    sio_link        waiting; /* all have the same patience: oldest first */
};

/* --- Calls. --- */

/* NULL: nobody waits. */
static sio_redis_call *
first_waiting(const sio_redis_client *client)
{
    sio_link *l = sio_link_next(&client->waiting, &client->waiting);

    return l != NULL ? SIO_CONTAINER(l, sio_redis_call, in_waiting) : NULL;
}

static void
stop_waiting(sio_redis_call *call)
{
    if (call->waiting)
        sio_link_remove(&call->in_waiting);
    call->waiting = false;
}

/* Call the owner back, who may send the call again. */
static void
redis_client_tell(sio_redis_call *call, sio_redis_call_fn fn, const redisReply *reply)
{
    stop_waiting(call);
    call->n_busy++;
    fn(call, reply);
    call->n_busy--;
}

static void
forget_text(sio_redis_call *call)
{
    if (call->text != NULL)
        redisFreeCommand(call->text);
    call->text = NULL;
}

/*
 * After tell(), where hiredis does not have the call: free it, unless an outer tell() is using it.
 */
static void
redis_client_release(sio_redis_call *call)
{
    if (call->n_busy > 0 || call->in_flight)
        return;
    forget_text(call);
    free(call);
}

static void
note_reply(sio_redis_client *client, const sio_redis_call *call)
{
    const uint64_t now_us = sio_now_us();

    client->last_heard_ms = now_us / 1000;
    sio_histogram_add(&client->counters->command_us, now_us - call->sent_us);
    if (client->sick)
        sio_redis_link_heard(client->link);
    client->sick = false;
}

static bool is_sent_elsewhere(sio_redis_client *client, sio_redis_call *call, sio_view error);

/* hiredis calls this exactly once for each command: with its reply, or NULL when it gave up. */
static void
on_redis_client_reply(redisAsyncContext *ac, void *r, void *arg)
{
    sio_redis_call   *call = arg;
    sio_redis_client *client = call->client;
    const redisReply *reply = r;

    (void)ac;
    call->in_flight = false;
    client->n_pending--;
    client->counters->pending--;
    if (reply != NULL)
        note_reply(client, call);
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR && client->guide.other != NULL &&
        is_sent_elsewhere(client, call, (sio_view){reply->str, reply->len}))
        return;
    if (call->waiting || call->posted)
        redis_client_tell(call, call->answer, reply);
    else if (reply != NULL)
        redis_client_tell(call, call->late, reply);
    redis_client_release(call);
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR)
        sio_redis_link_refused(client->link, reply->str);
}

void
sio_redis_call_cancel(sio_redis_call *call)
{
    stop_waiting(call);
}

/* --- Deadlines: one timer for all. --- */

static void
redis_client_arm(sio_redis_client *client, uint64_t now_ms)
{
    const sio_redis_call *first = first_waiting(client);
    uint64_t              due_ms = client->last_heard_ms + SIO_REDIS_SILENCE_MS;
    struct timeval        wait;

    if (client->n_pending == 0)
        return;
    if (first != NULL && first->deadline_ms < due_ms)
        due_ms = first->deadline_ms;
    wait = sio_timeval_ms(due_ms > now_ms ? due_ms - now_ms : 0);
    event_add(client->timer, &wait);
}

static void
on_redis_client_timer(evutil_socket_t fd, short events, void *arg)
{
    sio_redis_client *client = arg;
    const uint64_t    now_ms = sio_now_ms();
    sio_redis_call   *call;

    (void)fd;
    (void)events;
    while ((call = first_waiting(client)) != NULL && call->deadline_ms <= now_ms) {
        client->sick = true;
        client->counters->timeouts++;
        sio_redis_link_silent(client->link);
        redis_client_tell(call, call->answer, NULL);
    }
    if (client->n_pending > 0 && now_ms >= client->last_heard_ms + SIO_REDIS_SILENCE_MS)
        sio_redis_link_drop(client->link, "it does not answer");
    redis_client_arm(client, now_ms);
}

/* --- Sending. --- */

void
sio_redis_command_add(sio_redis_command *c, sio_view word)
{
    c->argv[c->argc] = word.data != NULL ? word.data : "";
    c->len[c->argc] = word.len;
    c->argc++;
}

static bool
keep_text(sio_redis_call *call, sio_redis_command *c)
{
    long long len;

    forget_text(call);
    call->n_redirects = 0;
    len = redisFormatCommandArgv(&call->text, c->argc, c->argv, c->len);
    if (len < 0)
        call->text = NULL;
    else
        call->text_len = (size_t)len;
    return len >= 0;
}

static bool
transmit_text(sio_redis_client *client, sio_redis_call *call)
{
    redisAsyncContext *ac = sio_redis_link_context(client->link);

    return ac != NULL && redisAsyncFormattedCommand(ac, on_redis_client_reply, call, call->text,
                                                    call->text_len) == REDIS_OK;
}

/* Hand the command to hiredis. A step of a longer command has no call and no reply of interest. */
static bool
transmit(sio_redis_client *client, sio_redis_call *call, const sio_redis_command *command)
{
    redisAsyncContext *ac = sio_redis_link_context(client->link);
    sio_redis_command  c = *command; /* hiredis asks for a writable array */

    if (ac == NULL)
        return false;
    if (client->guide.other != NULL && call != NULL)
        return keep_text(call, &c) && transmit_text(client, call);
    return redisAsyncCommandArgv(ac, call != NULL ? on_redis_client_reply : NULL, call, c.argc,
                                 c.argv, c.len) == REDIS_OK;
}

static bool
redis_client_has_room(const sio_redis_client *client)
{
    return client != NULL && client->n_pending < client->max_pending;
}

/* hiredis has the command of call. */
static void
takes_off(sio_redis_client *client, sio_redis_call *call, uint64_t now_us)
{
    call->in_flight = true;
    call->sent_us = now_us;
    client->counters->pending++;
    if (client->n_pending++ > 0)
        return;
    client->last_heard_ms = now_us / 1000;
    redis_client_arm(client, now_us / 1000); /* the silence begins */
}

/* Somebody waits for the answer, and not for ever. */
static void
await(sio_redis_client *client, sio_redis_call *call, uint64_t now_ms)
{
    call->deadline_ms = now_ms + SIO_REDIS_DEADLINE_MS;
    call->waiting = true;
    sio_link_append(&client->waiting, &call->in_waiting);
    if (call == first_waiting(client))
        redis_client_arm(client, now_ms);
}

/* The command of call has been transmitted, or could not be. */
static sio_redis_call *
sent(sio_redis_client *client, sio_redis_call *call, bool ok)
{
    const uint64_t now_us = sio_now_us();

    call->client = client;
    call->in_flight = false;
    if (ok)
        takes_off(client, call, now_us);
    if (!ok || client->sick) {
        redis_client_tell(call, call->answer, NULL);
        redis_client_release(call);
        return NULL;
    }
    await(client, call, now_us / 1000);
    return call;
}

/*
 * Another node has the key. Its answer is waited for anew; what comes after SIO_REDIS_MAX_REDIRECTS
 * is the answer.
 */
static bool
is_sent_elsewhere(sio_redis_client *client, sio_redis_call *call, sio_view error)
{
    sio_redis_command asking = {.argc = 0};
    bool              with_asking = false;
    const bool        is_awaited = call->waiting;
    const uint64_t    now_us = sio_now_us();
    sio_redis_client *to = client->guide.other(client->guide.arg, error, &with_asking);

    if (to == NULL || (!is_awaited && !call->posted) || call->text == NULL ||
        call->n_redirects == SIO_REDIS_MAX_REDIRECTS || (is_awaited && to->sick))
        return false;
    sio_redis_command_add(&asking, SIO_VIEW("ASKING"));
    if ((with_asking && !transmit(to, NULL, &asking)) || !transmit_text(to, call))
        return false;
    stop_waiting(call);
    call->n_redirects++;
    call->client = to;
    client->counters->redirects++;
    takes_off(to, call, now_us);
    if (is_awaited)
        await(to, call, now_us / 1000);
    return true;
}

sio_redis_call *
sio_redis_client_send(sio_redis_client *client, sio_redis_call *call,
                      const sio_redis_command *command)
{
    return sent(client, call,
                client != NULL && (call->exempt || redis_client_has_room(client)) &&
                    transmit(client, call, command));
}

sio_redis_call *
sio_redis_client_get_and_delete(sio_redis_client *client, sio_redis_call *call, sio_view key)
{
    sio_redis_command multi = {.argc = 0}, get = {.argc = 0}, del = {.argc = 0}, exec = {.argc = 0};
    bool              has_begun, is_sent;

    sio_redis_command_add(&multi, SIO_VIEW("MULTI"));
    sio_redis_command_add(&get, SIO_VIEW("GET"));
    sio_redis_command_add(&get, key);
    sio_redis_command_add(&del, SIO_VIEW("DEL"));
    sio_redis_command_add(&del, key);
    sio_redis_command_add(&exec, SIO_VIEW("EXEC"));
    has_begun = redis_client_has_room(client) && transmit(client, NULL, &multi);
    is_sent = has_begun && transmit(client, NULL, &get) && transmit(client, NULL, &del) &&
              transmit(client, call, &exec);
    if (has_begun && !is_sent) /* Redis would keep all that follows until the next EXEC */
        sio_redis_link_drop(client->link, "out of memory");
    return sent(client, call, is_sent);
}

bool
sio_redis_client_post(sio_redis_client *client, sio_redis_call *call,
                      const sio_redis_command *command)
{
    if (client == NULL || (!call->exempt && !redis_client_has_room(client)) ||
        !transmit(client, call, command)) {
        forget_text(call);
        return false;
    }
    call->client = client;
    call->posted = true;
    takes_off(client, call, sio_now_us());
    return true;
}

/* --- Life. --- */

static void
on_redis_client_up(void *arg)
{
    sio_redis_client *client = arg;

    client->sick = false;
    client->up(client->arg);
}

static void
on_redis_client_down(void *arg, const char *reason)
{
    sio_redis_client *client = arg;

    client->down(client->arg, reason);
}

bool
sio_redis_client_up(sio_redis_client *client)
{
    return client != NULL && sio_redis_link_context(client->link) != NULL;
}

const char *
sio_redis_client_where(const sio_redis_client *client)
{
    return sio_redis_link_where(client->link);
}

bool
sio_redis_client_well(sio_redis_client *client)
{
    return client != NULL && !client->sick && redis_client_has_room(client) &&
           sio_redis_client_up(client);
}

int
sio_redis_client_new(sio_redis_client **out, const sio_redis_link_cfg *cfg, size_t max_pending)
{
    sio_redis_client  *client = calloc(1, sizeof *client);
    sio_redis_link_cfg link_cfg = *cfg;

    if (client == NULL)
        return SIO_ERR_NOMEM;
    client->counters = cfg->counters;
    client->up = cfg->up;
    client->down = cfg->down;
    client->arg = cfg->arg;
    client->max_pending = max_pending != 0 ? max_pending : SIO_REDIS_MAX_PENDING;
    sio_link_init(&client->waiting);
    link_cfg.up = on_redis_client_up;
    link_cfg.down = on_redis_client_down;
    link_cfg.arg = client;
    client->timer = evtimer_new(cfg->base, on_redis_client_timer, client);
    if (client->timer == NULL || sio_redis_link_new(&client->link, &link_cfg) != SIO_OK) {
        sio_redis_client_free(client);
        return SIO_ERR_NOMEM;
    }
    *out = client;
    return SIO_OK;
}

void
sio_redis_client_set_guide(sio_redis_client *client, const sio_redis_guide *guide)
{
    client->guide = *guide;
}

void
sio_redis_client_free(sio_redis_client *client)
{
    sio_redis_call *call;

    if (client == NULL)
        return;
    while ((call = first_waiting(client)) != NULL)
        sio_redis_call_cancel(call);
    sio_redis_client_retire(client);
}

void
sio_redis_client_retire(sio_redis_client *client)
{
    sio_redis_link_free(client->link); /* hiredis hands every call back, and on_reply frees it */
    if (client->timer != NULL)
        event_free(client->timer);
    free(client);
}
