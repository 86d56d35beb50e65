/*
 * tests/fuzz/fuzz_proxy_header.c - protocol/proxy_header.h: what is read of a header does not
 * depend on what follows, no shorter beginning of it says anything else than "more", and what is
 * refused once stays refused.
 */
#include "tests/fuzz/must.h"
#include "protocol/proxy_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_same(const sio_proxy_header *a, const sio_proxy_header *b)
{
    return a->n_bytes == b->n_bytes && a->port == b->port &&
           memcmp(a->address, b->address, sizeof a->address) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char      *bytes = (const char *)data;
    sio_proxy_header whole, part;
    const ptrdiff_t  n = sio_proxy_header_read(bytes, size, &whole);
    bool             is_bad = false;

    must(n == SIO_PARTIAL || n == SIO_BAD || (n > 0 && (size_t)n <= size));
    must(n <= SIO_PROXY_HEADER_MAX);
    if (n == SIO_PARTIAL)
        must(size < SIO_PROXY_HEADER_MAX);
    for (size_t i = 0; i < size && i < 300; i++) {
        const ptrdiff_t rc = sio_proxy_header_read(bytes, i, &part);

        must(!is_bad || rc == SIO_BAD);
        is_bad = rc == SIO_BAD;
        must(rc == SIO_PARTIAL || rc == SIO_BAD || rc == n);
        if (rc == n && n > 0)
            must(is_same(&whole, &part));
    }
    must(!is_bad || n == SIO_BAD);
    return 0;
}
