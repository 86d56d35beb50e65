#include "protocol/network.h"

#include <arpa/inet.h>
#include <string.h>

typedef struct {
    uint8_t address[16];
    size_t  n_bytes;
    size_t  n_bits; /* of the prefix */
} network;

enum { MAX_NETWORKS = 4 };

static const struct {
    const char *word;
    const char *networks[MAX_NETWORKS];
} words[] = {
    {"loopback", {"127.0.0.0/8", "::1"}},
    {"linklocal", {"169.254.0.0/16", "fe80::/10"}},
    {"private", {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"}},
    {"all", {"0.0.0.0/0", "::/0"}},
};

/* 1*3DIGIT, at most `most`. */
static bool
read_prefix(const char *text, size_t most, size_t *n_bits)
{
    size_t n = 0, len = 0;

    for (; text[len] >= '0' && text[len] <= '9' && len < 3; len++)
        n = n * 10 + (size_t)(text[len] - '0');
    *n_bits = n;
    return len > 0 && text[len] == '\0' && n <= most;
}

static bool
read_network(sio_view text, network *net)
{
    char  copy[INET6_ADDRSTRLEN + 4];
    char *slash;

    if (text.len == 0 || text.len >= sizeof copy || memchr(text.data, '\0', text.len) != NULL)
        return false;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    if ((slash = strchr(copy, '/')) != NULL)
        *slash = '\0';
    if (inet_pton(AF_INET, copy, net->address) == 1)
        net->n_bytes = 4;
    else if (inet_pton(AF_INET6, copy, net->address) == 1)
        net->n_bytes = 16;
    else
        return false;
    net->n_bits = net->n_bytes * 8;
    return slash == NULL || read_prefix(slash + 1, net->n_bytes * 8, &net->n_bits);
}

static bool
is_in(const network *net, const uint8_t *address, size_t n_bytes)
{
    const size_t n_whole = net->n_bits / 8, n_rest = net->n_bits % 8;

    if (n_bytes != net->n_bytes || memcmp(address, net->address, n_whole) != 0)
        return false;
    return n_rest == 0 || ((address[n_whole] ^ net->address[n_whole]) >> (8 - n_rest)) == 0;
}

/* The networks that a word stands for, or NULL. */
static const char *const *
find_word(sio_view text)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (sio_view_eq(text, sio_view_of(words[i].word)))
            return words[i].networks;
    return NULL;
}

bool
sio_network_is_valid(sio_view text)
{
    network net;

    return find_word(text) != NULL || read_network(text, &net);
}

bool
sio_network_has(sio_view text, const uint8_t *address, size_t n_bytes)
{
    const char *const *networks = find_word(text);
    network            net;

    if (networks == NULL)
        return read_network(text, &net) && is_in(&net, address, n_bytes);
    for (size_t i = 0; i < MAX_NETWORKS && networks[i] != NULL; i++)
        if (read_network(sio_view_of(networks[i]), &net) && is_in(&net, address, n_bytes))
            return true;
    return false;
}
