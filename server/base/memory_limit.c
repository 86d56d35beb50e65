#include "server/base/memory_limit.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define CGROUP "/sys/fs/cgroup"

static uint64_t
least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The number in a file; UINT64_MAX when there is none, as "max" is none. */
static uint64_t
number_in(const char *path)
{
    uint64_t n = UINT64_MAX;
    FILE    *file = fopen(path, "re");

    if (file == NULL)
        return UINT64_MAX;
    if (fscanf(file, "%" SCNu64, &n) != 1)
        n = UINT64_MAX;
    fclose(file);
    return n;
}

/* Version 2: the line "0::/path" of /proc/self/cgroup. A limit of each group on the path counts. */
static uint64_t
limit_of_groups(void)
{
    char     line[PATH_MAX], path[PATH_MAX + 64];
    uint64_t limit = number_in(CGROUP "/memory/memory.limit_in_bytes"); /* version 1 */
    FILE    *file = fopen("/proc/self/cgroup", "re");
    char    *slash;

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "0::", 3) != 0)
            continue;
        line[strcspn(line, "\n")] = '\0';
        do {
            snprintf(path, sizeof path, CGROUP "%s/memory.max", line + 3);
            limit = least(limit, number_in(path));
            if ((slash = strrchr(line, '/')) != NULL)
                *slash = '\0';
        } while (slash != NULL);
    }
    if (file != NULL)
        fclose(file);
    return limit;
}

uint64_t
sio_memory_limit(void)
{
    const long    n_pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
    uint64_t      limit = UINT64_MAX;
    struct rlimit address_space;

    if (n_pages > 0 && page_bytes > 0)
        limit = (uint64_t)n_pages * (uint64_t)page_bytes;
    if (getrlimit(RLIMIT_AS, &address_space) == 0 && address_space.rlim_cur != RLIM_INFINITY)
        limit = least(limit, address_space.rlim_cur);
    return least(limit, limit_of_groups());
}
