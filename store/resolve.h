/*
 * store/resolve.h - turn a host name into addresses without stopping the event loop.
 *
 * Called by store/redis_link.c before each attempt to connect, because the
 * connecting functions of hiredis look names up with a blocking call. A short-
 * lived thread does that call here; its answer comes back through a pipe, so
 * callers never see a second thread.
 */
#ifndef SIO_STORE_RESOLVE_H
#define SIO_STORE_RESOLVE_H

#include <event2/event.h>
#include <stddef.h>

enum { SIO_RESOLVE_MAX = 8, SIO_RESOLVE_TEXT = 64 };

/* Numeric addresses, in the order in which the system prefers them. */
typedef struct {
    size_t n; /* 0: the name could not be resolved */
    char   text[SIO_RESOLVE_MAX][SIO_RESOLVE_TEXT];
} sio_addresses;

typedef struct sio_resolve sio_resolve;

/* found is valid during the call; error: why there is none, else NULL. */
typedef void (*sio_resolve_cb)(void *arg, const sio_addresses *found, const char *error);

/*
 * Look host (copied) up. cb is called once, later, from base (borrowed); *out is
 * gone when cb is called. Returns SIO_OK, SIO_ERR_NOMEM, or SIO_ERR_SYS when
 * there is no pipe or thread to be had; cb is then not called.
 */
int sio_resolve_start(sio_resolve **out, struct event_base *base, const char *host,
                      sio_resolve_cb cb, void *arg);

/* cb will not be called. NULL is allowed. Does not wait for the thread. */
void sio_resolve_cancel(sio_resolve *r);

#endif
