/*
 * tests/fuzz/fake_clock.h - time that is moved by hand, so that an input does the same whenever it
 * is run.
 *
 * A program that is linked with this (see the Makefile) has it in place of clock_gettime(), for
 * store/, server/ and libevent. Only what is monotonic is moved: libFuzzer keeps its own.
 */
#ifndef SIO_TESTS_FUZZ_FAKE_CLOCK_H
#define SIO_TESTS_FUZZ_FAKE_CLOCK_H

#include <stdint.h>

void fake_clock_set(uint64_t now_ms);

void fake_clock_advance(uint64_t ms);

#endif
