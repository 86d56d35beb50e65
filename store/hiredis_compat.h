/*
 * store/hiredis_compat.h - what differs between the versions of hiredis that are in use: 0.14, as
 * in Debian 12, and 1.0 and later, as in Debian 13.
 *
 * Included by store/redis_replies.c. Nothing else depends on the version.
 */
#ifndef SIO_STORE_HIREDIS_COMPAT_H
#define SIO_STORE_HIREDIS_COMPAT_H

#include <hiredis/hiredis.h>
#include <stddef.h>

#if HIREDIS_MAJOR >= 1

typedef size_t sio_hiredis_count; /* of elements, for createArray */

/*
 * What RESP3 has brought. A reader that is not told what to make of it takes numbers for pointers.
 */
static inline void *
sio_hiredis_no_double(const redisReadTask *task, double value, char *text, size_t len)
{
    (void)task;
    (void)value;
    (void)text;
    (void)len;
    return NULL;
}

static inline void *
sio_hiredis_no_bool(const redisReadTask *task, int value)
{
    (void)task;
    (void)value;
    return NULL;
}

#define SIO_HIREDIS_NO_RESP3 \
    .createDouble = sio_hiredis_no_double, .createBool = sio_hiredis_no_bool

#else

typedef int sio_hiredis_count;

#define SIO_HIREDIS_NO_RESP3

#endif

#endif
