/*
 * tests/fuzz/fuzz_forwarded.c - protocol/forwarded.h: elements are cut in order and none twice,
 * what is taken for an address reads the same once it is printed, and what a client writes before a
 * comma changes nothing of what a proxy writes after it.
 */
#include "tests/fuzz/must.h"
#include "protocol/forwarded.h"

#include <arpa/inet.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_LIST = 1000 };

static bool
same_node(const sio_forwarded_node *a, const sio_forwarded_node *b)
{
    return a->n_bytes == b->n_bytes && a->port == b->port &&
           memcmp(a->address, b->address, a->n_bytes) == 0;
}

static void
check_node(const sio_forwarded_node *node)
{
    const bool         is_v4 = node->n_bytes == 4;
    char               address[INET6_ADDRSTRLEN], text[100];
    sio_forwarded_node again;

    must(is_v4 || node->n_bytes == 16 || (node->n_bytes == 0 && node->port == 0));
    if (node->n_bytes == 0)
        return;
    inet_ntop(is_v4 ? AF_INET : AF_INET6, node->address, address, sizeof address);
    snprintf(text, sizeof text, is_v4 ? "%s:%u" : "[%s]:%u", address, node->port);
    again = sio_forwarded_node_read(sio_view_of(text));
    must(same_node(node, &again));
}

static void
check_element(sio_view element)
{
    const sio_forwarded_node node = sio_forwarded_node_read(element);
    const sio_forwarded      told = sio_forwarded_read(element);

    check_node(&node);
    check_node(&told.from);
    must_be_inside(told.proto, element);
}

static void
check_list(const sio_view whole)
{
    sio_view list = whole;

    do {
        const size_t   before = list.len;
        const sio_view element = sio_forwarded_last(&list);

        must(list.data == whole.data && (list.len < before || before == 0));
        must_be_inside(element, whole);
        must(element.len == 0 || element.data >= list.data + list.len);
        check_element(element);
    } while (list.len > 0);
}

static void
check_proxy_is_heard(sio_view from_client)
{
    static const char added[] = ", for=\"[2001:db8::17]:4711\";proto=https";
    char              text[MAX_LIST + sizeof added];
    sio_view          list = {text, from_client.len + sizeof added - 1};
    sio_forwarded     told;

    if (from_client.len > MAX_LIST)
        return;
    if (from_client.len > 0)
        memcpy(text, from_client.data, from_client.len);
    memcpy(text + from_client.len, added, sizeof added - 1);
    told = sio_forwarded_read(sio_forwarded_last(&list));
    must(told.from.n_bytes == 16 && told.from.port == 4711);
    must(sio_view_eq(told.proto, SIO_VIEW("https")));
    must(list.len == from_client.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_view text = {(const char *)data, size};

    check_list(text);
    check_proxy_is_heard(text);
    return 0;
}
