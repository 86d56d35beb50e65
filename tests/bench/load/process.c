/*
 * tests/bench/load/process.c - see process.h.
 */
#include "tests/bench/load/process.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The text of a small file of /proc, terminated; -1 and errno when there is none. */
static int
read_file(const char *path, char *text, size_t size)
{
    FILE  *file = fopen(path, "re");
    size_t n;

    if (file == NULL)
        return -1;
    n = fread(text, 1, size - 1, file);
    text[n] = '\0';
    fclose(file);
    return 0;
}

/* Nanoseconds that one thread was running, or 0 when it has gone or nobody counts. */
static uint64_t
thread_cpu_ns(pid_t pid, const char *thread)
{
    char path[64], text[128];

    if (snprintf(path, sizeof path, "/proc/%d/task/%.20s/schedstat", (int)pid, thread) < 0 ||
        read_file(path, text, sizeof text) != 0)
        return 0;
    return strtoull(text, NULL, 10);
}

static int
scheduled_ns(pid_t pid, uint64_t *sum)
{
    char                 path[64];
    DIR                 *tasks;
    const struct dirent *entry;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    if ((tasks = opendir(path)) == NULL)
        return -1;
    while ((entry = readdir(tasks)) != NULL)
        if (entry->d_name[0] != '.')
            *sum += thread_cpu_ns(pid, entry->d_name);
    closedir(tasks);
    return 0;
}

/* utime and stime are fields 14 and 15; the name, field 2, may contain anything but ends last. */
static int
ticks_ns(pid_t pid, uint64_t *sum)
{
    char          path[64], text[1024];
    const char   *rest;
    unsigned long user, system;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (read_file(path, text, sizeof text) != 0)
        return -1;
    rest = strrchr(text, ')');
    /* NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers do not overflow */
    if (rest == NULL || sscanf(rest + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu",
                               &user, &system) != 2)
        return -1;
    *sum += (user + system) * (UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK));
    return 0;
}

static uint64_t
kilobytes_after(const char *text, const char *label)
{
    const char *at = strstr(text, label);

    return at != NULL ? strtoull(at + strlen(label), NULL, 10) * 1024 : 0;
}

static int
add_one(pid_t pid, process_usage *sum)
{
    char     path[64], text[4096];
    uint64_t cpu = 0;

    if (scheduled_ns(pid, &cpu) != 0 || (cpu == 0 && ticks_ns(pid, &cpu) != 0))
        return -1;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    if (read_file(path, text, sizeof text) != 0)
        return -1;
    sum->cpu_ns += cpu;
    sum->rss_bytes += kilobytes_after(text, "VmRSS:");
    sum->peak_bytes += kilobytes_after(text, "VmHWM:");
    return 0;
}

int
process_read(const pid_t *pids, size_t n, process_usage *out)
{
    process_usage sum = {0};

    for (size_t i = 0; i < n; i++) {
        if (add_one(pids[i], &sum) != 0)
            return -1;
        if (i == 0)
            sum.first_cpu_ns = sum.cpu_ns;
    }
    *out = sum;
    return 0;
}
