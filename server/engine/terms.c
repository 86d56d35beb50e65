#include "server/engine/terms.h"

#include <stdlib.h>

#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/engine.h"

static sio_terms *
terms_new(const sio_cfg *cfg)
{
    sio_terms *t = malloc(sizeof *t);

    if (t == NULL)
        return NULL;
    *t = (sio_terms){.n_refs = 1,
                     .heartbeat_interval_ms = cfg->heartbeat_interval_ms,
                     .heartbeat_timeout_ms = cfg->heartbeat_timeout_ms,
                     .close_timeout_ms = cfg->close_timeout_ms,
                     .ping_interval_ms = cfg->ping_interval_ms,
                     .ping_timeout_ms = cfg->ping_timeout_ms,
                     .max_payload = cfg->max_payload};
    return t;
}

sio_terms *
sio_terms_take(sio_env *env)
{
    sio_engine *engine = env->engine;

    if (engine->terms == NULL)
        engine->terms = terms_new(env->cfg);
    if (engine->terms != NULL)
        engine->terms->n_refs++;
    return engine->terms;
}

void
sio_terms_give_back(sio_terms *t)
{
    if (t != NULL && --t->n_refs == 0)
        free(t);
}

void
sio_terms_renew(sio_env *env)
{
    sio_terms_give_back(env->engine->terms);
    env->engine->terms = NULL;
}
