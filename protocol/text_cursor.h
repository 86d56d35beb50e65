/*
 * protocol/text_cursor.h - taking a text apart from its front.
 *
 * Private to the packet codecs. Each function returns what it took, as a view
 * into the text, and leaves the rest in *rest.
 */
#ifndef SIO_PROTOCOL_TEXT_CURSOR_H
#define SIO_PROTOCOL_TEXT_CURSOR_H

#include "protocol/view.h"

#include <stdbool.h>

/* n bytes; the caller knows that there are so many. */
static inline sio_view
take_n(sio_view *rest, size_t n)
{
    const sio_view taken = {rest->data, n};

    if (n > 0)
        *rest = (sio_view){rest->data + n, rest->len - n};
    return taken;
}

static inline bool
take_char(sio_view *rest, char c)
{
    if (rest->len == 0 || rest->data[0] != c)
        return false;
    take_n(rest, 1);
    return true;
}

/* Decimal digits, as many as there are. */
static inline sio_view
take_digits(sio_view *rest)
{
    size_t n = 0;

    while (n < rest->len && rest->data[n] >= '0' && rest->data[n] <= '9')
        n++;
    return take_n(rest, n);
}

/* Everything up to c or the end; c itself is dropped. */
static inline sio_view
take_until(sio_view *rest, char c)
{
    const char *const at = rest->len == 0 ? NULL : memchr(rest->data, c, rest->len);
    const sio_view    taken = take_n(rest, at == NULL ? rest->len : (size_t)(at - rest->data));

    take_char(rest, c);
    return taken;
}

/* The value of digits, or limit + 1 when it is larger than limit (which is below SIZE_MAX). */
static inline size_t
number_of(sio_view digits, size_t limit)
{
    size_t n = 0;

    for (size_t i = 0; i < digits.len; i++) {
        const size_t digit = (size_t)(digits.data[i] - '0');

        if (digit > limit || n > (limit - digit) / 10)
            return limit + 1;
        n = n * 10 + digit;
    }
    return n;
}

#endif
