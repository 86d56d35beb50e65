/*
 * server/config/config.h - every setting of the broker, with its type, range and default.
 *
 * Called by server/config/options.c (file and command line), by server/ when it starts
 * and by the application API (get and set by name). The table in config_table.c drives
 * defaults, JSON loading, range checks, error texts and the printed list of keys.
 *
 * Keys are the option names of socket.io 0.9 (`io.set`), plus ours in the same style. Options of
 * socket.io 4 may be written in place of them (config_names.h). Times are seconds in files and on
 * the command line, fractions allowed, and milliseconds in this struct; sizes are bytes.
 *
 * Errors are one line without a line end, appended to the caller's buffer:
 *     "heartbeat interval": must be a number of seconds from 0.05 to 86400, got "abc"
 * Text from outside is shown as a JSON string, cut when it is long.
 */
#ifndef SIO_CONFIG_CONFIG_H
#define SIO_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "protocol/buf.h"
#include "protocol/view.h"
#include "server/config/texts.h"

/* More than there are settings. */
enum { SIO_CFG_MAX_KEYS = 192 };

/* A list of structs, of a type that the setting names. */
typedef struct {
    void  *items;
    size_t n;
} sio_cfg_list;

/* A program that may use the HTTP API. */
typedef struct {
    char     *name; /* of no other key */
    char     *key;
    sio_texts may;            /* commands; "*": all */
    sio_texts namespaces;     /* "/": the default one; "*": all */
    unsigned  max_per_second; /* commands; 0: no limit */
} sio_cfg_api_key;

/* What is shown to clients by TLS: paths of files in PEM. */
typedef struct {
    char *certificate, *key;
} sio_cfg_certificate;

/* The HTTP API: server/backends/. */
typedef struct {
    sio_texts    listen; /* as of protocol/listen_address.h */
    sio_cfg_list keys;   /* of sio_cfg_api_key */
    size_t       max_body;
    bool         stream; /* commands are read from a stream in Redis, too */
} sio_cfg_api;

/* Tokens that clients have to show: server/backends/jwt.h. */
typedef struct {
    char     *keys, *keys_url, *secret; /* one of them; "": none */
    sio_texts algorithms;               /* none: those of the keys */
    sio_texts from;                     /* as of backends/jwt_place.h */
    char     *audience, *issuer;        /* "": any */
    unsigned  leeway_ms;
    bool      required;
    sio_texts namespaces; /* "/": the default one; none: all */
    unsigned  refresh_ms, min_refresh_ms;
    char     *ca_file; /* "": the system's */
} sio_cfg_jwt;

/* The Admin UI of socket.io: server/adminui/. */
typedef struct {
    char    *mode; /* "off", "announce", "production" or "development" */
    char    *page; /* "/admin/": its path; "": not served */
    char    *nsp;  /* "/admin" */
    char    *auth; /* "basic", "none", or "": not said */
    char    *username, *password;
    bool     readonly;
    unsigned max_sockets, max_events_per_second;
} sio_cfg_admin_ui;

/* May anybody log in? */
static inline bool
sio_cfg_admin_ui_is_served(const sio_cfg_admin_ui *ui)
{
    return strcmp(ui->mode, "production") == 0 || strcmp(ui->mode, "development") == 0;
}

/* Does it say where keys are? */
bool sio_cfg_jwt_is_on(const sio_cfg_jwt *jwt);

/* A program that is called for what clients do: webhooks. */
typedef struct {
    char     *name; /* of no other one */
    sio_texts urls; /* as of protocol/endpoint_url.h; none: it reads a stream */
    bool      stream;
    unsigned  partitions, max_stream_entries;
    size_t    max_stream_bytes;
    sio_texts namespaces; /* "/": the default one */
    sio_texts events;     /* names, and beginnings that end with '*' */
    bool      lifecycle;  /* it decides who connects, and hears who leaves */
    char     *secret;     /* "": none */
    char     *old_secret;
    sio_texts pass_headers, headers, include;
    unsigned  timeout_ms, connect_timeout_ms, connect_within_ms;
    unsigned  retry_for_ms, retry_disconnects_for_ms;
    bool      at_most_once;
    unsigned  max_requests, max_connects, max_batch, batch_wait_ms;
    unsigned  max_events_per_socket, max_queued_events;
    size_t    max_queued_bytes, max_answer_bytes;
    unsigned  ack_timeout_ms;
    char     *on_failure;                  /* "close" or "drop" */
    char     *ca_file, *certificate, *key; /* "": the system's; none */
    bool      verify;
} sio_cfg_backend;

/* Texts and lists belong to the struct and change only through sio_cfg_set_*. */
typedef struct sio_cfg {
    /* Where to listen and who we are. */
    unsigned  port;    /* 0: any free one */
    char     *host;    /* "": every address, IPv6 and IPv4 */
    sio_texts listen;  /* in place of both: as sio_listen_entry of protocol/listen_address.h */
    char     *carrier; /* "tcp" or "lws": one of server/net/carrier.h */
    char     *name;    /* of this instance, in the greeting */
    unsigned  workers; /* processes; 0: as many as there are processors */
    bool      greeting;
    char     *resource; /* "/socket.io": starts with a slash, does not end with one */
    char     *user;     /* to become once it listens (privileges.h); "": nobody else */
    char     *group;    /* "": that of the user */
    char     *sandbox;  /* "off", "auto" or "on" (sandbox.h) */

    /* Who may connect, and how. */
    sio_texts transports; /* in order of preference, no duplicates; names as on the wire */
    sio_texts origins;    /* "host:port", "host:*", "*:port", "*:*" */
    /*
     * Pages of other origins that may read answers of Engine.IO: as in socket.io 4, or "reflect".
     */
    sio_texts cors_origin; /* none: those that `origins` names */
    bool      cors_credentials;
    sio_texts cors_methods;
    sio_texts cors_allowed_headers; /* none: those that are asked for */
    sio_texts cors_exposed_headers;
    unsigned  cors_max_age_s; /* 0: not said */
    sio_texts blacklist;      /* event names from clients that are ignored */
    bool      match_origin_protocol;
    sio_texts trust_proxy; /* networks of proxies that say who a client is (client_address.h) */
    char     *client_address_header; /* where they do */
    sio_texts proxy_from; /* networks of those who may send PROXY headers (net/proxied.h) */
    bool      destroy_upgrade;

    /* TLS: server/net/tls.h. */
    sio_cfg_list tls;               /* of sio_cfg_certificate */
    bool         tls_strict_names;  /* who asks for another name is refused */
    char        *tls_min_version;   /* "1.2" or "1.3" */
    char        *tls_ciphers;       /* of 1.2; "": SIO_TLS_CIPHERS_DEFAULT */
    char        *tls_ticket_secret; /* words with blanks between them; "": cluster_secret */
    char        *tls_client;        /* "off", "request" or "require" a certificate */
    char        *tls_client_ca;     /* who vouches for it: a path */

    /* Sessions. */
    bool     heartbeats; /* always true: false is refused */
    unsigned heartbeat_interval_ms;
    unsigned heartbeat_timeout_ms;
    unsigned close_timeout_ms;
    unsigned polling_duration_ms;
    unsigned handshake_timeout_ms; /* life of a handshake that no transport follows */
    unsigned client_store_expiration_ms;

    /* HTTP. */
    unsigned
           request_timeout_ms; /* to send a request head; between two parts of its body (pace.h) */
    size_t min_body_rate;      /* bytes per second */
    unsigned keep_alive_timeout_ms;
    unsigned send_timeout_ms; /* for the socket to take some of what waits for it */
    size_t   min_send_rate;   /* bytes per second, of the same (pace.h) */

    /* How it stops. */
    unsigned drain_delay_ms; /* not ready any more, but serving as before */
    unsigned drain_time_ms;  /* then sessions end one by one; 0: all at once */
    unsigned shutdown_timeout_ms;

    /* WebSocket. */
    bool   per_message_deflate;
    size_t per_message_deflate_threshold; /* bytes; shorter messages are not compressed */

    /* Bounds. */
    size_t   destroy_buffer_size;         /* bytes of a POST body, and of a websocket message */
    unsigned max_connections;             /* 0: from the descriptor limit of the process */
    unsigned max_connections_per_address; /* 0: no limit */
    unsigned max_connections_per_second;  /* 0: no limit */
    size_t   max_inflated_bytes;          /* per connection and second */
    size_t   max_header_bytes;            /* request line and headers together */
    size_t   max_url_bytes;
    unsigned max_headers;         /* in one request */
    unsigned max_queued_packets;  /* per session */
    size_t   max_queued_bytes;    /* per session */
    size_t   slow_consumer_bytes; /* per session; over it one is a slow consumer after */
    unsigned slow_consumer_timeout_ms;
    size_t   max_client_bytes;           /* 0: half of the memory of the process */
    size_t   max_memory;                 /* 0: as much as the process may have */
    size_t   max_body_bytes;             /* of all that have come in part */
    unsigned max_sockets_per_user;       /* 0: no limit */
    char    *user_limit;                 /* "oldest" or "newest": who goes */
    unsigned max_sessions;               /* 0: as many as max_client_bytes allows */
    unsigned max_sessions_per_address;   /* 0: no limit */
    unsigned max_handshakes_per_address; /* in a second; 0: no limit */
    unsigned max_events_per_second;      /* of a session; 0: no limit */
    size_t   max_bytes_per_second;       /* likewise */
    unsigned max_unused_handshakes;
    unsigned max_payload_packets; /* in one POST */
    size_t   max_auth_bytes;
    size_t   max_room_name_bytes;
    unsigned max_rooms; /* per socket */
    unsigned max_dynamic_namespaces;
    unsigned max_stored_keys;  /* per session */
    size_t   max_stored_bytes; /* per session, keys and values */
    unsigned max_json_depth;

    /* Engine.IO: clients of socket.io 1.0 and later. */
    bool      engine;
    bool      allow_eio3;
    bool      allow_upgrades;
    bool      refuse_missing_eio;
    bool      encode_payload_as_binary; /* even if no packet of it is: see eio3_payload.h */
    sio_texts engine_transports;        /* none: see sio_cfg_engine_may_use */
    char     *engine_echo;              /* path; "": none */
    unsigned  ping_interval_ms;
    unsigned  ping_timeout_ms;
    unsigned  upgrade_timeout_ms;
    unsigned  connect_timeout_ms;
    size_t    max_payload;      /* bytes of a POST body or a websocket message */
    bool      http_compression; /* of answers to polls */
    size_t    http_compression_threshold;
    char     *cookie_name; /* of the cookie with the session id; "": none */
    char     *cookie_path;
    char     *cookie_domain;
    unsigned  cookie_max_age_s; /* 0: not said */
    bool      cookie_http_only;
    bool      cookie_secure;
    char     *cookie_same_site;
    bool      cookie_partitioned;
    char     *cookie_priority;
    unsigned  max_attachments;

    /* Recovery of clients that have lost their connection (recovery.h). */
    unsigned max_disconnection_ms; /* for them to come back; 0: off */
    bool     skip_middlewares;     /* the application is not asked again */
    unsigned max_recovery_clients;
    unsigned max_recovery_packets;
    size_t   max_recovery_bytes; /* of packets */

    /* Other instances. */
    char    *redis;                                    /* URL; "": memory only */
    char    *redis_ca, *redis_certificate, *redis_key; /* paths, for rediss://; "": none */
    char    *redis_server_name;                        /* "": the host */
    char    *dialect;                                  /* what the processes in that Redis speak */
    char    *node_key;    /* node-4: what the names of their channels begin with */
    char    *node_stream; /* node-4-streams: on which they tell each other events */
    unsigned node_stream_length;
    char    *node_session_key; /* likewise: the beginning of keys of clients that have left */
    char    *python_channel;   /* python-socketio: on which all of them speak */
    unsigned node_version;     /* node-4: the oldest socket.io among them */
    char    *cluster_name;
    char    *cluster_secret;       /* words with blanks between them; "": none */
    unsigned broadcast_partitions; /* 0: every instance hears every broadcast */
    unsigned instance_timeout_ms;
    size_t   max_instance_backlog;

    /* Those who run it: server/admin/. */
    sio_texts admin_listen; /* as of protocol/listen_address.h */
    sio_texts admin_hosts;  /* names that the listener may be called by */
    char     *admin_key;    /* "": none */

    sio_cfg_admin_ui admin_ui;

    sio_cfg_api  api;
    sio_cfg_list backends; /* of sio_cfg_backend */
    sio_cfg_jwt  jwt;

    /* The served client library. */
    bool     browser_client;
    bool     browser_client_cache; /* accepted for 0.9 files; everything is prepared at start */
    bool     browser_client_minification;
    bool     browser_client_etag;
    bool     browser_client_gzip;
    unsigned browser_client_expires_s;
    char    *browser_client_version;   /* "0.9" or "4": which one is socket.io.js */
    char    *browser_client_directory; /* "": look next to the program */

    /* Flash. */
    bool     flash_policy_server;
    unsigned flash_policy_port;

    /* For the program alone, when it runs a script; the library has none. */
    unsigned script_warn_after_ms;
    size_t   script_max_memory;

    /* Requests of the application to other servers. */
    char *outgoing_ca; /* path; "": the system's */

    /* Log. */
    bool      log;
    unsigned  log_level;    /* 0 error, 1 warn, 2 info, 3 debug */
    unsigned  log_rate;     /* lines in a second of one kind about sessions; 0: no limit */
    sio_texts log_sessions; /* beginnings of ids: log.h */
    bool      log_colors;   /* default: whether stderr is a terminal */
    char     *log_format;   /* "text" or "json" */
    bool      log_addresses;

    sio_buf notes; /* lines for sio_cfg_advise, from those who have read the settings */
    bool    given[SIO_CFG_MAX_KEYS]; /* by their place in the table: those that were set */
    bool    fixed[SIO_CFG_MAX_KEYS]; /* likewise: by an option of the command line */
} sio_cfg;

/* Fill in the defaults. SIO_OK or SIO_ERR_NOMEM; *cfg may be given to sio_cfg_fini either way. */
int sio_cfg_init(sio_cfg *cfg);

/* Free what the settings own. A zeroed struct is fine. */
void sio_cfg_fini(sio_cfg *cfg);

/*
 * Set one key from a JSON value: "30", "\"*:*\"", "[\"websocket\"]", "true". The
 * value is copied. On SIO_ERR_CONFIG or SIO_ERR_NOMEM the old value stays.
 */
int sio_cfg_set_json(sio_cfg *cfg, const char *key, const char *json_text, sio_buf *error);

/*
 * Set one key from plain text, as given on a command line: digits for a number,
 * true or false, names separated by spaces or commas for a list, anything for a
 * text. Failures as sio_cfg_set_json.
 */
int sio_cfg_set_text(sio_cfg *cfg, const char *key, const char *text, sio_buf *error);

/* The same for an option of the command line: sio_cfg_is_fixed() knows it from then on. */
int sio_cfg_fix_text(sio_cfg *cfg, const char *key, const char *text, sio_buf *error);

/* Has an option of the command line set it? */
bool sio_cfg_is_fixed(const sio_cfg *cfg, const char *key);

/*
 * Append the value of key as JSON, whatever its type; secrets in an object are "***". Options of
 * socket.io 4 are keys, too. SIO_ERR_NOT_FOUND: no such key.
 */
int sio_cfg_get_json(const sio_cfg *cfg, const char *key, sio_buf *out);

/* Does `origins` name pages, rather than admit all? */
bool sio_cfg_names_pages(const sio_cfg *cfg);

/* May clients of Engine.IO use that transport, "polling" or "websocket"? */
bool sio_cfg_engine_may_use(const sio_cfg *cfg, sio_view transport);

/* Append an object of the settings that are not as they are by default; secrets are "***". */
void sio_cfg_describe_changes(const sio_cfg *cfg, sio_buf *out);

/*
 * Rules across keys, to be asked once everything is set. SIO_OK, or SIO_ERR_CONFIG with one line.
 */
int sio_cfg_check(const sio_cfg *cfg, sio_buf *error);

/*
 * Append a line, with a line end, for each pair of settings that 0.9 accepts but that makes
 * its clients reconnect all the time, for what lets strangers in, and for each secret that others
 * could see. For the log at start.
 */
void sio_cfg_advise(const sio_cfg *cfg, sio_buf *advice);

#endif
