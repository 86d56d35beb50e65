#include "server/engine/engine.h"

#include "server/base/env.h"
#include "server/engine/session.h"
#include "server/engine/terms.h"

/* Of all sessions, each for its share of what waits for it: a moment for 100,000 of them. */
static void
weigh_queues(sio_env *env)
{
    const sio_hash *sessions = &env->engine->sessions;

    for (sio_hash_node *n = NULL; (n = sio_hash_next(sessions, n)) != NULL;) {
        sio_session *s = SIO_CONTAINER(n, sio_session, node);

        sio_charge_await(&s->charge, sio_send_queue_share(&s->mailbox.queue));
    }
}

int
sio_engine_init(sio_env *env)
{
    env->engine->env = env;
    sio_budget_add_scale(env, weigh_queues);
    sio_laggards_init(env, sio_mailbox_give_up);
    return sio_hash_init(&env->engine->sessions);
}

void
sio_engine_fini(sio_env *env)
{
    sio_terms_renew(env);
    sio_hash_fini(&env->engine->sessions);
}

/* Connections take their sessions with them; sessions without one end here. */
void
sio_engine_end_sessions(sio_env *env, const char *reason)
{
    sio_hash_node *node;

    while ((node = sio_hash_any(&env->engine->sessions)) != NULL) {
        sio_session *session = SIO_CONTAINER(node, sio_session, node);

        sio_session_send_away(session, reason);
        sio_session_forget(session);
    }
}
