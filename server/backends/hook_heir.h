/*
 * server/backends/hook_heir.h - another instance tells of the end of a socket if this one can not.
 */
#ifndef SIO_BACKENDS_HOOK_HEIR_H
#define SIO_BACKENDS_HOOK_HEIR_H

#include "server/backends/hook_registry.h"

/* Its user or its data are others now: so is the will that it leaves (hook_will.h). */
void sio_hook_heir_renew(sio_hooks *h, const sio_hook_socket *s);

/* For sio_on_will(), arg being sio_hooks: a will of an instance that is lost is executed here. */
void sio_hook_heir_inherit(const char *id, const char *text, void *arg);

#endif
