/*
 * store/redis_outage.h - what the log and the counters are told of one connection to Redis.
 *
 * Called by store/redis_link.c. An outage has one line when it begins, one more if Redis refuses
 * us, since then somebody has to change a setting, and one when it is over.
 */
#ifndef SIO_STORE_REDIS_OUTAGE_H
#define SIO_STORE_REDIS_OUTAGE_H

#include "store/redis_url.h"
#include "store/store.h"

typedef struct {
    sio_store_log       log; /* NULL: silent */
    void               *log_arg;
    sio_store_counters *counters; /* of which `connected` is told here */
    char                name[SIO_REDIS_MAX_NAME];
    unsigned            said; /* of the outage that goes on now */
    bool                is_up, was_up;
} sio_redis_outage;

/* counters outlive it. Its name is that of url. */
void sio_redis_outage_init(sio_redis_outage *o, const sio_redis_url *url, sio_store_log log,
                           void *log_arg, sio_store_counters *counters);

/* There is no such connection any more, whether it was up or not. */
void sio_redis_outage_fini(sio_redis_outage *o);

/* Redis can not be used. */
void sio_redis_outage_away(sio_redis_outage *o, const char *reason);

/* It has refused a command. Worth a line even when it was away just before. */
void sio_redis_outage_refused(sio_redis_outage *o, const char *command, const char *reason);

/* It can be used; where: at which of several places, or empty. */
void sio_redis_outage_over(sio_redis_outage *o, const char *where);

#endif
