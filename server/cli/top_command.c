/* server/cli/top_command.c - a broker at a glance, once a second. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "protocol/json.h"
#include "protocol/json_tree.h"
#include "protocol/result.h"
#include "server/cli/admin_client.h"
#include "server/cli/commands.h"
#include "server/cli/printable.h"

enum { MAX_TEXT = 256, N_NAMESPACES = 5 };

/* Two answers of /status, a second apart. Those that are missing read as 0. */
typedef struct {
    const cJSON *now, *before;
    double       seconds; /* between them */
} top_view;

/* --- Reading. --- */

/* The value at a path such as "counters.packets_in"; NULL: there is none. */
static const cJSON *
find_value(const cJSON *status, const char *path)
{
    char name[64];

    while (status != NULL && *path != '\0') {
        const size_t len = strcspn(path, ".");

        snprintf(name, sizeof name, "%.*s", (int)len, path);
        status = cJSON_GetObjectItemCaseSensitive(status, name);
        path += len + (path[len] == '.' ? 1 : 0);
    }
    return status;
}

static double
number_of(const cJSON *value)
{
    return cJSON_IsNumber(value) ? value->valuedouble : 0;
}

static double
number_at(const cJSON *status, const char *path)
{
    return number_of(find_value(status, path));
}

/* A text that the broker has, for a terminal. */
static const char *
text_of(const cJSON *object, const char *name, char text[MAX_TEXT])
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);

    snprintf(text, MAX_TEXT, "%s", cJSON_IsString(value) ? value->valuestring : "");
    sio_printable(text);
    return text;
}

/* How much it grows in a second. */
static double
rate_at(const top_view *v, const char *path)
{
    const double grown = number_at(v->now, path) - number_at(v->before, path);

    return v->seconds > 0 && grown > 0 ? grown / v->seconds : 0;
}

/* --- Histograms: bounds grow by a factor, and the last count has none. --- */

/* What came to a count in this second. before NULL: all of it. */
static double
grown_count(const cJSON *now, const cJSON *before, int i)
{
    const double grown = number_of(cJSON_GetArrayItem(find_value(now, "counts"), i)) -
                         number_of(cJSON_GetArrayItem(find_value(before, "counts"), i));

    return grown > 0 ? grown : 0;
}

/* The bound, in ms, under which so large a part of what came in this second is; 0: nothing came. */
static double
bound_ms(const cJSON *now, const cJSON *before, double part)
{
    const int n = cJSON_GetArraySize(find_value(now, "counts"));
    double    all = 0, sum = 0;
    int       i;

    for (i = 0; i < n; i++)
        all += grown_count(now, before, i);
    if (all == 0)
        return 0;
    for (i = 0; i < n - 1; i++)
        if ((sum += grown_count(now, before, i)) >= part * all)
            break;
    return number_at(now, "first") * pow(number_at(now, "factor"), i) / 1000;
}

static double
loop_lag_ms(const top_view *v, double part)
{
    static const char path[] = "histograms.loop_lag";

    return bound_ms(find_value(v->now, path), find_value(v->before, path), part);
}

/* --- Printing. --- */

static void
print_identity(const top_view *v)
{
    const unsigned up = (unsigned)number_at(v->now, "uptime");
    char           name[MAX_TEXT], phase[MAX_TEXT], version[MAX_TEXT];

    printf("%s: %s, up %u:%02u:%02u, siobroker %s\n", text_of(v->now, "name", name),
           text_of(v->now, "phase", phase), up / 3600, up / 60 % 60, up % 60,
           text_of(v->now, "version", version));
}

static void
print_sessions(const top_view *v)
{
    const cJSON *session;
    char         transport[MAX_TEXT], revision[MAX_TEXT];

    printf("sessions    %.0f", number_at(v->now, "counters.sessions"));
    cJSON_ArrayForEach(session, find_value(v->now, "sessions"))
    {
        printf(", %s %s %.0f", text_of(session, "transport", transport),
               text_of(session, "revision", revision), number_at(session, "n"));
    }
    printf("\nconnections %.0f of %.0f\n", number_at(v->now, "counters.connections"),
           number_at(v->now, "max_connections"));
}

static void
print_traffic(const top_view *v)
{
    printf("packets     %.0f/s in, %.0f/s out\n", rate_at(v, "counters.packets_in"),
           rate_at(v, "counters.packets_out"));
    printf("bytes       %.0f/s in, %.0f/s out, %.0f waiting\n", rate_at(v, "counters.bytes_in"),
           rate_at(v, "counters.bytes_out"), number_at(v->now, "counters.queued_bytes"));
}

static void
print_process(const top_view *v)
{
    printf("loop lag    half below %.1f ms, 99 %% below %.1f ms\n", loop_lag_ms(v, 0.5),
           loop_lag_ms(v, 0.99));
    printf("process     %.1f %% of a processor, %.1f MB, %.0f of %.0f descriptors\n",
           100 * rate_at(v, "process.cpu"), number_at(v->now, "process.resident") / 1e6,
           number_at(v->now, "process.fds"), number_at(v->now, "process.max_fds"));
}

static void
print_cluster(const top_view *v)
{
    const cJSON *redis = find_value(v->now, "redis");

    if (!cJSON_IsObject(redis)) {
        printf("redis       none\n");
        return;
    }
    printf("redis       %s, %.0f commands waiting, %d other instances\n",
           cJSON_IsTrue(find_value(redis, "up")) ? "up" : "away", number_at(redis, "pending"),
           cJSON_GetArraySize(find_value(v->now, "peers")));
}

/* A line for each behind the one of all; nothing where there are none. */
static void
print_backends(const top_view *v)
{
    const cJSON *all = find_value(v->now, "backends"), *backend;
    char         name[MAX_TEXT];
    int          i = 0;

    if (cJSON_GetArraySize(all) > 0)
        printf("backends    %.0f/s requests, %.0f/s failed, %.0f events waiting, %.0f paused\n",
               rate_at(v, "counters.backend_requests"), rate_at(v, "counters.backend_failures"),
               number_at(v->now, "counters.backend_queue"),
               number_at(v->now, "counters.backend_paused"));
    cJSON_ArrayForEach(backend, all)
    {
        const cJSON *before = cJSON_GetArrayItem(find_value(v->before, "backends"), i++);

        printf("            %s: 99 %% within %.1f ms\n", text_of(backend, "name", name),
               bound_ms(find_value(backend, "request"), find_value(before, "request"), 0.99));
    }
}

/* The busiest of those that have not been printed: at most `limit` sockets, and behind `last`. */
static const cJSON *
next_namespace(const cJSON *all, const cJSON *last)
{
    const cJSON *best = NULL, *ns;
    bool         is_behind = last == NULL;

    cJSON_ArrayForEach(ns, all)
    {
        const double n = number_at(ns, "sockets");
        const double limit = last != NULL ? number_at(last, "sockets") : HUGE_VAL;

        if ((n < limit || (n == limit && is_behind)) &&
            (best == NULL || n > number_at(best, "sockets")))
            best = ns;
        is_behind = is_behind || ns == last;
    }
    return best;
}

static void
print_namespaces(const top_view *v)
{
    const cJSON *all = find_value(v->now, "namespaces"), *ns = NULL;
    char         name[MAX_TEXT];

    printf("sockets    ");
    for (int i = 0; i < N_NAMESPACES && (ns = next_namespace(all, ns)) != NULL; i++)
        printf("%s%s %.0f", i > 0 ? ", " : " ", text_of(ns, "name", name),
               number_at(ns, "sockets"));
    putchar('\n');
}

static void
print_view(const top_view *v)
{
    print_identity(v);
    print_sessions(v);
    print_traffic(v);
    print_process(v);
    print_cluster(v);
    print_backends(v);
    print_namespaces(v);
    fflush(stdout);
}

/* --- The command. --- */

/* NULL: standard error says why. */
static cJSON *
ask_status(const sio_side_client *client, const sio_command_line *line)
{
    cJSON  *status = NULL;
    sio_buf body;

    sio_buf_init(&body, SIZE_MAX);
    if (sio_admin_client_ask(client, line, "GET", SIO_VIEW("/status"), &body) == SIO_COMMAND_DONE) {
        if (sio_json_validate(sio_buf_view(&body), CJSON_NESTING_LIMIT) == SIO_OK)
            status = sio_json_tree(sio_buf_view(&body));
        if (status == NULL)
            sio_command_line_fail(line, SIO_COMMAND_FAILED, "what came is not its status");
    }
    sio_buf_fini(&body);
    return status;
}

static int
watch(const sio_side_client *client, const sio_command_line *line)
{
    static const char     clear_screen[] = "\033[H\033[2J";
    const struct timespec second = {.tv_sec = 1};
    const bool            is_once = sio_command_line_value(line, "once") != NULL;
    const bool            is_screen = !is_once && isatty(STDOUT_FILENO);
    cJSON                *now, *before = ask_status(client, line);

    while (before != NULL) {
        nanosleep(&second, NULL);
        now = ask_status(client, line);
        if (now != NULL) {
            const double   ms = number_at(now, "now") - number_at(before, "now");
            const top_view v = {now, before, ms / 1000};

            fputs(is_screen ? clear_screen : "", stdout);
            print_view(&v);
            fputs(is_screen || is_once ? "" : "\n", stdout);
        }
        cJSON_Delete(before);
        before = now;
        if (is_once && now != NULL) {
            cJSON_Delete(now);
            return SIO_COMMAND_DONE;
        }
    }
    return SIO_COMMAND_FAILED;
}

static int
run_top(const sio_command_line *line)
{
    sio_side_client client;
    int             status = sio_admin_client_init(&client, line);

    if (status == SIO_COMMAND_DONE)
        status = watch(&client, line);
    sio_side_client_fini(&client);
    return status;
}

const sio_command sio_top_command = {
    .name = "top",
    .summary = "a running broker at a glance, once a second",
    .about = "Shows sessions, packets, what waits, how late the event loop is, Redis, backends, "
             "and the\n"
             "five busiest namespaces; until it is interrupted, or the broker has gone.",
    .exits = "0: --once; 1: refused, or nobody answers; 2: wrong command line",
    .options = {SIO_ADMIN_CLIENT_OPTIONS,
                {'1', "once", NULL, "show it once, after a second, and end", NULL, NULL},
                SIO_OPTION_HELP},
    .run = run_top,
};
