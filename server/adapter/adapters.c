#include "server/adapter/adapters.h"

#include "server/adapter/survey.h"
#include "server/base/env.h"

int
sio_adapters_init(sio_env *env)
{
    env->adapters->env = env;
    sio_link_init(&env->adapters->surveys);
    return sio_hash_init(&env->adapters->surveys_by_number);
}

void
sio_adapters_fini(sio_env *env)
{
    sio_survey_free_all(env);
    sio_hash_fini(&env->adapters->surveys_by_number);
    sio_node09_fini(env);
}
