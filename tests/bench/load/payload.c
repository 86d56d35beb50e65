/*
 * tests/bench/load/payload.c - see payload.h.
 */
#include "tests/bench/load/payload.h"

#include <stdio.h>
#include <string.h>

enum { DIGITS = PAYLOAD_MIN - 2, FILLING = 'x' };

void
payload_write(char *to, size_t bytes, uint32_t number)
{
    snprintf(to, PAYLOAD_MIN + 2, "\"#%0*u:", DIGITS, number);
    memset(to + 1 + PAYLOAD_MIN, FILLING, bytes - PAYLOAD_MIN);
    memcpy(to + 1 + bytes, "\"", 2);
}

int
payload_read(const char *text, size_t len, size_t bytes, uint32_t *number)
{
    const char *end = text + len;
    const char *at = memmem(text, len, "\"#", 2);
    uint32_t    n = 0;

    if (at == NULL || (size_t)(end - at) < bytes + 2)
        return -1;
    at += 2;
    for (int i = 0; i < DIGITS; i++, at++) {
        if (*at < '0' || *at > '9')
            return -1;
        n = n * 10 + (uint32_t)(*at - '0');
    }
    if (*at++ != ':' || at[bytes - PAYLOAD_MIN] != '"')
        return -1;
    for (size_t i = PAYLOAD_MIN; i < bytes; i++)
        if (*at++ != FILLING)
            return -1;
    *number = n;
    return 0;
}
