/*
 * server/base/phase.h - how far a server is on its way from its start to its end.
 *
 * Only ever forward, but for sio_undrain(), which goes back from leaving to serving. Set by
 * server/startup.c and server/drain.c.
 */
#ifndef SIO_BASE_PHASE_H
#define SIO_BASE_PHASE_H

typedef enum {
    SIO_STARTING, /* it does not accept connections yet */
    SIO_SERVING,
    SIO_LEAVING,   /* it serves as before, and those who balance are asked to go elsewhere */
    SIO_SPREADING, /* no session begins any more; those that are here end one after the other */
    SIO_STOPPING   /* nothing new is begun: what is under way has a moment to be completed */
} sio_phase;

/* "starting", "serving", "leaving", "spreading", "stopping". */
const char *sio_phase_name(sio_phase phase);

#endif
