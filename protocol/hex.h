/*
 * protocol/hex.h - hexadecimal digits.
 */
#ifndef SIO_PROTOCOL_HEX_H
#define SIO_PROTOCOL_HEX_H

/* The value of a digit, or -1. */
static inline int
sio_hex_value(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        return (c | 0x20) - 'a' + 10;
    return -1;
}

#endif
