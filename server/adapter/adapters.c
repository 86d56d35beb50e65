#include "server/adapter/adapters.h"

#include "server/adapter/native.h"
#include "server/adapter/partition_rooms.h"
#include "server/adapter/remote_ack.h"
#include "server/adapter/respondent.h"
#include "server/adapter/survey.h"
#include "server/base/env.h"
#include "server/cluster/wills.h"

_Static_assert((int)SIO_PEER_N_LISTS <= (int)SIO_PEER_MAX_LISTS,
               "a peer has a list for each of us");

int
sio_adapters_init(sio_env *env)
{
    env->adapters->env = env;
    sio_link_init(&env->adapters->surveys);
    sio_link_init(&env->adapters->token_uses);
    if (sio_hash_init(&env->adapters->surveys_by_number) != SIO_OK)
        return SIO_ERR_NOMEM;
    return sio_hash_init(&env->adapters->token_uses_by_number);
}

void
sio_adapters_fini(sio_env *env)
{
    sio_hash_fini(&env->adapters->token_uses_by_number);
    sio_hash_fini(&env->adapters->surveys_by_number);
    sio_node09_fini(env);
    sio_node4_fini(env);
    sio_python_fini(env);
}

bool
sio_adapters_bare_clients(const sio_env *env)
{
    return sio_node09_is_chosen(env);
}

int
sio_adapters_join(sio_env *env)
{
    sio_cluster_module_add(env, &sio_native_module);
    sio_cluster_module_add(env, &sio_respondent_module);
    sio_cluster_module_add(env, &sio_survey_module);
    sio_cluster_module_add(env, &sio_remote_ack_module);
    sio_cluster_module_add(env, &sio_wills_module);
    sio_cluster_module_add(env, &sio_partition_rooms_module);
    sio_partition_rooms_join(env);
    env->io->adapter = &sio_native_adapter;
    if (sio_node4_is_chosen(env)) /* instead of that, as the next ones */
        return sio_node4_join(env);
    if (sio_python_is_chosen(env))
        return sio_python_join(env);
    return sio_node09_join(env);
}

void
sio_adapters_settle(sio_env *env)
{
    env->adapters->is_closed = true;
    sio_survey_finish_all(env);
    sio_remote_ack_finish_all(env);
    sio_node4_settle(env);
    sio_python_settle(env);
}

void
sio_adapters_adjust(sio_env *env)
{
    sio_node09_adjust(env);
}
