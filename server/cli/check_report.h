/*
 * server/cli/check_report.h - what `siobroker check` finds: a line for each thing it looks at.
 *
 * The parts of the check, each in its file, take a report and add their lines.
 */
#ifndef SIO_CLI_CHECK_REPORT_H
#define SIO_CLI_CHECK_REPORT_H

#include "protocol/buf.h"
#include "server/config/config.h"

typedef struct {
    unsigned n_warnings, n_failures;
} sio_check_report;

/* The words that the lines begin with: "ok", "warn", "FAIL". */
void sio_check_report_ok(sio_check_report *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void sio_check_report_warn(sio_check_report *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void sio_check_report_fail(sio_check_report *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* For lines of which a part is in a buffer: printf("%.*s", SIO_CHECK_TEXT(buf)). */
#define SIO_CHECK_TEXT(buf) (int)(buf)->len, (buf)->len > 0 ? (buf)->data : ""

#endif
