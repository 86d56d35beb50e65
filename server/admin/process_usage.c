#include "server/admin/process_usage.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double
seconds_of(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Ticks of the clock between the start of the machine and ours: proc(5), the 22nd word of stat. */
static double
began_after_boot_s(void)
{
    char               text[1024];
    FILE              *file = fopen("/proc/self/stat", "re");
    const size_t       n = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    unsigned long long ticks = 0;
    const char        *word;

    if (file != NULL)
        (void)fclose(file);
    text[n] = '\0';
    word = strrchr(text, ')'); /* the name of the program may have blanks */
    for (unsigned i = 2; word != NULL && i < 22; i++)
        word = strchr(word + 1, ' ');
    if (word == NULL ||
        sscanf(word, "%llu", &ticks) != 1) /* NOLINT(cert-err34-c): a digit string */
        return 0;
    return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

/* Since Linux 6.2 the size of the directory is how many there are; 0: the kernel is older. */
static uint64_t
counted_descriptors(void)
{
    struct stat st;

    return stat("/proc/self/fd", &st) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

/* One by one, without that of the walk itself; ".", ".." are no descriptors. */
static uint64_t
walked_descriptors(void)
{
    DIR     *dir = opendir("/proc/self/fd");
    uint64_t n = 0;

    if (dir == NULL)
        return 0;
    while (readdir(dir) != NULL) /* NOLINT(concurrency-mt-unsafe): one thread walks */
        n++;
    (void)closedir(dir);
    return n > 3 ? n - 3 : 0;
}

void
sio_process_usage_init(sio_process_usage *u)
{
    const double after_boot_s = began_after_boot_s();

    *u = (sio_process_usage){.descriptors_begun = walked_descriptors()};
    if (after_boot_s > 0)
        u->began_s = seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME) + after_boot_s;
}

static void
read_memory(sio_process_figures *f)
{
    const uint64_t     page = (uint64_t)sysconf(_SC_PAGESIZE);
    unsigned long long all = 0, resident = 0;
    FILE              *file = fopen("/proc/self/statm", "re");

    if (file == NULL)
        return;
    if (fscanf(file, "%llu %llu", &all, &resident) == 2) { /* NOLINT(cert-err34-c) */
        f->virtual_bytes = all * page;
        f->resident_bytes = resident * page;
    }
    (void)fclose(file);
}

sio_process_figures
sio_process_usage_now(const sio_process_usage *u, uint64_t n_connections)
{
    sio_process_figures f = {.open_fds = counted_descriptors()};
    struct rusage       usage;
    struct rlimit       limit;

    if (getrusage(RUSAGE_SELF, &usage) == 0)
        f.cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                  (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        f.max_fds = (uint64_t)limit.rlim_cur;
    if (f.open_fds == 0)
        f.open_fds = u->descriptors_begun + n_connections;
    read_memory(&f);
    f.cpu_s += u->others.cpu_s;
    f.resident_bytes += u->others.resident_bytes;
    f.virtual_bytes += u->others.virtual_bytes;
    f.open_fds += u->others.open_fds;
    f.max_fds += u->others.max_fds;
    return f;
}
