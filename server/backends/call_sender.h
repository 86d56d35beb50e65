/*
 * server/backends/call_sender.h - events go to a backend in signed HTTP requests, which it answers.
 *
 * Rule: the manual, "Webhooks". A batch is a request; an answer has one member for each event.
 */
#ifndef SIO_BACKENDS_CALL_SENDER_H
#define SIO_BACKENDS_CALL_SENDER_H

#include "server/backends/hook_sender.h"

extern const sio_hook_sender_ops sio_call_sender;

#endif
