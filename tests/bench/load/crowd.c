/*
 * tests/bench/load/crowd.c - the scenario "crowd": many clients that stay, and come back when they
 * are lost. It lasts until standard input ends, and prints a line of JSON each second.
 *
 * When one comes back is what socket.io 4 does by default: after a second, twice as long after each
 * attempt that fails, at most five, all times half to one and a half of that by chance. Each
 * attempt goes to the next of the servers, as behind a proxy that takes turns.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/load/run.h"

enum { DELAY_MS = 1000, DELAY_MAX_MS = 5000 };

/* How connections have ended, or why they could not be made. */
typedef enum { ENDED, CLOSED, RESET, REFUSED, TURNED_AWAY, LATE, OTHERWISE, N_WAYS } way;

typedef struct {
    uint64_t began_ns;
    uint64_t opened;       /* connections that were greeted */
    uint64_t ways[N_WAYS]; /* how many */
    uint64_t random;
    struct {
        uint64_t at_ns;  /* when it comes back; 0: it is there, or on its way */
        unsigned failed; /* attempts in a row */
    } * absent;          /* of each client */
} crowd;

static int
prepare(run *r)
{
    crowd *all = calloc(1, sizeof *all);

    r->state = all;
    if (all == NULL || (all->absent = calloc(r->n_clients, sizeof *all->absent)) == NULL)
        return -1;
    all->began_ns = r->now_ns;
    all->random = 0x9e3779b97f4a7c15 ^ (uint64_t)getpid();
    return 0;
}

/* xorshift64: any will do that differs between processes. */
static uint64_t
random_below(crowd *all, uint64_t n)
{
    all->random ^= all->random << 13;
    all->random ^= all->random >> 7;
    all->random ^= all->random << 17;
    return all->random % n;
}

static void
greeted(run *r, client *c)
{
    crowd *all = r->state;

    all->opened++;
    all->absent[c->number].failed = 0;
    run_settled(r, c);
}

static void
arrived(run *r, client *c, const packet *p)
{
    (void)r;
    (void)c;
    (void)p;
}

static way
way_of(const char *why)
{
    static const struct {
        const char *text;
        way         way;
    } known[] = {
        {"websocket closed by the server", ENDED},
        {"refused: 7:", ENDED}, /* 0.9 is told to reconnect */
        {"disconnected by the server", ENDED},
        {"closed by the server", CLOSED},
        {"connection reset", RESET},
        {"Connection reset", RESET},
        {"Broken pipe", RESET},
        {"Connection refused", REFUSED},
        {" refused: HTTP", TURNED_AWAY},
        {"timeout", LATE},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strstr(why, known[i].text) != NULL)
            return known[i].way;
    return OTHERWISE;
}

static void
gone(run *r, client *c, const char *why)
{
    crowd         *all = r->state;
    const way      how = way_of(why);
    const unsigned failed = all->absent[c->number].failed++;
    const uint64_t delay = failed > 2 ? DELAY_MAX_MS : (uint64_t)DELAY_MS << failed;

    if (all->ways[how]++ == 0 && !r->options->quiet)
        fprintf(stderr, "load: connection %" PRIu32 ": %s\n", c->number, why);
    all->absent[c->number].at_ns = r->now_ns + (delay / 2 + random_below(all, delay)) * 1000000;
}

static bool
input_has_ended(void)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char          bytes[64];

    return poll(&input, 1, 0) > 0 && read(STDIN_FILENO, bytes, sizeof bytes) <= 0;
}

static void
tick(run *r)
{
    crowd *all = r->state;

    for (unsigned i = 0; i < r->n_started; i++)
        if (all->absent[i].at_ns != 0 && r->now_ns >= all->absent[i].at_ns) {
            all->absent[i].at_ns = 0;
            r->clients[i].server = options_server(r->options, i + r->clients[i].attempts);
            run_open_again(r, &r->clients[i]);
        }
    if (input_has_ended())
        r->phase = PHASE_DONE;
}

static void
each_second(run *r)
{
    static const char *const names[N_WAYS] = {"ended",       "closed", "reset",    "refused",
                                              "turned_away", "late",   "otherwise"};
    const crowd             *all = r->state;

    printf("{\"seconds\":%.3f,\"open\":%u,\"opening\":%u,\"opened\":%" PRIu64,
           (double)(r->now_ns - all->began_ns) / 1e9, r->n_settled, r->n_opening, all->opened);
    for (size_t i = 0; i < N_WAYS; i++)
        printf(",\"%s\":%" PRIu64, names[i], all->ways[i]);
    printf("}\n");
    fflush(stdout);
}

static void
release(run *r)
{
    crowd *all = r->state;

    if (all != NULL)
        free(all->absent);
    free(all);
}

const scenario scenario_crowd = {
    .prepare = prepare,
    .greeted = greeted,
    .arrived = arrived,
    .gone = gone,
    .tick = tick,
    .each_second = each_second,
    .release = release,
};
