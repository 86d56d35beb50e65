/*
 * tests/bench/load/main.c - a load generator for servers that speak the contract. See --help.
 *
 * One thread, one epoll, and no line of the servers it measures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/bench/load/options.h"
#include "tests/bench/load/report.h"
#include "tests/bench/load/run.h"

enum { STATUS_CLEAN, STATUS_FAULTS, STATUS_USAGE, STATUS_NO_RESULT };

static const scenario *
find_scenario(const char *name)
{
    static const struct {
        const char     *name;
        const scenario *scenario;
    } all[] = {
        {"connect", &scenario_connect}, {"idle", &scenario_idle},     {"echo", &scenario_echo},
        {"fan-out", &scenario_fan_out}, {"relay", &scenario_fan_out}, {"crowd", &scenario_crowd},
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i].name, name) == 0)
            return all[i].scenario;
    return NULL;
}

/* As many files as we may have; when that is not enough, opening says so. */
static void
allow_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/*
 * So that the servers can be stopped first: they would tell each connection of each one's leaving.
 */
static void
wait_for_end_of_input(void)
{
    char    bytes[256];
    ssize_t n;

    do
        n = read(STDIN_FILENO, bytes, sizeof bytes);
    while (n > 0);
}

static int
execute(run *r)
{
    if (run_execute(r) != 0) {
        fprintf(stderr, "load: %s: %s\n", r->options->scenario, r->error);
        return STATUS_NO_RESULT;
    }
    if (r->scenario->each_second == NULL)
        report_write(stdout, r);
    fflush(stdout);
    if (r->options->hold)
        wait_for_end_of_input();
    return report_is_clean(r) ? STATUS_CLEAN : STATUS_FAULTS;
}

int
main(int argc, char *argv[])
{
    options              o;
    const options_result result = options_read(&o, argc, argv);
    run                 *r;
    int                  status;

    if (result != OPTIONS_OK)
        return result == OPTIONS_HELP ? STATUS_CLEAN : STATUS_USAGE;
    if ((r = calloc(1, sizeof *r)) == NULL)
        return STATUS_NO_RESULT;
    r->options = &o;
    if ((r->scenario = find_scenario(o.scenario)) == NULL) {
        fprintf(stderr, "load: no scenario \"%s\"; --help tells more\n", o.scenario);
        free(r);
        return STATUS_USAGE;
    }
    allow_files();
    status = execute(r);
    run_release(r);
    free(r);
    return status;
}
