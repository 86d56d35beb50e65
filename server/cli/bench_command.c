/* server/cli/bench_command.c - how fast is a broker, as its clients see it? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "protocol/json_member.h"
#include "protocol/json_read.h"
#include "protocol/result.h"
#include "server/base/random.h"
#include "server/cli/api_client.h"
#include "server/cli/bench_clients.h"
#include "server/cli/bench_report.h"
#include "server/cli/commands.h"
#include "store/clock.h"

enum {
    MAX_CLIENTS = 50000,
    MAX_SECONDS = 3600,
    LEAST_SIZE = 16, /* so that each broadcast has a number */
    MOST_SIZE = 1000000,
    PATIENCE_S = 10,        /* for what is under way */
    SPARE_DESCRIPTORS = 16, /* for all that is no client */
    ROOM_RANDOM = 16,       /* letters */
    IDS_AT_ONCE = 100       /* that one command of the API may name */
};

enum { CONNECT, ECHO, BROADCAST, N_PARTS };

typedef struct {
    const sio_command_line *line;
    unsigned                n_clients, seconds, size;
    const char             *echo;      /* an event that is acknowledged; NULL: none */
    const char             *broadcast; /* one that all get; NULL: none */
    bool                    has_api;   /* broadcasts are made by the API, in a room of their own */
    sio_side_client         api;
    sio_stream              api_stream;
    char                    room[ROOM_RANDOM + 8];
    sio_bench_clients       clients;
    sio_buf                 text;      /* what is sent: a JSON string */
    unsigned                n_waiting; /* messages or deliveries that are under way */
    bool                    is_over;   /* no more messages: the time is up */
    uint64_t                told_us;   /* when progress was last told */
    sio_bench_part          part[N_PARTS];
} bench;

/* --- Progress. --- */

/* Once a second: a phase, and how far it is. */
static void
tell_progress(bench *b, const char *what, uint64_t n, uint64_t of)
{
    const uint64_t now_us = sio_now_us();

    if (now_us - b->told_us < 1000000)
        return;
    b->told_us = now_us;
    fprintf(stderr, "siobroker bench: %s %llu of %llu\n", what, (unsigned long long)n,
            (unsigned long long)of);
}

/* Hear for a moment. since_us: of the phase. SIO_OK, or something has ended it all. */
static int
hear(bench *b, const char *what, uint64_t since_us)
{
    const uint64_t second = (sio_now_us() - since_us) / 1000000;

    tell_progress(b, what, second < b->seconds ? second : b->seconds, b->seconds);
    return sio_bench_clients_hear(&b->clients, 100);
}

static bool
is_time_up(uint64_t since_us, unsigned seconds)
{
    return sio_now_us() - since_us >= (uint64_t)seconds * 1000000;
}

/* "7 messages were not acknowledged within 10 s": what is under way does not come. */
static int
give_up(bench *b, const char *what)
{
    char text[128];

    snprintf(text, sizeof text, "%u %s within %u s", b->n_waiting, what, (unsigned)PATIENCE_S);
    return sio_bench_clients_fail(&b->clients, SIO_ERR_UNAVAILABLE, text);
}

/* --- Messages. --- */

/* A text of --size bytes that begins with a number. */
static void
set_text(bench *b, uint64_t number)
{
    char digits[LEAST_SIZE + 1];

    snprintf(digits, sizeof digits, "%016llu", (unsigned long long)number);
    sio_buf_clear(&b->text);
    sio_buf_add_char(&b->text, '"');
    sio_buf_add_str(&b->text, digits);
    for (unsigned i = LEAST_SIZE; i < b->size; i++)
        sio_buf_add_char(&b->text, 'x');
    sio_buf_add_char(&b->text, '"');
}

/* One event with that text. wants_ack: as socket.emit(name, text, callback). */
static int
emit(bench *b, sio_bench_client *from, const char *name, bool wants_ack)
{
    sio5_packet packet = {.type = SIO5_EVENT, .args = sio_buf_view(&b->text)};
    sio_buf     literal;
    int         rc;

    sio_buf_init(&literal, SIZE_MAX);
    sio_buf_add_json_string(&literal, sio_view_of(name), SIO_JSON_PLAIN);
    packet.name = sio_buf_view(&literal);
    packet.id = wants_ack ? SIO_VIEW("1") : SIO_VIEW("");
    from->sent_us = sio_now_us();
    rc = sio_bench_clients_send(&b->clients, from, &packet);
    sio_buf_fini(&literal);
    return rc;
}

/* --- Connecting. --- */

static int
connect_all(bench *b)
{
    sio_bench_part *part = &b->part[CONNECT];
    const uint64_t  since_us = sio_now_us();
    int             rc = SIO_OK;

    *part = (sio_bench_part){.name = "connect", .what = "clients, one after the other,"};
    while (rc == SIO_OK && b->clients.n < b->n_clients) {
        const uint64_t begun_us = sio_now_us();

        rc = sio_bench_clients_open(&b->clients);
        sio_latencies_add(&part->took, sio_now_us() - begun_us);
        tell_progress(b, "client", b->clients.n, b->n_clients);
        if (rc == SIO_OK)
            rc = sio_bench_clients_hear(&b->clients, 0); /* their heartbeats */
    }
    part->us = sio_now_us() - since_us;
    return rc;
}

/* --- Echo. --- */

static int
take_ack(void *arg, sio_bench_client *c, const sio5_packet *p)
{
    bench *b = arg;

    if (p->type != SIO5_ACK || c->sent_us == 0)
        return SIO_OK;
    sio_latencies_add(&b->part[ECHO].took, sio_now_us() - c->sent_us);
    c->sent_us = 0;
    if (!b->is_over)
        return emit(b, c, b->echo, true);
    b->n_waiting--;
    return SIO_OK;
}

/* Each client has one message under way until the time is up. */
static int
measure_echo(bench *b)
{
    sio_bench_part *part = &b->part[ECHO];
    const uint64_t  since_us = sio_now_us();
    int             rc = SIO_OK;

    *part = (sio_bench_part){.name = "echo", .what = "round trips"};
    b->clients.take = take_ack;
    b->is_over = false;
    set_text(b, 0);
    for (unsigned i = 0; rc == SIO_OK && i < b->clients.n; i++, b->n_waiting++)
        rc = emit(b, &b->clients.all[i], b->echo, true);
    while (rc == SIO_OK && b->n_waiting > 0) {
        rc = hear(b, "echo, second", since_us);
        b->is_over = is_time_up(since_us, b->seconds);
        if (is_time_up(since_us, b->seconds + PATIENCE_S))
            return give_up(b, "messages were not acknowledged");
    }
    part->us = sio_now_us() - since_us;
    return rc;
}

/* --- Broadcasts. --- */

static int
take_delivery(void *arg, sio_bench_client *c, const sio5_packet *p)
{
    bench        *b = arg;
    sio_json_iter it;
    sio_view      text = SIO_VIEW("");

    if (p->type != SIO5_EVENT || c->has_heard)
        return SIO_OK;
    sio_json_read_elements_begin(&it, p->args);
    if (!sio_json_read_array_next(&it, &text) || !sio_view_eq(text, sio_buf_view(&b->text)))
        return SIO_OK; /* another event, or one that came too late */
    c->has_heard = true;
    sio_latencies_add(&b->part[BROADCAST].took, sio_now_us() - b->clients.all[0].sent_us);
    b->n_waiting--;
    return SIO_OK;
}

/* The API has to say 200. */
static int
hear_api(bench *b)
{
    sio_side_answer a = {0};
    int             rc;

    sio_stream_allow(&b->api_stream, PATIENCE_S * 1000);
    rc = sio_side_client_answer(&b->api_stream, &a, &b->clients.error);
    if (rc == SIO_OK)
        rc = sio_api_client_judge(&a.answer, &b->clients.error);
    sio_side_answer_fini(&a);
    return rc;
}

static int
tell_api(bench *b, const char *target, sio_buf *body)
{
    if (b->clients.login->nsp.len > 0)
        sio_json_member_text(body, "namespace", b->clients.login->nsp);
    sio_buf_add_char(body, '}');
    if (body->failed)
        return sio_bench_clients_fail(&b->clients, SIO_ERR_NOMEM, "out of memory");
    sio_stream_allow(&b->api_stream, PATIENCE_S * 1000);
    return sio_side_client_request(&b->api, &b->api_stream, "POST", sio_view_of(target),
                                   sio_buf_view(body), true, &b->clients.error);
}

/* Some of our clients go into the room. */
static int
join_some(bench *b, unsigned first, unsigned n)
{
    sio_buf body;
    int     rc;

    sio_buf_init(&body, SIZE_MAX);
    sio_buf_add_str(&body, "{\"to\":");
    for (unsigned i = 0; i < n; i++) {
        sio_buf_add_char(&body, i == 0 ? '[' : ',');
        sio_buf_add_view(&body, sio_buf_view(&b->clients.all[first + i].id));
    }
    sio_buf_add_char(&body, ']');
    sio_json_member_text(&body, "room", sio_view_of(b->room));
    if ((rc = tell_api(b, "/v1/join", &body)) == SIO_OK)
        rc = hear_api(b);
    sio_buf_fini(&body);
    return rc;
}

/* A room that nobody else is in: other clients of the broker get nothing of all this. */
static int
join_all(bench *b)
{
    char random[ROOM_RANDOM + 1];
    int  rc = sio_side_client_connect(&b->api, &b->api_stream, &b->clients.error);

    if (rc != SIO_OK)
        return rc;
    if ((rc = sio_random_text(random, ROOM_RANDOM)) != SIO_OK)
        return sio_bench_clients_fail(&b->clients, rc, "the system has no random numbers");
    snprintf(b->room, sizeof b->room, "bench:%.*s", (int)ROOM_RANDOM, random);
    for (unsigned i = 0; rc == SIO_OK && i < b->clients.n; i += IDS_AT_ONCE)
        rc = join_some(b, i, b->clients.n - i < IDS_AT_ONCE ? b->clients.n - i : IDS_AT_ONCE);
    return rc;
}

static int
emit_by_api(bench *b)
{
    sio_buf body;
    int     rc;

    sio_buf_init(&body, SIZE_MAX);
    sio_buf_add_str(&body, "{\"name\":\"bench\"");
    sio_json_member_text(&body, "to", sio_view_of(b->room));
    sio_json_member_name(&body, "args");
    sio_buf_add_char(&body, '[');
    sio_buf_add_view(&body, sio_buf_view(&b->text));
    sio_buf_add_char(&body, ']');
    b->clients.all[0].sent_us = sio_now_us();
    rc = tell_api(b, "/v1/emit", &body);
    sio_buf_fini(&body);
    return rc;
}

/* One broadcast, until all have it. */
static int
broadcast_once(bench *b, uint64_t since_us)
{
    const uint64_t begun_us = sio_now_us();
    int            rc;

    set_text(b, ++b->part[BROADCAST].n_sent);
    for (unsigned i = 0; i < b->clients.n; i++)
        b->clients.all[i].has_heard = false;
    b->n_waiting = b->clients.n;
    rc = b->has_api ? emit_by_api(b) : emit(b, &b->clients.all[0], b->broadcast, false);
    while (rc == SIO_OK && b->n_waiting > 0 && !is_time_up(begun_us, PATIENCE_S))
        rc = hear(b, "broadcast, second", since_us);
    if (rc == SIO_OK && b->has_api)
        rc = hear_api(b);
    return rc == SIO_OK && b->n_waiting > 0 ? give_up(b, "clients have not got a broadcast") : rc;
}

static int
measure_broadcast(bench *b)
{
    sio_bench_part *part = &b->part[BROADCAST];
    uint64_t        since_us;
    int             rc = b->has_api ? join_all(b) : SIO_OK;

    *part = (sio_bench_part){.name = "broadcast", .what = "deliveries"};
    b->clients.take = take_delivery;
    since_us = sio_now_us();
    while (rc == SIO_OK && !is_time_up(since_us, b->seconds))
        rc = broadcast_once(b, since_us);
    part->us = sio_now_us() - since_us;
    return rc;
}

/* --- All of it. --- */

static double
processor_seconds(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void
report(const bench *b, double processor)
{
    sio_bench_part parts[N_PARTS + 1] = {0};
    sio_buf        out;
    size_t         n = 0;

    for (size_t i = 0; i < N_PARTS; i++)
        if (b->part[i].name != NULL)
            parts[n++] = b->part[i];
    sio_buf_init(&out, SIZE_MAX);
    if (sio_command_line_value(b->line, "json") != NULL)
        sio_bench_report_json(parts, processor, &out);
    else
        sio_bench_report_text(parts, processor, &out);
    if (out.len > 0)
        fwrite(out.data, 1, out.len, stdout);
    sio_buf_fini(&out);
}

/* Everything has to go well: figures of a part of the clients would say little. */
static int
measure(bench *b, const sio_socketio_login *login)
{
    const double   cpu_before = processor_seconds();
    const uint64_t since_us = b->told_us = sio_now_us();
    int            rc = sio_bench_clients_init(&b->clients, login, b->n_clients);

    b->clients.arg = b;
    if (rc == SIO_OK)
        rc = connect_all(b);
    if (rc == SIO_OK && b->echo != NULL)
        rc = measure_echo(b);
    if (rc == SIO_OK && (b->broadcast != NULL || b->has_api))
        rc = measure_broadcast(b);
    if (rc == SIO_OK)
        report(b, (processor_seconds() - cpu_before) * 1e6 / (double)(sio_now_us() - since_us));
    else
        sio_command_line_fail(b->line, SIO_COMMAND_FAILED, "%.*s", (int)b->clients.error.len,
                              b->clients.error.len > 0 ? b->clients.error.data : "out of memory");
    sio_bench_clients_fini(&b->clients);
    return rc == SIO_OK ? SIO_COMMAND_DONE : SIO_COMMAND_FAILED;
}

/* One for each client: take as many as there may be. */
static int
check_descriptors(const bench *b)
{
    const rlim_t  wanted = b->n_clients + SPARE_DESCRIPTORS;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
        return SIO_COMMAND_DONE;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    if (limit.rlim_cur == wanted && setrlimit(RLIMIT_NOFILE, &limit) == 0)
        return SIO_COMMAND_DONE;
    return sio_command_line_fail(
        b->line, SIO_COMMAND_USAGE, "%u clients need %llu descriptors, and there are %llu",
        b->n_clients, (unsigned long long)wanted, (unsigned long long)limit.rlim_max);
}

static int
read_options(bench *b)
{
    b->echo = sio_command_line_value(b->line, "echo");
    b->broadcast = sio_command_line_value(b->line, "broadcast");
    b->has_api = sio_command_line_value(b->line, "api") != NULL ||
                 sio_command_line_value(b->line, "config") != NULL;
    if (sio_command_line_number(b->line, "clients", 1, MAX_CLIENTS, &b->n_clients) != 0 ||
        sio_command_line_number(b->line, "seconds", 1, MAX_SECONDS, &b->seconds) != 0 ||
        sio_command_line_number(b->line, "size", LEAST_SIZE, MOST_SIZE, &b->size) != 0)
        return SIO_COMMAND_USAGE;
    if (b->has_api && b->broadcast != NULL)
        return sio_command_line_fail(b->line, SIO_COMMAND_USAGE,
                                     "--broadcast is for a broker without --api");
    if (b->has_api && sio_api_client_init(&b->api, b->line) != SIO_COMMAND_DONE)
        return SIO_COMMAND_USAGE;
    return check_descriptors(b);
}

static int
run_bench(const sio_command_line *line)
{
    bench b = {.line = line, .n_clients = 100, .seconds = 5, .size = 64, .api_stream = {.fd = -1}};
    sio_socketio_login login;
    int                status = sio_socketio_login_init(&login, line);

    sio_buf_init(&b.text, SIZE_MAX);
    if (status == SIO_COMMAND_DONE)
        status = read_options(&b);
    if (status == SIO_COMMAND_DONE)
        status = measure(&b, &login);
    sio_stream_close(&b.api_stream);
    sio_side_client_fini(&b.api);
    sio_buf_fini(&b.text);
    sio_socketio_login_fini(&login);
    return status;
}

const sio_command sio_bench_command = {
    .name = "bench",
    .operand = "URL",
    .summary = "how fast a broker is, as its clients see it",
    .about =
        "Connects clients of socket.io 4 by websocket, one after the other, and measures how\n"
        "long each takes until it is in the namespace. Then, if they are asked for, echoes:\n"
        "each client sends an event, waits until it is acknowledged, and sends the next. Then\n"
        "broadcasts: one, until all clients have it, and the next. With --api these go to a\n"
        "room of its own, and other clients get nothing; with --broadcast the application\n"
        "sends what it gets to all. Progress goes to standard error, once a second. What one\n"
        "program on one processor can say and hear is the limit: the last line says how\n"
        "near that was.\n"
        "  siobroker bench http://127.0.0.1:3100 --clients 1000 --api 127.0.0.1:3180",
    .exits = "0: measured; 1: a client was refused or lost, or something did not come\n"
             "within 10 seconds; 2: wrong command line",
    .options = {{'C', "clients", "N", "so many (default 100)", NULL, NULL},
                {'s', "seconds", "N", "measure each for so long (default 5)", NULL, NULL},
                {'b', "size", "BYTES", "of what is sent (default 64)", NULL, NULL},
                {'e', "echo", "EVENT", "measure this one, which the application acknowledges", NULL,
                 NULL},
                {'B', "broadcast", "EVENT", "measure this one, which the application sends to all",
                 NULL, NULL},
                SIO_API_CLIENT_OPTIONS,
                SIO_SOCKETIO_CLIENT_OPTIONS,
                {'j', "json", NULL, "print the result as one line of JSON", NULL, NULL},
                SIO_OPTION_HELP},
    .run = run_bench,
};
