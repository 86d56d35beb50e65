#include "protocol/listen_address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "protocol/network.h"
#include "protocol/result.h"

static int
parse_path(sio_view path, sio_listen_address *out)
{
    if (path.len < 2 || path.len > SIO_LISTEN_PATH_MAX || path.data[0] != '/' ||
        sio_view_has_nul(path))
        return SIO_BAD;
    *out = (sio_listen_address){.is_unix = true, .host = path};
    return SIO_OK;
}

static int
parse_port(sio_view digits, unsigned *port)
{
    unsigned n = 0;

    if (digits.len == 0 || digits.len > 5)
        return SIO_BAD;
    for (size_t i = 0; i < digits.len; i++) {
        if (!isdigit((unsigned char)digits.data[i]))
            return SIO_BAD;
        n = n * 10 + (unsigned)(digits.data[i] - '0');
    }
    *port = n;
    return n <= 65535 ? SIO_OK : SIO_BAD;
}

static bool
is_host(sio_view host)
{
    for (size_t i = 0; i < host.len; i++)
        if (host.data[i] <= 0x20 || host.data[i] >= 0x7f || strchr("/\"[]", host.data[i]) != NULL)
            return false;
    return host.len > 0 && host.len <= SIO_LISTEN_HOST_MAX;
}

/* What is in brackets is an IPv6 address; without them there are no colons in a host. */
static int
take_host(sio_view host, sio_listen_address *out)
{
    const bool bracketed = host.len >= 2 && host.data[0] == '[' && host.data[host.len - 1] == ']';

    if (sio_view_eq(host, SIO_VIEW("*"))) {
        out->host = SIO_VIEW("");
        return SIO_OK;
    }
    out->host = bracketed ? (sio_view){host.data + 1, host.len - 2} : host;
    if (!is_host(out->host))
        return SIO_BAD;
    return bracketed == (memchr(out->host.data, ':', out->host.len) != NULL) ? SIO_OK : SIO_BAD;
}

int
sio_listen_address_parse(sio_view text, sio_listen_address *out)
{
    const sio_view     scheme = SIO_VIEW("unix:");
    const char        *colon = text.len > 0 ? memrchr(text.data, ':', text.len) : NULL;
    sio_listen_address at = {.is_unix = false};

    if (text.len > scheme.len && memcmp(text.data, scheme.data, scheme.len) == 0)
        return parse_path((sio_view){text.data + scheme.len, text.len - scheme.len}, out);
    if (colon == NULL)
        return SIO_BAD;
    const size_t   host_len = (size_t)(colon - text.data);
    const sio_view port = {colon + 1, text.len - host_len - 1};

    if (take_host((sio_view){text.data, host_len}, &at) != SIO_OK ||
        parse_port(port, &at.port) != SIO_OK)
        return SIO_BAD;
    *out = at;
    return SIO_OK;
}

/* Note what a word says. False: it says nothing, or was there before. */
static bool
take_word(sio_view word, sio_listen_entry *entry)
{
    bool *is_said = sio_view_eq(word, SIO_VIEW("proxy")) ? &entry->is_proxy
                    : sio_view_eq(word, SIO_VIEW("tls")) ? &entry->is_tls
                                                         : NULL;

    if (is_said == NULL || *is_said)
        return false;
    *is_said = true;
    return true;
}

/* Cut what stands before the first blank. */
static sio_view
cut_word(sio_view *rest)
{
    const char *blank = rest->len > 0 ? memchr(rest->data, ' ', rest->len) : NULL;
    sio_view    word = *rest;

    if (blank == NULL) {
        *rest = (sio_view){rest->data + rest->len, 0};
        return word;
    }
    word.len = (size_t)(blank - rest->data);
    *rest = (sio_view){blank + 1, rest->len - word.len - 1};
    return word;
}

int
sio_listen_entry_parse(sio_view text, sio_listen_entry *out)
{
    const bool       ends_in_blank = text.len > 0 && text.data[text.len - 1] == ' ';
    sio_listen_entry entry = {.address = cut_word(&text)};

    if (ends_in_blank || sio_listen_address_parse(entry.address, &entry.at) != SIO_OK)
        return SIO_BAD;
    while (text.len > 0)
        if (!take_word(cut_word(&text), &entry))
            return SIO_BAD;
    *out = entry;
    return SIO_OK;
}

bool
sio_listen_address_is_local(const sio_listen_address *at)
{
    char    host[INET6_ADDRSTRLEN];
    uint8_t bytes[16];

    if (at->is_unix || sio_view_eq_nocase(at->host, SIO_VIEW("localhost")))
        return true;
    if (at->host.len >= sizeof host)
        return false;
    memcpy(host, at->host.data, at->host.len);
    host[at->host.len] = '\0';
    if (inet_pton(AF_INET, host, bytes) == 1)
        return sio_network_has(SIO_VIEW("loopback"), bytes, 4);
    return inet_pton(AF_INET6, host, bytes) == 1 &&
           sio_network_has(SIO_VIEW("loopback"), bytes, 16);
}
