/*
 * server/config/secret.h - a setting whose value is kept elsewhere.
 *
 *     env:NAME          in the environment variable NAME
 *     file:PATH         in the file at PATH
 *     credential:NAME   in the file NAME of $CREDENTIALS_DIRECTORY, which systemd fills with what
 *                       LoadCredential= and SetCredential= name
 *
 * Called by config.c for the settings that may be secret (config_table.h), and by those that read
 * settings from where others may look.
 */
#ifndef SIO_CONFIG_SECRET_H
#define SIO_CONFIG_SECRET_H

#include <stdbool.h>

#include "protocol/buf.h"
#include "server/config/config_table.h"

enum { SIO_SECRET_MAX_BYTES = 65536 };

/* Does the text begin with one of the three words above? */
bool sio_secret_is_elsewhere(const char *text);

/* Does text, as the value of s, give a secret away? Not if it only says where that is. */
bool sio_secret_is_shown(const sio_setting *s, const char *text);

/*
 * Read the value that is kept where `text` says into *value, which this initialises and the caller
 * frees either way: 1 to SIO_SECRET_MAX_BYTES bytes and a NUL. One line end at its end is removed.
 * SIO_OK, or SIO_ERR_CONFIG; then `error` says what is wrong, and never what the value is.
 */
int sio_secret_read(const char *text, sio_buf *value, sio_buf *error);

/* Append a line to notes if every user of the machine may read the file at path. */
void sio_secret_note_file(const char *path, sio_buf *notes);

/* The same for the file that `text` (as in sio_secret_read) names, if it names one. */
void sio_secret_note_place(const char *text, sio_buf *notes);

#endif
