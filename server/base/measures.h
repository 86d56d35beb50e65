/*
 * server/base/measures.h - what is counted by kind, and how large and how slow things are.
 *
 * Beside the counters of stats.h, for those who watch (server/admin/metrics.c). The labels of each
 * are the fixed words of a table here, or names from the settings: nothing that a client chooses
 * can make them more.
 */
#ifndef SIO_BASE_MEASURES_H
#define SIO_BASE_MEASURES_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/backend_command.h"
#include "protocol/histogram.h"
#include "protocol/list.h"
#include "protocol/view.h"

/* What carries a session at the moment. */
typedef enum {
    SIO_CARRIED_BY_NOTHING, /* between two polls before the first, or not yet */
    SIO_CARRIED_BY_WEBSOCKET,
    SIO_CARRIED_BY_FLASHSOCKET,
    SIO_CARRIED_BY_HTMLFILE,
    SIO_CARRIED_BY_XHR_POLLING,
    SIO_CARRIED_BY_JSONP_POLLING,
    SIO_CARRIED_BY_POLLING, /* of Engine.IO */
    SIO_N_CARRIED_BY
} sio_carried_by;

/* What a session speaks. */
typedef enum { SIO_SPEAKS_09, SIO_SPEAKS_EIO3, SIO_SPEAKS_EIO4, SIO_N_SPEAKS } sio_speaks;

/* Why a connection was refused. */
typedef enum {
    SIO_OVER_CONNECTIONS,
    SIO_OVER_CONNECTIONS_PER_ADDRESS,
    SIO_OVER_CONNECTIONS_PER_SECOND,
    SIO_N_OVER
} sio_over;

/* Why a handshake of TLS came to nothing. */
typedef enum {
    SIO_TLS_TIMEOUT,
    SIO_TLS_CLOSED, /* by the peer, in the middle of it */
    SIO_TLS_PLAIN,  /* the peer speaks HTTP */
    SIO_TLS_VERSION,
    SIO_TLS_CIPHER,      /* or curve, or signature: there is none that both know */
    SIO_TLS_NAME,        /* "tls strict names" */
    SIO_TLS_PROTOCOL,    /* ALPN: the peer wants another than ours */
    SIO_TLS_CERTIFICATE, /* of the client, or none */
    SIO_TLS_ALERT,       /* the peer refuses us */
    SIO_TLS_CROWDED,     /* too many others came after it */
    SIO_TLS_OTHER,       /* no TLS at all, or something else of OpenSSL */
    SIO_N_TLS_FAILURES
} sio_tls_failure;

enum {
    SIO_N_TLS_HANDSHAKES = 2, /* full, resumed */
    SIO_N_STATUS_CLASSES = 5, /* 1xx to 5xx */
    SIO_N_LOG_LEVELS = 4,
    SIO_N_END_REASONS = 29, /* the words of measures.c, and "other" */
    SIO_INCOMING = 0,       /* directions of messages */
    SIO_OUTGOING = 1,
    SIO_N_DIRECTIONS = 2,
    SIO_N_API_PATHS = SIO_N_BACKEND_COMMANDS + 1 /* and of batches */
};

typedef struct {
    /* now */
    uint64_t sessions[SIO_N_SPEAKS][SIO_N_CARRIED_BY];
    uint64_t settings_read_ms; /* since 1970: those in force */
    /* since start */
    uint64_t refused_connections[SIO_N_OVER];
    uint64_t tls_failures[SIO_N_TLS_FAILURES];
    uint64_t requests[SIO_N_STATUS_CLASSES]; /* by the status of the answer */
    uint64_t sessions_ended[SIO_N_END_REASONS];
    uint64_t log_lines[SIO_N_LOG_LEVELS]; /* written or lost, by their level */

    /* In microseconds, but for those that say otherwise. */
    sio_histogram loop_turns; /* deferred.h; measured when somebody watches */
    sio_histogram loop_lag;   /* likewise: admin/loop_lag.h */
    sio_histogram connects[SIO_N_CARRIED_BY];
    sio_histogram tls_handshakes[SIO_N_TLS_HANDSHAKES]; /* from the accept on */
    sio_histogram heartbeat_answers;
    sio_histogram broadcast_receivers; /* sockets of this instance */
    sio_histogram message_bytes[SIO_N_DIRECTIONS];
    sio_histogram api_requests[SIO_N_API_PATHS]; /* from the request to its answer */
    sio_link      backends;                      /* sio_backend_measures, as they are set */
} sio_measures;

enum {
    SIO_MAX_GROUPS = 16, /* the first ones; workers choose their names */
    SIO_MAX_GROUP_NAME = 64
};

/* A group of workers that reads a stream. */
typedef struct {
    char     name[SIO_MAX_GROUP_NAME + 1]; /* printable ASCII */
    uint64_t n_unread;                     /* what it has not been given */
} sio_group_measure;

/* Of one backend, which it is a part of. */
typedef struct {
    sio_link          link;
    const char       *name;
    sio_histogram     requests; /* from a request, or an entry of a stream, to its end; us */
    size_t            n_groups;
    sio_group_measure groups[SIO_MAX_GROUPS];
} sio_backend_measures;

/* *m is zeroed. */
void sio_measures_init(sio_measures *m);

/* name lives as long as *b, which is zeroed, and shown until sio_link_remove(&b->link). */
void sio_measures_add_backend(sio_measures *m, sio_backend_measures *b, const char *name);

/* Of those entries such a group has not been given n more. Other groups are left out. */
void sio_measures_add_unread(sio_backend_measures *b, sio_view group, uint64_t n);

/* A session has ended: one of the reasons in server/manual/c-api.md, or another. */
void sio_measures_count_end(sio_measures *m, const char *reason);

/* The label of a limit: the setting that stands against a connection. */
sio_over sio_measures_over(const char *setting);

/* A failure in words, for the log. */
const char *sio_measures_tls_failure_text(sio_tls_failure failure);

/* --- For those who show them. --- */

/* Counts of one thing by kind. */
typedef struct {
    const char        *name;  /* without the unit's and the counter's end */
    const char        *label; /* what the words are */
    const char *const *words;
    size_t             n;      /* of words, and of uint64_t at the offset */
    size_t             offset; /* in sio_measures */
    const char        *help;
} sio_tally;

/* Histograms of one thing, one for each word; label NULL: there is one without. */
typedef struct {
    const char        *name;
    const char        *label;
    const char *const *words;
    size_t             n;
    size_t             offset; /* of the first sio_histogram */
    double             unit;   /* what 1 of a value is, in the unit of the name */
    const char        *help;
} sio_sizes;

extern const sio_tally sio_measures_tallies[];
extern const size_t    sio_measures_n_tallies;
extern const sio_sizes sio_measures_sizes[];
extern const size_t    sio_measures_n_sizes;

/* Words of sessions[][]. */
extern const char *const sio_measures_speaks[SIO_N_SPEAKS];
extern const char *const sio_measures_carried_by[SIO_N_CARRIED_BY];

#endif
