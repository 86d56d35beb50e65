#include "tests/fuzz/world/session_script.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "protocol/ws_deflate.h"
#include "protocol/ws_frame.h"

void
script_run(const char *at, size_t size, script_line_fn *run, void *arg)
{
    const char *end = at + size, *eol;

    for (; at < end; at = eol + 1) {
        if ((eol = memchr(at, '\n', (size_t)(end - at))) == NULL)
            eol = end;
        if (eol > at)
            run(arg, at, eol);
    }
}

unsigned
script_number(const char *at, const char *end, int max_digits)
{
    unsigned n = 0;

    for (int i = 0; i < max_digits && at < end && isdigit((unsigned char)*at); i++)
        n = n * 10 + (unsigned)(*at++ - '0');
    return n;
}

static char
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

static const char *
script_noted(const session_ids *ids, char letter)
{
    if (letter == 'p')
        return ids->private_id;
    return letter == 'o' ? ids->offset : ids->texts[letter - '0'];
}

void
script_expand(const session_ids *ids, const char *at, const char *end, sio_buf *text)
{
    while (at < end) {
        const char c = *at++;

        if (c == '\\' && at < end)
            sio_buf_add_char(text, script_unescape(&at, end));
        else if (c == '$' && at < end && (isdigit((unsigned char)*at) || *at == 'p' || *at == 'o'))
            sio_buf_add_str(text, script_noted(ids, *at++));
        else
            sio_buf_add_char(text, c);
    }
}

/* As it is, if it does not get shorter. */
static void
send_compressed(client *p, sio_view text)
{
    sio_ws_deflate *deflater = sio_ws_deflate_new();
    sio_buf         payload;

    if (deflater == NULL)
        return;
    sio_buf_init(&payload, SIZE_MAX);
    if (sio_ws_deflate_message(deflater, text, &payload))
        client_message(p, SIO_WS_TEXT | SIO_WS_RSV1 << SIO_WS_RSV_SHIFT, sio_buf_view(&payload));
    else
        client_message(p, SIO_WS_TEXT, text);
    sio_buf_fini(&payload);
    sio_ws_deflate_free(deflater);
}

#define UPGRADE                                                                  \
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

void
script_act(client *p, char letter, sio_view text)
{
    static const char upgrade[] = UPGRADE;
    static const char rich_upgrade[] =
        UPGRADE "Origin: https://o\r\nSec-WebSocket-Extensions: permessage-deflate\r\n";
    static const char preflight[] = "Origin: http://q:80\r\nAccess-Control-Request-Method: POST\r\n"
                                    "Access-Control-Request-Headers: x-y\r\n";

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
    case '@':
        client_request(p, "GET ", text, "Origin: http://o:80\r\n");
        break;
    case '?':
        client_request(p, "OPTIONS ", text, preflight);
        break;
    case '^':
        client_request(p, "GET ", text, rich_upgrade);
        break;
    case '&':
        send_compressed(p, text);
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
