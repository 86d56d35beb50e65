/*
 * server/socketio/dynamic.h - namespaces that are made as clients ask for them.
 *
 * An application gives a function that knows their names (sio_of_match() of siobroker.h). What it
 * is given for that is a parent: nobody is in it, and its callbacks are those of its children. A
 * child is freed when its last client has left, so that names which clients think of do not fill
 * the memory; and there are at most "max dynamic namespaces" of them.
 *
 * Rules: socket.io 4, "Dynamic namespaces", with its option cleanupEmptyChildNamespaces.
 */
#ifndef SIO_SOCKETIO_DYNAMIC_H
#define SIO_SOCKETIO_DYNAMIC_H

#include "server/socketio/namespace.h"

/*
 * The namespace that a client wants to join, with what it says about itself (a JSON object, or
 * empty); made if a parent wants it. NULL: there is none of that name.
 */
sio_namespace *sio_dynamic_find(sio_env *env, sio_view name, sio_view auth);

/* Call fn for each child of a parent. */
void sio_dynamic_each_child(const sio_namespace *parent,
                            void (*fn)(sio_namespace *child, void *arg), void *arg);

/* The server ends; all children are gone. */
void sio_dynamic_free_parents(sio_env *env);

#endif
