/*
 * server/net/admission.h - which connections may come in, and how many. It only counts.
 */
#ifndef SIO_NET_ADMISSION_H
#define SIO_NET_ADMISSION_H

#include "server/base/timer_wheel.h"
#include "server/net/address.h"
#include "store/hash.h"

typedef struct sio_env sio_env;

typedef struct {
    sio_hash addresses;       /* connections of each address; only with a limit for them */
    unsigned max_connections; /* the setting, within the descriptor limit */
    uint64_t second_ms;       /* when the current second began */
    unsigned n_this_second;
    bool     was_full; /* the second before had as many as it may */
} sio_admission;

/* Returns SIO_OK or what sio_hash_init() returns. */
int sio_admission_init(sio_admission *in, const sio_env *env);

void sio_admission_fini(sio_admission *in);

/* The settings have changed. Nobody is thrown out who is in. */
void sio_admission_adjust(sio_env *env);

/*
 * One more connection of peer came: NULL: it is counted; else the setting that stands against it.
 */
const char *sio_admission_enter(sio_env *env, const sio_address *peer);

/* One that was counted is gone. */
void sio_admission_leave(sio_env *env, const sio_address *peer);

/*
 * The same in two steps, for one that says only later whose it is: it is there, and then that it is
 * peer's. If that is too much, it is still there.
 */
const char *sio_admission_enter_unnamed(sio_env *env);
const char *sio_admission_name(sio_env *env, const sio_address *peer);

/*
 * For how long nobody should be accepted, in ms, as this second has as many as it may; 0: go on.
 * Where the second before was full as well it is not for waiting: then they are refused.
 */
unsigned sio_admission_rest_ms(sio_env *env);

/* One is gone that never had a name. */
void sio_admission_leave_unnamed(sio_env *env);

#endif
