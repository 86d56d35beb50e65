/*
 * tests/bench/yardstick/wire.c - HTTP, frames and the contract, as far as the yardstick knows them.
 */
#include "tests/bench/yardstick/yardstick.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A piece of text. */
typedef struct {
    const char *data;
    size_t      len;
} piece;

#define LITERAL(text) ((piece){(text), sizeof(text) - 1})

/* --- Websocket frames: RFC 6455, section 5. --- */

/* A text frame of these pieces in s->frame; returns its size, 0 when it would be too large. */
static size_t
build_frame(server *s, const piece *pieces, size_t n)
{
    size_t len = 0, at = 2;

    for (size_t i = 0; i < n; i++)
        len += pieces[i].len;
    if (len > FRAME_MAX)
        return 0;
    s->frame[0] = (char)0x81;
    s->frame[1] = (char)(len < 126 ? len : len <= UINT16_MAX ? 126 : 127);
    if (len >= 126)
        for (unsigned bit = len <= UINT16_MAX ? 16 : 64; bit > 0; bit -= 8)
            s->frame[at++] = (char)((uint64_t)len >> (bit - 8));
    for (size_t i = 0; i < n; at += pieces[i++].len)
        memcpy(s->frame + at, pieces[i].data, pieces[i].len);
    return at;
}

static void
answer(server *s, conn *c, const piece *pieces, size_t n)
{
    send_later(s, c, s->frame, build_frame(s, pieces, n));
}

static void
tell_members(server *s, const piece *pieces, size_t n)
{
    const size_t size = build_frame(s, pieces, n);

    for (uint32_t i = 0; i < s->n_members; i++)
        send_later(s, s->members[i], s->frame, size);
}

/* --- The contract: greeting, echo, join, room. --- */

static bool
skip(piece *text, const char *prefix)
{
    const size_t len = strlen(prefix);

    if (text->len < len || memcmp(text->data, prefix, len) != 0)
        return false;
    text->data += len;
    text->len -= len;
    return true;
}

static piece
take_digits(piece *text)
{
    piece digits = {text->data, 0};

    while (digits.len < text->len && digits.data[digits.len] >= '0' &&
           digits.data[digits.len] <= '9')
        digits.len++;
    text->data += digits.len;
    text->len -= digits.len;
    return digits;
}

static void
greet(server *s, conn *c)
{
    char      text[96];
    const int n = snprintf(text, sizeof text,
                           c->is_modern ? "42[\"server\",{\"server\":\"yardstick\",\"port\":%u}]"
                                        : "5:::{\"name\":\"server\",\"args\":[{\"server\":"
                                          "\"yardstick\",\"port\":%u}]}",
                           s->port);

    answer(s, c, &(piece){text, (size_t)n}, 1);
}

/* 5:ID+::{"name":NAME,"args":[ARGS]} is answered with 6:::ID+[ARGS]. */
static void
on_text_09(server *s, conn *c, piece text)
{
    const piece all = text;
    piece       id;

    if (!skip(&text, "5:"))
        return;
    id = take_digits(&text);
    if (!skip(&text, id.len > 0 ? "+::{\"name\":\"" : "::{\"name\":\""))
        return;
    if (skip(&text, "room\",\"args\":[\"bench\",")) {
        tell_members(s, (piece[]){LITERAL("5:::{\"name\":\"room\",\"args\":["), text}, 2);
        return;
    }
    if (skip(&text, "join\",\"args\":"))
        join_room(s, c);
    else if (!skip(&text, "echo\",\"args\":"))
        return;
    if (id.len > 0 && text.len > 0) {
        text.len--; /* the brace that closes the object */
        answer(s, c, (piece[]){LITERAL("6:::"), id, LITERAL("+"), text}, 4);
    } else {
        answer(s, c, &all, 1);
    }
}

/* 42ID[NAME,ARGS] is answered with 43ID[ARGS]. */
static void
on_text_modern(server *s, conn *c, piece text)
{
    const piece all = text;
    piece       id;

    if (skip(&text, "40")) {
        answer(s, c, &LITERAL("40{\"sid\":\"AAAAAAAAAAAAAAAAAAAA\"}"), 1);
        greet(s, c);
        return;
    }
    if (!skip(&text, "42"))
        return;
    id = take_digits(&text);
    if (skip(&text, "[\"room\",\"bench\",")) {
        tell_members(s, (piece[]){LITERAL("42[\"room\","), text}, 2);
        return;
    }
    if (skip(&text, "[\"join\","))
        join_room(s, c);
    else if (!skip(&text, "[\"echo\","))
        return;
    if (id.len > 0)
        answer(s, c, (piece[]){LITERAL("43"), id, LITERAL("["), text}, 4);
    else
        answer(s, c, &all, 1);
}

/* --- What comes in. Each reader returns the bytes it has used, 0 for "more are needed". --- */

static size_t
read_frame(server *s, conn *c, char *data, size_t len)
{
    const unsigned char *p = (const unsigned char *)data;
    size_t               size, header = 2;

    if (len < 2)
        return 0;
    size = p[1] & 0x7f;
    header += size == 126 ? 2 : size == 127 ? 8 : 0;
    if (len < header + 4)
        return 0;
    if (header > 2)
        size = 0;
    for (size_t i = 2; i < header; i++)
        size = size << 8 | p[i];
    if (p[0] != 0x81 || (p[1] & 0x80) == 0 || size > FRAME_MAX) {
        give_up(s, c); /* a close frame, or nothing of ours */
        return 0;
    }
    if (len < header + 4 + size)
        return 0;
    for (size_t i = 0; i < size; i++)
        data[header + 4 + i] = (char)(p[header + 4 + i] ^ p[header + i % 4]);
    (c->is_modern ? on_text_modern : on_text_09)(s, c, (piece){data + header + 4, size});
    return header + 4 + size;
}

/* RFC 6455, section 4.2.2: base64 of SHA-1 of the key and a fixed text. */
static void
accept_key(const char *key, char out[32])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char          text[64];

    snprintf(text, sizeof text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    if (EVP_Digest(text, strlen(text), digest, NULL, EVP_sha1(), NULL) != 1)
        abort();
    EVP_EncodeBlock((unsigned char *)out, digest, 20);
}

static void
upgrade(server *s, conn *c, const char *key, bool is_modern)
{
    char accept[32], head[256];
    int  n;

    accept_key(key, accept);
    n = snprintf(head, sizeof head,
                 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                 "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                 accept);
    send_later(s, c, head, (size_t)n);
    c->is_websocket = true;
    c->is_modern = is_modern;
    if (is_modern) { /* which greets when the client has sent its CONNECT */
        answer(s, c,
               &LITERAL("0{\"sid\":\"AAAAAAAAAAAAAAAAAAAA\",\"upgrades\":[],\"pingInterval\":25000,"
                        "\"pingTimeout\":20000,\"maxPayload\":1000000}"),
               1);
        return;
    }
    answer(s, c, &LITERAL("1::"), 1);
    greet(s, c);
}

static size_t
read_request(server *s, conn *c, char *data, size_t len)
{
    static const char key_name[] = "Sec-WebSocket-Key: ";
    static const char handshake[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 36\r\n\r\n"
        "AAAAAAAAAAAAAAAAAAAA:60:60:websocket";
    const char *end = memmem(data, len, "\r\n\r\n", 4);
    const char *key;

    if (end == NULL) {
        if (len > FRAME_MAX)
            give_up(s, c);
        return 0;
    }
    key = memmem(data, (size_t)(end - data), key_name, sizeof key_name - 1);
    if (key != NULL && end - key >= (ptrdiff_t)sizeof key_name + 23)
        upgrade(s, c, key + sizeof key_name - 1, memmem(data, 64, "EIO=4", 5) != NULL);
    else
        send_later(s, c, handshake, sizeof handshake - 1);
    return (size_t)(end - data) + 4;
}

size_t
take_input(server *s, conn *c, char *data, size_t len)
{
    size_t used = 0, n;

    do {
        n = (c->is_websocket ? read_frame : read_request)(s, c, data + used, len - used);
        used += n;
    } while (n > 0 && used < len && !c->is_broken);
    return used;
}
