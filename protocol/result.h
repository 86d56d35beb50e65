/*
 * protocol/result.h - result codes shared by every layer.
 *
 * A function that can fail returns SIO_OK or one of the negative codes below;
 * its header says which ones are possible and what each means there. Some
 * functions return a count (>= 0) or a negative code instead; they say so.
 */
#ifndef SIO_PROTOCOL_RESULT_H
#define SIO_PROTOCOL_RESULT_H

enum {
    SIO_OK = 0,
    SIO_PARTIAL = -1,         /* a good beginning; more input is needed */
    SIO_BAD = -2,             /* no continuation can make it valid */
    SIO_TOO_LARGE = -3,       /* over a stated limit */
    SIO_ERR_NOMEM = -4,       /* out of memory */
    SIO_ERR_NOT_FOUND = -5,   /* no such thing */
    SIO_ERR_UNAVAILABLE = -6, /* the other side is away; may work later */
    SIO_ERR_FULL = -7,        /* a bounded queue or table has no room */
    SIO_DROPPED = -8,         /* deliberately not queued (volatile) */
    SIO_ERR_SYS = -9,         /* a system call failed; errno tells which way */
    SIO_ERR_CONFIG = -10,     /* a setting is missing or unusable */
    SIO_TOO_DEEP = -11        /* JSON is nested deeper than a stated limit */
};

#endif
