/*
 * server/systemd.h - what a server and the service manager say to each other: sd_notify(3), a
 * watchdog, sockets that the manager holds. Without libsystemd, which would bring six more
 * libraries for three small things.
 *
 * Only a server on a loop of its own speaks to the manager: it is the program. Called by startup.c,
 * drain.c and reload.c. Without a manager all of this does nothing.
 */
#ifndef SIO_SERVER_SYSTEMD_H
#define SIO_SERVER_SYSTEMD_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include "protocol/buf.h"
#include "server/base/timer_wheel.h"
#include "server/net/fronts.h"
#include "server/siobroker.h"

/* The descriptor of the first socket that the manager hands over. */
enum { SIO_SYSTEMD_FIRST_SOCKET = 3 };

typedef struct {
    bool               is_there; /* a manager is to be told */
    int                fd;       /* what it is told through */
    struct sockaddr_un address;  /* of the manager */
    socklen_t          address_len;
    unsigned           watchdog_ms;       /* how often it wants a sign of life; 0: never */
    bool (*is_well)(const sio_server *s); /* else it gets none; NULL: it does */
    sio_timer watchdog_timer;
    sio_timer status_timer;
} sio_systemd;

/*
 * Find out from the environment whether there is a manager, and whether standard error is its
 * journal, which knows the time of a line and reads the level from its beginning. What makes no
 * sense is logged as a warning, and ignored.
 */
void sio_systemd_open(sio_server *s);

/* Serving begins, or the settings were read. From the first time on there are signs of life. */
void sio_systemd_ready(sio_server *s);

/* The settings are about to be read again. sio_systemd_ready() follows, whatever comes of it. */
void sio_systemd_reloading(sio_server *s);

/* The server leaves, and may take a while. */
void sio_systemd_stopping(sio_server *s);

/* Another process is the service from now on, and speaks for it; this one does so no more. */
void sio_systemd_hand_over(sio_server *s, pid_t successor);

void sio_systemd_close(sio_server *s);

/*
 * How many sockets the manager has handed over, and which of them it calls "proxy", "tls" or
 * "proxy-tls" (FileDescriptorName=), as the words behind an address of "listen". 0: none, or the environment
 * makes no sense, which is logged.
 */
unsigned sio_systemd_sockets(sio_server *s, sio_front_words words[SIO_FRONTS_MAX]);

#endif
