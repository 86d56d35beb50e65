/*
 * server/assets/client09_files.h - the browser client (socket.io.js and two swf files), served.
 *
 * Called by server/ routes. Everything is read, compressed and given its validators
 * once at start, as builds on demand are what blocks the original for its first
 * seconds. Answering is a pure function of the request: no I/O, no clock.
 *
 * Rules: section 7 of the 0.9 behaviour notes. Decided here:
 *  - any build ("+websocket", a shorter list of transports) is answered with the full
 *    client: a superset is harmless. The entity tag still names the transports asked for.
 *  - the tag is sent without quotes, as the original does; If-None-Match is understood
 *    with and without quotes, as a list, with weak prefixes, and as "*".
 */
#ifndef SIO_ASSETS_CLIENT09_FILES_H
#define SIO_ASSETS_CLIENT09_FILES_H

#include <stdbool.h>
#include <time.h>

#include "protocol/buf.h"
#include "protocol/view.h"
#include "server/config/config.h"

typedef struct sio_client09_files sio_client09_files;

/*
 * Read the files from directory (the dist/ folder of npm's socket.io-client, flat) and
 * prepare them as cfg says; nothing is kept of either argument. With "browser client"
 * off *out is NULL and the result SIO_OK. When the files cannot be used *out is NULL and
 * the result SIO_ERR_NOT_FOUND or SIO_ERR_NOMEM, with one line for the log in error: the
 * server runs without them.
 */
int sio_client09_files_new(sio_client09_files **out, const sio_cfg *cfg, const char *directory,
                           sio_buf *error);

/* Other transports. SIO_OK, or SIO_ERR_NOMEM and the old ones stay. NULL is allowed. */
int sio_client09_files_set_transports(sio_client09_files *files, const sio_texts *transports);

/* NULL is allowed. */
void sio_client09_files_free(sio_client09_files *files);

/*
 * Does path (what follows the resource in the raw target, before '?') name a file of the
 * client? The names count anywhere in the path, as in the original. Independent of
 * whether the files are there: a path that matches while they are not gets the welcome
 * answer, whatever else is in it (section 1.1).
 */
bool sio_client09_files_match(sio_view path);

typedef struct {
    sio_view path;            /* one that matches */
    sio_view accept_encoding; /* header values; empty when absent */
    sio_view if_none_match;
    time_t   now; /* for Date and Expires */
} sio_client_request;

typedef struct {
    unsigned status; /* 200, 304 or 500 */
    bool     dated;  /* the headers have a Date already */
    sio_view lead;   /* the body is lead, then body; not to be sent for HEAD */
    sio_view body;   /* lives as long as the files; of a 500, as the request's path */
} sio_client_answer;

/*
 * Answer a request whose path matches. Appended to headers: "Name: value\r\n" lines in
 * the order of the original, Content-Length included (not for 304), without the status
 * line, Connection and the empty line.
 */
void sio_client09_files_answer(const sio_client09_files *files, const sio_client_request *request,
                               sio_buf *headers, sio_client_answer *out);

#endif
