#include "server/base/measures.h"

#include <string.h>

#define N_OF(table) (sizeof(table) / sizeof(table)[0])

/* --- Words. --- */

const char *const sio_measures_speaks[SIO_N_SPEAKS] = {"0.9", "EIO3", "EIO4"};

const char *const sio_measures_carried_by[SIO_N_CARRIED_BY] = {
    "none", "websocket", "flashsocket", "htmlfile", "xhr-polling", "jsonp-polling", "polling",
};

static const char *const settings[SIO_N_OVER] = {
    "max connections",
    "max connections per address",
    "max connections per second",
};

static const char *const tls_failures[SIO_N_TLS_FAILURES] = {
    "timeout", "closed", "plain", "version", "cipher", "name",
    "alpn",    "client", "alert", "crowded", "other",
};

static const char *const tls_handshakes[SIO_N_TLS_HANDSHAKES] = {"full", "resumed"};

static const char *const status_classes[SIO_N_STATUS_CLASSES] = {"1xx", "2xx", "3xx", "4xx", "5xx"};

static const char *const log_levels[SIO_N_LOG_LEVELS] = {"error", "warn", "info", "debug"};

static const char *const directions[SIO_N_DIRECTIONS] = {"in", "out"};

/* Both those of 0.9 and those of later clients; the last is for all others. */
static const char *const end_reasons[SIO_N_END_REASONS] = {
    "booted",
    "packet",
    "socket end",
    "socket close",
    "socket error",
    "heartbeat timeout",
    "close timeout",
    "slow consumer",
    "protocol error",
    "overloaded",
    "backend unavailable",
    "backend restarted",
    "backend overloaded",
    "token expired",
    "out of memory",
    "server shutting down",
    "connection lost",
    "instance lost",
    "client went elsewhere",
    "client namespace disconnect",
    "server namespace disconnect",
    "transport close",
    "transport error",
    "ping timeout",
    "parse error",
    "forced close",
    "forced server close",
    "admin",
    "other",
};

/* --- Counting. --- */

static void
init_histogram(sio_histogram *h, uint64_t first, uint32_t factor, uint32_t n_bounds)
{
    *h = (sio_histogram){.first = first, .factor = factor, .n_bounds = n_bounds};
}

void
sio_measures_init(sio_measures *m)
{
    init_histogram(&m->loop_turns, 100, 4, 9);
    init_histogram(&m->loop_lag, 100, 4, 9);
    for (size_t i = 0; i < SIO_N_TLS_HANDSHAKES; i++)
        init_histogram(&m->tls_handshakes[i], 500, 2, 16);
    init_histogram(&m->heartbeat_answers, 500, 2, 16);
    init_histogram(&m->broadcast_receivers, 1, 10, 6);
    for (size_t i = 0; i < SIO_N_CARRIED_BY; i++)
        init_histogram(&m->connects[i], 500, 2, 16);
    for (size_t i = 0; i < SIO_N_DIRECTIONS; i++)
        init_histogram(&m->message_bytes[i], 64, 4, 8);
    for (size_t i = 0; i < SIO_N_API_PATHS; i++)
        init_histogram(&m->api_requests[i], 100, 4, 10);
    sio_link_init(&m->backends);
}

void
sio_measures_add_backend(sio_measures *m, sio_backend_measures *b, const char *name)
{
    b->name = name;
    init_histogram(&b->requests, 500, 2, 16);
    sio_link_append(&m->backends, &b->link);
}

static bool
is_shown(sio_view group)
{
    for (size_t i = 0; i < group.len; i++)
        if (group.data[i] < ' ' || group.data[i] > '~')
            return false;
    return group.len > 0 && group.len <= SIO_MAX_GROUP_NAME;
}

/* NULL: there is no room for one more. */
static sio_group_measure *
find_group(sio_backend_measures *b, sio_view name)
{
    sio_group_measure *g = b->groups;

    while (g < b->groups + b->n_groups && !sio_view_eq(sio_view_of(g->name), name))
        g++;
    if (g < b->groups + b->n_groups)
        return g;
    if (b->n_groups == SIO_MAX_GROUPS)
        return NULL;
    b->n_groups++;
    *g = (sio_group_measure){.n_unread = 0};
    memcpy(g->name, name.data, name.len);
    return g;
}

void
sio_measures_add_unread(sio_backend_measures *b, sio_view group, uint64_t n)
{
    sio_group_measure *g = is_shown(group) ? find_group(b, group) : NULL;

    if (g != NULL)
        g->n_unread += n;
}

void
sio_measures_count_end(sio_measures *m, const char *reason)
{
    size_t i = 0;

    while (i < SIO_N_END_REASONS - 1 && strcmp(end_reasons[i], reason) != 0)
        i++;
    m->sessions_ended[i]++;
}

sio_over
sio_measures_over(const char *setting)
{
    size_t i = 0;

    while (i < SIO_N_OVER - 1 && strcmp(settings[i], setting) != 0)
        i++;
    return (sio_over)i;
}

const char *
sio_measures_tls_failure_text(sio_tls_failure failure)
{
    static const char *const texts[SIO_N_TLS_FAILURES] = {
        [SIO_TLS_TIMEOUT] = "its handshake was not complete within \"request timeout\"",
        [SIO_TLS_CLOSED] = "it closed in the middle of the handshake",
        [SIO_TLS_PLAIN] = "it speaks HTTP without TLS",
        [SIO_TLS_VERSION] = "its versions are older than \"tls min version\"",
        [SIO_TLS_CIPHER] = "it knows none of our ciphers, or of our keys",
        [SIO_TLS_NAME] = "no certificate is for the name that it asked for",
        [SIO_TLS_PROTOCOL] = "it speaks no HTTP/1.1 (ALPN)",
        [SIO_TLS_CERTIFICATE] = "its certificate is missing, or not good",
        [SIO_TLS_ALERT] = "it refuses us",
        [SIO_TLS_CROWDED] = "too many other handshakes began after its own",
        [SIO_TLS_OTHER] = "its handshake failed",
    };

    return texts[failure];
}

/* --- Showing. --- */

#define TALLY(field, label, words, help)                                         \
    {                                                                            \
#field, label, words, N_OF(words), offsetof(sio_measures, field), (help) \
    }

const sio_tally sio_measures_tallies[] = {
    TALLY(refused_connections, "limit", settings, "Connections refused, by the setting"),
    TALLY(tls_failures, "reason", tls_failures, "TLS handshakes that came to nothing"),
    TALLY(requests, "code", status_classes, "Requests answered, by the class of the status"),
    TALLY(sessions_ended, "reason", end_reasons, "Sessions that ended, by the reason"),
    TALLY(log_lines, "level", log_levels, "Lines of the log, those that were lost included"),
};
const size_t sio_measures_n_tallies = N_OF(sio_measures_tallies);

#define SECONDS 1e-6

/* As sio_backend_command_names, and one more. */
static const char *const api_paths[SIO_N_API_PATHS] = {
    "emit",    "ask",   "ack",   "join", "leave", "disconnect",
    "sockets", "count", "rooms", "set",  "batch",
};

const sio_sizes sio_measures_sizes[] = {
    {"loop_turn_seconds", NULL, NULL, 1, offsetof(sio_measures, loop_turns), SECONDS,
     "Work in one turn of the event loop"},
    {"loop_lag_seconds", NULL, NULL, 1, offsetof(sio_measures, loop_lag), SECONDS,
     "How late the event loop is, asked ten times a second"},
    {"connect_seconds", "transport", sio_measures_carried_by, SIO_N_CARRIED_BY,
     offsetof(sio_measures, connects), SECONDS,
     "From a new session until its client is in a namespace"},
    {"tls_handshake_seconds", "kind", tls_handshakes, SIO_N_TLS_HANDSHAKES,
     offsetof(sio_measures, tls_handshakes), SECONDS,
     "From the accept until a TLS handshake is complete"},
    {"heartbeat_answer_seconds", NULL, NULL, 1, offsetof(sio_measures, heartbeat_answers), SECONDS,
     "From a heartbeat of the server to its answer"},
    {"broadcast_receivers", NULL, NULL, 1, offsetof(sio_measures, broadcast_receivers), 1,
     "Sockets of this instance that a broadcast has reached"},
    {"message_bytes", "direction", directions, SIO_N_DIRECTIONS,
     offsetof(sio_measures, message_bytes), 1, "Length of messages, without framing"},
    {"api_request_seconds", "command", api_paths, SIO_N_API_PATHS,
     offsetof(sio_measures, api_requests), SECONDS, "From a request to its answer, by the path"},
};
const size_t sio_measures_n_sizes = N_OF(sio_measures_sizes);
