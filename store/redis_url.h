/*
 * store/redis_url.h - where a Redis server is, from one line of text.
 *
 *     redis://[[user][:password]@]host[:port][/database]
 *     redis-sentinel://[[user][:password]@]host[:port][,host[:port]]...
 *         /primary[/database][?sentinel_user=user&sentinel_password=password]
 *     redis-cluster://[[user][:password]@]host[:port][,host[:port]]...
 *     rediss://..., rediss-sentinel://... and rediss-cluster://..., likewise: with TLS
 *     redis+unix://[[user][:password]@]/path[?db=database]   (also unix://, and unix:/path)
 *
 * Called by the server's configuration. Pure. User, password and path may be
 * percent-encoded; an IPv6 address stands in brackets.
 */
#ifndef SIO_STORE_REDIS_URL_H
#define SIO_STORE_REDIS_URL_H

#include "protocol/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIO_REDIS_DEFAULT_PORT = 6379,
    SIO_REDIS_SENTINEL_PORT = 26379,
    SIO_REDIS_MAX_SENTINELS = 9,
    SIO_REDIS_MAX_SEEDS = 9,
    SIO_REDIS_MAX_PRIMARY = 127,
    SIO_REDIS_MAX_HOST = 255, /* a DNS name */
    SIO_REDIS_MAX_PATH = 107, /* sockaddr_un */
    SIO_REDIS_MAX_USER = 127,
    SIO_REDIS_MAX_PASSWORD = 511,
    SIO_REDIS_MAX_DB = 1000000,
    SIO_REDIS_MAX_NAME = 272 /* what sio_redis_url_name writes, NUL included */
};

typedef struct {
    char     host[SIO_REDIS_MAX_HOST + 1]; /* name or address, no brackets */
    uint16_t port;
} sio_redis_place;

typedef struct {
    sio_redis_place at; /* no host: a unix socket, or where sentinels say */
    char            path[SIO_REDIS_MAX_PATH + 1]; /* of the unix socket, else empty */
    char            user[SIO_REDIS_MAX_USER + 1]; /* empty: the default user */
    char            password[SIO_REDIS_MAX_PASSWORD + 1];
    bool            has_auth; /* log in, with user (if any) and password (maybe empty) */
    unsigned        db;
    bool            has_tls; /* rediss://, and then the sentinels speak TLS, too */

    /* Of redis-sentinel://. The login above is that of Redis itself. */
    unsigned        n_sentinels; /* 0: of another address */
    sio_redis_place sentinels[SIO_REDIS_MAX_SENTINELS];
    char            primary[SIO_REDIS_MAX_PRIMARY + 1]; /* what they call it; no white space */
    bool            has_sentinel_auth;
    char            sentinel_user[SIO_REDIS_MAX_USER + 1];
    char            sentinel_password[SIO_REDIS_MAX_PASSWORD + 1];

    /* Of redis-cluster://: some of its nodes, which know the others. */
    unsigned        n_seeds; /* 0: of another address */
    sio_redis_place seeds[SIO_REDIS_MAX_SEEDS];
} sio_redis_url;

/*
 * Returns SIO_OK, or SIO_BAD with one line in error[0..error_size) that says
 * what is wrong and never quotes the user or the password; *out is then
 * undefined.
 */
int sio_redis_url_parse(const char *text, sio_redis_url *out, char *error, size_t error_size);

/* False, and nothing is changed: no host can be called so. */
bool sio_redis_place_set_host(sio_redis_place *place, sio_view host);

bool sio_redis_place_eq(const sio_redis_place *a, const sio_redis_place *b);

/*
 * For logs: "host:port", "[address]:port", "unix:/path", "sentinel:primary" or "cluster:host:port"
 * (of the first seed), without user and password.
 */
void sio_redis_url_name(const sio_redis_url *url, char name[SIO_REDIS_MAX_NAME]);
void sio_redis_url_name_place(const sio_redis_place *place, char name[SIO_REDIS_MAX_NAME]);

/*
 * Overwrite the passwords in text (a message of Redis) with asterisks, and 8 or more bytes of
 * their beginning, too: Redis quotes a command that it does not know with as many arguments as fit.
 */
void sio_redis_url_hide(const sio_redis_url *url, char *text);

#endif
