/*
 * server/cluster/wills.h - what an application leaves to the other instances, should this one be
 * lost: sio_set_will().
 *
 * They are here, by id, and in the store (store/wills.h), in the name of this instance. When
 * another instance is gone, whether it was lost or has stopped, those who have set sio_on_will()
 * take its wills over: each is then one of their own.
 */
#ifndef SIO_CLUSTER_WILLS_H
#define SIO_CLUSTER_WILLS_H

#include "protocol/list.h"
#include "server/base/timer_wheel.h"
#include "store/hash.h"

typedef struct sio_env sio_env;

typedef struct sio_wills {
    sio_hash  table;         /* by id */
    bool      is_registered; /* the store has them in the name that this instance has now */
    sio_timer timer;         /* to tell the store again what it could not take */
    sio_link  successions;   /* instances whose wills are being taken over */
    void (*on_will)(const char *id, const char *will, void *arg);
    void *arg;
} sio_wills;

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_wills_fini() is still allowed. */
int  sio_wills_init(sio_env *env);
void sio_wills_fini(sio_env *env);

/* Does this instance leave any, so that its name must not be forgotten when it stops? */
bool sio_wills_are_left(const sio_env *env);

extern const struct sio_cluster_module sio_wills_module;

#endif
