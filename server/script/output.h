/*
 * server/script/output.h - what a script prints, on standard output and standard error.
 *
 * As in Node it is written at once, in order and as it is, whatever the level of the log. Unlike
 * there a reader that has stopped (a pipe, a terminal after Ctrl-S) holds the clients up for a
 * second and not for ever: from then on what it does not take is lost, until it takes some again,
 * and then a line of the log says so.
 */
#ifndef SIO_SCRIPT_OUTPUT_H
#define SIO_SCRIPT_OUTPUT_H

#include <stdint.h>

#include "protocol/view.h"
#include "server/siobroker.h"

enum { SIO_OUTPUT_PATIENCE_MS = 1000 };

typedef struct {
    int      fd;     /* borrowed */
    uint64_t n_lost; /* pieces, since the reader has stopped; 0: it has not */
} sio_output;

/* False: the text is lost, or a part of it. io is for that line. */
bool sio_output_write(sio_output *output, const sio_server *io, sio_view text);

#endif
