/*
 * server/http/status.h - reason phrases of the statuses that this server uses.
 */
#ifndef SIO_HTTP_STATUS_H
#define SIO_HTTP_STATUS_H

/* Rule: RFC 9110, 15. One that is not in the table gets "OK" below 400, else "Error". */
const char *sio_status_text(unsigned status);

#endif
