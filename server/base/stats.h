/*
 * server/base/stats.h - counters of one server. Each limit that is met has one here.
 */
#ifndef SIO_BASE_STATS_H
#define SIO_BASE_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/buf.h"
#include "store/store.h"

typedef struct {
    /* now */
    uint64_t connections;
    uint64_t sessions;
    uint64_t peers;    /* other instances of the cluster */
    uint64_t sinks;    /* connections of clients whose session another instance has */
    uint64_t forwards; /* sessions that others opened with handshakes made here */
    uint64_t surveys;  /* questions to many, of this instance or another, that wait for answers */
    uint64_t paused;   /* sessions whose clients are not heard: intake.h */
    uint64_t recoverable; /* clients that have lost their connection, and may come back */
    uint64_t rooms;
    uint64_t queued_bytes; /* that wait for clients: n_waiting of budget.h */
    /* since start */
    uint64_t accepted;
    uint64_t refused_connections; /* max connections reached */
    uint64_t bad_proxy_headers;   /* connections without the PROXY header that they need */
    uint64_t tls_shaking;         /* now: handshakes of TLS that are under way */
    uint64_t tls_handshakes;      /* complete */
    uint64_t tls_resumed;         /* of these, by a ticket */
    uint64_t tls_failures;        /* that came to nothing */
    uint64_t accept_errors;       /* no descriptors or no memory */
    uint64_t delayed_accepts;     /* seconds after which the rest waited for the next */
    uint64_t requests;
    uint64_t bad_requests; /* answered with 4xx or 5xx because of what was asked */
    uint64_t handshakes;
    uint64_t refused_handshakes;
    uint64_t turned_away; /* from a namespace that nobody could decide about: SIO_AWAY */
    uint64_t unknown_sessions;
    uint64_t evicted;         /* sessions and handshakes of the heaviest address: budget.h */
    uint64_t evicted_bodies;  /* of the heaviest address: "max body bytes" */
    uint64_t memory_refusals; /* handshakes refused: memory_guard.h */
    uint64_t user_limit_ends; /* sockets: "max sockets per user" */
    uint64_t packets_in;
    uint64_t packets_out;
    uint64_t bytes_in; /* of TCP, whatever they are */
    uint64_t bytes_out;
    uint64_t bad_packets;       /* dropped: not the grammar of the protocol */
    uint64_t throttled;         /* clients not read for a while: throttle.h */
    uint64_t inflation_waits;   /* connections not read for a while: gate.h */
    uint64_t oversize_messages; /* websocket messages and bodies over the limit */
    uint64_t volatile_dropped;
    uint64_t slow_consumers; /* sessions ended because their queue was full */
    uint64_t overloaded;     /* the same, as they sent too much while they were paused */
    uint64_t send_timeouts;  /* connections that took nothing of what waited for them */
    uint64_t heartbeat_timeouts;
    uint64_t refused_joins;      /* "max rooms" */
    uint64_t refused_namespaces; /* "max dynamic namespaces" */
    uint64_t acks_given_up;      /* of clients that never answer */
    uint64_t recovered;          /* clients that came back in time */
    uint64_t not_recovered;      /* that tried to, and are new */
    uint64_t recovery_dropped;   /* packets and clients, kept no longer as a limit was reached */
    uint64_t stored_full;  /* values refused: "max stored keys" or "max stored bytes" of a client */
    uint64_t backlog_full; /* requests and answers refused: too much waits, here or for another */
    uint64_t bad_messages; /* from Redis, tags and ids included: not the grammar of the cluster */
    uint64_t partitions_heard;  /* now: of broadcasts (cluster/partitions.h) */
    uint64_t partition_casts;   /* broadcasts of this instance that went to one of these alone */
    uint64_t unconcerned_casts; /* of others that were heard and have no receiver here */
    uint64_t pickles; /* messages from Redis that are none of JSON, but programs: python.h */
    uint64_t forged_messages;   /* from Redis: without the seal of "cluster secret" (seal.h) ... */
    uint64_t replayed_messages; /* ... or with one that was heard before */
    uint64_t unasked_answers;   /* of other instances: too late, too many, or to no question */
    uint64_t away_instances;    /* their processes had ended, as Redis saw it: cluster/watch.h */
    uint64_t lost_instances;
    uint64_t lost_sessions;    /* of these, announced here */
    uint64_t inherited_wills;  /* of other instances: sio_on_will() */
    uint64_t relayed_posts;    /* to processes of Node */
    uint64_t strayed_sessions; /* their clients went to a process of Node, and have to reconnect */
    uint64_t untold_ends;      /* of sessions, which processes of Node will never hear of */
    uint64_t stored_failed;    /* requests about stored data that the store did not answer */
    uint64_t reloads;          /* the settings were read again */
    uint64_t failed_reloads;
    uint64_t log_lines_left_out; /* log_limit.h: too many in a second */
    uint64_t log_lines_lost;     /* log_writer.h: their reader is too slow, or gone */
    uint64_t admin_requests;     /* of those who run the server: admin/ */
    uint64_t admin_refusals;     /* of these, answered with 4xx or 5xx; and connections */
    uint64_t admin_ui_logins;    /* to the Admin UI: adminui/ */
    uint64_t admin_ui_refusals;  /* of its clients: attempts, and commands that can not be done */
    uint64_t admin_ui_commands;  /* that were done */
    uint64_t admin_ui_dropped;   /* events that it was not told of: too many, or out of memory */
    uint64_t api_requests;       /* of backends: backends/ */
    uint64_t api_refusals;       /* likewise */
    uint64_t api_commands;       /* that were well formed and allowed */
    uint64_t api_results_cut;    /* of these, with a result that was too long to tell or to keep */
    uint64_t stream_entries;     /* now: events in streams, that not all groups acknowledged */
    uint64_t stream_unread;      /* now: of these, those that the slowest groups were not given */
    uint64_t stream_full;        /* events for which a stream had no room, each attempt */
    uint64_t stream_commands;    /* from the stream, that were begun */
    uint64_t stream_dead;        /* from there, that can not be done */
    uint64_t backend_queue;      /* now: events that wait for backends, or are under way */
    uint64_t backend_paused;     /* now: clients that are not heard, as their backend is slow */
    uint64_t backend_requests;   /* webhooks, each attempt */
    uint64_t backend_retries;    /* of these, not the first of theirs */
    uint64_t backend_failures;   /* likewise, that came to nothing */
    uint64_t backend_given_up;   /* events that no backend will hear of */
    uint64_t backend_overloaded; /* events and clients for which a queue had no room */
    uint64_t bad_answers;        /* of backends, in whole or in part */
    uint64_t unrouted_events;    /* of clients, that no backend is told of */
    uint64_t tokens_accepted;    /* JWT, each time that a client wants to join with one */
    uint64_t tokens_refused;     /* likewise, those that are missing included */
    uint64_t tokens_expired;     /* of clients that were connected */
    uint64_t forbidden_events;   /* of clients whose token does not allow them */
    uint64_t key_set_requests;   /* to the URL of the keys */
    uint64_t key_set_failures;   /* of these */
} sio_stats;

/* How a counter is shown to those who watch. */
typedef enum {
    SIO_STAT_NOW,   /* it goes up and down */
    SIO_STAT_TOTAL, /* it only grows */
    SIO_STAT_SPLIT  /* not by itself: another metric tells it by kind */
} sio_stat_kind;

typedef struct {
    const char   *name; /* in the log */
    size_t        offset;
    sio_stat_kind kind;
    const char   *metric; /* another name, for metrics; NULL: the same */
    const char   *help;
} sio_stat;

/* All members of sio_stats, and all counters of sio_store_counters, each once. */
extern const sio_stat sio_stats_table[];
extern const size_t   sio_stats_n;
extern const sio_stat sio_stats_store_table[];
extern const size_t   sio_stats_n_store;

/* The value of a row, in the struct that it is of. */
uint64_t sio_stat_value(const sio_stat *row, const void *counters);

/*
 * Append all counters as a JSON object, in the order above; those of the store, when there is one,
 * as its member "store". Failure is out->failed.
 */
void sio_stats_json(const sio_stats *stats, const sio_store_counters *store, sio_buf *out);

#endif
