#include "server/backends/address_cache.h"

#include "server/backends/plain_link.h"
#include "store/clock.h"
#include "tests/unit/check.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const sio_addresses one = {.n = 1, .text = {"192.0.2.1"}};
static const sio_addresses two = {.n = 2, .text = {"192.0.2.2", "2001:db8::2"}};

static void
check_found(const sio_address_cache *c, const char *host, uint64_t now_ms, const char *first)
{
    sio_addresses found;

    check_row = host;
    CHECK(sio_address_cache_find(c, host, now_ms, &found));
    CHECK_VIEW(sio_view_of(found.text[0]), first);
}

static void
check_unknown(const sio_address_cache *c, const char *host, uint64_t now_ms)
{
    sio_addresses found;

    check_row = host;
    CHECK(!sio_address_cache_find(c, host, now_ms, &found));
}

static void
test_what_was_found_is_known_for_a_while(void)
{
    sio_address_cache c = {.next = 0};

    check_unknown(&c, "a", 0);
    sio_address_cache_put(&c, "a", 1000, &one);
    sio_address_cache_put(&c, "b", 1001, &two);
    check_found(&c, "a", 1000, "192.0.2.1");
    check_found(&c, "a", 999 + SIO_ADDRESS_CACHE_MS, "192.0.2.1");
    check_unknown(&c, "a", 1000 + SIO_ADDRESS_CACHE_MS);
    check_found(&c, "b", 1000 + SIO_ADDRESS_CACHE_MS, "192.0.2.2");
    sio_address_cache_put(&c, "a", 50000, &two);
    check_found(&c, "a", 50000, "192.0.2.2");
    sio_address_cache_forget(&c, "a");
    sio_address_cache_forget(&c, "nobody");
    check_unknown(&c, "a", 50000);
    sio_address_cache_fini(&c);
}

static void
test_the_oldest_makes_room(void)
{
    sio_address_cache c = {.next = 0};
    char              host[8];

    for (unsigned i = 0; i < 2 * SIO_ADDRESS_CACHE_HOSTS + 3; i++) {
        snprintf(host, sizeof host, "h%u", i);
        sio_address_cache_put(&c, host, i, &one);
        check_found(&c, host, i, "192.0.2.1");
    }
    for (unsigned i = 0; i < 2 * SIO_ADDRESS_CACHE_HOSTS + 3; i++) {
        snprintf(host, sizeof host, "h%u", i);
        if (i < SIO_ADDRESS_CACHE_HOSTS + 3)
            check_unknown(&c, host, 40);
        else
            check_found(&c, host, 40, "192.0.2.1");
    }
    sio_address_cache_fini(&c);
}

/* --- A connection uses it. --- */

typedef struct {
    struct event_base *base;
    sio_deferred       deferred;
    sio_address_cache  cache;
    unsigned           n_opened, n_failed;
} world;

static void
note_opened(sio_plain_link *link)
{
    world *w = link->client;

    w->n_opened++;
    (void)event_base_loopbreak(w->base);
}

static void
note_heard(sio_plain_link *link, const char *bytes, size_t n)
{
    (void)link, (void)bytes, (void)n;
}

static void
note_failed(sio_plain_link *link, const char *why)
{
    world *w = link->client;

    (void)why;
    w->n_failed++;
    (void)event_base_loopbreak(w->base);
}

static const sio_plain_link_ops ops = {
    .opened = note_opened, .heard = note_heard, .failed = note_failed};

/* The port of a socket that listens, or no longer does. */
static unsigned
listen_somewhere(int *fd)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t          len = sizeof at;

    *fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_INT(bind(*fd, (struct sockaddr *)&at, sizeof at), 0);
    CHECK_INT(listen(*fd, 5), 0);
    CHECK_INT(getsockname(*fd, (struct sockaddr *)&at, &len), 0);
    return ntohs(at.sin_port);
}

static void
begin(world *w)
{
    *w = (world){.base = event_base_new()};
    CHECK_INT(sio_deferred_init(&w->deferred, w->base), 0);
}

static void
end(world *w)
{
    sio_deferred_fini(&w->deferred);
    event_base_free(w->base);
    sio_address_cache_fini(&w->cache);
}

/* Connect to that port of a host, until it is known what comes of it. */
static void
connect_to(world *w, const char *host, unsigned port)
{
    char             text[80], why[256];
    sio_endpoint_url url;
    sio_plain_link  *link;

    snprintf(text, sizeof text, "http://%s:%u/", host, port);
    CHECK(sio_endpoint_url_read(sio_view_of(text), &url));
    link = sio_plain_link_new(&ops, w->base, &w->deferred, &w->cache, &url);
    CHECK(link != NULL);
    if (link == NULL)
        return;
    link->client = w;
    if (sio_plain_link_connect(link, why, sizeof why))
        (void)event_base_dispatch(w->base);
    else
        w->n_failed++;
    sio_plain_link_free(link);
}

/* That name is nobody's (RFC 6761): whoever connects has not looked it up. */
static void
test_what_is_known_is_not_looked_up(void)
{
    static const sio_addresses local = {.n = 1, .text = {"127.0.0.1"}};
    world                      w;
    int                        fd;
    const unsigned             port = listen_somewhere(&fd);

    begin(&w);
    sio_address_cache_put(&w.cache, "nobody.invalid", sio_now_ms(), &local);
    connect_to(&w, "nobody.invalid", port);
    CHECK_INT(w.n_opened, 1);
    check_found(&w.cache, "nobody.invalid", 0, "127.0.0.1");
    close(fd);
    connect_to(&w, "nobody.invalid", port);
    CHECK_INT(w.n_failed, 1);
    check_unknown(&w.cache, "nobody.invalid", 0);
    end(&w);
}

static void
test_what_is_looked_up_is_known(void)
{
    world          w;
    int            fd;
    const unsigned port = listen_somewhere(&fd);
    sio_addresses  found;

    begin(&w);
    connect_to(&w, "localhost", port);
    CHECK_INT(w.n_opened, 1);
    CHECK(sio_address_cache_find(&w.cache, "localhost", 0, &found));
    connect_to(&w, "127.0.0.1", port); /* an address is not */
    CHECK_INT(w.n_opened, 2);
    check_unknown(&w.cache, "127.0.0.1", 0);
    close(fd);
    end(&w);
}

int
main(void)
{
    RUN(test_what_was_found_is_known_for_a_while);
    RUN(test_the_oldest_makes_room);
    RUN(test_what_is_known_is_not_looked_up);
    RUN(test_what_is_looked_up_is_known);
    return check_done();
}
