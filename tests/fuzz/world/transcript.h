/*
 * tests/fuzz/world/transcript.h - what one client sent and was sent, and whether that was right.
 *
 * Used by session_client.h for each connection. Aborts when the server breaks a promise:
 *  - each request gets one complete answer, in turn; nothing is answered that was not asked, nor
 *    before all of it is there, but by a refusal with which the connection ends;
 *  - after "Connection: close" not a byte follows; without it no connection is closed on a request,
 *    but for one that waits behind a streamed answer;
 *  - after 101 there are only whole, final, unmasked frames, the text is UTF-8, and a close frame
 *    is the last; compressed are messages alone, and only if that was agreed on.
 */
#ifndef SIO_TESTS_FUZZ_WORLD_TRANSCRIPT_H
#define SIO_TESTS_FUZZ_WORLD_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/buf.h"
#include "protocol/http_request.h"
#include "protocol/view.h"
#include "protocol/ws_deflate.h"

enum { SESSION_ID_LEN = 20, RECOVERY_MAX = 63 };

typedef enum {
    IN_HEAD, /* of an answer, or between two */
    IN_SIZED_BODY,
    IN_CHUNKS,
    IN_ENDLESS_BODY, /* until the connection ends */
    IN_FRAMES,
    IN_OLD_FRAMES, /* of the drafts before RFC 6455: not looked at */
    OVER
} transcript_phase;

typedef struct {
    sio_http_limits  limits; /* what the server was told */
    size_t           max_body;
    sio_buf          sent;        /* requests without a complete answer so far */
    sio_buf          got;         /* answered bytes that are not a whole part yet */
    size_t           request_len; /* of the request being answered */
    size_t           body_len;    /* IN_SIZED_BODY */
    transcript_phase phase;
    unsigned         n_answers;   /* that are complete */
    bool             last;        /* the answer says that the connection ends with it */
    bool             streamed;    /* it is of unknown length: the connection may end with it, too */
    bool             may_be_cut;  /* out of memory, the connection may end in place of an answer */
    bool             is_deflated; /* that was agreed on */
    sio_ws_deflate  *inflater;    /* made when it is needed */
    char             id[SESSION_ID_LEN + 1];       /* of the last handshake answered, or "" */
    char             private_id[RECOVERY_MAX + 1]; /* that it was told last, to come back; or "" */
    char             offset[RECOVERY_MAX + 1];     /* of the last event that had one, or "" */
    /* Is told each whole part that was got: a body, a chunk, a text message. NULL: nobody is. */
    void (*heard)(void *arg, sio_view part);
    void *heard_arg;
} transcript;

/* limits and max_body: those of the server. End it with transcript_fini(). */
void transcript_init(transcript *t, sio_http_limits limits, size_t max_body);

/* Free what it holds. */
void transcript_fini(transcript *t);

/* The bytes of the first request that was sent, or SIO_PARTIAL or SIO_BAD. */
ptrdiff_t transcript_request(const transcript *t, sio_http_request *r);

/* The client sent these bytes. */
void transcript_sent(transcript *t, sio_view bytes);

/* The server wrote these bytes. */
void transcript_got(transcript *t, sio_view bytes);

/* The server ends the connection now. stopping: it may leave requests without an answer. */
void transcript_closed(const transcript *t, bool stopping);

#endif
