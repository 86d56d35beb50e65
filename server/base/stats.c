#include "server/base/stats.h"

/* The help of each row is a sentence without its point. */
#define ROW(type, field, kind, metric, help)                    \
    {                                                           \
#field, offsetof(type, field), (kind), (metric), (help) \
    }
#define NOW(field, help)   ROW(sio_stats, field, SIO_STAT_NOW, NULL, help)
#define TOTAL(field, help) ROW(sio_stats, field, SIO_STAT_TOTAL, NULL, help)
#define SPLIT(field, help) ROW(sio_stats, field, SIO_STAT_SPLIT, NULL, help)

const sio_stat sio_stats_table[] = {
    NOW(connections, "TCP connections that are open"),
    SPLIT(sessions, "Clients"),
    NOW(peers, "Other instances of the cluster"),
    NOW(sinks, "Connections of clients whose session another instance has"),
    NOW(forwards, "Sessions that others opened with handshakes made here"),
    NOW(surveys, "Questions to many clients that wait for answers"),
    NOW(paused, "Sessions whose clients are not heard for a while"),
    NOW(recoverable, "Clients that have lost their connection, and may come back"),
    NOW(rooms, "Rooms that have members here"),
    NOW(queued_bytes, "Bytes that wait for clients; a packet counts once"),
    TOTAL(accepted, "TCP connections that came"),
    SPLIT(refused_connections, "Connections refused"),
    TOTAL(bad_proxy_headers, "No PROXY header, a wrong one, or not of \"proxy from\""),
    NOW(tls_shaking, "TLS handshakes that are under way"),
    TOTAL(tls_handshakes, "TLS handshakes that were completed"),
    TOTAL(tls_resumed, "Of these, those by the ticket of an earlier session"),
    SPLIT(tls_failures, "TLS handshakes that came to nothing"),
    TOTAL(accept_errors, "Connections not accepted: no descriptors, or no memory"),
    TOTAL(delayed_accepts, "Times that connections had to wait for the next second"),
    SPLIT(requests, "HTTP requests"),
    TOTAL(bad_requests, "Requests answered with 4xx or 5xx because of what was asked"),
    TOTAL(handshakes, "Handshakes answered"),
    TOTAL(refused_handshakes, "Handshakes refused"),
    TOTAL(turned_away, "Joins of a namespace that nobody could decide about"),
    TOTAL(unknown_sessions, "Requests for sessions that nobody knows"),
    TOTAL(evicted, "Sessions, handshakes and bodies given up: \"max client bytes\""),
    TOTAL(evicted_bodies, "Bodies given up: \"max body bytes\""),
    TOTAL(memory_refusals, "Handshakes refused: \"max memory\" is near"),
    TOTAL(user_limit_ends, "Sockets disconnected: \"max sockets per user\""),
    TOTAL(packets_in, "Packets from clients"),
    TOTAL(packets_out, "Packets for clients"),
    TOTAL(bytes_in, "Bytes read from TCP connections"),
    TOTAL(bytes_out, "Bytes written to TCP connections"),
    TOTAL(bad_packets, "Packets dropped: not the grammar of the protocol"),
    TOTAL(oversize_messages, "Messages and bodies over the limit"),
    TOTAL(throttled, "Times that a client was not read: it said too much"),
    TOTAL(inflation_waits, "Connections not read for a while: \"max inflated bytes\""),
    TOTAL(volatile_dropped, "Volatile packets dropped, as their client was behind"),
    TOTAL(slow_consumers, "Sessions ended because too much waited for their client"),
    TOTAL(overloaded, "Sessions ended because their client sent too much while paused"),
    TOTAL(send_timeouts, "Connections that took nothing of what waited for them"),
    TOTAL(heartbeat_timeouts, "Sessions ended because a heartbeat was not answered"),
    TOTAL(refused_joins, "Rooms not joined: \"max rooms\""),
    TOTAL(refused_namespaces, "Namespaces not made: \"max dynamic namespaces\""),
    TOTAL(acks_given_up, "Acknowledgements of clients that never came"),
    TOTAL(recovered, "Clients that came back in time"),
    TOTAL(not_recovered, "Clients that tried to come back, and are new"),
    TOTAL(recovery_dropped, "Packets and clients kept no longer for recovery"),
    TOTAL(stored_full, "Values refused: \"max stored keys\" or \"max stored bytes\""),
    TOTAL(backlog_full, "Requests and answers refused or left out: too much waits"),
    TOTAL(bad_messages, "Messages from Redis that are not the grammar of the cluster"),
    NOW(partitions_heard, "Partitions of broadcasts that this instance hears"),
    TOTAL(partition_casts, "Broadcasts to other instances that only some of them hear"),
    TOTAL(unconcerned_casts, "Broadcasts of other instances that nobody here receives"),
    TOTAL(pickles, "Messages of python-socketio before 5.14, which are pickled: refused"),
    TOTAL(forged_messages, "Messages from Redis without the seal of \"cluster secret\""),
    TOTAL(replayed_messages, "Messages from Redis that were heard before"),
    TOTAL(unasked_answers, "Answers of other instances that nobody waited for"),
    TOTAL(away_instances, "Instances whose process had ended, as Redis saw it"),
    TOTAL(lost_instances, "Instances that were declared lost"),
    TOTAL(lost_sessions, "Sessions of lost instances, announced here"),
    TOTAL(inherited_wills, "Wills of other instances that were told here"),
    TOTAL(relayed_posts, "Posts passed on to processes of Node"),
    TOTAL(strayed_sessions, "Sessions whose client went to a process of Node"),
    TOTAL(untold_ends, "Ends of sessions that processes of Node will never hear of"),
    TOTAL(stored_failed, "Requests about stored data that the store did not answer"),
    TOTAL(reloads, "Times that the settings were read again"),
    TOTAL(failed_reloads, "Times that this was refused, and the old ones stayed"),
    TOTAL(log_lines_left_out, "Lines left out of the log: too many in a second"),
    TOTAL(log_lines_lost, "Lines of the log that were lost: nobody reads, or too slowly"),
    TOTAL(admin_requests, "Requests to the admin listener"),
    TOTAL(admin_refusals, "Requests and connections refused by the admin listener"),
    TOTAL(admin_ui_logins, "Times that somebody joined the namespace of the Admin UI"),
    TOTAL(admin_ui_refusals, "Attempts to log in there, and commands from there, refused"),
    TOTAL(admin_ui_commands, "Commands from the Admin UI that were done"),
    TOTAL(admin_ui_dropped, "Events that the Admin UI was not told of: too many in a second"),
    TOTAL(api_requests, "Requests of backends to the HTTP API"),
    TOTAL(api_refusals, "Requests and connections refused by the HTTP API"),
    TOTAL(api_commands, "Commands of backends by the HTTP API, those of batches included"),
    TOTAL(api_results_cut, "Results of these that were too long to tell or to keep"),
    NOW(stream_entries, "Events in streams of backends, as this instance saw them last"),
    NOW(stream_unread, "Of these, what the slowest group of each has not been given (Redis 7)"),
    TOTAL(stream_full, "Times that an event found no room in the stream of its backend"),
    TOTAL(stream_commands, "Commands from the stream that were begun"),
    TOTAL(stream_dead, "Commands from the stream that can not be done"),
    NOW(backend_queue, "Events that wait for backends, or are on their way to them"),
    NOW(backend_paused, "Clients that are not heard, as their backend is slow"),
    TOTAL(backend_requests, "Requests to backends, with those that were repeated"),
    TOTAL(backend_retries, "Requests to backends that were repetitions"),
    TOTAL(backend_failures, "Requests to backends that came to nothing"),
    TOTAL(backend_given_up, "Events that no backend has heard of"),
    TOTAL(backend_overloaded, "Events and clients for which a backend had no room"),
    TOTAL(bad_answers, "Answers of backends that were none, in whole or in part"),
    TOTAL(unrouted_events, "Events of clients that no backend is told of"),
    TOTAL(tokens_accepted, "Tokens (JWT) that let a client join"),
    TOTAL(tokens_refused, "Clients refused for their token, or as they had none"),
    TOTAL(tokens_expired, "Connections closed as their token had expired"),
    TOTAL(forbidden_events, "Events that the token of their client does not allow"),
    TOTAL(key_set_requests, "Requests for the keys of tokens"),
    TOTAL(key_set_failures, "Of these, those that came to nothing"),
};

#undef NOW
#undef TOTAL
#undef SPLIT
#define NOW(field, metric, help)   ROW(sio_store_counters, field, SIO_STAT_NOW, metric, help)
#define TOTAL(field, metric, help) ROW(sio_store_counters, field, SIO_STAT_TOTAL, metric, help)
#define SPLIT(field, help)         ROW(sio_store_counters, field, SIO_STAT_SPLIT, NULL, help)

const sio_stat sio_stats_store_table[] = {
    SPLIT(puts, "Handshakes put into the store"),
    SPLIT(takes, "Handshakes asked for"),
    SPLIT(hits, "Handshakes found"),
    SPLIT(misses, "Handshakes not found"),
    SPLIT(expired, "Handshakes whose time ran out"),
    SPLIT(full, "Handshakes refused, as there were too many"),
    TOTAL(unavailable, "redis_unavailable", "Operations answered without Redis"),
    TOTAL(timeouts, "redis_timeouts", "Commands that waited for Redis in vain"),
    TOTAL(reconnects, "redis_reconnects", "Connections to Redis after the first"),
    TOTAL(moves, "redis_moves", "Changes to another Redis, which has become the primary"),
    TOTAL(redirects, "redis_redirects", "Commands that a node of Redis Cluster sent to another"),
    NOW(pending, "redis_pending_commands", "Commands that Redis has not answered yet"),
    NOW(connected, "redis_up", "1 while Redis answers"),
    NOW(data_clients, "redis_data_clients",
        "Clients whose data are in Redis, set by this instance"),
    TOTAL(publishes, "redis_publishes", "Messages to other instances"),
    TOTAL(published_bytes, "redis_published_bytes", "Bytes of these messages"),
    TOTAL(publishes_lost, "redis_publishes_lost", "Messages to other instances that may be lost"),
    TOTAL(tail_gaps, "redis_stream_gaps",
          "Times that entries of Node's stream may have been trimmed before they were read"),
    TOTAL(heard, "redis_heard", "Messages of instances, those of this one included"),
};

#define N_OF(table) (sizeof(table) / sizeof(table)[0])

const size_t sio_stats_n = N_OF(sio_stats_table);
const size_t sio_stats_n_store = N_OF(sio_stats_store_table);

/* Nobody can add a counter and forget its row. */
_Static_assert(N_OF(sio_stats_table) * sizeof(uint64_t) == sizeof(sio_stats),
               "each member of sio_stats has one row");
_Static_assert(N_OF(sio_stats_store_table) * sizeof(uint64_t) ==
                   offsetof(sio_store_counters, command_us),
               "each counter of sio_store_counters has one row");

uint64_t
sio_stat_value(const sio_stat *row, const void *counters)
{
    return *(const uint64_t *)(const void *)((const char *)counters + row->offset);
}

/* "name":value, for each row, of the struct at counters. */
static void
add_counters(const sio_stat *rows, size_t n, const void *counters, sio_buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            sio_buf_add_char(out, ',');
        sio_buf_add_json_string(out, sio_view_of(rows[i].name), SIO_JSON_PLAIN);
        sio_buf_add_char(out, ':');
        sio_buf_add_u64(out, sio_stat_value(&rows[i], counters));
    }
}

void
sio_stats_json(const sio_stats *stats, const sio_store_counters *store, sio_buf *out)
{
    sio_buf_add_char(out, '{');
    add_counters(sio_stats_table, sio_stats_n, stats, out);
    if (store != NULL) {
        sio_buf_add_str(out, ",\"store\":{");
        add_counters(sio_stats_store_table, sio_stats_n_store, store, out);
        sio_buf_add_char(out, '}');
    }
    sio_buf_add_char(out, '}');
}
