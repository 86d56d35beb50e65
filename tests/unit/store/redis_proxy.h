/*
 * tests/unit/store/redis_proxy.h - a proxy before the redis-server of a test, on the same event
 * loop, which can swallow what subscribers are sent: for them the server is then there and
 * silent, while it answers all other connections.
 */
#ifndef SIO_TESTS_UNIT_REDIS_PROXY_H
#define SIO_TESTS_UNIT_REDIS_PROXY_H

#include "tests/unit/store/store_fixture.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>

typedef struct {
    struct bufferevent *client, *redis;
    bool                subscribed;
} proxied;

static proxied  proxy[16];
static unsigned n_proxied;
static bool     proxy_mute; /* swallow */

static inline void
from_client(struct bufferevent *bev, void *arg)
{
    proxied         *p = arg;
    struct evbuffer *in = bufferevent_get_input(bev);

    p->subscribed = p->subscribed || evbuffer_search(in, "SUBSCRIBE", 9, NULL).pos >= 0;
    bufferevent_write_buffer(p->redis, in);
}

static inline void
from_redis(struct bufferevent *bev, void *arg)
{
    proxied         *p = arg;
    struct evbuffer *in = bufferevent_get_input(bev);

    if (proxy_mute && p->subscribed)
        evbuffer_drain(in, evbuffer_get_length(in));
    else
        bufferevent_write_buffer(p->client, in);
}

static inline void
on_connection(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from, int len,
              void *arg)
{
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)server.port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    proxied                 *p;

    (void)l;
    (void)from;
    (void)len;
    (void)arg;
    if (!CHECK(n_proxied < sizeof proxy / sizeof proxy[0])) {
        evutil_closesocket(fd);
        return;
    }
    p = &proxy[n_proxied++];
    p->client = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    p->redis = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(p->client, from_client, NULL, NULL, p);
    bufferevent_setcb(p->redis, from_redis, NULL, NULL, p);
    bufferevent_socket_connect(p->redis, (const struct sockaddr *)&to, sizeof to);
    bufferevent_enable(p->client, EV_READ);
    bufferevent_enable(p->redis, EV_READ);
}

/* address: where a store finds the proxy. NULL: it cannot be had. */
static inline struct evconnlistener *
proxy_start(char *address, size_t size)
{
    const int                port = redis_server_free_port();
    const struct sockaddr_in at = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    n_proxied = 0;
    proxy_mute = false;
    memset(proxy, 0, sizeof proxy);
    snprintf(address, size, "redis://127.0.0.1:%d", port);
    return evconnlistener_new_bind(base, on_connection, NULL, LEV_OPT_CLOSE_ON_FREE, 4,
                                   (const struct sockaddr *)&at, sizeof at);
}

static inline void
proxy_end(struct evconnlistener *l)
{
    for (unsigned i = 0; i < n_proxied; i++) {
        bufferevent_free(proxy[i].client);
        bufferevent_free(proxy[i].redis);
    }
    evconnlistener_free(l);
}

#endif
