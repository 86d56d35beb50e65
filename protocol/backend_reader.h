/*
 * protocol/backend_reader.h - the values of a command's members, and what may be wrong with them.
 *
 * Part of backend_command.c, which knows the members. Texts go into c->texts, which has room for
 * all of them and does not move. Each function that reads gives SIO_OK; SIO_BAD and SIO_TOO_LARGE,
 * with *error where this says so; or SIO_ERR_NOMEM.
 */
#ifndef SIO_PROTOCOL_BACKEND_READER_H
#define SIO_PROTOCOL_BACKEND_READER_H

#include "protocol/backend_command.h"

/* A command being read. */
typedef struct {
    sio_backend_command       *c; /* NULL: of a batch, which has no texts */
    sio_backend_command_error *error;
} sio_backend_reader;

/* --- What is wrong; each gives the code that is returned. --- */

int sio_backend_reader_fail(sio_backend_reader *r, int rc, const char *why);
int sio_backend_reader_bad(sio_backend_reader *r, const char *why);

/* In the i-th element of the list that is read. */
int sio_backend_reader_bad_element(sio_backend_reader *r, size_t i, const char *why);

/*
 * It is about this member, a JSON string: whatever it is called, only a part of it is shown, and
 * that is printable.
 */
void sio_backend_reader_set_at(sio_backend_command_error *error, sio_view key);

/* --- Texts. --- */

/* Room for all texts of a command of that length. False: no memory. */
bool sio_backend_reader_reserve(sio_backend_command *c, size_t json_len);

/*
 * Any text, behind another, with a NUL behind it. The view is without that. Says not what is bad.
 */
int sio_backend_reader_bytes(sio_backend_reader *r, const char *before, sio_view literal,
                             sio_view *out);

/* The same, but not empty and without U+0000. Says not what is bad. */
int sio_backend_reader_c_string(sio_backend_reader *r, const char *before, sio_view literal,
                                const char **out);

/* The same, and *error says what is bad. */
int sio_backend_reader_text(sio_backend_reader *r, sio_view value, const char **out);

/* --- Others. --- */

/* Append names to the list, each behind "before"; a text stands for a list of one. With *error. */
int sio_backend_reader_rooms(sio_backend_reader *r, sio_backend_command_rooms *list,
                             const char *before, sio_view value);

/* The bytes that a text in base64 stands for. Says not what is bad. */
int sio_backend_reader_attachment(sio_backend_reader *r, sio_view literal, sio_view *out);

/* With *error. */
int sio_backend_reader_bool(sio_backend_reader *r, sio_view value, bool *out);

/* A whole number from 1 to max; why: what is said of any other. With *error. */
int sio_backend_reader_number(sio_backend_reader *r, sio_view value, size_t max, const char *why,
                              size_t *out);

#endif
