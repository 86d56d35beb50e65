/*
 * protocol/http_token.h - the bytes that methods, and names and values of fields are made of.
 *
 * Rules: RFC 9110 sections 5.5 and 5.6.2.
 */
#ifndef SIO_PROTOCOL_HTTP_TOKEN_H
#define SIO_PROTOCOL_HTTP_TOKEN_H

#include <stdbool.h>
#include <string.h>

#include "protocol/view.h"

/* tchar: letters, digits and some punctuation. */
static inline bool
sio_http_token_char(char c)
{
    static const char punctuation[] = "-!#$%&'*+.^_`|~";
    const char        lower = (char)(c | 0x20);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           memchr(punctuation, c, sizeof punctuation - 1) != NULL;
}

/* A whole one: the name of a field, say. */
static inline bool
sio_http_token_is(sio_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!sio_http_token_char(text.data[i]))
            return false;
    return text.len > 0;
}

/* May it be sent as the value of a field? Neither an end of a line is in it nor a control. */
static inline bool
sio_http_token_is_value(sio_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
            return false;
    return true;
}

#endif
