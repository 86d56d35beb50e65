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

enum { SERVERS_MAX = 64 };

typedef struct {
    const char        *scenario; /* a word that main.c knows */
    const char        *client;   /* the dialect's name */
    dialect            dialect;
    struct sockaddr_in server;
    struct sockaddr_in to; /* where receivers connect; the same without --to */
    bool               has_to;
    struct sockaddr_in servers[SERVERS_MAX]; /* of crowd: the first is the server */
    unsigned           n_servers;
    struct in_addr     from;   /* all zero without --from */
    unsigned           n_from; /* addresses from there on */
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

/* Where the client of that number connects: several servers take turns. Lives as long as *o. */
const struct sockaddr_in *options_server(const options *o, uint32_t number);

/* Where the client of that number comes from: the addresses of --from take turns. */
struct in_addr options_source(const options *o, uint32_t number);

#endif
