/*
 * tests/unit/check.h - the unit test harness, one per test program.
 *
 *     static void
 *     test_answer_is_known(void)
 *     {
 *         CHECK_INT(answer(), 42);
 *     }
 *
 *     int
 *     main(void)
 *     {
 *         RUN(test_answer_is_known);
 *         return check_done();
 *     }
 *
 * A failing check prints where and what, marks the running test as failed and
 * goes on, so that one run shows everything that is wrong. In a table-driven
 * test, set check_row to the name of the row: it is printed with each failure.
 */
#ifndef SIO_TESTS_UNIT_CHECK_H
#define SIO_TESTS_UNIT_CHECK_H

#include "protocol/view.h"

#include <stdbool.h>
#include <stdio.h>

static bool        check_failed; /* the running test has failed */
static unsigned    check_n_passed, check_n_failed;
static const char *check_row; /* table row under test, or NULL */

static inline void
check_where(const char *file, int line)
{
    check_failed = true;
    fprintf(stderr, "%s:%d: ", file, line);
    if (check_row != NULL)
        fprintf(stderr, "[%s] ", check_row);
}

static inline bool
check_true(const char *file, int line, bool ok, const char *text)
{
    if (!ok) {
        check_where(file, line);
        fprintf(stderr, "not true: %s\n", text);
    }
    return ok;
}

static inline bool
check_int(const char *file, int line, long long got, long long want, const char *text)
{
    if (got != want) {
        check_where(file, line);
        fprintf(stderr, "%s: got %lld, want %lld\n", text, got, want);
    }
    return got == want;
}

static inline bool
check_view(const char *file, int line, sio_view got, sio_view want, const char *text)
{
    const bool ok = sio_view_eq(got, want);

    if (!ok) {
        check_where(file, line);
        fprintf(stderr, "%s: got \"%.*s\" (%zu bytes), want \"%.*s\" (%zu bytes)\n", text,
                (int)got.len, got.len == 0 ? "" : got.data, got.len, (int)want.len,
                want.len == 0 ? "" : want.data, want.len);
    }
    return ok;
}

static inline sio_view
check_as_view(sio_view v)
{
    return v;
}

static inline void
check_run(const char *name, void (*test)(void))
{
    check_failed = false;
    check_row = NULL;
    test();
    printf("%s - %s\n", check_failed ? "not ok" : "ok", name);
    fflush(stdout);
    if (check_failed)
        check_n_failed++;
    else
        check_n_passed++;
}

/* Print the totals; the exit status of the program. */
static inline int
check_done(void)
{
    printf("%u passed, %u failed\n", check_n_passed, check_n_failed);
    return check_n_failed == 0 ? 0 : 1;
}

/* Each is an expression that tells whether it held, for `if (!CHECK(p != NULL)) return;` */
#define CHECK(cond) check_true(__FILE__, __LINE__, (cond), #cond)
#define CHECK_INT(got, want) \
    check_int(__FILE__, __LINE__, (long long)(got), (long long)(want), #got)

/* want is a sio_view or a C string (one without NUL bytes inside). */
#define CHECK_VIEW(got, want)                    \
    check_view(__FILE__, __LINE__, (got),        \
               _Generic((want), sio_view         \
                        : check_as_view, default \
                        : sio_view_of)(want),    \
               #got)

#define RUN(test) check_run(#test, test)

#endif
