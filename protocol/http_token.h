/*
 * protocol/http_token.h - the bytes that methods and names of fields are made of.
 *
 * Rule: RFC 9110 section 5.6.2.
 */
#ifndef SIO_PROTOCOL_HTTP_TOKEN_H
#define SIO_PROTOCOL_HTTP_TOKEN_H

#include <stdbool.h>
#include <string.h>

/* tchar: letters, digits and some punctuation. */
static inline bool
sio_http_token_char(char c)
{
    static const char punctuation[] = "-!#$%&'*+.^_`|~";
    const char        lower = (char)(c | 0x20);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           memchr(punctuation, c, sizeof punctuation - 1) != NULL;
}

#endif
