#include "server/socketio/joining.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "server/base/env.h"
#include "server/config/config.h"
#include "server/engine/session.h"
#include "server/socketio/client.h"
#include "server/socketio/guard.h"
#include "server/socketio/handshake_record.h"
#include "server/socketio/io.h"
#include "server/socketio/packet.h"

enum { MAX_WORD = 64 /* of a client that comes back: longer than any that we give */ };

/*
 * Keep what the client says. As sio_joining_new().
 */
static int
keep_words(sio_joining *j, sio_view auth, sio_view query)
{
    sio_json_field words[] = {{.name = SIO_VIEW("pid")}, {.name = SIO_VIEW("offset")}};
    sio_buf        handshake;

    if (auth.len + query.len > j->nsp->env->cfg->max_auth_bytes)
        return SIO_TOO_LARGE;
    if (auth.len > 0 && (j->auth = strndup(auth.data, auth.len)) == NULL)
        return SIO_ERR_NOMEM;
    if (sio_json_pick(auth, SIO_JSON_MAX_DEPTH, words, 2) == SIO_OK) {
        (void)sio_json_read_string(words[0].value, &j->private_id); /* others are none */
        (void)sio_json_read_string(words[1].value, &j->offset);
    }
    if (query.len == 0)
        return sio_json_read_has_nul(auth) ? SIO_BAD : SIO_OK;
    sio_buf_init(&handshake, SIZE_MAX);
    sio_handshake_record_requery(sio_view_of(sio_client_of(j->session)->handshake), query,
                                 &handshake);
    sio_buf_add_char(&handshake, '\0');
    if (handshake.failed) {
        sio_buf_fini(&handshake);
        return SIO_ERR_NOMEM;
    }
    j->handshake = handshake.data;
    return sio_json_read_has_nul(auth) || sio_json_read_has_nul(sio_buf_view(&handshake)) ? SIO_BAD
                                                                                          : SIO_OK;
}

int
sio_joining_new(sio_namespace *nsp, sio_session *session, sio_view auth, sio_view query,
                sio_joining **made)
{
    sio_joining *j = calloc(1, sizeof *j);
    int          rc;

    if (j == NULL)
        return SIO_ERR_NOMEM;
    j->nsp = sio_namespace_hold(nsp);
    j->session = session;
    sio_link_init(&j->link);
    sio_link_init(&j->returning.link);
    sio_buf_init(&j->private_id, MAX_WORD);
    sio_buf_init(&j->offset, MAX_WORD);
    sio_buf_init(&j->id, SIZE_MAX);
    if ((rc = keep_words(j, auth, query)) != SIO_OK) {
        sio_joining_free(j);
        return rc;
    }
    sio_link_append(&sio_client_of(session)->joins, &j->link);
    *made = j;
    return SIO_OK;
}

void
sio_joining_free(sio_joining *j)
{
    sio_link_remove(&j->link);
    sio_link_remove(&j->returning.link);
    if (j->question != NULL)
        j->nsp->env->io->recovery.remote->abandon(j->question);
    sio_guard_free_pass(j->nsp->env, j->pass.what);
    sio_buf_fini(&j->private_id);
    sio_buf_fini(&j->offset);
    sio_buf_fini(&j->id);
    free(j->auth);
    free(j->handshake);
    sio_namespace_release(j->nsp);
    free(j);
}

int
sio_joining_make_id(sio_joining *j)
{
    const sio_packet_dialect *dialect = sio_packet_dialect_of(j->session);
    int                       rc = SIO_OK;

    if (j->id.len > 0)
        return SIO_OK;
    if (dialect->add_socket_id != NULL)
        rc = dialect->add_socket_id(j->session, j->nsp->name, &j->id);
    j->has_own_id = j->id.len > 0;
    if (!j->has_own_id)
        sio_buf_add_view(&j->id, j->session->node.key);
    sio_buf_add_char(&j->id, '\0');
    if (rc == SIO_OK && !j->id.failed)
        return SIO_OK;
    sio_buf_fini(&j->id);
    return SIO_ERR_NOMEM;
}
