/*
 * server/command_line.h - how this program was started, so that it can be started once more.
 *
 * Noted by server.c when the options are read: later the program may have hidden what is secret in
 * its arguments. Used by successor.c.
 */
#ifndef SIO_SERVER_COMMAND_LINE_H
#define SIO_SERVER_COMMAND_LINE_H

#include <stddef.h>

/* Zeroed: it is not known. */
typedef struct {
    char  *path;  /* of the program; a file that is there now, or will be */
    char **words; /* ended by NULL: the program, as it was called, and its arguments */
    char  *text;  /* what words point into */
    size_t len;
} sio_command_line;

/* Ask the kernel. Where that does not tell, or without memory, it stays unknown. */
void sio_command_line_note(sio_command_line *c);

/* Safe on a zeroed one. */
void sio_command_line_fini(sio_command_line *c);

#endif
