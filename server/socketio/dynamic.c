#include "server/socketio/dynamic.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/utf8.h"
#include "server/config/config.h"
#include "server/socketio/io.h"

/* --- Making a parent. --- */

/* Its name is that of socket.io, and nobody can join it. */
sio_namespace *
sio_of_match(sio_server *io, sio_match_fn match, void *arg)
{
    sio_env       *env = sio_env_of(io);
    sio_namespace *parent;
    sio_buf        name;

    sio_buf_init(&name, SIZE_MAX);
    sio_buf_add_str(&name, "/_");
    sio_buf_add_u64(&name, env->io->n_parents);
    parent = name.failed ? NULL : sio_namespace_new(env, sio_buf_view(&name));
    sio_buf_fini(&name);
    if (parent == NULL) {
        (void)sio_env_fail_memory(env);
        return NULL;
    }
    parent->is_parent = true;
    parent->match = match;
    parent->match_arg = arg;
    env->io->n_parents++;
    sio_link_append(&env->io->parents, &parent->idle);
    return parent;
}

void
sio_dynamic_free_parents(sio_env *env)
{
    sio_link *parents = &env->io->parents;

    while (parents->next != NULL && !sio_link_empty(parents))
        sio_namespace_free(SIO_CONTAINER(parents->next, sio_namespace, idle));
}

/* --- Making a child. --- */

/* A text of C that is not too long for the tables, as other instances are told it. */
static bool
is_name(const sio_env *env, sio_view name)
{
    return name.len <= env->cfg->max_room_name_bytes && !sio_view_has_nul(name) &&
           sio_utf8_valid(name);
}

/* Copies of both, since the application gets C strings. The first who wants it. */
static sio_namespace *
find_parent(sio_env *env, sio_view name, sio_view auth)
{
    sio_link      *parents = &env->io->parents;
    char          *name_text = strndup(name.data, name.len);
    char          *auth_text = auth.len > 0 ? strndup(auth.data, auth.len) : strdup("{}");
    sio_namespace *found = NULL;

    for (sio_link *l = parents->next; found == NULL && l != parents; l = l->next) {
        sio_namespace *parent = SIO_CONTAINER(l, sio_namespace, idle);

        if (name_text != NULL && auth_text != NULL &&
            parent->match(name_text, auth_text, parent->match_arg))
            found = parent;
    }
    free(name_text);
    free(auth_text);
    return found;
}

/* As socket.io does it: what is set at the parent later is not for those that are there. */
static void
inherit(sio_namespace *child, sio_namespace *parent)
{
    child->parent = parent;
    child->on_connection = parent->on_connection;
    child->connection_arg = parent->connection_arg;
    child->on_disconnect = parent->on_disconnect;
    child->disconnect_arg = parent->disconnect_arg;
    child->on_message = parent->on_message;
    child->message_arg = parent->message_arg;
    child->on_json = parent->on_json;
    child->json_arg = parent->json_arg;
    child->on_any = parent->on_any;
    child->any_arg = parent->any_arg;
    child->authorize = parent->authorize;
    child->authorize_arg = parent->authorize_arg;
    child->on_room = parent->on_room;
    child->room_arg = parent->room_arg;
    child->free_user_data = parent->free_user_data;
}

static sio_namespace *
child_new(sio_env *env, sio_namespace *parent, sio_view name)
{
    sio_namespace *child;

    if (env->io->n_dynamic >= env->cfg->max_dynamic_namespaces) {
        env->stats.refused_namespaces++;
        return NULL;
    }
    if ((child = sio_namespace_new(env, name)) == NULL)
        return NULL;
    inherit(child, parent);
    env->io->n_dynamic++;
    sio_namespace_publish(child);
    sio_namespace_release(sio_namespace_hold(child)); /* it goes again if nobody joins */
    return child;
}

sio_namespace *
sio_dynamic_find(sio_env *env, sio_view name, sio_view auth)
{
    sio_namespace *nsp = sio_namespace_find(env, name);
    sio_namespace *parent;

    if (nsp != NULL || sio_link_empty(&env->io->parents) || !is_name(env, name))
        return nsp;
    if (auth.len > env->cfg->max_auth_bytes) /* which is refused, whatever it is for */
        return NULL;
    if ((parent = find_parent(env, name, auth)) == NULL)
        return NULL;
    nsp = sio_namespace_find(env, name); /* the application may have made it meanwhile */
    return nsp != NULL ? nsp : child_new(env, parent, name);
}

void
sio_dynamic_each_child(const sio_namespace *parent, void (*fn)(sio_namespace *child, void *arg),
                       void                *arg)
{
    sio_hash *all = &parent->env->io->namespaces;

    for (sio_hash_node *n = NULL; (n = sio_hash_next(all, n)) != NULL;) {
        sio_namespace *child = SIO_CONTAINER(n, sio_namespace, node);

        if (child->parent == parent)
            fn(child, arg);
    }
}
