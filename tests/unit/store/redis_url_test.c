#include "tests/unit/check.h"

#include "protocol/result.h"
#include "store/redis_url.h"

#include <stdlib.h>

typedef struct {
    const char *text;
    const char *name; /* as for the log */
    const char *user, *password;
    bool        has_auth;
    unsigned    db;
} good_row;

static const good_row good[] = {
    {"redis://localhost", "localhost:6379", "", "", false, 0},
    {"redis://127.0.0.1:6380", "127.0.0.1:6380", "", "", false, 0},
    {"REDIS://host/", "host:6379", "", "", false, 0},
    {"redis://host/15", "host:6379", "", "", false, 15},
    {"redis://host:1/0", "host:1", "", "", false, 0},
    {"redis://host:65535", "host:65535", "", "", false, 0},
    {"redis://:secret@host", "host:6379", "", "secret", true, 0},
    {"redis://bob:secret@host:7/2", "host:7", "bob", "secret", true, 2},
    {"redis://bob@host", "host:6379", "bob", "", true, 0},
    {"redis://@host", "host:6379", "", "", false, 0},
    {"redis://b%6fb:p%40ss%3Aw%2f@host", "host:6379", "bob", "p@ss:w/", true, 0},
    {"redis://:p@ss@host", "host:6379", "", "p@ss", true, 0},
    {"redis://:a:b:c@host", "host:6379", "", "a:b:c", true, 0},
    {"redis://[::1]", "[::1]:6379", "", "", false, 0},
    {"redis://:x@[fe80::1%25eth0]:6380/3", "[fe80::1%eth0]:6380", "", "x", true, 3},
    {"unix:/run/redis.sock", "unix:/run/redis.sock", "", "", false, 0},
    {"unix:/run/redis.sock?db=4", "unix:/run/redis.sock", "", "", false, 4},
    {"unix:///run/redis.sock", "unix:/run/redis.sock", "", "", false, 0},
    {"redis+unix:///run/redis.sock?db=1", "unix:/run/redis.sock", "", "", false, 1},
    {"redis+unix://bob:pw@/run/r%20s", "unix:/run/r s", "bob", "pw", true, 0},
    {"redis-sentinel://a/main", "sentinel:main", "", "", false, 0},
    {"redis-sentinel://bob:p%40w@a:1,[::1]:2,c/m%61in/3", "sentinel:main", "bob", "p@w", true, 3},
    {"redis-sentinel://:x@a,b/main?sentinel_user=u&sentinel_password=p%26w", "sentinel:main", "",
     "x", true, 0},
    {"rediss://:x@host:7/1", "host:7", "", "x", true, 1},
    {"rediss-sentinel://host/main", "sentinel:main", "", "", false, 0},
    {"redis-cluster://a", "cluster:a:6379", "", "", false, 0},
    {"redis-cluster://bob:p%40w@a:1,[::1]:2,c/", "cluster:a:1", "bob", "p@w", true, 0},
    {"rediss-cluster://a,b", "cluster:a:6379", "", "", false, 0},
    {"unix:/run/with@sign", "unix:/run/with@sign", "", "", false, 0},
};

static void
test_good_addresses(void)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        const good_row *row = &good[i];
        char            error[160] = "", name[SIO_REDIS_MAX_NAME];
        sio_redis_url   url;

        check_row = row->text;
        if (!CHECK_INT(sio_redis_url_parse(row->text, &url, error, sizeof error), SIO_OK)) {
            fprintf(stderr, "  %s\n", error);
            continue;
        }
        sio_redis_url_name(&url, name);
        CHECK_VIEW(sio_view_of(name), row->name);
        CHECK_VIEW(sio_view_of(url.user), row->user);
        CHECK_VIEW(sio_view_of(url.password), row->password);
        CHECK_INT(url.has_auth, row->has_auth);
        CHECK_INT(url.db, row->db);
    }
}

static void
test_sentinels(void)
{
    char          error[128] = "", said[] = "x pass x other x";
    sio_redis_url url;

    CHECK_INT(sio_redis_url_parse("redis-sentinel://:pass@a:1,[::1],c:3/main/2"
                                  "?sentinel_password=other&sentinel_user=u",
                                  &url, error, sizeof error),
              SIO_OK);
    if (!CHECK_INT(url.n_sentinels, 3))
        return;
    CHECK_VIEW(sio_view_of(url.sentinels[0].host), "a");
    CHECK_INT(url.sentinels[0].port, 1);
    CHECK_VIEW(sio_view_of(url.sentinels[1].host), "::1");
    CHECK_INT(url.sentinels[1].port, 26379);
    CHECK_INT(url.sentinels[2].port, 3);
    CHECK_VIEW(sio_view_of(url.primary), "main");
    CHECK(url.has_sentinel_auth);
    CHECK_VIEW(sio_view_of(url.sentinel_user), "u");
    CHECK_VIEW(sio_view_of(url.sentinel_password), "other");
    CHECK_VIEW(sio_view_of(url.at.host), "");
    sio_redis_url_hide(&url, said);
    CHECK_VIEW(sio_view_of(said), "x **** x ***** x");
}

#define BEGINS_WITH \
    "a Redis address begins with redis://, redis-sentinel://, redis-cluster:// or unix:/"
#define WITH_TLS "with TLS it begins with rediss://, rediss-sentinel:// or rediss-cluster://"
#define ONE_HOST "one host can be given (several with redis-sentinel:// or redis-cluster://)"

static const struct {
    const char *text, *error;
} bad[] = {
    {"", BEGINS_WITH},
    {"localhost:6379", BEGINS_WITH},
    {"http://host", BEGINS_WITH},
    {"redis:/host", BEGINS_WITH},
    {"rediss:host", WITH_TLS},
    {"rediss+unix:///run/redis", WITH_TLS},
    {"rediss://", "the host is missing"},
    {"rediss-sentinel://host", "behind the sentinels \"/name\" of the primary is missing"},
    {"redis://", "the host is missing"},
    {"redis://:6379", "the host is missing"},
    {"redis://user:pw@", "the host is missing"},
    {"redis:///0", "the host is missing"},
    {"redis://[]:1", "the host is missing"},
    {"redis://two words", "the host contains white space"},
    {"redis://[::1", "the ']' after the IPv6 address is missing"},
    {"redis://[::1]6379", "after ']' there can be only ':port', '/database' or the end"},
    {"redis://fe80::1", "the port is not a number (an IPv6 address needs brackets)"},
    {"redis://host:", "after ':' the port is missing"},
    {"redis://host:/1", "after ':' the port is missing"},
    {"redis://host:http", "the port is not a number"},
    {"redis://host:0", "port 0 cannot be connected to"},
    {"redis://host:65536", "the port is larger than 65535"},
    {"redis://host:99999999999999999999", "the port is larger than 65535"},
    {"redis://host/one", "the database is not a number"},
    {"redis://host/1/2", "the database is not a number"},
    {"redis://host/-1", "the database is not a number"},
    {"redis://host/99999999999", "the database is larger than 1000000"},
    {"redis://host?db=1", "'?' and '#' mean nothing here (the database is given as /number)"},
    {"redis://host/1#x", "'?' and '#' mean nothing here (the database is given as /number)"},
    {"redis://:p%4@host", "in the password, '%' is not followed by two hex digits"},
    {"redis://u%zz:p@host", "in the user, '%' is not followed by two hex digits"},
    {"redis://:a%00b@host", "the password contains a zero byte"},
    {"redis://a,b", ONE_HOST},
    {"redis://[::1],b", ONE_HOST},
    {"redis-sentinel://", "the host is missing"},
    {"redis-sentinel://a,/main", "the host is missing"},
    {"redis-sentinel://a,,b/main", "the host is missing"},
    {"redis-sentinel://a:x,b/main", "the port is not a number"},
    {"redis-sentinel://a", "behind the sentinels \"/name\" of the primary is missing"},
    {"redis-sentinel://a/", "behind the sentinels \"/name\" of the primary is missing"},
    {"redis-sentinel://a//0", "behind the sentinels \"/name\" of the primary is missing"},
    {"redis-sentinel://a/two%20words", "the name of the primary contains white space"},
    {"redis-sentinel://a/main/x", "the database is not a number"},
    {"redis-sentinel://a/main?password=x", "behind the primary there can be only '/database' and "
                                           "'?sentinel_user=user&sentinel_password=password'"},
    {"redis-sentinel://a/main?sentinel_password=x#y",
     "behind the primary there can be only '/database' and "
     "'?sentinel_user=user&sentinel_password=password'"},
    {"redis-sentinel://a/main?sentinel_password=%zz",
     "in the password of the sentinels, '%' is not followed by two hex digits"},
    {"redis-sentinel://a,b,c,d,e,f,g,h,i,j/main", "more than 9 sentinels"},
    {"redis-cluster://", "the host is missing"},
    {"redis-cluster://a,", "the host is missing"},
    {"redis-cluster://a:x", "the port is not a number"},
    {"redis-cluster://a/1", "behind the nodes there can be nothing: a cluster has no databases"},
    {"redis-cluster://a?db=1", "behind the nodes there can be nothing: a cluster has no databases"},
    {"redis-cluster://a,b,c,d,e,f,g,h,i,j",
     "more than 9 nodes (some are enough: they know the others)"},
    {"unix:", "the path of the socket must begin with '/'"},
    {"unix:run/redis", "the path of the socket must begin with '/'"},
    {"unix://run", "the path of the socket must begin with '/'"},
    {"unix:/run/r?db=", "after the path there can be only '?db=number'"},
    {"unix:/run/r?password=x", "after the path there can be only '?db=number'"},
    {"unix:/run/r?db=x", "the database is not a number"},
};

static void
test_each_mistake_has_its_text(void)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char          error[160] = "";
        sio_redis_url url;

        check_row = bad[i].text;
        CHECK_INT(sio_redis_url_parse(bad[i].text, &url, error, sizeof error), SIO_BAD);
        CHECK_VIEW(sio_view_of(error), bad[i].error);
    }
}

static void
test_lengths_are_limited(void)
{
    static const struct {
        const char *before, *after;
        size_t      max;
    } rows[] = {
        {"redis://", "", SIO_REDIS_MAX_HOST},
        {"redis://", "@host", SIO_REDIS_MAX_USER},
        {"redis://:", "@host", SIO_REDIS_MAX_PASSWORD},
        {"unix:/", "", SIO_REDIS_MAX_PATH - 1},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char          text[1024], filler[1024], error[128];
        sio_redis_url url;

        check_row = rows[i].before;
        memset(filler, 'x', sizeof filler);
        snprintf(text, sizeof text, "%s%.*s%s", rows[i].before, (int)rows[i].max, filler,
                 rows[i].after);
        CHECK_INT(sio_redis_url_parse(text, &url, error, sizeof error), SIO_OK);
        snprintf(text, sizeof text, "%s%.*s%s", rows[i].before, (int)rows[i].max + 1, filler,
                 rows[i].after);
        CHECK_INT(sio_redis_url_parse(text, &url, error, sizeof error), SIO_BAD);
    }
}

/* Heap copies of the exact size, so that the sanitizer sees a read behind the end. */
static void
test_every_prefix_is_answered(void)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        for (size_t n = 0; n <= strlen(good[i].text); n++) {
            char         *text = strndup(good[i].text, n);
            char          error[16]; /* too short on purpose */
            sio_redis_url url;

            if (text != NULL && sio_redis_url_parse(text, &url, error, sizeof error) != SIO_OK)
                CHECK(strlen(error) < sizeof error);
            free(text);
        }
    }
}

static void
test_a_password_is_hidden_in_messages(void)
{
    static const struct {
        const char *password, *text, *want;
    } rows[] = {
        {"", "ERR", "ERR"},
        {"ab", "ERR ab abc ba a", "ERR ** **c ba a"},
        {"hunter22x", "'hunter22x' hunter22x", "'*********' *********"},
        {"hunter22x", "ERR args: 'hunter22' ", "ERR args: '********' "}, /* what fitted */
        {"hunter22x", "ERR hunter2", "ERR hunter2"},                     /* too little to tell */
        {"hunter22x", "", ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sio_redis_url url = {.has_auth = true};
        char          text[64];

        check_row = rows[i].text;
        snprintf(url.password, sizeof url.password, "%s", rows[i].password);
        snprintf(text, sizeof text, "%s", rows[i].text);
        sio_redis_url_hide(&url, text);
        CHECK_VIEW(sio_view_of(text), rows[i].want);
    }
}

int
main(void)
{
    RUN(test_good_addresses);
    RUN(test_sentinels);
    RUN(test_each_mistake_has_its_text);
    RUN(test_lengths_are_limited);
    RUN(test_every_prefix_is_answered);
    RUN(test_a_password_is_hidden_in_messages);
    return check_done();
}
