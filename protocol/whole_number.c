#include "protocol/whole_number.h"

#include "protocol/text_cursor.h"

enum { MAX_EXPONENT = 400 }; /* a double ends at 308 */

/* 123.45e6 taken apart. */
typedef struct {
    bool     is_negative;
    sio_view whole, fraction; /* digits */
    long     exponent;
} number;

static bool
take_exponent(sio_view *rest, long *exponent)
{
    const bool is_negative = take_char(rest, '-');
    sio_view   digits;
    size_t     n;

    if (!is_negative)
        take_char(rest, '+');
    digits = take_digits(rest);
    n = number_of(digits, MAX_EXPONENT);
    *exponent = is_negative ? -(long)n : (long)n;
    return digits.len > 0 && n <= MAX_EXPONENT;
}

static bool
take_apart(sio_view text, number *n)
{
    *n = (number){.is_negative = take_char(&text, '-')};
    n->whole = take_digits(&text);
    if (take_char(&text, '.') && (n->fraction = take_digits(&text)).len == 0)
        return false;
    if ((take_char(&text, 'e') || take_char(&text, 'E')) && !take_exponent(&text, &n->exponent))
        return false;
    return n->whole.len > 0 && text.len == 0;
}

/* The i-th digit, wherever the point is; behind the last one there are zeros. */
static size_t
digit_at(const number *n, size_t i)
{
    if (i < n->whole.len)
        return (size_t)(n->whole.data[i] - '0');
    i -= n->whole.len;
    return i < n->fraction.len ? (size_t)(n->fraction.data[i] - '0') : 0;
}

int
sio_whole_number(sio_view text, size_t limit, size_t *value)
{
    number n;
    size_t result = 0, n_digits;
    long   point;

    if (!take_apart(text, &n))
        return SIO_BAD;
    n_digits = n.whole.len + n.fraction.len;
    point = (long)n.whole.len + n.exponent;
    for (size_t i = 0; i < n_digits || (long)i < point; i++) {
        const size_t digit = digit_at(&n, i);

        if ((long)i >= point && digit > 0)
            return SIO_BAD; /* of the fraction */
        if ((long)i >= point)
            continue;
        if (digit > limit || result > (limit - digit) / 10)
            return SIO_TOO_LARGE;
        result = result * 10 + digit;
    }
    if (n.is_negative && result > 0)
        return SIO_BAD;
    *value = result;
    return SIO_OK;
}
