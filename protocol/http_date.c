#include "protocol/http_date.h"

#include <stddef.h>
#include <string.h>

typedef struct {
    unsigned year, month, day, hour, minute, second; /* month: 1 to 12 */
} date;

/* In a form each of these is for a character of the text; any other one stands for itself. */
enum { DAY = 'd', MONTH = 'n', YEAR = 'y', HOUR = 'h', MINUTE = 'm', SECOND = 's', ANY = '?' };

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* A digit at the end of a number; a blank is one in front of it. */
static bool
add_digit(unsigned *number, char c)
{
    if (c == ' ' && *number == 0)
        return true;
    if (c < '0' || c > '9')
        return false;
    *number = 10 * *number + (unsigned)(c - '0');
    return true;
}

static bool
read_month(date *d, const char *name)
{
    for (size_t i = 0; i < 12; i++)
        if (memcmp(month_names + 3 * i, name, 3) == 0)
            d->month = (unsigned)i + 1;
    return d->month > 0;
}

static bool
read_char(date *d, char kind, char c)
{
    switch (kind) {
    case DAY:
        return add_digit(&d->day, c);
    case YEAR:
        return add_digit(&d->year, c);
    case HOUR:
        return add_digit(&d->hour, c);
    case MINUTE:
        return add_digit(&d->minute, c);
    case SECOND:
        return add_digit(&d->second, c);
    default:
        return kind == ANY || kind == c;
    }
}

static bool
read_form(const char *form, sio_view text, date *d)
{
    *d = (date){.year = 0};
    if (strlen(form) != text.len)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (form[i] == MONTH) {
            if (!read_month(d, text.data + i))
                return false;
            i += 2;
        } else if (!read_char(d, form[i], text.data[i])) {
            return false;
        }
    }
    return true;
}

static bool
is_valid(const date *d)
{
    return d->day >= 1 && d->day <= 31 && d->hour <= 23 && d->minute <= 59 && d->second <= 60;
}

/* Days since 1970. Years begin in March here, so that the 29th of February is the last day. */
static int64_t
days_of(const date *d)
{
    const int64_t year = (int64_t)d->year - (d->month <= 2);
    const int64_t month = (d->month + 9) % 12;

    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + d->day -
           719469;
}

static int64_t
seconds_of(const date *d)
{
    const int64_t s =
        86400 * days_of(d) + 3600 * (int64_t)d->hour + 60 * (int64_t)d->minute + d->second;

    return is_valid(d) && s > 0 ? s : 0;
}

/* "Sunday, " is as long as its day. */
static sio_view
skip_long_day(sio_view text)
{
    const char  *comma = text.len > 0 ? memchr(text.data, ',', text.len) : NULL;
    const size_t n = comma != NULL ? (size_t)(comma - text.data) : 0;

    return (sio_view){text.data + n, text.len - n};
}

int64_t
sio_http_date_read(sio_view text)
{
    date d;

    if (read_form("???, dd nnn yyyy hh:mm:ss GMT", text, &d) ||
        read_form("??? nnn dd hh:mm:ss yyyy", text, &d))
        return seconds_of(&d);
    if (!read_form(", dd-nnn-yy hh:mm:ss GMT", skip_long_day(text), &d))
        return 0;
    d.year += d.year < 70 ? 2000 : 1900;
    return seconds_of(&d);
}
