/*
 * tests/bench/load/options.h - the command line.
 */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/bench/load/packet.h"
#include "tests/bench/load/process.h"

typedef struct {
    const char        *scenario; /* a word that main.c knows */
    const char        *client;   /* the dialect's name */
    dialect            dialect;
    struct sockaddr_in server;
    struct sockaddr_in to; /* where receivers connect; the same without --to */
    bool               has_to;
    unsigned           connections;
    unsigned           concurrency;
    unsigned           outstanding;
    unsigned           bytes;
    double             rate;       /* messages a second, 0: as fast as they are received */
    bool               with_event; /* echo by event, not by acknowledgement */
    bool               slow_reader;
    double             seconds, warmup, timeout, deadline;
    pid_t              pids[PROCESS_MAX];
    size_t             n_pids;
    bool               hold;
    bool               quiet;
} options;

typedef enum { OPTIONS_OK, OPTIONS_HELP, OPTIONS_WRONG } options_result;

/* Says on stderr what is wrong, and on stdout the help that was asked for. */
options_result options_read(options *o, int argc, char *argv[]);

#endif
