/*
 * server/admin/session_list.h - who is there, and to end one of them.
 */
#ifndef SIO_ADMIN_SESSION_LIST_H
#define SIO_ADMIN_SESSION_LIST_H

#include "server/admin/admin_request.h"

/*
 * The first `limit` of the sessions that live here (1 to 1000; 100 without), by `sort`: "queued"
 * has those first for whom most waits, "oldest" (without it, too) those that came first. `address`:
 * only those from there. All are looked at, some at each turn of the loop.
 */
void sio_session_list_serve(sio_exchange *x, const sio_admin_request *r);

/* End the session whose id is the rest of the path; its client is told not to come back. */
void sio_session_list_end_one(sio_exchange *x, const sio_admin_request *r);

#endif
