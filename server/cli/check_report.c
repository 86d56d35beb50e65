#include "server/cli/check_report.h"

#include <stdarg.h>
#include <stdio.h>

#include "server/cli/printable.h"

__attribute__((format(printf, 2, 0))) static void
print_found(const char *word, const char *format, va_list args)
{
    char text[2048];

    vsnprintf(text, sizeof text, format, args);
    sio_printable(text);
    printf("%-4s  %s\n", word, text);
}

void
sio_check_report_ok(sio_check_report *r, const char *format, ...)
{
    va_list args;

    (void)r;
    va_start(args, format);
    print_found("ok", format, args);
    va_end(args);
}

void
sio_check_report_warn(sio_check_report *r, const char *format, ...)
{
    va_list args;

    r->n_warnings++;
    va_start(args, format);
    print_found("warn", format, args);
    va_end(args);
}

void
sio_check_report_fail(sio_check_report *r, const char *format, ...)
{
    va_list args;

    r->n_failures++;
    va_start(args, format);
    print_found("FAIL", format, args);
    va_end(args);
}
