/*
 * tests/bench/load/report.c - see report.h.
 */
#include "tests/bench/load/report.h"

#include <inttypes.h>
#include <string.h>

static void
write_what(FILE *out, const options *o)
{
    fprintf(out, "\"scenario\":\"%s\",\"client\":\"%s\",\"connections\":%u", o->scenario, o->client,
            o->connections);
    if (strcmp(o->scenario, "connect") == 0)
        fprintf(out, ",\"concurrency\":%u", o->concurrency);
    else if (strcmp(o->scenario, "idle") != 0)
        fprintf(out, ",\"outstanding\":%u,\"bytes\":%u,\"rate\":%g", o->outstanding, o->bytes,
                o->rate);
}

static void
write_speed(FILE *out, double seconds, double n)
{
    fprintf(out, ",\"seconds\":%.3f,\"operations\":%.0f,\"per_second\":%.1f", seconds, n,
            n / seconds);
}

static void
write_latency(FILE *out, const histogram *h)
{
    static const struct {
        const char *name;
        double      fraction;
    } rows[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1}};

    if (h->total == 0)
        return;
    fprintf(out, ",\"latency\":{");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        fprintf(out, "%s\"%s\":%.1f", i > 0 ? "," : "", rows[i].name,
                (double)histogram_at(h, rows[i].fraction) / 1e3);
    fprintf(out, "}");
}

static void
write_processes(FILE *out, const run *r, double seconds, double n)
{
    const process_usage *from = &r->from.usage, *to = &r->to.usage;
    const double         cpu_ns = (double)(to->cpu_ns - from->cpu_ns);

    if (r->options->n_pids == 0)
        return;
    fprintf(out, ",\"cpu_load\":%.3f,\"rss\":%" PRIu64 ",\"rss_peak\":%" PRIu64,
            cpu_ns / 1e9 / seconds, to->rss_bytes, to->peak_bytes);
    if (n > 0)
        fprintf(out, ",\"cpu_per_operation\":%.4f", cpu_ns / 1e3 / n);
    if (n > 0 && r->options->n_pids > 1)
        fprintf(out, ",\"cpu_of_first\":%.4f",
                (double)(to->first_cpu_ns - from->first_cpu_ns) / 1e3 / n);
    if (r->base.at_ns != 0 && r->n_clients > r->n_base)
        fprintf(out, ",\"rss_per_connection\":%.0f",
                ((double)to->rss_bytes - (double)r->base.usage.rss_bytes) /
                    (r->n_clients - r->n_base));
}

static void
write_counts(FILE *out, const run_results *results)
{
    fprintf(out,
            ",\"sent\":%" PRIu64 ",\"received\":%" PRIu64 ",\"lost\":%" PRIu64
            ",\"doubled\":%" PRIu64 ",\"reordered\":%" PRIu64 ",\"damaged\":%" PRIu64
            ",\"timed_out\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"retried\":%" PRIu64
            ",\"disconnected\":%" PRIu64,
            results->sent, results->received, results->lost, results->doubled, results->reordered,
            results->damaged, results->timed_out, results->failed, results->retried,
            results->disconnected);
    if (results->slow_reader != NULL)
        fprintf(out, ",\"slow_reader\":\"%s\",\"slow_received\":%" PRIu64, results->slow_reader,
                results->slow_received);
}

void
report_write(FILE *out, const run *r)
{
    const double seconds = (double)(r->to.at_ns - r->from.at_ns) / 1e9;
    const double n = (double)(r->to.operations - r->from.operations);

    fprintf(out, "{");
    write_what(out, r->options);
    write_speed(out, seconds, n);
    write_latency(out, &r->latency);
    write_processes(out, r, seconds, n);
    write_counts(out, &r->results);
    fprintf(out, "}\n");
}

bool
report_is_clean(const run *r)
{
    const run_results *results = &r->results;

    return results->lost + results->doubled + results->reordered + results->damaged +
               results->failed + results->disconnected ==
           0;
}
