/*
 * server/sandbox.h - what the process may do to files once it listens.
 *
 * Called by sio_listen() before the first thread is started: the sandbox holds for the thread that
 * enters it and for those that it starts.
 */
#ifndef SIO_SANDBOX_H
#define SIO_SANDBOX_H

#include "protocol/buf.h"
#include "server/base/log.h"

/*
 * Give up, for good, to write, make, rename, remove and execute files; descriptors that are open
 * already stay as they are, and what may be read stays so: names are looked up as before. mode is
 * the setting "sandbox": "off", "auto" (a line in the log where the kernel can not) or "on"
 * (SIO_ERR_SYS there, with one line in error).
 */
int sio_sandbox_enter(const char *mode, const sio_log *log, sio_buf *error);

#endif
