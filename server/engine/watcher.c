#include "server/engine/watcher.h"

#include <assert.h>
#include <string.h>

#include "server/base/env.h"
#include "server/engine/engine.h"

void
sio_watcher_add(sio_env *env, const sio_watcher *w)
{
    const sio_watcher **end = env->engine->watchers;

    while (*end != NULL)
        end++;
    assert(end < env->engine->watchers + SIO_MAX_WATCHERS);
    *end = w;
}

void
sio_watcher_remove_all(sio_env *env)
{
    memset(env->engine->watchers, 0, sizeof env->engine->watchers);
}

void
sio_watcher_made(sio_env *env, sio_view id, sio_view handshake)
{
    for (const sio_watcher **w = env->engine->watchers; *w != NULL; w++)
        if ((*w)->made != NULL)
            (*w)->made(env, id, handshake);
}

void
sio_watcher_opened(sio_session *s)
{
    for (const sio_watcher **w = s->env->engine->watchers; *w != NULL; w++)
        if ((*w)->opened != NULL)
            (*w)->opened(s);
}

void
sio_watcher_connected(sio_session *s)
{
    for (const sio_watcher **w = s->env->engine->watchers; *w != NULL; w++)
        if ((*w)->connected != NULL)
            (*w)->connected(s);
}

void
sio_watcher_carried(sio_session *s)
{
    for (const sio_watcher **w = s->env->engine->watchers; *w != NULL; w++)
        if ((*w)->carried != NULL)
            (*w)->carried(s);
}

void
sio_watcher_ended(sio_session *s)
{
    for (const sio_watcher **w = s->env->engine->watchers; *w != NULL; w++)
        if ((*w)->ended != NULL)
            (*w)->ended(s);
}

void
sio_watcher_forgotten(sio_session *s)
{
    for (const sio_watcher **w = s->env->engine->watchers; *w != NULL; w++)
        if ((*w)->forgotten != NULL)
            (*w)->forgotten(s);
}
