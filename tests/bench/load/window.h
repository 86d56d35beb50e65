/*
 * tests/bench/load/window.h - numbered messages under way, never more than a given count.
 *
 * echo.c has one for each connection, fan_out.c one for all. A message leaves when everybody who is
 * waited for has had it, or when it is given up.
 */
#ifndef LOAD_WINDOW_H
#define LOAD_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint32_t number;
    uint32_t waiting; /* arrivals that are still to come; 0: this place is free */
    uint64_t sent_ns;
} window_entry;

typedef struct {
    window_entry *entries; /* the owner's memory, size of them, all zero at first */
    uint32_t      size;
    uint32_t      next; /* the number of the next message, so how many were sent */
} window;

/* May the next message be sent? Not before the one that is `size` older has left. */
bool window_has_room(const window *w);

/* The next message goes out now, to so many; returns its number. */
uint32_t window_send(window *w, uint32_t receivers, uint64_t now_ns);

/* The message with this number, or NULL when it has left. */
window_entry *window_find(window *w, uint32_t number);

/*
 * Give up what was sent before that time; returns the number of arrivals that are not waited for
 * any more.
 */
uint32_t window_expire(window *w, uint64_t before_ns);

bool window_is_empty(const window *w);

#endif
