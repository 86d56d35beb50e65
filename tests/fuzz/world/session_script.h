/*
 * tests/fuzz/world/session_script.h - scripts: a command on each line, and those that clients obey.
 *
 * Used by the fuzz targets of whole servers, which say what stands before the text of a line.
 */
#ifndef SIO_TESTS_FUZZ_WORLD_SESSION_SCRIPT_H
#define SIO_TESTS_FUZZ_WORLD_SESSION_SCRIPT_H

#include <stddef.h>

#include "protocol/buf.h"
#include "tests/fuzz/world/session_client.h"

/* Do what the line says; end is behind its last character, and it has at least one. */
typedef void script_line_fn(void *arg, const char *line, const char *end);

/* Run each line of the script. */
void script_run(const char *at, size_t size, script_line_fn *run, void *arg);

/*
 * The number that stands there, without what is behind its first max_digits; 0 when there is none.
 */
unsigned script_number(const char *at, const char *end, int max_digits);

/*
 * Add the text to *text: $0 to $9 is the id of the first to tenth session, $p the private id that
 * somebody was told last, $o the last offset; \r \n \\ \xHH are bytes.
 */
void script_expand(const session_ids *ids, const char *at, const char *end, sio_buf *text);

/*
 * What a letter says of a client, with the text behind it:
 *
 *     g/path      GET                        c  the peer closes      s  stops reading
 *     p/path body POST                       r  resets               w  reads again
 *     u/path      upgrade to a websocket     l  has left, which      x  the next write fails
 *     ttext       websocket text message        nobody saw yet
 *     mbytes      a binary one
 *     bbytes      raw bytes
 *     dbytes      the same one by one
 *     @/path      GET from a page of "o"     ^/path  upgrade from there, with an offer to compress
 *     ?/path      preflight from "q"         &text   the text message, compressed
 */
void script_act(client *p, char letter, sio_view text);

#endif
