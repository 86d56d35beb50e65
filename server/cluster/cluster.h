/*
 * server/cluster/cluster.h - this instance among the others that share its Redis.
 *
 * Each instance has a tag, with which the ids of its handshakes begin. It casts a beat and hears
 * those of the others; one that is silent for the setting "instance timeout" is declared lost
 * (failure.h). peers.h has the messages between two instances; what they and those to all are about
 * is known to modules (module.h), which are above. Rules: spec/socketio-0.9.md section 8.6.
 *
 * With the memory store there is nobody else, and all of this does nothing.
 */
#ifndef SIO_CLUSTER_CLUSTER_H
#define SIO_CLUSTER_CLUSTER_H

#include "server/base/timer_wheel.h"
#include "server/cluster/partitions.h"
#include "server/cluster/peers.h"
#include "server/cluster/wills.h"

enum { SIO_CLUSTER_N_LOST = 64, SIO_MAX_CLUSTER_MODULES = 16 };

typedef struct sio_cluster {
    sio_env         *env;
    bool             up;    /* it hears the others, and they hear it */
    uint64_t         up_ms; /* since when */
    sio_hash         peers;
    sio_link         peer_list;
    uint64_t         n_casts; /* broadcasts that the others were told */
    sio_buf          message; /* being encoded */
    struct sio_seal *seal;    /* NULL: there is no secret */
    sio_timer        beat_timer;
    sio_timer        watch_timer; /* of watch.c: something is awaited of others */
    uint64_t         last_beat_ms;
    uint64_t         heard_self_ms;      /* when it said the last beat that came back */
    sio_link         obituaries;         /* of lost instances, whose sessions are being announced */
    sio_store_req   *check;              /* has this instance been declared lost? */
    void (*declared_lost)(sio_env *env); /* it has */
    sio_store_req *list;
    sio_store_req *barrier; /* at the end: has Redis got everything? */
    uint64_t       told_ms; /* when a lost instance was told so */
    unsigned       n_lost;  /* tags that were ever put into lost */
    char           lost[SIO_CLUSTER_N_LOST][SIO_STORE_TAG_LEN]; /* the last ones that have gone */
    void (*on_lost)(const char *id, const char *reason, void *arg);
    void                            *lost_arg;
    sio_wills                        wills;
    sio_partitions                   partitions;
    const struct sio_cluster_module *modules[SIO_MAX_CLUSTER_MODULES + 1]; /* ended by NULL */
} sio_cluster;

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_cluster_fini() is still allowed. */
int  sio_cluster_init(sio_env *env);
void sio_cluster_fini(sio_env *env);

/*
 * Begin to hear the others. The store is open. SIO_OK, SIO_ERR_NOMEM, or SIO_ERR_SYS: there is no
 * OpenSSL for the secret.
 */
int sio_cluster_join(sio_env *env);

/* The sessions have ended: say so, and let clients whose sessions are elsewhere go there. */
void sio_cluster_leave(sio_env *env);

/* Stop at once, before the store is freed; modules are added anew if it is to begin again. */
void sio_cluster_quit(sio_env *env);

#endif
