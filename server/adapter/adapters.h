/*
 * server/adapter/adapters.h - what broadcasts and questions to all instances keep.
 */
#ifndef SIO_ADAPTER_ADAPTERS_H
#define SIO_ADAPTER_ADAPTERS_H

#include "server/adapter/node09.h"
#include "server/base/list.h"
#include "store/hash.h"

typedef struct sio_adapters {
    sio_env   *env;
    sio_link   surveys; /* of survey.c: whose answers are being collected */
    sio_hash   surveys_by_number;
    sio_node09 node09;
} sio_adapters;

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_adapters_fini() is still allowed. */
int  sio_adapters_init(sio_env *env);
void sio_adapters_fini(sio_env *env);

#endif
