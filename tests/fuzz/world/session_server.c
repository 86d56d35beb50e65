#include "tests/fuzz/world/session_server.h"

#include <string.h>

#include "server/engine/session.h"
#include "tests/fuzz/must.h"
#include "tests/fuzz/world/session_client.h"

static void
switch_on(sio_server *s, char letter)
{
    static const struct {
        char        letter;
        const char *key, *value;
    } rows[] = {
        {'r', "maxDisconnectionDuration", "60000"},
        {'r', "max recovery packets", "5"},
        {'z', "perMessageDeflate", "true"},
        {'z', "perMessageDeflate threshold", "16"},
        {'z', "max inflated bytes", "1024"},
        {'o', "origins", "[\"o:*\",\"*:8080\"]"},
        {'p', "cors", "{\"origin\":[\"http://o\"],\"maxAge\":9,\"exposedHeaders\":\"x\"}"},
        {'p', "cookie", "{\"maxAge\":9,\"domain\":\"o\",\"priority\":\"low\"}"},
        {'p', "httpCompression", "{\"threshold\":8}"},
        {'b', "max client bytes", "6000"},
        {'m', "allowEIO3", "false"},
        {'m', "skipMiddlewares", "false"},
        {'s', "cluster secret", "\"the-secret-of-fuzzers\""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].letter == letter)
            must(sio_set(s, rows[i].key, rows[i].value) == 0);
}

sio_view
server_switches(const char *script, size_t size)
{
    const char *eol = size > 0 ? memchr(script, '\n', size) : NULL;

    if (size == 0 || script[0] != '%')
        return SIO_VIEW("");
    return (sio_view){script + 1, (eol != NULL ? (size_t)(eol - script) : size) - 1};
}

sio_server *
server_new(sio_view switches)
{
    static const struct {
        const char *key, *value;
    } settings[] = {
        {"max header bytes", "512"},
        {"max headers", "16"},
        {"max url bytes", "256"},
        {"destroy buffer size", "2000"},
        {"max queued packets", "20"},
        {"max queued bytes", "2048"},
        {"max rooms", "3"},
        {"maxPayload", "2000"},
        {"maxAttachments", "2"},
        {"engine echo", "\"/e\""},
        {"max unused handshakes", "5"},
        {"origins", "[\"*:*\"]"},
        {"transports", "[\"websocket\",\"flashsocket\",\"htmlfile\",\"xhr-polling\","
                       "\"jsonp-polling\"]"},
    };
    sio_server *s = sio_server_new(NULL);

    must(s != NULL);
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        must(sio_set(s, settings[i].key, settings[i].value) == 0);
    for (size_t i = 0; i < switches.len; i++)
        switch_on(s, switches.data[i]);
    sio_budget_open(&s->env, s->cfg.max_client_bytes);
    s->env.log.level = SIO_LOG_NONE;
    s->io.last_ack_id = 0; /* clients of the script can not read what they are asked */
    s->engine.queue_limits =
        (sio_send_queue_limits){.max_frames = MAX_PACKETS, .max_bytes = MAX_BYTES};
    sio_timer_wheel_fini(&s->env.timers);
    must(sio_timer_wheel_init(&s->env.timers, NULL) == SIO_OK &&
         sio_admission_init(&s->net.admission, &s->env) == SIO_OK);
    return s;
}

void
server_run_tasks(sio_server *s)
{
    while (!sio_link_empty(&s->env.deferred.tasks))
        event_base_loop(s->env.base, EVLOOP_NONBLOCK);
}

static void
session_check(const sio_session *s)
{
    const sio_mailbox *m = &s->mailbox;

    must(m->queue.n_frames <= MAX_PACKETS + 2 && /* with a goodbye */
         m->queue.n_bytes <= MAX_BYTES + MAX_PACKET);
    must(m->n_away <= m->queue.n_frames);
    must(m->channel == NULL || m->channel->mailbox == m);
    must(!s->forgotten);
    /* An instance that holds a poll says itself when it has ended. */
    must(!s->ended || m->channel == NULL || s->env->roaming->owner_channels.n_items > 0);
}

void
server_check(const sio_server *s)
{
    size_t n_live = 0;

    for (sio_hash_node *node = NULL; (node = sio_hash_next(&s->engine.sessions, node)) != NULL;) {
        session_check(SIO_CONTAINER(node, sio_session, node));
        n_live += !SIO_CONTAINER(node, sio_session, node)->ended;
    }
    must(n_live == s->env.stats.sessions);
    must(sio_link_empty(&s->env.deferred.tasks));
}

static bool
namespaces_are_idle(const sio_server *s)
{
    for (sio_hash_node *n = NULL; (n = sio_hash_next(&s->io.namespaces, n)) != NULL;) {
        const sio_namespace *nsp = SIO_CONTAINER(n, sio_namespace, node);

        if (!sio_link_empty(&nsp->sockets) || nsp->rooms.n_items > 0 || nsp->ids.n_items > 0)
            return false;
    }
    return true;
}

bool
server_is_idle(const sio_server *s)
{
    return sio_link_empty(&s->net.conns) && s->env.stats.connections == 0 &&
           s->engine.sessions.n_items == 0 && s->env.stats.sessions == 0 &&
           sio_link_empty(&s->handlers.openings) && s->roaming.waiting.n_items == 0 &&
           sio_link_empty(&s->adapters.surveys) && namespaces_are_idle(s);
}
