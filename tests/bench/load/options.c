/*
 * tests/bench/load/options.c - see options.h.
 */
#include "tests/bench/load/options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/load/payload.h"

static const char HELP[] =
    "load SCENARIO --server HOST:PORT [OPTION]...\n"
    "\n"
    "Put a server that speaks the contract under load, and print what came of it as JSON.\n"
    "\n"
    "Scenarios:\n"
    "  connect    open N connections: handshake, upgrade, greeting; the first fifth warms up\n"
    "  idle       open N connections and hold them for --seconds\n"
    "  crowd      open N connections and hold them until standard input ends; one that is lost "
    "comes\n"
    "             back as a client of socket.io 4 does; prints how they are once a second\n"
    "  echo       N connections, each with K echoes under way\n"
    "  fan-out    one sender, N receivers in a room, K messages under way\n"
    "  relay      fan-out from --server to receivers that are connected to --to\n"
    "\n"
    "Options:\n"
    "  --server HOST:PORT   IPv4; PORT alone is on this machine; crowd: several with commas, of\n"
    "                       which a client takes another one each time\n"
    "  --from HOST[/N]      come from this address, or from N addresses from there on\n"
    "  --to HOST:PORT       where the receivers of relay connect\n"
    "  --client KIND        websocket or xhr-polling (0.9), eio3, eio4; default websocket\n"
    "  --connections N      default 100\n"
    "  --concurrency N      connections that are being opened at a time, default 32\n"
    "  --outstanding K      messages under way, at most 128, default 1\n"
    "  --bytes B            of text in each message, 12 to 65536, default 64\n"
    "  --rate R             messages a second (fan-out, relay), default as fast as they arrive\n"
    "  --event              echo by an event instead of an acknowledgement\n"
    "  --slow-reader        fan-out: one more receiver, which stops to read\n"
    "  --seconds S          that are measured, default 2\n"
    "  --warmup S           before, default 0.5\n"
    "  --timeout S          for a connection or a message, default 5\n"
    "  --deadline S         for everything, default 60 and what is measured\n"
    "  --pid PID[,PID]...   the server's processes: their time and memory\n"
    "  --hold               at the end keep the connections until standard input ends\n"
    "  --quiet              no progress on standard error\n"
    "  --help\n"
    "\n"
    "Exit status: 0; 1 when messages were lost, doubled, reordered or damaged, or connections\n"
    "failed; 2 for a wrong command line; 3 when there was nothing to measure.\n";

enum { DAY_S = 86400 };

enum {
    OPT_SERVER = 256,
    OPT_TO,
    OPT_FROM,
    OPT_CLIENT,
    OPT_CONNECTIONS,
    OPT_CONCURRENCY,
    OPT_OUTSTANDING,
    OPT_BYTES,
    OPT_RATE,
    OPT_EVENT,
    OPT_SLOW_READER,
    OPT_SECONDS,
    OPT_WARMUP,
    OPT_TIMEOUT,
    OPT_DEADLINE,
    OPT_PID,
    OPT_HOLD,
    OPT_QUIET,
    OPT_HELP
};

static const struct option LONG[] = {
    {"server", required_argument, NULL, OPT_SERVER},
    {"to", required_argument, NULL, OPT_TO},
    {"from", required_argument, NULL, OPT_FROM},
    {"client", required_argument, NULL, OPT_CLIENT},
    {"connections", required_argument, NULL, OPT_CONNECTIONS},
    {"concurrency", required_argument, NULL, OPT_CONCURRENCY},
    {"outstanding", required_argument, NULL, OPT_OUTSTANDING},
    {"bytes", required_argument, NULL, OPT_BYTES},
    {"rate", required_argument, NULL, OPT_RATE},
    {"event", no_argument, NULL, OPT_EVENT},
    {"slow-reader", no_argument, NULL, OPT_SLOW_READER},
    {"seconds", required_argument, NULL, OPT_SECONDS},
    {"warmup", required_argument, NULL, OPT_WARMUP},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"deadline", required_argument, NULL, OPT_DEADLINE},
    {"pid", required_argument, NULL, OPT_PID},
    {"hold", no_argument, NULL, OPT_HOLD},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

/* The result of each reader: 0, or -1 for a value that makes no sense. */

static int
read_count(const char *text, unsigned min, unsigned max, unsigned *out)
{
    char         *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || value < min || value > max)
        return -1;
    *out = (unsigned)value;
    return 0;
}

/* Up to a day of seconds, or messages a second. */
static int
read_number(const char *text, double *out)
{
    char        *end;
    const double value = strtod(text, &end);

    if (end == text || *end != '\0' || !isfinite(value) || value < 0 || value > DAY_S)
        return -1;
    *out = value;
    return 0;
}

static int
read_address(const char *text, struct sockaddr_in *out)
{
    const char *colon = strrchr(text, ':');
    char        host[INET_ADDRSTRLEN] = "127.0.0.1";
    unsigned    port;

    if (colon != NULL) {
        if ((size_t)(colon - text) >= sizeof host)
            return -1;
        memcpy(host, text, (size_t)(colon - text));
        host[colon - text] = '\0';
    }
    if (read_count(colon != NULL ? colon + 1 : text, 1, 65535, &port) != 0)
        return -1;
    *out = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    return inet_pton(AF_INET, host, &out->sin_addr) == 1 ? 0 : -1;
}

static int
read_servers(char *text, options *o)
{
    char *rest = NULL;

    o->n_servers = 0;
    for (const char *word = strtok_r(text, ",", &rest); word != NULL;
         word = strtok_r(NULL, ",", &rest))
        if (o->n_servers == SERVERS_MAX || read_address(word, &o->servers[o->n_servers++]) != 0)
            return -1;
    o->server = o->servers[0];
    return o->n_servers > 0 ? 0 : -1;
}

static int
read_sources(char *text, options *o)
{
    char *slash = strchr(text, '/');

    o->n_from = 1;
    if (slash != NULL && read_count(slash + 1, 1, 65536, &o->n_from) != 0)
        return -1;
    if (slash != NULL)
        *slash = '\0';
    return inet_pton(AF_INET, text, &o->from) == 1 ? 0 : -1;
}

static int
read_client(const char *text, options *o)
{
    static const char *const names[] = {
        [DIALECT_09_WEBSOCKET] = "websocket",
        [DIALECT_09_POLLING] = "xhr-polling",
        [DIALECT_EIO3] = "eio3",
        [DIALECT_EIO4] = "eio4",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(text, names[i]) == 0) {
            o->dialect = (dialect)i;
            o->client = names[i];
            return 0;
        }
    return -1;
}

static int
read_pids(char *text, options *o)
{
    char    *rest = NULL;
    unsigned pid;

    for (const char *word = strtok_r(text, ",", &rest); word != NULL;
         word = strtok_r(NULL, ",", &rest)) {
        if (o->n_pids == PROCESS_MAX || read_count(word, 1, INT32_MAX, &pid) != 0)
            return -1;
        o->pids[o->n_pids++] = (pid_t)pid;
    }
    return 0;
}

static int
read_switch(options *o, int which)
{
    switch (which) {
    case OPT_EVENT:
        o->with_event = true;
        return 0;
    case OPT_SLOW_READER:
        o->slow_reader = true;
        return 0;
    case OPT_HOLD:
        o->hold = true;
        return 0;
    case OPT_QUIET:
        o->quiet = true;
        return 0;
    default:
        return -1;
    }
}

static int
read_one(options *o, int which, char *value)
{
    switch (which) {
    case OPT_SERVER:
        return read_servers(value, o);
    case OPT_TO:
        o->has_to = true;
        return read_address(value, &o->to);
    case OPT_FROM:
        return read_sources(value, o);
    case OPT_CLIENT:
        return read_client(value, o);
    case OPT_CONNECTIONS:
        return read_count(value, 1, 1000000, &o->connections);
    case OPT_CONCURRENCY:
        return read_count(value, 1, 10000, &o->concurrency);
    case OPT_OUTSTANDING:
        return read_count(value, 1, 128, &o->outstanding);
    case OPT_BYTES:
        return read_count(value, PAYLOAD_MIN, PAYLOAD_MAX, &o->bytes);
    case OPT_RATE:
        return read_number(value, &o->rate);
    case OPT_SECONDS:
        return read_number(value, &o->seconds);
    case OPT_WARMUP:
        return read_number(value, &o->warmup);
    case OPT_TIMEOUT:
        return read_number(value, &o->timeout);
    case OPT_DEADLINE:
        return read_number(value, &o->deadline);
    case OPT_PID:
        return read_pids(value, o);
    default:
        return read_switch(o, which);
    }
}

/* What only the whole of it shows; NULL when all is well. */
static const char *
complaint(const options *o, int n_words)
{
    if (n_words != 1)
        return "one scenario is needed";
    if (o->server.sin_port == 0)
        return "--server is needed";
    if (o->n_servers > 1 && strcmp(o->scenario, "crowd") != 0)
        return "crowd, and nothing else, takes several servers";
    if ((strcmp(o->scenario, "relay") == 0) != o->has_to)
        return "relay, and nothing else, needs --to";
    return NULL;
}

const struct sockaddr_in *
options_server(const options *o, uint32_t number)
{
    if (o->n_servers > 1)
        return &o->servers[number % o->n_servers];
    return number == 0 ? &o->server : &o->to;
}

struct in_addr
options_source(const options *o, uint32_t number)
{
    if (o->n_from == 0)
        return o->from;
    return (struct in_addr){htonl(ntohl(o->from.s_addr) + number % o->n_from)};
}

options_result
options_read(options *o, int argc, char *argv[])
{
    const char *wrong;
    int         which, index = 0;

    *o = (options){.client = "websocket",
                   .connections = 100,
                   .concurrency = 32,
                   .outstanding = 1,
                   .bytes = 64,
                   .seconds = 2,
                   .warmup = 0.5,
                   .timeout = 5};
    while ((which = getopt_long(argc, argv, "", LONG, &index)) != -1) {
        if (which == OPT_HELP) {
            fputs(HELP, stdout);
            return OPTIONS_HELP;
        }
        if (which == '?')
            return OPTIONS_WRONG;
        if (read_one(o, which, optarg) != 0) {
            fprintf(stderr, "load: --%s: not \"%s\"\n", LONG[index].name, optarg);
            return OPTIONS_WRONG;
        }
    }
    o->scenario = argv[optind];
    if ((wrong = complaint(o, argc - optind)) != NULL) {
        fprintf(stderr, "load: %s; --help tells more\n", wrong);
        return OPTIONS_WRONG;
    }
    if (!o->has_to)
        o->to = o->server;
    if (strcmp(o->scenario, "crowd") == 0)
        o->deadline = o->seconds = DAY_S;
    if (o->deadline == 0)
        o->deadline = 60 + o->warmup + o->seconds;
    return OPTIONS_OK;
}
