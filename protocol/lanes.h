/*
 * protocol/lanes.h - sixteen bytes compared at once.
 *
 * Private to the codecs that pass over long texts in which nearly every byte is ordinary. Vectors are
 * an extension that gcc and clang share: what the processor has is used (SSE2, NEON), and where it has
 * nothing the compiler writes it out.
 */
#ifndef SIO_PROTOCOL_LANES_H
#define SIO_PROTOCOL_LANES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 16 };

/* Signed: a byte above ASCII is below zero. A comparison gives 0 (no) or -1 (yes) in each lane. */
typedef signed char lanes __attribute__((vector_size(LANES)));

/* The bytes at p, which need not be aligned. */
static inline lanes
lanes_at(const char *p)
{
    lanes v;

    memcpy(&v, p, sizeof v);
    return v;
}

static inline lanes
lanes_of(char c)
{
    const signed char s = (signed char)c;

    return (lanes){s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s};
}

/* Is it 0 in every lane? */
static inline bool
lanes_none(lanes v)
{
    uint64_t halves[2];

    memcpy(halves, &v, sizeof halves);
    return (halves[0] | halves[1]) == 0;
}

#endif
