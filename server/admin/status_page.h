/*
 * server/admin/status_page.h - "/": status.html, with a policy that lets nothing else run or load.
 */
#ifndef SIO_ADMIN_STATUS_PAGE_H
#define SIO_ADMIN_STATUS_PAGE_H

#include "protocol/buf.h"
#include "server/admin/admin_request.h"

/*
 * Append the Content-Security-Policy of a page: its own script and style run, known by their
 * digests, and it may ask where it came from. Failure is out->failed.
 */
void sio_status_page_policy(sio_view page, sio_buf *out);

void sio_status_page_serve(sio_exchange *x, const sio_admin_request *r);

#endif
