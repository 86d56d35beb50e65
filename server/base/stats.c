#include "server/base/stats.h"

#include <stddef.h>

/* A counter: its name, and where it is in its struct. */
typedef struct {
    const char *name;
    size_t      offset;
} counter;

#define COUNTER(type, field)          \
    {                                 \
#field, offsetof(type, field) \
    }
#define OF_SERVER(field) COUNTER(sio_stats, field)
#define OF_STORE(field)  COUNTER(sio_store_counters, field)

static const counter server_counters[] = {
    OF_SERVER(connections),
    OF_SERVER(sessions),
    OF_SERVER(peers),
    OF_SERVER(sinks),
    OF_SERVER(forwards),
    OF_SERVER(surveys),
    OF_SERVER(paused),
    OF_SERVER(recoverable),
    OF_SERVER(accepted),
    OF_SERVER(refused_connections),
    OF_SERVER(accept_errors),
    OF_SERVER(requests),
    OF_SERVER(bad_requests),
    OF_SERVER(handshakes),
    OF_SERVER(refused_handshakes),
    OF_SERVER(turned_away),
    OF_SERVER(unknown_sessions),
    OF_SERVER(evicted),
    OF_SERVER(packets_in),
    OF_SERVER(packets_out),
    OF_SERVER(bad_packets),
    OF_SERVER(oversize_messages),
    OF_SERVER(inflation_waits),
    OF_SERVER(volatile_dropped),
    OF_SERVER(slow_consumers),
    OF_SERVER(overloaded),
    OF_SERVER(send_timeouts),
    OF_SERVER(heartbeat_timeouts),
    OF_SERVER(refused_joins),
    OF_SERVER(acks_given_up),
    OF_SERVER(recovered),
    OF_SERVER(not_recovered),
    OF_SERVER(recovery_dropped),
    OF_SERVER(stored_full),
    OF_SERVER(backlog_full),
    OF_SERVER(bad_messages),
    OF_SERVER(forged_messages),
    OF_SERVER(replayed_messages),
    OF_SERVER(unasked_answers),
    OF_SERVER(away_instances),
    OF_SERVER(lost_instances),
    OF_SERVER(lost_sessions),
    OF_SERVER(inherited_wills),
    OF_SERVER(relayed_posts),
    OF_SERVER(strayed_sessions),
    OF_SERVER(untold_ends),
    OF_SERVER(stored_failed),
    OF_SERVER(reloads),
    OF_SERVER(failed_reloads),
    OF_SERVER(log_lines_left_out),
    OF_SERVER(log_lines_lost),
};

static const counter store_counters[] = {
    OF_STORE(puts),        OF_STORE(takes),           OF_STORE(hits),
    OF_STORE(misses),      OF_STORE(expired),         OF_STORE(full),
    OF_STORE(unavailable), OF_STORE(timeouts),        OF_STORE(reconnects),
    OF_STORE(pending),     OF_STORE(connected),       OF_STORE(data_clients),
    OF_STORE(publishes),   OF_STORE(published_bytes), OF_STORE(publishes_lost),
    OF_STORE(heard),
};

#define N_OF(table) (sizeof(table) / sizeof(table)[0])

/* "name":value, for each counter of the struct at base. */
static void
add_counters(const counter *counters, size_t n, const void *base, sio_buf *out)
{
    for (size_t i = 0; i < n; i++) {
        const void *value = (const char *)base + counters[i].offset;

        if (i > 0)
            sio_buf_add_char(out, ',');
        sio_buf_add_json_string(out, sio_view_of(counters[i].name), SIO_JSON_PLAIN);
        sio_buf_add_char(out, ':');
        sio_buf_add_u64(out, *(const uint64_t *)value);
    }
}

void
sio_stats_json(const sio_stats *stats, const sio_store_counters *store, sio_buf *out)
{
    sio_buf_add_char(out, '{');
    add_counters(server_counters, N_OF(server_counters), stats, out);
    if (store != NULL) {
        sio_buf_add_str(out, ",\"store\":{");
        add_counters(store_counters, N_OF(store_counters), store, out);
        sio_buf_add_char(out, '}');
    }
    sio_buf_add_char(out, '}');
}
