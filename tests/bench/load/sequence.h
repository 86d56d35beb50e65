/*
 * tests/bench/load/sequence.h - what came of a row of numbered messages to one receiver.
 *
 * The sender numbers them 0, 1, 2 and so on. Used by echo.c for each connection, fan_out.c for each
 * receiver.
 */
#ifndef LOAD_SEQUENCE_H
#define LOAD_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

/* So far behind the highest number that came, a late one is still told from a doubled one. */
enum { SEQUENCE_WINDOW = 256 };

/* All zero is a row of which nothing came yet. */
typedef struct {
    uint32_t next;      /* one more than the highest number that came */
    uint32_t unique;    /* numbers that came, each counted once */
    uint32_t doubled;   /* arrivals of a number that had come before */
    uint32_t reordered; /* first arrivals after a higher number */
    uint64_t
        came[SEQUENCE_WINDOW / 64]; /* a bit for each of the last numbers, by number % window */
} sequence;

/*
 * This number has come. True when it is the first time. One that is further behind than the window
 * counts as reordered, and as the first.
 */
bool sequence_add(sequence *s, uint32_t number);

/* Of the numbers below sent, how many never came. */
uint32_t sequence_lost(const sequence *s, uint32_t sent);

#endif
