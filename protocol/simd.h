/*
 * protocol/simd.h - sixteen bytes compared at once.
 *
 * Private to the codecs that pass over long texts in which nearly every byte is ordinary. Vectors
 * are an extension that gcc and clang share: what the processor has is used (SSE2, NEON), and where
 * it has nothing the compiler writes it out.
 */
#ifndef SIO_PROTOCOL_SIMD_H
#define SIO_PROTOCOL_SIMD_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 16, LANES_BLOCK = 64 }; /* four at a time cost less than one after the other */

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

/* How many lanes are in front of the first byte of a half that is not 0? */
static inline int
lanes_before(uint64_t half)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_ctzll(half) / 8;
#else
    return __builtin_clzll(half) / 8;
#endif
}

/* The first lane that is not 0; there must be one. */
static inline int
lanes_first(lanes v)
{
    uint64_t halves[2];

    memcpy(halves, &v, sizeof halves);
    return halves[0] != 0 ? lanes_before(halves[0]) : LANES / 2 + lanes_before(halves[1]);
}

#endif
