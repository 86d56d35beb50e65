/*
 * tests/fuzz/session_script.h - scripts: a command on each line, and those that clients obey.
 *
 * Used by fuzz_session.c and fuzz_cluster.c, which say what stands before the text of a line.
 */
#ifndef SIO_TESTS_FUZZ_SESSION_SCRIPT_H
#define SIO_TESTS_FUZZ_SESSION_SCRIPT_H

#include <ctype.h>
#include <stdio.h>

#include "tests/fuzz/session_client.h"

/* Do what each line says; end is behind its last character, and it has at least one. */
static inline void
script_run(const char *at, size_t size, void (*run)(void *arg, const char *line, const char *end),
           void *arg)
{
    const char *end = at + size, *eol;

    for (; at < end; at = eol + 1) {
        if ((eol = memchr(at, '\n', (size_t)(end - at))) == NULL)
            eol = end;
        if (eol > at)
            run(arg, at, eol);
    }
}

/* The number that stands there, without what is behind its first max_digits; 0 when there is none. */
static inline unsigned
script_number(const char *at, const char *end, int max_digits)
{
    unsigned n = 0;

    for (int i = 0; i < max_digits && at < end && isdigit((unsigned char)*at); i++)
        n = n * 10 + (unsigned)(*at++ - '0');
    return n;
}

static inline char
script_unescape(const char **at, const char *end)
{
    const char c = *(*at)++;
    unsigned   byte;
    char       hex[3] = {0};

    if (c == 'n')
        return '\n';
    if (c == 'r')
        return '\r';
    if (c != 'x' || end - *at < 2)
        return c;
    memcpy(hex, *at, 2);
    *at += 2;
    return sscanf(hex, "%2x", &byte) == 1 ? (char)byte : '\0';
}

/* $0 to $9 is the id of the first to tenth session; \r \n \\ \xHH are bytes. */
static inline void
script_expand(const session_ids *ids, const char *at, const char *end, sio_buf *text)
{
    while (at < end) {
        const char c = *at++;

        if (c == '\\' && at < end)
            sio_buf_add_char(text, script_unescape(&at, end));
        else if (c == '$' && at < end && isdigit((unsigned char)*at))
            sio_buf_add_str(text, ids->texts[*at++ - '0']);
        else
            sio_buf_add_char(text, c);
    }
}

/*
 *     g/path      GET                        c  the peer closes      s  stops reading
 *     p/path body POST                       r  resets               w  reads again
 *     u/path      upgrade to a websocket     l  has left, which      x  the next write fails
 *     ttext       websocket text message        nobody saw yet
 *     mbytes      a binary one
 *     bbytes      raw bytes
 *     dbytes      the same one by one
 */
static inline void
script_act(client *p, char letter, sio_view text)
{
    static const char upgrade[] = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                                  "dGhlIHNhbXBsZSBub25jZQ==\r\n";

    switch (letter) {
    case 'g':
        client_request(p, "GET ", text, "");
        break;
    case 'p':
        client_request(p, "POST ", text, "Origin: http://o\r\n");
        break;
    case 'u':
        client_request(p, "GET ", text, upgrade);
        break;
    case 't':
        client_message(p, SIO_WS_TEXT, text);
        break;
    case 'm':
        client_message(p, SIO_WS_BINARY, text);
        break;
    case 'b':
        client_send(p, text);
        break;
    case 'd':
        client_send_bytewise(p, text);
        break;
    case 'c':
        client_gone(p, false);
        break;
    case 'r':
        client_gone(p, true);
        break;
    case 'l':
        p->left = true;
        break;
    case 's':
        p->stalled = true;
        break;
    case 'w':
        client_read_again(p);
        break;
    case 'x':
        p->failing = true;
        break;
    default:
        break;
    }
}

#endif
