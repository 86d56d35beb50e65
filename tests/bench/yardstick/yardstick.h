/*
 * tests/bench/yardstick/yardstick.h - what the loop (yardstick.c) and the wire (wire.c) share.
 */
#ifndef YARDSTICK_H
#define YARDSTICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    READ_SIZE = 256 * 1024,
    FRAME_MAX = 128 * 1024, /* of a message, and of an HTTP request */
};

typedef struct {
    char  *data; /* memory only while there is something */
    size_t len, cap;
} bytes;

typedef struct conn {
    int          fd;
    bool         is_websocket, is_modern, is_member, is_dirty, is_blocked, is_broken;
    uint32_t     place; /* among the members */
    struct conn *next_dirty;
    bytes        in, out;
} conn;

typedef struct {
    int      epoll, listener;
    unsigned port;
    char     read[READ_SIZE];
    char     frame[FRAME_MAX + 16];
    conn    *dirty;   /* have something to send, or are broken */
    conn   **members; /* of the room */
    uint32_t n_members, max_members;
} server;

/* --- yardstick.c --- */

/* To be sent at the end of this turn of the loop. */
void send_later(server *s, conn *c, const void *p, size_t n);

/* To be closed at the end of this turn. */
void give_up(server *s, conn *c);

void join_room(server *s, conn *c);

/* --- wire.c --- */

/*
 * Requests, and after an upgrade frames, have come; unmasks in place. Returns the bytes used; the
 * others are to come again, with more behind them.
 */
size_t take_input(server *s, conn *c, char *data, size_t len);

#endif
