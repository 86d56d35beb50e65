/*
 * server/admin/exposition.h - metrics as text: the format 0.0.4 of Prometheus, and OpenMetrics 1.0.
 *
 * The two differ in little: OpenMetrics describes a counter without its "_total", and has an end.
 * All names begin with "siobroker_" but those of the process.
 */
#ifndef SIO_ADMIN_EXPOSITION_H
#define SIO_ADMIN_EXPOSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/buf.h"
#include "protocol/histogram.h"

typedef struct {
    sio_buf    *out; /* failure is out->failed */
    bool        open_metrics;
    const char *prefix; /* of the family at hand */
    const char *name;
    const char *suffix;
} sio_exposition;

typedef enum { SIO_EXPOSE_GAUGE, SIO_EXPOSE_COUNTER, SIO_EXPOSE_HISTOGRAM } sio_expose;

/* Label and value; the value may be any text. A label of NULL: there is none. */
typedef struct {
    const char *name;
    sio_view    value;
} sio_label;

void sio_exposition_begin(sio_exposition *e, sio_buf *out, bool open_metrics);

/* A family: what follows are its samples. name, without prefix and "_total", lives as long. */
void sio_exposition_family(sio_exposition *e, const char *name, sio_expose kind, const char *help);

/* One whose name is common to all programs, without our prefix. */
void sio_exposition_common_family(sio_exposition *e, const char *name, sio_expose kind,
                                  const char *help);

void sio_exposition_number(sio_exposition *e, const sio_label *labels, unsigned n_labels,
                           uint64_t value);
void sio_exposition_real(sio_exposition *e, const sio_label *labels, unsigned n_labels,
                         double value);

/* unit: what 1 of a value of h is, in that of the family. */
void sio_exposition_histogram(sio_exposition *e, const sio_label *label, const sio_histogram *h,
                              double unit);

void sio_exposition_end(sio_exposition *e);

#endif
