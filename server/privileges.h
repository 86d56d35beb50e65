/*
 * server/privileges.h - who the process is once it listens.
 *
 * Called by sio_listen() when every port is bound, and every file and secret read that may belong
 * to root.
 */
#ifndef SIO_PRIVILEGES_H
#define SIO_PRIVILEGES_H

#include "protocol/buf.h"
#include "server/base/log.h"
#include "server/config/config.h"

/*
 * Make a file, if path is not empty, the user's and group's that sio_privileges_drop() is about to
 * become: without "user" it stays as it is. Returns as that.
 */
int sio_privileges_give(const sio_cfg *cfg, const char *path, sio_buf *error);

/*
 * Become "user" and "group" of the settings, for good: all threads lose the other groups, all
 * capabilities, and with PR_SET_NO_NEW_PRIVS the way back through set-user-ID programs (that one
 * holds for this thread and those that it starts). Nothing but a warning to root without "user".
 *
 * SIO_OK; or SIO_ERR_CONFIG (no such account, or it is root) or SIO_ERR_SYS with one line in error.
 * What has been given up until then stays given up.
 */
int sio_privileges_drop(const sio_cfg *cfg, const sio_log *log, sio_buf *error);

#endif
