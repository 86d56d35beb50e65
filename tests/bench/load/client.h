/*
 * tests/bench/load/client.h - one Socket.IO client: connects, is greeted, sends and hears events.
 *
 * Called by run.c, which opens and closes them, and by the scenarios, which emit. Heartbeats, polls
 * and the two ways to a session are done here, unseen. The contract's `server` event is the
 * greeting.
 */
#ifndef LOAD_CLIENT_H
#define LOAD_CLIENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/bench/load/packet.h"
#include "tests/bench/load/stream.h"

typedef struct client client;

/* What a client tells. It may emit and close clients meanwhile, and open others. */
typedef struct {
    void (*greeted)(client *c, void *arg);
    /* An event or an acknowledgement; views live until it returns. */
    void (*arrived)(client *c, const packet *p, void *arg);
    /* The connection could not be made, or was ended; the client is closed. why lives as long. */
    void (*failed)(client *c, const char *why, void *arg);
} client_handlers;

/* What all clients share. */
typedef struct {
    stream_loop    *loop;
    client_handlers handlers;
    void           *arg;
    client         *dirty;   /* have emitted, and are not flushed yet */
    buffer          scratch; /* a packet that is being written */
    char            why[96]; /* why a client has failed */
} client_group;

typedef enum {
    CLIENT_CLOSED,
    CLIENT_HANDSHAKE, /* of 0.9 */
    CLIENT_UPGRADE,   /* to a websocket */
    CLIENT_GREETING,  /* waits for it */
    CLIENT_OPEN,
} client_step;

struct client {
    client_group             *group;
    const struct sockaddr_in *server;
    dialect                   dialect;
    client_step               step;
    stream                    main;        /* the websocket, or the polls */
    stream                    side;        /* the handshake, or the posts */
    char                      target[128]; /* of the requests of its session */
    client                   *next_dirty;
    bool                      is_dirty;
    bool                      is_posting;
    unsigned                  n_outbox; /* packets in there, which wait for a post */
    buffer                    outbox;
    uint64_t                  ping_ns, pinged_ns; /* Engine.IO 3: interval and last time */
    /* The owner's. */
    uint32_t number;     /* its place among all */
    unsigned attempts;   /* to open it */
    uint64_t opened_ns;  /* when the last one began */
    bool     is_settled; /* nothing more is to be done before the traffic begins */
};

/* A closed client, which comes from any address. The server's is borrowed. */
void client_init(client *c, client_group *group, dialect d, const struct sockaddr_in *server);

/* All its connections come from this address of ours. */
void client_set_source(client *c, struct in_addr from);

/* Begin to connect; greeted or failed will be called. 0, or -1 and errno. */
int client_open(client *c);

/* Close without calling back; frees what it holds. */
void client_close(client *c);

/* The same with failed(). */
void client_fail(client *c, const char *why);

/* Emit an event of the default namespace; it goes with the next flush. See packet_write_event(). */
void client_emit(client *c, const char *name, uint32_t ack_id, const char *args);

/* Send what was emitted. Emitting while something arrives at the same client does it by itself. */
void client_flush(client *c);
void client_flush_all(client_group *group);

/* From time to time, for clients that have to ping. */
void client_tick(client *c, uint64_t now_ns);

/* For polling09.c: a packet has come; a text is to go. */
void client_take(client *c, const char *text, size_t len);
void client_write(client *c, const char *text, size_t len);

#endif
