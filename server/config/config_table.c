#include "server/config/config_table.h"

#include <string.h>

#include "protocol/http_request.h"
#include "protocol/network.h"
#include "server/base/tls_ciphers.h"
#include "server/config/config_admin_ui.h"
#include "server/config/config_api.h"
#include "server/config/config_backends.h"
#include "server/config/config_jwt.h"
#include "server/config/config_tls.h"
#include "server/config/setting_text.h"

/* An offset that does not compile when the field has another type than its row says. */
/* NOLINTBEGIN(bugprone-macro-parentheses): a type in _Generic, a member: neither takes any */
#define FIELD(type, field) \
    (offsetof(sio_cfg, field) + 0 * sizeof(_Generic(((sio_cfg *)0)->field, type : 0)))
/* NOLINTEND(bugprone-macro-parentheses) */

#define SECTION(title)                               \
    {                                                \
        .kind = SIO_SETTING_SECTION, .help = (title) \
    }
#define BOOL(when, key, field, initial, help)                                                    \
    {                                                                                            \
        SIO_SETTING_BOOL, SIO_RELOAD_##when, key, FIELD(bool, field), 0, 1, initial, help, NULL, \
            NULL, NULL, NULL                                                                     \
    }
#define COUNT(when, key, field, min, max, initial, help)                                      \
    {                                                                                         \
        SIO_SETTING_COUNT, SIO_RELOAD_##when, key, FIELD(unsigned, field), min, max, initial, \
            help, NULL, NULL, NULL, NULL                                                      \
    }
#define BYTES(when, key, field, min, max, initial, help)                                          \
    {                                                                                             \
        SIO_SETTING_BYTES, SIO_RELOAD_##when, key, FIELD(size_t, field), min, max, initial, help, \
            NULL, NULL, NULL, NULL                                                                \
    }
#define SECONDS(when, key, field, min, max, initial, help)                                      \
    {                                                                                           \
        SIO_SETTING_SECONDS, SIO_RELOAD_##when, key, FIELD(unsigned, field), min, max, initial, \
            help, NULL, NULL, NULL, NULL                                                        \
    }
#define TEXT(when, key, field, min, max, initial, help, valid, allowed)                          \
    {                                                                                            \
        SIO_SETTING_TEXT, SIO_RELOAD_##when, key, FIELD(char *, field), min, max, initial, help, \
            valid, allowed, NULL, NULL                                                           \
    }
#define TEXTS(when, key, field, min, max, initial, help, valid, allowed)                       \
    {                                                                                          \
        SIO_SETTING_TEXTS, SIO_RELOAD_##when, key, FIELD(sio_texts, field), min, max, initial, \
            help, valid, allowed, NULL, NULL                                                   \
    }

static const sio_setting rows[] = {
    SECTION("This instance"),
    COUNT(NEVER, "port", port, 0, 65535, "3100", "TCP port; 0 takes any free one"),
    TEXT(NEVER, "host", host, 0, 255, "\"\"",
         "address to listen on; empty: all of them, IPv6 and IPv4", sio_setting_text_is_host,
         "an address or a host name, without blanks"),
    TEXTS(
        NEVER, "listen", listen, 0, 16, "[]", "where to listen, in place of \"port\" and \"host\"",
        sio_setting_text_is_listen_entry,
        "a list of at most 16 of host:port, [IPv6]:port, *:port, unix:/path, each once, with the "
        "words proxy behind it where each connection begins with a PROXY header, and tls where it "
        "speaks TLS"),
    TEXT(NEVER, "carrier", carrier, 1, 3, "\"tcp\"",
         "what watches the sockets: tcp, the event loop itself, or lws, libwebsockets",
         sio_setting_text_is_carrier, "tcp or lws"),
    TEXT(NEVER, "name", name, 1, 64, "\"siobroker\"", "name of this instance, in the greeting",
         sio_setting_text_is_printable, "a text of 1 to 64 bytes without control characters"),
    {SIO_SETTING_COUNT, SIO_RELOAD_NEVER, "workers", FIELD(unsigned, workers), 1, 64, "1",
     "processes that serve clients; auto: one for each processor", sio_setting_text_is_auto,
     "an integer from 1 to 64, or auto", NULL, NULL},
    BOOL(NOW, "greeting", greeting, "true",
         "emit `server` {\"server\":name,\"port\":port} to each client"),
    TEXT(NEVER, "resource", resource, 2, 255, "\"/socket.io\"", "where the protocol lives",
         sio_setting_text_is_resource,
         "a path like \"/socket.io\": \"/\" first, not last; no blanks, \"?\" or \"#\""),
    TEXT(NEVER, "user", user, 0, 255, "\"\"",
         "what root becomes once it listens; empty: stays what it is", sio_setting_text_is_account,
         "the name or the number of a user, or empty"),
    TEXT(NEVER, "group", group, 0, 255, "\"\"", "with which group; empty: that of the user",
         sio_setting_text_is_account, "the name or the number of a group, or empty"),
    TEXT(NEVER, "sandbox", sandbox, 2, 4, "\"off\"",
         "give up to write and execute files once it listens (Landlock)",
         sio_setting_text_is_sandbox, "off, on, or auto: on where the kernel can"),
    SECONDS(NOW, "drain delay", drain_delay_ms, 0, 3600, "0",
            "at SIGTERM, to go on as before while clients are led elsewhere"),
    SECONDS(NOW, "drain time", drain_time_ms, 0, 86400, "0",
            "then, for all sessions to end, one after the other; 0: all at once"),
    SECONDS(NOW, "shutdown timeout", shutdown_timeout_ms, 0, 60, "2.5",
            "for telling clients and flushing at SIGTERM"),

    SECTION("Who may connect, and how"),
    TEXTS(NEW, "transports", transports, 1, 5,
          "[\"websocket\",\"htmlfile\",\"xhr-polling\",\"jsonp-polling\"]",
          "what clients may use, in this order of preference; polling: the last three of these",
          sio_setting_text_is_transport,
          "a list of websocket, flashsocket, htmlfile, xhr-polling, jsonp-polling, or of polling, "
          "websocket, each once"),
    TEXTS(NOW, "origins", origins, 0, 1000, "[\"*:*\"]", "pages that may connect",
          sio_setting_text_is_origin, "a list of host:port, host:*, *:port or *:*, each once"),
    TEXTS(NOW, "cors origin", cors_origin, 0, 1000, "[]",
          "pages of other origins that may read what polls of Engine.IO bring, as in socket.io 4; "
          "empty: those that \"origins\" names",
          sio_setting_text_is_page, "* or reflect, or a list of scheme://host[:port], each once"),
    BOOL(NOW, "cors credentials", cors_credentials, "false", "they may send cookies; not with *"),
    TEXTS(NOW, "cors methods", cors_methods, 1, 20,
          "[\"GET\",\"HEAD\",\"PUT\",\"PATCH\",\"POST\",\"DELETE\"]",
          "told to them in answer to a preflight", sio_setting_text_is_token,
          "a list of methods, each once"),
    TEXTS(NOW, "cors allowed headers", cors_allowed_headers, 0, 100, "[]",
          "that they may send; empty: whichever they ask for", sio_setting_text_is_token,
          "a list of names of headers, each once"),
    TEXTS(NOW, "cors exposed headers", cors_exposed_headers, 0, 100, "[]",
          "of answers that their code may see", sio_setting_text_is_token,
          "a list of names of headers, each once"),
    COUNT(NOW, "cors max age", cors_max_age_s, 0, 31536000, "0",
          "seconds that a preflight holds; 0: they are not told"),
    BOOL(NEW, "match origin protocol", match_origin_protocol, "false",
         "answer old drafts of WebSocket with the scheme of the page"),
    TEXTS(NOW, "blacklist", blacklist, 0, 1000, "[\"disconnect\"]",
          "event names that are ignored when a client sends them", NULL,
          "a list of event names, each once"),
    TEXTS(NOW, "trust proxy", trust_proxy, 0, 100, "[\"loopback\"]",
          "networks of proxies that are believed when they say who a client is",
          sio_network_is_valid,
          "a list of addresses, networks like 10.0.0.0/8, loopback, linklocal, private, all, each "
          "once"),
    TEXT(NOW, "client address header", client_address_header, 0, 20, "\"X-Forwarded-For\"",
         "the header in which they do", sio_setting_text_is_client_address_header,
         "X-Forwarded-For, Forwarded or X-Real-IP"),
    TEXTS(NOW, "proxy from", proxy_from, 0, 100, "[\"loopback\",\"private\"]",
          "networks of proxies that may connect to listeners with the word proxy",
          sio_network_is_valid,
          "a list of addresses, networks like 10.0.0.0/8, loopback, linklocal, private, all, each "
          "once"),
    BOOL(NOW, "destroy upgrade", destroy_upgrade, "true",
         "close upgrade requests that are not for us"),

    SECTION("TLS, at addresses of \"listen\" with the word tls"),
    {.kind = SIO_SETTING_OBJECTS,
     .reload = SIO_RELOAD_NEW,
     .key = "tls",
     .offset = FIELD(sio_cfg_list, tls),
     .min = 0,
     .max = 100,
     .initial = "[]",
     .help = "what clients are shown: the one for the name that they ask for, or else the first; "
             "the files are read again at each SIGHUP",
     .allowed = "a list of at most 100 objects",
     .members = &sio_config_tls_settings},
    BOOL(NEW, "tls strict names", tls_strict_names, "false",
         "refuse who asks for a name that no certificate has, or for none"),
    TEXT(NEW, "tls min version", tls_min_version, 3, 3, "\"1.2\"",
         "the oldest version of TLS that is spoken", sio_setting_text_is_tls_version, "1.2 or 1.3"),
    TEXT(NEW, "tls ciphers", tls_ciphers, 0, 1000, "\"\"",
         "for TLS 1.2, as openssl-ciphers(1) has it; empty: " SIO_TLS_CIPHERS_DEFAULT,
         sio_tls_ciphers_are_known, "a list like \"" SIO_TLS_CIPHERS_DEFAULT "\", or empty"),
    {SIO_SETTING_TEXT, SIO_RELOAD_NEW, "tls ticket secret", FIELD(char *, tls_ticket_secret), 0,
     1024, "\"\"",
     "what keys of session tickets are made of; the first word makes new ones, all are good; "
     "empty: \"cluster secret\", or else a random one",
     sio_setting_text_is_cluster_secret, "1 to 4 words of at least 16 ASCII characters, or empty",
     sio_setting_text_is_not_empty, NULL},
    TEXT(NEW, "tls client", tls_client, 3, 7, "\"off\"", "ask clients for a certificate",
         sio_setting_text_is_tls_client,
         "off, request, or require: nobody comes in without a good one"),
    TEXT(NEW, "tls client ca", tls_client_ca, 0, 4000, "\"\"",
         "the file of those who vouch for it, in PEM", NULL,
         "a path of at most 4000 bytes, or empty"),

    SECTION("Sessions"),
    {SIO_SETTING_BOOL, SIO_RELOAD_NEVER, "heartbeats", FIELD(bool, heartbeats), 1, 1, "true",
     "send heartbeats", NULL,
     "true (without heartbeats 0.9 clients reconnect for ever; "
     "for fewer of them set \"heartbeat interval\")",
     NULL, NULL},
    SECONDS(NEW, "heartbeat interval", heartbeat_interval_ms, 0.05, 86400, "25",
            "between an answered heartbeat and the next one"),
    SECONDS(NEW, "heartbeat timeout", heartbeat_timeout_ms, 0.05, 86400, "60",
            "for the answer to a heartbeat"),
    SECONDS(NEW, "close timeout", close_timeout_ms, 0.05, 86400, "60",
            "for a client without a connection to come back"),
    SECONDS(NEW, "polling duration", polling_duration_ms, 0.05, 86400, "20",
            "that a poll waits for something to say"),
    SECONDS(NEW, "handshake timeout", handshake_timeout_ms, 0.05, 86400, "30",
            "for the first connection after a handshake"),
    SECONDS(NEW, "client store expiration", client_store_expiration_ms, 0, 86400, "15",
            "that stored data outlive their client"),

    SECTION("HTTP"),
    SECONDS(NEW, "request timeout", request_timeout_ms, 0.05, 3600, "10",
            "for a request head to arrive, and for more of its body"),
    BYTES(NOW, "min body rate", min_body_rate, 1, 1073741824, "500",
          "of a body in a second, beyond one \"request timeout\" for all of it"),
    SECONDS(NEW, "keep-alive timeout", keep_alive_timeout_ms, 0.05, 86400, "75",
            "for the next request on a connection"),
    SECONDS(NEW, "send timeout", send_timeout_ms, 0.05, 3600, "60",
            "for a client to take some more of what waits for it"),
    BYTES(NOW, "min send rate", min_send_rate, 1, 1073741824, "500",
          "of that in a second, beyond one \"send timeout\" for all of it"),

    SECTION("WebSocket"),
    BOOL(NEW, "perMessageDeflate", per_message_deflate, "false",
         "compress messages, both ways, for clients that offer it (RFC 7692)"),
    BYTES(NOW, "perMessageDeflate threshold", per_message_deflate_threshold, 0, 1073741824, "1024",
          "shorter messages are sent as they are"),

    SECTION("Bounds"),
    BYTES(NEW, "destroy buffer size", destroy_buffer_size, 16, 1073741824, "1000000",
          "of one POST body, and of one websocket message"),
    BYTES(NOW, "max inflated bytes", max_inflated_bytes, 1024, 1073741824, "4000000",
          "of one connection in a second, beyond 50 times what came; then it is not read for a "
          "while"),
    COUNT(NOW, "max connections", max_connections, 0, 10000000, "0",
          "open at once; 0: as many as the descriptor limit allows"),
    COUNT(NOW, "max connections per address", max_connections_per_address, 0, 10000000, "0",
          "open at once; 0: no limit (behind a proxy all have the address of the proxy)"),
    COUNT(NOW, "max connections per second", max_connections_per_second, 0, 10000000, "0",
          "new ones; more wait for the next second, and are refused if that has too many as well; "
          "0: no limit"),
    BYTES(NOW, "max header bytes", max_header_bytes, 256, 1048576, "16384",
          "of request line and headers together"),
    COUNT(NOW, "max headers", max_headers, 16, SIO_HTTP_MAX_HEADERS, "100", "of a request"),
    BYTES(NOW, "max url bytes", max_url_bytes, 64, 1048576, "8192", "of a request target"),
    COUNT(NOW, "max queued packets", max_queued_packets, 1, 10000000, "100000",
          "waiting for one client; with so many the next one disconnects it"),
    BYTES(NOW, "max queued bytes", max_queued_bytes, 1024, 1073741824, "16777216",
          "waiting for one client; with so many the next packet disconnects it"),
    BYTES(
        NOW, "slow consumer bytes", slow_consumer_bytes, 0, 1073741824, "1048576",
        "waiting for one client, each packet with 96 more, for \"slow consumer timeout\" at most"),
    SECONDS(NOW, "slow consumer timeout", slow_consumer_timeout_ms, 0.05, 3600, "30",
            "for a client to take what is over \"slow consumer bytes\"; then it is disconnected"),
    BYTES(NOW, "max client bytes", max_client_bytes, 0, 1099511627776, "0",
          "kept for all clients together; over it the heaviest address gives up first; 0: half of "
          "the memory that the process may have"),
    BYTES(NOW, "max memory", max_memory, 0, 1099511627776, "0",
          "of the process; above 90 % no session begins, above 97 % clients give up what is kept "
          "for them; 0: as much as the process may have"),
    BYTES(NOW, "max body bytes", max_body_bytes, 1024, 1099511627776, "67108864",
          "of POST bodies that have come in part, of all clients together; over it the heaviest "
          "address loses one"),
    COUNT(NOW, "max sockets per user", max_sockets_per_user, 0, 1000000, "0",
          "in one namespace of one instance, of a user that a backend has named; 0: no limit"),
    TEXT(NOW, "user limit", user_limit, 6, 6, "\"oldest\"",
         "which socket of a user goes, when there is one too many", sio_setting_text_is_user_limit,
         "oldest or newest"),
    COUNT(NOW, "max sessions", max_sessions, 0, 100000000, "0",
          "at once; 0: as many as \"max client bytes\" allows"),
    COUNT(NOW, "max sessions per address", max_sessions_per_address, 0, 10000000, "10000",
          "of one IPv4 address or IPv6 network of 64 bits, unless it is in \"trust proxy\"; 0: no "
          "limit"),
    COUNT(NOW, "max handshakes per address", max_handshakes_per_address, 0, 1000000, "0",
          "sessions that begin in a second, of one IPv4 address or IPv6 network of 64 bits, unless "
          "it is in \"trust proxy\"; 0: no limit"),
    COUNT(NOW, "max events per second", max_events_per_second, 0, 1000000, "0",
          "packets of one client, over two seconds; above it is not read for a while; 0: no limit"),
    BYTES(NOW, "max bytes per second", max_bytes_per_second, 0, 1073741824, "0",
          "of these packets, likewise; 0: no limit"),
    COUNT(NOW, "max unused handshakes", max_unused_handshakes, 1, 10000000, "100000",
          "waiting for their first connection"),
    COUNT(NOW, "max payload packets", max_payload_packets, 1, 10000000, "10000",
          "of one POST; what comes after them is dropped"),
    BYTES(NOW, "max auth bytes", max_auth_bytes, 64, 1073741824, "65536",
          "that a client of 1.0 and later says when it joins a namespace: auth, or the query"),
    BYTES(NOW, "max room name bytes", max_room_name_bytes, 1, 1048576, "1024",
          "of the name of a room; sio_join() refuses longer ones"),
    COUNT(NOW, "max rooms", max_rooms, 1, 1000000, "1000", "rooms of one client in one namespace"),
    COUNT(NOW, "max dynamic namespaces", max_dynamic_namespaces, 0, 10000000, "10000",
          "that clients are in because a function of the application knows their names"),
    COUNT(NOW, "max stored keys", max_stored_keys, 1, 10000, "100",
          "that the application stores about one client"),
    BYTES(NOW, "max stored bytes", max_stored_bytes, 16, 1073741824, "65536",
          "of keys and values that the application stores about one client"),
    COUNT(NEW, "max json depth", max_json_depth, 1, CJSON_NESTING_LIMIT, "1000",
          "arrays and objects inside one another in a packet; deeper ones are dropped"),

    SECTION("Engine.IO: clients of socket.io 1.0 and later; names and units as there"),
    BOOL(NEVER, "engine", engine, "true", "serve them"),
    BOOL(NEW, "allowEIO3", allow_eio3, "true", "those of socket.io 1.x and 2.x too"),
    BOOL(NEW, "refuse missing EIO", refuse_missing_eio, "false",
         "a request without EIO, or with one that does not exist, is refused; otherwise it "
         "speaks revision 3"),
    BOOL(NOW, "encodePayloadAsBinary", encode_payload_as_binary, "false",
         "polls of EIO3 without b64 are answered in the binary framing whatever is in them, as by "
         "1.x"),
    TEXTS(NEW, "engine transports", engine_transports, 0, 2, "[]",
          "what they may use; empty: polling and websocket as far as \"transports\" has them",
          sio_setting_text_is_engine_transport, "a list of polling, websocket, each once"),
    BOOL(NEW, "allowUpgrades", allow_upgrades, "true", "from polling to websocket"),
    COUNT(NEW, "pingInterval", ping_interval_ms, 10, 86400000, "25000", "ms between heartbeats"),
    COUNT(NEW, "pingTimeout", ping_timeout_ms, 10, 86400000, "20000", "ms for the answer to one"),
    COUNT(NEW, "upgradeTimeout", upgrade_timeout_ms, 10, 86400000, "10000",
          "ms for a websocket to complete the upgrade"),
    COUNT(NEW, "connectTimeout", connect_timeout_ms, 10, 86400000, "45000",
          "ms for a client to join a namespace"),
    BYTES(NEW, "maxPayload", max_payload, 64, 1073741824, "1000000",
          "of a POST body or a websocket message"),
    BOOL(NEW, "httpCompression", http_compression, "false",
         "compress answers to polls for clients that accept it (gzip)"),
    BYTES(NOW, "httpCompression threshold", http_compression_threshold, 0, 1073741824, "1024",
          "shorter answers are sent as they are"),
    TEXT(NEW, "cookie name", cookie_name, 0, 64, "\"\"",
         "of a cookie with the session id, for proxies, in the answer to a handshake that polls; "
         "empty: none",
         sio_setting_text_is_token, "1 to 64 characters of a token, or empty"),
    TEXT(NEW, "cookie path", cookie_path, 0, 255, "\"/\"", "for which requests; empty: not said",
         sio_setting_text_is_cookie_value, "a text without \";\" and control characters"),
    TEXT(NEW, "cookie domain", cookie_domain, 0, 255, "\"\"", "for which hosts; empty: this one",
         sio_setting_text_is_host_name, "a domain, or empty"),
    COUNT(NEW, "cookie max age", cookie_max_age_s, 0, 315360000, "0",
          "seconds; 0: until the browser is closed"),
    BOOL(NEW, "cookie http only", cookie_http_only, "true", "scripts can not read it"),
    BOOL(NEW, "cookie secure", cookie_secure, "false", "only over https"),
    TEXT(NEW, "cookie same site", cookie_same_site, 0, 6, "\"lax\"",
         "from which pages it is sent; empty: not said", sio_setting_text_is_same_site,
         "lax, strict, none, or empty"),
    BOOL(NEW, "cookie partitioned", cookie_partitioned, "false", "one for each page around it"),
    TEXT(NEW, "cookie priority", cookie_priority, 0, 6, "\"\"",
         "which cookies go first where there are too many; empty: not said",
         sio_setting_text_is_priority, "low, medium, high, or empty"),
    COUNT(NEW, "maxAttachments", max_attachments, 0, 1000, "10", "of one packet of a client"),
    COUNT(
        NEW_IF_ON, "maxDisconnectionDuration", max_disconnection_ms, 0, 86400000, "0",
        "ms to come back and go on as if nothing had happened (connection state recovery); 0: off"),
    BOOL(NOW, "skipMiddlewares", skip_middlewares, "true",
         "who comes back in time is not subject to namespace authorization again"),
    COUNT(NOW, "max recovery clients", max_recovery_clients, 1, 10000000, "100000",
          "that may come back; over it the first that went are forgotten"),
    COUNT(NOW, "max recovery packets", max_recovery_packets, 1, 10000000, "100000",
          "kept for them; over it the oldest go"),
    BYTES(NOW, "max recovery bytes", max_recovery_bytes, 1024, 4294967296, "67108864",
          "of these packets; over it the oldest go"),
    TEXT(NEVER, "engine echo", engine_echo, 0, 255, "\"\"",
         "where each message comes back, for the official test suites; empty: nowhere",
         sio_setting_text_is_resource_or_empty, "a path like \"/engine.io\", or empty"),

    SECTION("Other instances"),
    {SIO_SETTING_TEXT, SIO_RELOAD_NEVER, "redis", FIELD(char *, redis), 0, 2048, "\"\"",
     "what instances share their state through; empty: nothing is shared", NULL,
     "a URL like redis://[user:password@]host:6379/0, redis-sentinel://host,host/primary, "
     "redis-cluster://host,host or unix:/path, or empty",
     sio_setting_text_has_login, NULL},
    TEXT(NEVER, "redis ca", redis_ca, 0, 4095, "\"\"",
         "rediss://: file of who may vouch for Redis; empty: whom the system trusts", NULL,
         "a path, or empty"),
    TEXT(NEVER, "redis certificate", redis_certificate, 0, 4095, "\"\"",
         "rediss://: file of our own certificate, where Redis asks for one; empty: none", NULL,
         "a path, or empty"),
    TEXT(NEVER, "redis key", redis_key, 0, 4095, "\"\"", "rediss://: file of its key", NULL,
         "a path, or empty"),
    TEXT(NEVER, "redis server name", redis_server_name, 0, 255, "\"\"",
         "rediss://: whom its certificate is for; empty: the host of the address",
         sio_setting_text_is_host, "a host name or an address, or empty"),
    TEXT(NEVER, "cluster", cluster_name, 1, 32, "\"sio\"",
         "name of the cluster in that Redis, first part of every key and channel",
         sio_setting_text_is_cluster_name,
         "1 to 32 ASCII characters without blanks, :, *, ?, [, ], \\ or \""),
    {SIO_SETTING_TEXT, SIO_RELOAD_NEVER, "cluster secret", FIELD(char *, cluster_secret), 0, 1024,
     "\"\"",
     "seals what instances say to each other; the first word seals, all are good; empty: none",
     sio_setting_text_is_cluster_secret, "1 to 4 words of at least 16 ASCII characters, or empty",
     sio_setting_text_is_not_empty, NULL},
    TEXT(NEVER, "dialect", dialect, 1, 16, "\"siobroker\"",
         "what the cluster speaks; node-0.9: there are processes of socket.io 0.9 for Node in it; "
         "node-4: of socket.io 1 to 4; node-4-sharded: those with the sharded adapter; "
         "node-4-streams: with the streams adapter; node-4-listen: they are not answered; "
         "python-socketio: of that",
         sio_setting_text_is_dialect,
         "siobroker, node-4, node-4-listen, node-4-sharded, node-4-streams, "
         "python-socketio, node-0.9, or node-0.9.17 for socket.io 0.9.17 and later"),
    TEXT(NEVER, "node key", node_key, 1, 100, "\"socket.io\"",
         "node-4: what the channels of those processes begin with, `key` of their adapter",
         sio_setting_text_is_node_key, "1 to 100 ASCII characters without blanks, # or \""),
    TEXT(NEVER, "node stream", node_stream, 1, 100, "\"socket.io\"",
         "node-4-streams: the stream of those processes, `streamName` of their adapter",
         sio_setting_text_is_node_stream, "1 to 100 ASCII characters without blanks or \""),
    TEXT(NEVER, "node session key", node_session_key, 1, 100, "\"sio:session:\"",
         "node-4-streams: what is before the private id of a client that has left, "
         "`sessionKeyPrefix` of their adapter",
         sio_setting_text_is_node_stream, "1 to 100 ASCII characters without blanks or \""),
    COUNT(NEVER, "node stream length", node_stream_length, 100, 1000000000, "10000",
          "node-4-streams: entries that are kept, about; `maxLen` of their adapter"),
    COUNT(NEVER, "node version", node_version, 1, 4, "4",
          "node-4: the oldest socket.io among those processes; below 4, which may end over a "
          "question, instances of siobroker alone are asked"),
    TEXT(NEVER, "python channel", python_channel, 1, 100, "\"socketio\"",
         "python-socketio: the channel of those processes, `channel` of their manager",
         sio_setting_text_is_python_channel, "1 to 100 ASCII characters without blanks or \""),
    COUNT(
        NEVER, "broadcast partitions", broadcast_partitions, 0, 1024, "0",
        "over which broadcasts to rooms are spread, so that an instance hears those of its rooms; "
        "0: it hears all"),
    SECONDS(NOW, "instance timeout", instance_timeout_ms, 1, 3600, "10",
            "silence after which an instance is declared lost"),
    BYTES(NOW, "max instance backlog", max_instance_backlog, 65536, 4294967296, "16777216",
          "of messages that another instance has not acknowledged; then clients are refused"),

    SECTION("Those who run it: health, metrics, status"),
    TEXTS(NEVER, "admin listen", admin_listen, 0, 8, "[]", "where to answer them; empty: nowhere",
          sio_setting_text_is_listen_address,
          "a list of at most 8 of host:port, [IPv6]:port, *:port, unix:/path, each once"),
    TEXTS(NOW, "admin hosts", admin_hosts, 0, 100, "[]",
          "names that it may be called by, beside localhost and addresses",
          sio_setting_text_is_host, "a list of host names, each once"),
    {SIO_SETTING_TEXT, SIO_RELOAD_NOW, "admin key", FIELD(char *, admin_key), 0, 256, "\"\"",
     "what they show (Authorization: Bearer) where others may come in; empty: there is none",
     sio_setting_text_is_key_or_empty,
     "32 to 256 printable ASCII characters without blanks, or empty", sio_setting_text_is_not_empty,
     NULL},
    {.kind = SIO_SETTING_OBJECT,
     .key = "admin ui",
     .offset = FIELD(sio_cfg_admin_ui, admin_ui),
     .initial = "{}",
     .help = "the Admin UI of socket.io 4, a page for browsers on the port of the clients",
     .members = &sio_config_admin_ui_settings},

    SECTION("Backends: programs of any language that tell it what to do"),
    {.kind = SIO_SETTING_OBJECT,
     .key = "api",
     .offset = FIELD(sio_cfg_api, api),
     .initial = "{}",
     .help = "the HTTP API",
     .members = &sio_config_api_settings},
    {.kind = SIO_SETTING_OBJECTS,
     .reload = SIO_RELOAD_NEVER,
     .key = "backends",
     .offset = FIELD(sio_cfg_list, backends),
     .min = 0,
     .max = 16,
     .initial = "[]",
     .help = "what is called, or reads a stream, for what clients do",
     .allowed = "a list of at most 16 objects",
     .members = &sio_config_backends_settings},
    {.kind = SIO_SETTING_OBJECT,
     .key = "jwt",
     .offset = FIELD(sio_cfg_jwt, jwt),
     .initial = "{}",
     .help = "tokens that clients have to show",
     .members = &sio_config_jwt_settings},

    SECTION("Browser client"),
    BOOL(NEVER, "browser client", browser_client, "true",
         "serve socket.io.js, the flash files, and the client of 4.x below 4/"),
    TEXT(NEVER, "browser client version", browser_client_version, 1, 3, "\"0.9\"",
         "which client socket.io.js is; 4 for pages that know no other",
         sio_setting_text_is_client_version, "0.9 or 4"),
    TEXT(NEVER, "browser client directory", browser_client_directory, 0, 4000, "\"\"",
         "where its files are; empty: next to the program", NULL, "a path of at most 4000 bytes"),
    BOOL(NEVER, "browser client minification", browser_client_minification, "false",
         "serve the minified script"),
    BOOL(NEVER, "browser client gzip", browser_client_gzip, "false",
         "serve the script compressed to those who accept it"),
    BOOL(NEVER, "browser client etag", browser_client_etag, "false",
         "send entity tags, answer 304 when they match"),
    COUNT(NEVER, "browser client expires", browser_client_expires_s, 0, 3153600000, "315360000",
          "seconds that a versioned file may be cached for"),
    BOOL(NEVER, "browser client cache", browser_client_cache, "true",
         "accepted for compatibility: everything is prepared at start"),

    SECTION("Flash"),
    BOOL(NEVER, "flash policy server", flash_policy_server, "true",
         "answer policy requests when flashsocket is one of the transports"),
    COUNT(NEVER, "flash policy port", flash_policy_port, 0, 65535, "10843",
          "its TCP port; 0 takes any free one"),

    SECTION("Scripts: siobroker FILE.js"),
    COUNT(NEVER, "script warn after", script_warn_after_ms, 1, 3600000, "100",
          "milliseconds in which a handler does not return, then a line says where it is"),
    BYTES(NEVER, "script max memory", script_max_memory, 4194304, 1099511627776, "268435456",
          "of the script; then it has an error"),
    TEXT(NEVER, "outgoing ca", outgoing_ca, 0, 4095, "\"\"",
         "fetch() of https://: file of who may vouch for servers; empty: whom the system trusts",
         NULL, "a path, or empty"),

    SECTION("Log"),
    BOOL(NOW, "log", log, "true", "write one line per event to stderr"),
    COUNT(NOW, "log level", log_level, 0, 3, "2", "0 error, 1 warn, 2 info, 3 debug"),
    COUNT(NOW, "log rate", log_rate, 0, 1000000, "100",
          "lines a second of each kind about sessions; the rest is counted; 0: no limit"),
    TEXT(NEVER, "log format", log_format, 4, 4, "\"text\"",
         "json: one object a line, with the word of an event", sio_setting_text_is_log_format,
         "text or json"),
    TEXTS(NOW, "log sessions", log_sessions, 0, 100, "[]",
          "of these all lines are written, whatever the level and the rate",
          sio_setting_text_is_session_id,
          "a list of at most 100 session ids, or beginnings of them"),
    BOOL(NOW, "log addresses", log_addresses, "true",
         "whole; otherwise as networks: /24 of IPv4, /48 of IPv6"),
    BOOL(NOW, "log colors", log_colors, NULL, "colour the level"),
};

const sio_setting_table sio_settings = {rows, sizeof rows / sizeof rows[0], sizeof(sio_cfg)};

_Static_assert(sizeof rows / sizeof rows[0] <= SIO_CFG_MAX_KEYS,
               "sio_cfg.given has a place for each");

const sio_setting *
sio_setting_find(const sio_setting_table *t, const char *key)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->rows[i].key != NULL && strcmp(t->rows[i].key, key) == 0)
            return &t->rows[i];
    return NULL;
}

bool
sio_setting_may_be_elsewhere(const sio_setting *s)
{
    return s->kind == SIO_SETTING_TEXT && s->is_secret != NULL;
}
