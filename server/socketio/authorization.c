#include "server/socketio/authorization.h"

#include <stdlib.h>

#include "protocol/json.h"
#include "protocol/json_read.h"

struct sio_decision {
    void (*done)(void *owner, sio_verdict verdict); /* NULL: abandoned */
    void              *owner;
    const char        *auth_json;
    const char        *id;
    const char *const *transport;
    sio_pass           pass;
    sio_namespace     *nsp;
    sio_view           message;
    sio_view           data;
    sio_view           handshake; /* of sio_decide_handshake(), during done */
};

void
sio_authorization_ask(sio_decision **pending, const sio_question           *q,
                      void (*done)(void *owner, sio_verdict verdict), void *owner)
{
    sio_decision *d;

    *pending = NULL;
    if (q->fn == NULL || (d = calloc(1, sizeof *d)) == NULL) {
        done(owner, q->fn == NULL ? SIO_ACCEPT : SIO_FAIL);
        return;
    }
    *d = (sio_decision){.done = done,
                        .owner = owner,
                        .auth_json = q->auth_json,
                        .id = q->id,
                        .transport = q->transport,
                        .pass = q->pass,
                        .nsp = q->nsp};
    *pending = d; /* before the call: the owner may be ended in it */
    q->fn(d, q->handshake_json, q->arg);
}

const char *
sio_decision_auth(const sio_decision *d)
{
    return d->auth_json != NULL && d->done != NULL ? d->auth_json : "{}";
}

const char *
sio_decision_id(const sio_decision *d)
{
    return d->id != NULL && d->done != NULL ? d->id : "";
}

const char *
sio_decision_transport(const sio_decision *d)
{
    return d->transport != NULL && d->done != NULL ? *d->transport : "";
}

void *
sio_decision_pass(const sio_decision *d)
{
    return d->done != NULL ? d->pass.what : NULL;
}

sio_namespace *
sio_decision_namespace(const sio_decision *d)
{
    return d->done != NULL ? d->nsp : NULL;
}

void
sio_decide(sio_decision *d, sio_verdict verdict)
{
    if (d->done != NULL)
        d->done(d->owner, verdict);
    free(d);
}

int
sio_decide_error(sio_decision *d, const char *message, const char *data_json)
{
    const sio_view data = sio_json_read_trim(sio_view_of(data_json));
    const bool     valid = data.len == 0 || sio_json_validate(data, SIO_JSON_MAX_DEPTH) == SIO_OK;

    d->message = sio_view_of(message);
    if (valid)
        d->data = data;
    sio_decide(d, SIO_REFUSE);
    return valid ? 0 : -1;
}

bool
sio_decide_pass(sio_decision *d, void *pass, size_t n_bytes)
{
    const bool is_there = d->done != NULL;

    d->pass = (sio_pass){pass, n_bytes};
    sio_decide(d, SIO_ACCEPT);
    return is_there;
}

/* Whoever asked about a handshake checks it: see sio_authorization_take_handshake(). */
int
sio_decide_handshake(sio_decision *d, const char *handshake_json)
{
    const sio_view record = sio_json_read_trim(sio_view_of(handshake_json));
    const bool     valid = record.len > 0 && record.data[0] == '{' &&
                       sio_json_validate(record, SIO_JSON_MAX_DEPTH) == SIO_OK &&
                       !sio_json_read_has_nul(record);

    if (valid)
        d->handshake = record;
    sio_decide(d, SIO_ACCEPT);
    return valid ? 0 : -1;
}

void
sio_authorization_take_handshake(const sio_decision *d, size_t max_bytes, sio_buf *record)
{
    if (d == NULL || d->handshake.len == 0 || d->handshake.len > max_bytes ||
        !sio_buf_reserve(record, d->handshake.len + 1))
        return;
    sio_buf_clear(record);
    sio_buf_add_view(record, d->handshake);
    sio_buf_add_char(record, '\0');
}

sio_pass
sio_authorization_pass(const sio_decision *d)
{
    return d->pass;
}

sio_view
sio_authorization_message(const sio_decision *d)
{
    return d != NULL ? d->message : SIO_VIEW("");
}

sio_view
sio_authorization_data(const sio_decision *d)
{
    return d != NULL ? d->data : SIO_VIEW("");
}

void
sio_authorization_abandon(sio_decision *d)
{
    if (d != NULL)
        d->done = NULL;
}
