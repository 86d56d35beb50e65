/*
 * server/net/tls.h - what all TLS connections of a server share: certificates, keys of tickets, and
 * the bounds of handshakes.
 *
 * Called by server/startup.c and server/reload.c for the certificates, by carrier_tls.c, and by
 * server/admin/, which shows when they end.
 */
#ifndef SIO_NET_TLS_H
#define SIO_NET_TLS_H

#include <openssl/bio.h>
#include <stdbool.h>

#include "protocol/list.h"
#include "server/base/deferred.h"
#include "server/base/measures.h"
#include "server/base/timer_wheel.h"
#include "server/net/tls_contexts.h"
#include "server/net/tls_tickets.h"

typedef struct sio_env  sio_env;
typedef struct sio_conn sio_conn;

enum {
    SIO_TLS_MAX_SHAKES = 1000,
    SIO_TLS_STEPS_OF_A_TURN = 8, /* a handshake is two: those who are connected come first */
    SIO_TLS_WARNING_DAYS = 14    /* before a certificate ends, the log says so each day */
};

typedef struct {
    sio_env          *env;
    sio_tls_contexts *contexts; /* NULL: no certificate is there */
    sio_tls_tickets   tickets;
    BIO_METHOD       *sockets;    /* how OpenSSL reaches a socket: tls_socket.h */
    sio_link          shakes;     /* of carrier_tls.c, the oldest first */
    unsigned          max_shakes; /* over it the oldest one gives way */
    unsigned          n_steps;    /* in this turn of the loop */
    sio_task          turn_over;
    sio_timer         daily;
} sio_tls;

/*
 * Read what the settings name, whether or not anybody listens for TLS. SIO_OK, or another code with
 * one line. sio_tls_close() is due in any case.
 */
int sio_tls_open(sio_env *env, sio_buf *error);

/* Safe on a zeroed one. There are no connections any more. */
void sio_tls_close(sio_env *env);

/*
 * To read the settings again: first see whether the files are good (as sio_tls_contexts_new), then
 * take them for new connections. Those that are open keep theirs.
 */
int  sio_tls_prepare(const sio_env *env, const sio_cfg *fresh, sio_tls_contexts **out,
                     sio_buf *error);
void sio_tls_renew(sio_env *env, sio_tls_contexts *fresh);

/* May a handshake go on in this turn of the loop? If not, its socket will be ready again. */
bool sio_tls_may_step(sio_env *env);

/* A handshake is complete, after so long. */
void sio_tls_note_shaken(sio_env *env, bool is_resumed, uint64_t us);

/* What OpenSSL says of one that has failed (ERR_GET_REASON), in our words. */
sio_tls_failure sio_tls_failure_of(int reason);

/* One has failed: count it, and say why with whom. */
void sio_tls_note_failure(const sio_conn *c, sio_tls_failure failure, const char *details);

#endif
