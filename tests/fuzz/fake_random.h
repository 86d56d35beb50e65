/*
 * tests/fuzz/fake_random.h - random numbers that are none, so that an input does the same whenever
 * it is run.
 *
 * A program that is linked with this (see the Makefile) has it in place of getrandom() and of
 * libevent's source of random bytes.
 */
#ifndef SIO_TESTS_FUZZ_FAKE_RANDOM_H
#define SIO_TESTS_FUZZ_FAKE_RANDOM_H

#include <stdint.h>

/* What comes now is the same each time. */
void fake_random_seed(uint64_t seed);

#endif
