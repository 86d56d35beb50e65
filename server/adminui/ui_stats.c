#include "server/adminui/ui_stats.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "protocol/json_member.h"
#include "server/config/config.h"
#include "server/socketio/io.h"
#include "store/clock.h"

/* --- What happened since the last report. --- */

static uint64_t
sum_of(const uint64_t *counts, size_t n)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += counts[i];
    return sum;
}

static uint64_t
count_of(const sio_histogram *h)
{
    return sum_of(h->counts, h->n_bounds + 1);
}

/* All sessions that ever were: those that are, and those that have ended. */
static uint64_t
sessions_ever(const sio_env *env)
{
    return sio_env_stats(env).sessions + sum_of(env->measures.sessions_ended, SIO_N_END_REASONS);
}

static void
take_counts(sio_ui_stats *stats, const sio_env *env)
{
    const sio_histogram *bytes = env->measures.message_bytes;

    stats->sessions = sessions_ever(env);
    stats->bytes_in = bytes[SIO_INCOMING].sum;
    stats->packets_in = count_of(&bytes[SIO_INCOMING]);
    stats->bytes_out = bytes[SIO_OUTGOING].sum;
    stats->packets_out = count_of(&bytes[SIO_OUTGOING]);
    memcpy(stats->ended, env->measures.sessions_ended, sizeof stats->ended);
}

/* "other" is not by word in the table of reasons. */
static const char *
end_reason(size_t i)
{
    for (size_t t = 0; t < sio_measures_n_tallies; t++)
        if (sio_measures_tallies[t].offset == offsetof(sio_measures, sessions_ended))
            return sio_measures_tallies[t].words[i];
    return "other";
}

typedef struct {
    sio_buf *out;
    uint64_t now_ms; /* the second that it is counted for */
    bool     has_some;
} aggregation;

/* One entry for each kind and second; the page makes groups of ten seconds. */
static void
add_aggregated(aggregation *a, const char *type, const char *sub_type, uint64_t now,
               uint64_t before)
{
    if (now <= before)
        return;
    sio_buf_add_str(a->out, a->has_some ? ",{" : "{");
    sio_json_member_number(a->out, "timestamp", a->now_ms);
    sio_json_member_text(a->out, "type", sio_view_of(type));
    if (sub_type != NULL)
        sio_json_member_text(a->out, "subType", sio_view_of(sub_type));
    sio_json_member_number(a->out, "count", now - before);
    sio_buf_add_char(a->out, '}');
    a->has_some = true;
}

static void
add_aggregated_events(sio_ui_stats *stats, const sio_env *env, sio_buf *out)
{
    const sio_ui_stats before = *stats;
    const uint64_t     now_ms = sio_epoch_ms();
    aggregation        a = {.out = out, .now_ms = now_ms - now_ms % 1000};

    take_counts(stats, env);
    sio_json_member_name(out, "aggregatedEvents");
    sio_buf_add_char(out, '[');
    add_aggregated(&a, "rawConnection", NULL, stats->sessions, before.sessions);
    for (size_t i = 0; i < SIO_N_END_REASONS; i++)
        add_aggregated(&a, "rawDisconnection", end_reason(i), stats->ended[i], before.ended[i]);
    add_aggregated(&a, "packetsIn", NULL, stats->packets_in, before.packets_in);
    add_aggregated(&a, "bytesIn", NULL, stats->bytes_in, before.bytes_in);
    add_aggregated(&a, "packetsOut", NULL, stats->packets_out, before.packets_out);
    add_aggregated(&a, "bytesOut", NULL, stats->bytes_out, before.bytes_out);
    sio_buf_add_char(out, ']');
}

/* --- How it is. --- */

/*
 * The page knows servers by this alone, so it must be that of no other one: names may be alike, and
 * so may numbers of processes in containers.
 */
static void
add_server_id(const sio_env *env, const char *host, sio_buf *out)
{
    char      text[512];
    const int n = snprintf(text, sizeof text, "%s@%s#%ld", env->cfg->name, host, (long)getpid());

    sio_json_member_text(out, "serverId",
                         (sio_view){text, n > 0 && (size_t)n < sizeof text ? (size_t)n : 0});
}

/* Everything but a websocket is polling to socket.io 4. */
static uint64_t
polling_sessions(const sio_measures *m)
{
    uint64_t n = 0;

    for (size_t i = 0; i < SIO_N_SPEAKS; i++)
        for (size_t j = 0; j < SIO_N_CARRIED_BY; j++)
            if (j != SIO_CARRIED_BY_WEBSOCKET && j != SIO_CARRIED_BY_FLASHSOCKET)
                n += m->sessions[i][j];
    return n;
}

/* Those that have a counter of their own: clients can not make the list longer than that. */
static void
add_namespaces(const sio_io *io, sio_buf *out)
{
    bool has_some = false;

    sio_json_member_name(out, "namespaces");
    sio_buf_add_char(out, '[');
    for (size_t i = 0; i < SIO_MAX_COUNTED_NAMESPACES; i++) {
        if (io->counted[i] == NULL)
            continue;
        const sio_view name = io->counted[i]->name;

        sio_buf_add_str(out, has_some ? ",{" : "{");
        sio_json_member_text(out, "name", name.len > 0 ? name : SIO_VIEW("/"));
        sio_json_member_number(out, "socketsCount", io->n_sockets[i]);
        sio_buf_add_char(out, '}');
        has_some = true;
    }
    sio_buf_add_char(out, ']');
}

void
sio_ui_stats_begin(sio_ui_stats *stats, const sio_env *env)
{
    if (stats->began_ms == 0)
        stats->began_ms = sio_epoch_ms();
    take_counts(stats, env);
}

void
sio_ui_stats_add(sio_ui_stats *stats, sio_env *env, sio_buf *args)
{
    char host[256] = "";

    (void)gethostname(host, sizeof host - 1);
    sio_buf_add_str(args, "[{");
    add_server_id(env, host, args);
    sio_json_member_text(args, "hostname", sio_view_of(host));
    sio_json_member_number(args, "pid", (uint64_t)getpid());
    sio_json_member_number(args, "uptime", (sio_epoch_ms() - stats->began_ms) / 1000);
    sio_json_member_number(args, "clientsCount", sio_env_stats(env).sessions);
    sio_json_member_number(args, "pollingClientsCount", polling_sessions(&env->measures));
    add_aggregated_events(stats, env, args);
    add_namespaces(env->io, args);
    sio_buf_add_str(args, "}]");
}
