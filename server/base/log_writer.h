/*
 * server/base/log_writer.h - a thread that writes the lines of one log, so that nobody else has to
 * wait.
 *
 * Used by log.c. A reader that stops (a pipe, a terminal after Ctrl-S) stops this thread and
 * nothing else: lines wait in a ring, what does not fit is lost, and when there is room again one
 * line says how many that were. It makes no use of O_NONBLOCK, since that flag belongs to the open
 * file and so to every process that shares it.
 */
#ifndef SIO_BASE_LOG_WRITER_H
#define SIO_BASE_LOG_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "server/base/log_line.h"

enum {
    SIO_LOG_RING_BYTES = 256 * 1024,
    SIO_LOG_FLUSH_MS = 200 /* the longest that the end waits for the reader */
};

typedef struct sio_log_writer sio_log_writer;

/*
 * Start the thread, which blocks all signals. fd is borrowed; style: of the line that tells how
 * many were lost. Lines leave in their order, each of them whole within one write() of at most
 * PIPE_BUF bytes, so that those of several processes on one pipe do not mix. SIO_OK, SIO_ERR_NOMEM,
 * or SIO_ERR_SYS with errno set.
 *
 * The thread does not survive fork() in the child.
 */
int sio_log_writer_new(sio_log_writer **out, int fd, const sio_log_style *style);

/* Hand over a copy of a line that ends with its only line end. Waits for nobody who writes. */
void sio_log_writer_put(sio_log_writer *w, const char *line, size_t len);

/* Lines that were lost since the start: the ring was full, or they could not be written. */
uint64_t sio_log_writer_n_lost(sio_log_writer *w);

/*
 * Let it write what waits, SIO_LOG_FLUSH_MS at most, and end it. A thread that is still held up by
 * the reader then is left to itself, and the descriptor must stay open: it begins no other line,
 * frees the rest and ends as soon as it can. NULL is allowed.
 */
void sio_log_writer_free(sio_log_writer *w);

#endif
