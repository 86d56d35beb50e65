#include "server/cli/bench_report.h"

#include <stdarg.h>
#include <stdio.h>

#include "protocol/json_member.h"

static void __attribute__((format(printf, 2, 3))) add(sio_buf *out, const char *format, ...)
{
    char    text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    sio_buf_add_str(out, text);
}

static double
ms_below(const sio_bench_part *p, unsigned per_mille)
{
    return (double)sio_latencies_below(&p->took, per_mille) / 1000;
}

static double
seconds_of(const sio_bench_part *p)
{
    return (double)p->us / 1e6;
}

static double
per_second(const sio_bench_part *p, uint64_t n)
{
    return p->us > 0 ? (double)n / seconds_of(p) : 0;
}

/* "echo        52310 round trips in 5.00 s, 10462 a second" and below it how long one took. */
static void
add_part(const sio_bench_part *p, sio_buf *out)
{
    if (p->n_sent > 0)
        add(out, "%-11s %llu broadcasts in %.2f s, %.0f a second\n%-11s ", p->name,
            (unsigned long long)p->n_sent, seconds_of(p), per_second(p, p->n_sent), "");
    else
        add(out, "%-11s ", p->name);
    add(out, "%llu %s in %.2f s, %.0f a second\n", (unsigned long long)p->took.n, p->what,
        seconds_of(p), per_second(p, p->took.n));
    add(out, "%-11s half within %.2f ms, 90 %% %.2f, 99 %% %.2f, all %.2f\n", "", ms_below(p, 500),
        ms_below(p, 900), ms_below(p, 990), ms_below(p, 1000));
}

void
sio_bench_report_text(const sio_bench_part *parts, double processor, sio_buf *out)
{
    for (const sio_bench_part *p = parts; p->name != NULL; p++)
        add_part(p, out);
    add(out, "%-11s %.0f %% of a processor%s\n", "this side", processor * 100,
        processor > 0.9 ? ": it was this program that could do no more" : "");
}

void
sio_bench_report_json(const sio_bench_part *parts, double processor, sio_buf *out)
{
    sio_buf_add_char(out, '{');
    for (const sio_bench_part *p = parts; p->name != NULL; p++) {
        sio_json_member_name(out, p->name);
        sio_buf_add_char(out, '{');
        if (p->n_sent > 0)
            sio_json_member_number(out, "broadcasts", p->n_sent);
        sio_json_member_number(out, "n", p->took.n);
        add(out, ",\"seconds\":%.3f,\"per_second\":%.1f", seconds_of(p), per_second(p, p->took.n));
        add(out, ",\"ms\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"max\":%.3f}}", ms_below(p, 500),
            ms_below(p, 900), ms_below(p, 990), ms_below(p, 1000));
    }
    sio_json_member_name(out, "processor");
    add(out, "%.3f}\n", processor);
}
