/*
 * tests/fuzz/world/session_client.h - the far ends of connections, which are a carrier of their
 * own: no sockets, but peers that stop reading, leave, and fail.
 *
 * Used by the fuzz targets of whole servers, and by tests/unit/server/memory_world.c.
 */
#ifndef SIO_TESTS_FUZZ_WORLD_SESSION_CLIENT_H
#define SIO_TESTS_FUZZ_WORLD_SESSION_CLIENT_H

#include <stdbool.h>

#include "server/net/carrier.h"
#include "server/net/conn.h"
#include "server/siobroker.h"
#include "tests/fuzz/world/transcript.h"

enum {
    MAX_IDS = 10,
    MAX_HEAD = 512, /* as the server is told */
    MAX_HEADERS = 16,
    MAX_BODY = 2000,
    MAX_PACKET = 6 * MAX_BODY + 100, /* one is always taken, escaped or with an answer around it */
    MAX_KEPT = 16 * MAX_PACKET       /* bytes that wait in a connection, never near it */
};

/* Of the sessions that the server has opened, in this order. */
typedef struct {
    char     texts[MAX_IDS][SESSION_ID_LEN + 1];
    unsigned n;
    char     private_id[RECOVERY_MAX + 1]; /* the last that anybody was told, and */
    char     offset[RECOVERY_MAX + 1];     /* the last offset */
} session_ids;

typedef struct client {
    sio_conn        conn;
    session_ids    *ids;
    struct client **place;  /* where the script finds it */
    const bool     *asleep; /* does its server get no turns? NULL: it always does */
    transcript      transcript;
    sio_buf         unread;  /* sent, and not read by the server so far */
    size_t          n_heard; /* of what waits in its connection, while it is stalled */
    bool            stalled, failing, left;
    bool            is_gone, is_reset; /* it has closed, or reset the connection */
    sio_task        end;               /* when it is read again after that */
} client;

/* How those peers are connected. */
extern const sio_carrier client_carrier;

/* The client whose connection that is. */
client *client_of(sio_conn *c);

/* --- What peers do. --- */

/*
 * Connect to the server. The peer is at *place until it is gone; then NULL is, as when there is no
 * memory for the connection.
 */
client *client_new_on(const sio_carrier *carrier, sio_server *server, session_ids *ids,
                      client **place);

/* The same on client_carrier. */
client *client_new(sio_server *server, session_ids *ids, client **place);

/*
 * It closes or resets the connection. A server that does not read it is told so, and reads the rest
 * when it does.
 */
void client_gone(client *p, bool is_reset);

/* Hand over what the server has not read yet, as soon as it does. Was there anything? */
bool client_deliver(client *p);

/* Send the bytes, unless it has left. The server reads them now, or with client_deliver(). */
void client_send(client *p, sio_view bytes);

/* The same in as many pieces as there are bytes. */
void client_send_bytewise(client *p, sio_view bytes);

/* It was stalled, and is no more. */
void client_read_again(client *p);

/* Send "METHOD path body": method ends with a blank, rest is the path, or path, blank and body. */
void client_request(client *p, const char *method, sio_view rest, const char *headers);

/* Send a message of a websocket in one frame: opcode with SIO_WS_RSV1 if it is compressed. */
void client_message(client *p, uint8_t opcode, sio_view payload);

#endif
