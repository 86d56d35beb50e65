/*
 * server/config/sources.h - where settings came from, so that they can be read once more.
 *
 * Called by server/server.c, which notes each source as it is used, and by reload.c.
 */
#ifndef SIO_CONFIG_SOURCES_H
#define SIO_CONFIG_SOURCES_H

#include "protocol/buf.h"
#include "server/config/config.h"
#include "server/siobroker.h"

typedef struct sio_source sio_source;

/* In the order in which they were used: the last one wins. Zeroed: none. */
typedef struct {
    sio_source *all;
    size_t      n;
} sio_sources;

/*
 * Note a command line, with the file that it names; a file; a setting. What program points to is
 * borrowed. SIO_OK or SIO_ERR_NOMEM.
 */
int sio_sources_add_options(sio_sources *s, int argc, char *const argv[],
                            const sio_program *program);
int sio_sources_add_file(sio_sources *s, const char *path);
int sio_sources_add_setting(sio_sources *s, const char *key, const char *json);

/*
 * Read all of them into cfg, which has its defaults, and check the whole. SIO_OK, SIO_ERR_NOMEM, or
 * SIO_ERR_CONFIG and error has the line that --check-config would print.
 */
int sio_sources_read(const sio_sources *s, sio_cfg *cfg, sio_buf *error);

void sio_sources_fini(sio_sources *s);

#endif
