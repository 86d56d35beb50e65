/*
 * tests/fuzz/must.h - what every fuzz target asks of its subject.
 */
#ifndef SIO_FUZZ_MUST_H
#define SIO_FUZZ_MUST_H

#include <stdbool.h>
#include <stdlib.h>

#include "protocol/view.h"

/* As assert, in every build. */
static inline void
must(bool ok)
{
    if (!ok)
        abort();
}

/* part is empty, or lies within whole. */
static inline void
must_be_inside(sio_view part, sio_view whole)
{
    must(part.len == 0 || (part.data >= whole.data && part.len <= whole.len &&
                           (size_t)(part.data - whole.data) <= whole.len - part.len));
}

#endif
