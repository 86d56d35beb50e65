/*
 * protocol/http_date.h - a moment as HTTP headers write it.
 *
 * Called by protocol/http_reply.c. Pure: no clock, no locale. Rule: RFC 9110, 5.6.7, with the two
 * obsolete forms, which whoever reads must take.
 */
#ifndef SIO_PROTOCOL_HTTP_DATE_H
#define SIO_PROTOCOL_HTTP_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/view.h"

/*
 * "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT" or "Sun Nov  6 08:49:37 1994":
 * the seconds since 1970, or 0: it is no such date, or one before 1970. The name of the day is not
 * compared with the date. Two digits of a year are of 1970 to 2069.
 */
int64_t sio_http_date_read(sio_view text);

#endif
