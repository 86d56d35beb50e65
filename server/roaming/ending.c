#include "server/roaming/ending.h"

#include <stdlib.h>

#include "server/base/env.h"
#include "server/roaming/directory.h"
#include "server/roaming/foreign.h"
#include "server/roaming/proxy_session.h"
#include "server/roaming/roaming.h"

/* A session that is to end, and is looked for: the word of who has it may be on its way. */
typedef struct {
    sio_search search;
    sio_link   link; /* in roaming->endings */
} ending;

static void
ending_free(sio_search *search)
{
    ending *e = SIO_CONTAINER(search, ending, search);

    sio_link_remove(&e->link);
    free(e);
}

/* A session that is new was a handshake that nobody had used. */
static void
end_here(sio_search *search, sio_session *session, bool is_new)
{
    sio_session_end(session, "booted", !is_new);
    ending_free(search);
}

/* Only if this instance was told so: two that think of each other would go on for ever. */
static void
end_elsewhere(sio_search *search, sio_peer *peer)
{
    const sio_view id = sio_view_of(search->id);

    if (sio_directory_find_forward(search->env, id) == peer)
        sio_proxy_session_end(peer, id);
    ending_free(search);
}

static const sio_search_ops ending_ops = {
    .here = end_here,
    .elsewhere = end_elsewhere,
    .unknown = ending_free,
};

/* There is nobody to tell. */
static void
on_ending_dropped(void *arg, int rc, sio_view data)
{
    (void)arg;
    (void)rc;
    (void)data;
}

void
sio_ending_begin(sio_env *env, sio_view id)
{
    const sio_foreign *foreign = env->roaming->foreign;
    sio_session       *session = sio_session_find(env, id);
    ending            *e;

    if (session != NULL) {
        sio_session_end(session, "booted", true);
    } else if (foreign != NULL) { /* there it is known where the session is */
        (void)sio_store_handshake_take(env->store, id, on_ending_dropped, NULL);
        foreign->end(env, id);
    } else if ((e = calloc(1, sizeof *e)) != NULL) { /* else it ends by its timeouts */
        sio_link_init(&e->link);
        sio_link_append(&env->roaming->endings, &e->link);
        sio_directory_locate(&e->search, env, id, SIO_FOR_STREAM, &ending_ops);
    }
}

void
sio_ending_cancel_all(sio_env *env)
{
    while (!sio_link_empty(&env->roaming->endings)) {
        ending *e = SIO_CONTAINER(env->roaming->endings.next, ending, link);

        sio_directory_cancel(&e->search);
        ending_free(&e->search);
    }
}
