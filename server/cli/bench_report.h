/*
 * server/cli/bench_report.h - what `siobroker bench` has measured, in words or as JSON.
 */
#ifndef SIO_CLI_BENCH_REPORT_H
#define SIO_CLI_BENCH_REPORT_H

#include <stdbool.h>

#include "protocol/buf.h"
#include "server/cli/latencies.h"

typedef struct {
    const char   *name;   /* NULL: it was not measured */
    const char   *what;   /* was counted: "round trips" */
    uint64_t      us;     /* it took in all */
    uint64_t      n_sent; /* of broadcasts; 0: each thing is counted by itself */
    sio_latencies took;
} sio_bench_part;

/*
 * Append the parts, which end with one without a name. processor: the part of a processor that the
 * program itself has used.
 */
void sio_bench_report_text(const sio_bench_part *parts, double processor, sio_buf *out);
void sio_bench_report_json(const sio_bench_part *parts, double processor, sio_buf *out);

#endif
