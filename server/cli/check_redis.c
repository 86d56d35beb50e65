/*
 * The few commands that are needed are written and read here: hiredis trusts what it reads, and
 * store/ has its own way around that, for a loop.
 */
#include "server/cli/check_redis.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "protocol/result.h"
#include "protocol/whole_number.h"
#include "server/cli/stream.h"
#include "store/redis_tls.h"
#include "store/redis_url.h"

enum {
    PATIENCE_MS = 5000,
    MAX_REPLY = 65536,
    MAX_ERROR = 1024,
    GOOD_MAJOR = 6, /* store/README.md, "Requirements" */
    GOOD_MINOR = 2
};

typedef struct {
    const sio_redis_url *url;
    sio_stream           stream;
    sio_buf              in;    /* what has come and is not taken */
    sio_buf              error; /* what Redis has said to a command, or why it can not be asked */
} redis_talk;

/* --- Replies. --- */

static const char too_much[] = "says more than a Redis does", no_redis[] = "is no Redis";

/* A whole line, with its end; empty: more is needed. */
static sio_view
first_line(const sio_buf *in)
{
    const char *end = in->len > 0 ? memmem(in->data, in->len, "\r\n", 2) : NULL;

    return end != NULL ? (sio_view){in->data, (size_t)(end - in->data) + 2} : SIO_VIEW("");
}

static int
talk_read(redis_talk *t)
{
    const int rc = sio_stream_read(&t->stream, &t->in, &t->error);

    if (rc == SIO_ERR_NOT_FOUND)
        sio_buf_add_str(&t->error, "closed the connection");
    if (rc == SIO_TOO_LARGE)
        sio_buf_add_str(&t->error, too_much);
    return rc;
}

static int
refuse_reply(redis_talk *t, const char *why)
{
    sio_buf_add_str(&t->error, why);
    return SIO_ERR_SYS;
}

/* The bytes of "$LEN" that are behind the line; *reply views t->in. */
static int
read_bulk(redis_talk *t, size_t line_len, sio_view *reply)
{
    size_t len = 0;
    int    rc = sio_whole_number((sio_view){t->in.data + 1, line_len - 3}, MAX_REPLY, &len);

    if (rc != SIO_OK)
        return refuse_reply(t, rc == SIO_TOO_LARGE ? too_much : no_redis);
    while (rc == SIO_OK && t->in.len < line_len + len)
        rc = talk_read(t);
    if (rc == SIO_OK)
        *reply = (sio_view){t->in.data + line_len, len};
    return rc;
}

/* SIO_OK and *reply, a text; SIO_BAD when it is an error, which t->error has then; SIO_ERR_*. */
static int
read_reply(redis_talk *t, sio_view *reply)
{
    sio_view line;

    while ((line = first_line(&t->in)).len == 0) {
        const int rc = talk_read(t);

        if (rc != SIO_OK)
            return rc;
    }
    if (line.data[0] == '$')
        return read_bulk(t, line.len, reply);
    if (line.data[0] == '+') {
        *reply = (sio_view){line.data + 1, line.len - 3};
        return SIO_OK;
    }
    if (line.data[0] != '-')
        return refuse_reply(t, no_redis);
    sio_buf_add(&t->error, line.data + 1, line.len - 3);
    return SIO_BAD;
}

/* --- Commands. --- */

static int
send_words(redis_talk *t, unsigned n_words, va_list words)
{
    sio_buf command;
    int     rc;

    sio_buf_init(&command, SIZE_MAX);
    sio_buf_add_char(&command, '*');
    sio_buf_add_u64(&command, n_words);
    for (unsigned i = 0; i < n_words; i++) {
        const char *word = va_arg(words, const char *);

        sio_buf_add_str(&command, "\r\n$");
        sio_buf_add_u64(&command, strlen(word));
        sio_buf_add_str(&command, "\r\n");
        sio_buf_add_str(&command, word);
    }
    sio_buf_add_str(&command, "\r\n");
    sio_buf_clear(&t->in);
    rc = sio_stream_write(&t->stream, sio_buf_view(&command), &t->error);
    sio_buf_fini(&command);
    return rc;
}

/* A command of so many words. As read_reply. */
static int
ask_redis(redis_talk *t, sio_view *reply, unsigned n_words, ...)
{
    va_list words;
    int     rc;

    va_start(words, n_words);
    rc = send_words(t, n_words, words);
    va_end(words);
    return rc == SIO_OK ? read_reply(t, reply) : rc;
}

static int
log_in(redis_talk *t)
{
    const sio_redis_url *u = t->url;
    sio_view             reply;

    if (!u->has_auth)
        return SIO_OK;
    if (u->user[0] != '\0')
        return ask_redis(t, &reply, 3, "AUTH", u->user, u->password);
    return ask_redis(t, &reply, 2, "AUTH", u->password);
}

static int
choose_database(redis_talk *t)
{
    char     db[16];
    sio_view reply;

    snprintf(db, sizeof db, "%u", t->url->db);
    return ask_redis(t, &reply, 2, "SELECT", db);
}

/* --- What comes of it. --- */

/* "redis_version:7.0.15" of INFO. */
static void
report_version(sio_check_report *r, const char *name, sio_view info)
{
    static const char key[] = "redis_version:";
    const char       *at = memmem(info.data, info.len, key, sizeof key - 1);
    unsigned          major = 0, minor = 0;
    char              text[32] = "";

    if (at != NULL) {
        at += sizeof key - 1;
        snprintf(text, sizeof text, "%.*s", (int)(info.data + info.len - at), at);
        text[strcspn(text, "\r\n")] = '\0';
    }
    if (sscanf(text, "%3u.%3u", &major, &minor) != 2)
        sio_check_report_warn(r, "redis %s: does not say its version", name);
    else if (major < GOOD_MAJOR || (major == GOOD_MAJOR && minor < GOOD_MINOR))
        sio_check_report_warn(r, "redis %s: version %s; %d.%d and later have all that is used",
                              name, text, GOOD_MAJOR, GOOD_MINOR);
    else
        sio_check_report_ok(r, "redis %s: version %s", name, text);
}

/* A broker starts all the same, but then it is alone. */
static void
report_failure(sio_check_report *r, const char *name, redis_talk *t)
{
    sio_buf_add_char(&t->error, '\0');
    if (t->error.failed)
        return;
    sio_redis_url_hide(t->url, t->error.data);
    sio_check_report_fail(r, "redis %s: %s", name, t->error.data);
}

/* Of a node of Redis Cluster: is all of that well, as it sees it? */
static void
report_cluster(sio_check_report *r, const char *name, redis_talk *t)
{
    static const char good[] = "cluster_state:ok";
    sio_view          state = SIO_VIEW("");

    if (ask_redis(t, &state, 2, "CLUSTER", "INFO") != SIO_OK)
        report_failure(r, name, t);
    else if (memmem(state.data, state.len, good, sizeof good - 1) != NULL)
        sio_check_report_ok(r, "redis %s: the cluster is well", name);
    else
        sio_check_report_warn(r, "redis %s: the cluster is down", name);
}

static void
talk_to_redis(sio_check_report *r, const char *name, redis_talk *t)
{
    sio_view info = SIO_VIEW("");
    int      rc;

    if ((rc = log_in(t)) == SIO_OK && (rc = choose_database(t)) == SIO_OK)
        rc = ask_redis(t, &info, 2, "INFO", "server");
    else if (rc == SIO_BAD)
        rc = SIO_ERR_UNAVAILABLE;
    if (rc == SIO_OK || rc == SIO_BAD) /* refused: not every user may ask for that */
        report_version(r, name, info);
    else
        report_failure(r, name, t);
    if (rc == SIO_OK && t->url->n_seeds > 0)
        report_cluster(r, name, t);
}

/* --- Sentinels. --- */

enum { PLACE_LINES = 5 }; /* *2, $9, 127.0.0.1, $4, 6379 */

/* The line at *rest, without its end, which is there. */
static sio_view
take_line(sio_view *rest)
{
    const char *end = memmem(rest->data, rest->len, "\r\n", 2);
    sio_view    line = {rest->data, (size_t)(end - rest->data)};

    *rest = (sio_view){end + 2, rest->len - line.len - 2};
    return line;
}

static bool
has_lines(const sio_buf *in, unsigned n)
{
    const char *at = in->data;

    if (in->len == 0)
        return false;
    while (n > 0 && (at = memmem(at, in->len - (size_t)(at - in->data), "\r\n", 2)) != NULL) {
        at += 2;
        n--;
    }
    return n == 0;
}

/* Read what the sentinel says of the primary. */
static int
read_place(redis_talk *t, sio_redis_place *place)
{
    sio_view rest, lines[PLACE_LINES];
    size_t   port = 0;
    int      rc = SIO_OK;

    while (rc == SIO_OK && !has_lines(&t->in, 1))
        rc = talk_read(t);
    if (rc == SIO_OK && strncmp(t->in.data, "*2\r\n", 4) != 0) {
        const bool is_error = t->in.data[0] == '-';

        rest = sio_buf_view(&t->in);
        lines[0] = take_line(&rest);
        sio_buf_add_view(&t->error, is_error ? lines[0] : SIO_VIEW("does not know the primary"));
        return SIO_ERR_SYS;
    }
    while (rc == SIO_OK && !has_lines(&t->in, PLACE_LINES))
        rc = talk_read(t);
    if (rc != SIO_OK)
        return rc;
    rest = sio_buf_view(&t->in);
    for (unsigned i = 0; i < PLACE_LINES; i++)
        lines[i] = take_line(&rest);
    if (lines[2].len > SIO_REDIS_MAX_HOST || sio_whole_number(lines[4], 65535, &port) != SIO_OK)
        return refuse_reply(t, no_redis);
    memcpy(place->host, lines[2].data, lines[2].len);
    place->host[lines[2].len] = '\0';
    place->port = (uint16_t)port;
    return SIO_OK;
}

static int
ask_place(redis_talk *t, sio_redis_place *place, ...)
{
    va_list words;
    int     rc;

    va_start(words, place);
    rc = send_words(t, 3, words);
    va_end(words);
    return rc == SIO_OK ? read_place(t, place) : rc;
}

static int
open_talk(redis_talk *t, const sio_redis_url *url)
{
    const bool               is_unix = url->path[0] != '\0';
    const sio_listen_address at = {.is_unix = is_unix,
                                   .host = sio_view_of(is_unix ? url->path : url->at.host),
                                   .port = url->at.port};

    t->url = url;
    sio_buf_init(&t->in, MAX_REPLY);
    sio_buf_init(&t->error, MAX_ERROR);
    return sio_stream_open(&t->stream, &at, PATIENCE_MS, &t->error);
}

static void
close_talk(redis_talk *t)
{
    sio_stream_close(&t->stream);
    sio_buf_fini(&t->in);
    sio_buf_fini(&t->error);
}

/* Does this one know where the primary is? */
static bool
ask_sentinel(sio_check_report *r, const sio_redis_url *url, unsigned i, sio_redis_place *place)
{
    sio_redis_url own = {.at = url->sentinels[i], .has_auth = url->has_sentinel_auth};
    redis_talk    t;
    char          name[SIO_REDIS_MAX_NAME];
    int           rc;

    memcpy(own.user, url->sentinel_user, sizeof own.user);
    memcpy(own.password, url->sentinel_password, sizeof own.password);
    sio_redis_url_name_place(&own.at, name);
    if ((rc = open_talk(&t, &own)) == SIO_OK && (rc = log_in(&t)) == SIO_OK)
        rc = ask_place(&t, place, "SENTINEL", "get-master-addr-by-name", url->primary);
    sio_buf_add_char(&t.error, '\0');
    if (rc == SIO_OK)
        sio_check_report_ok(r, "sentinel %s: \"%s\" is %s:%u", name, url->primary, place->host,
                            place->port);
    else if (!t.error.failed)
        sio_check_report_warn(r, "sentinel %s: %s", name, t.error.data);
    close_talk(&t);
    return rc == SIO_OK;
}

/* The first that knows it is believed; the others are asked all the same. */
static bool
find_primary(sio_check_report *r, sio_redis_url *url)
{
    bool is_found = false;

    for (unsigned i = 0; i < url->n_sentinels; i++) {
        sio_redis_place place;

        if (ask_sentinel(r, url, i, &place)) {
            url->at = is_found ? url->at : place;
            is_found = true;
        }
    }
    if (!is_found)
        sio_check_report_fail(r, "redis: no sentinel says where \"%s\" is", url->primary);
    return is_found;
}

/* Its files; a stream of this program has no TLS. */
static void
check_tls(sio_check_report *r, const char *name, const sio_cfg *cfg)
{
    const sio_redis_tls_cfg tls_cfg = {.ca = cfg->redis_ca,
                                       .certificate = cfg->redis_certificate,
                                       .key = cfg->redis_key,
                                       .server_name = cfg->redis_server_name};
    sio_redis_tls          *tls = NULL;
    char                    why[512];

    if (sio_redis_tls_new(&tls, &tls_cfg, why, sizeof why) == SIO_OK)
        sio_check_report_ok(r, "redis %s: the files for TLS; it is not connected to here", name);
    else
        sio_check_report_fail(r, "redis %s: %s", name, why);
    sio_redis_tls_free(tls);
}

static void
check_one(sio_check_report *r, const char *name, const sio_redis_url *url)
{
    redis_talk t;

    if (open_talk(&t, url) == SIO_OK)
        talk_to_redis(r, name, &t);
    else
        report_failure(r, name, &t);
    close_talk(&t);
}

/* The nodes of the address; the others are theirs to know. */
static void
check_seeds(sio_check_report *r, sio_redis_url *url)
{
    char name[SIO_REDIS_MAX_NAME];

    for (unsigned i = 0; i < url->n_seeds; i++) {
        url->at = url->seeds[i];
        sio_redis_url_name_place(&url->at, name);
        check_one(r, name, url);
    }
}

void
sio_check_redis(sio_check_report *r, const sio_cfg *cfg)
{
    sio_redis_url url;
    char          why[256], name[SIO_REDIS_MAX_NAME];

    if (cfg->redis[0] == '\0')
        return;
    if (sio_redis_url_parse(cfg->redis, &url, why, sizeof why) != SIO_OK) {
        sio_check_report_fail(r, "\"redis\": %s", why);
        return;
    }
    sio_redis_url_name(&url, name);
    if (url.has_tls) {
        check_tls(r, name, cfg);
        return;
    }
    if (url.n_sentinels > 0 && !find_primary(r, &url))
        return;
    if (url.n_seeds > 0)
        check_seeds(r, &url);
    else
        check_one(r, name, &url);
}
