#include "server/stats.h"

#include <stddef.h>

#define COUNTER(field)                     \
    {                                      \
#field, offsetof(sio_stats, field) \
    }

void
sio_stats_json(const sio_stats *stats, sio_buf *out)
{
    static const struct {
        const char *name;
        size_t      offset;
    } counters[] = {
        COUNTER(connections),         COUNTER(sessions),           COUNTER(accepted),
        COUNTER(refused_connections), COUNTER(accept_errors),      COUNTER(requests),
        COUNTER(bad_requests),        COUNTER(handshakes),         COUNTER(refused_handshakes),
        COUNTER(unknown_sessions),    COUNTER(packets_in),         COUNTER(packets_out),
        COUNTER(bad_packets),         COUNTER(oversize_messages),  COUNTER(volatile_dropped),
        COUNTER(slow_consumers),      COUNTER(heartbeat_timeouts), COUNTER(refused_joins),
        COUNTER(acks_given_up),       COUNTER(stored_full),        COUNTER(stored_failed),
    };

    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
        sio_buf_add_str(out, i == 0 ? "{\"" : ",\"");
        sio_buf_add_str(out, counters[i].name);
        sio_buf_add_str(out, "\":");
        sio_buf_add_u64(
            out, *(const uint64_t *)(const void *)((const char *)stats + counters[i].offset));
    }
    sio_buf_add_char(out, '}');
}
