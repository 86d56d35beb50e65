/*
 * server/cli/printable.h - what others have said, on somebody's terminal.
 */
#ifndef SIO_CLI_PRINTABLE_H
#define SIO_CLI_PRINTABLE_H

/* Overwrite control bytes, which a terminal might obey, with '?'. */
void sio_printable(char *text);

#endif
