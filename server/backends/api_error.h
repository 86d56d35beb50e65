/*
 * server/backends/api_error.h - the words for what stands against a request to the HTTP API.
 */
#ifndef SIO_BACKENDS_API_ERROR_H
#define SIO_BACKENDS_API_ERROR_H

#include "protocol/buf.h"
#include "server/backends/idempotency.h"

/* The status of an answer with that word; those of commands.h are among them. */
unsigned sio_api_error_status(const char *code);

/* The word for a request that the HTTP of the server has refused with that status. */
const char *sio_api_error_of_status(unsigned status);

/* The word for a verdict against doing it, and one line for a person. */
const char *sio_api_error_of_verdict(sio_idempotency_verdict verdict, const char **why);

/*
 * Append {"error":{"code":...,"at":...,"message":...}}. before: what stands before at,
 * "commands[3]" or ""; without both there is no "at".
 */
void sio_api_error_add(sio_buf *json, const char *code, const char *before, const char *at,
                       const char *why);

#endif
