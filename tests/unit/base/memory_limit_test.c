/* tests/unit/base/memory_limit_test.c - server/base/memory_limit.c on this machine. */
#include "server/base/memory_limit.h"

#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/check.h"

static void
test_it_is_no_more_than_the_machine_has(void)
{
    const uint64_t limit = sio_memory_limit();

    CHECK(limit >= 1u << 20);
    CHECK(limit <= (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE));
}

static void
test_a_limit_of_the_address_space_counts(void)
{
    struct rlimit old, low;

    getrlimit(RLIMIT_AS, &old);
    low = old;
    low.rlim_cur = 64u << 20;
    if (sio_memory_limit() <= low.rlim_cur || setrlimit(RLIMIT_AS, &low) != 0)
        return;
    CHECK(sio_memory_limit() == 64u << 20);
    setrlimit(RLIMIT_AS, &old);
}

int
main(void)
{
    RUN(test_it_is_no_more_than_the_machine_has);
    RUN(test_a_limit_of_the_address_space_counts);
    return check_done();
}
