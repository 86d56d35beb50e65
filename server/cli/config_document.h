/*
 * server/cli/config_document.h - the settings in writing, from the table of them.
 */
#ifndef SIO_CLI_CONFIG_DOCUMENT_H
#define SIO_CLI_CONFIG_DOCUMENT_H

#include "protocol/buf.h"

/* Append a heading and a table in Markdown for each section, and one of names of socket.io 4. */
void sio_config_document_add_markdown(sio_buf *out);

/*
 * Append one JSON array with an object for each setting: key, section, type, help, allowed, default
 * (null: it depends), reload. A line for each.
 */
void sio_config_document_add_json(sio_buf *out);

/* Append a configuration file with every setting as it is by default. */
void sio_config_document_add_defaults(sio_buf *out);

#endif
