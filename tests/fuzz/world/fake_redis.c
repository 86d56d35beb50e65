#include "tests/fuzz/world/fake_redis.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/fuzz/must.h"

/* --- The socket, one for the whole process. --- */

static int           fake_listener = -1;
static sio_redis_url fake_url;
static char          fake_folder[] = "/tmp/sio-fuzz-XXXXXX";

static void
fake_remove(void)
{
    unlink(fake_url.path);
    rmdir(fake_folder);
}

static void
fake_listen(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    if (fake_listener >= 0)
        return;
    must(mkdtemp(fake_folder) != NULL);
    snprintf(fake_url.path, sizeof fake_url.path, "%s/redis", fake_folder);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", fake_url.path);
    fake_listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    must(fake_listener >= 0 && bind(fake_listener, (struct sockaddr *)&at, sizeof at) == 0 &&
         listen(fake_listener, MAX_FAKE_CONNS) == 0);
    atexit(fake_remove);
}

const sio_redis_url *
fake_redis_url(void)
{
    return &fake_url;
}

/* --- Connections. --- */

void
fake_redis_close(fake_conn *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    sio_buf_fini(&c->in);
}

void
fake_redis_say(fake_conn *c, sio_view bytes)
{
    if (c != NULL && c->fd >= 0 && bytes.len > 0 &&
        send(c->fd, bytes.data, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)bytes.len)
        fake_redis_close(c);
}

fake_conn *
fake_redis_find(fake_redis *r, fake_role role)
{
    for (unsigned i = MAX_FAKE_CONNS; i-- > 0;)
        if (r->conns[i].fd >= 0 && r->conns[i].role == role)
            return &r->conns[i];
    return NULL;
}

static bool
fake_accept(fake_redis *r)
{
    const int fd = accept4(fake_listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return false;
    for (unsigned i = 0; i < MAX_FAKE_CONNS; i++)
        if (r->conns[i].fd < 0) {
            r->conns[i].fd = fd;
            r->conns[i].role = FOR_COMMANDS;
            sio_buf_init(&r->conns[i].in, SIZE_MAX);
            return true;
        }
    close(fd);
    return true;
}

/* --- What it says. --- */

static void
add_bulk(sio_buf *out, sio_view text)
{
    sio_buf_add_char(out, '$');
    sio_buf_add_u64(out, text.len);
    sio_buf_add_str(out, "\r\n");
    sio_buf_add_view(out, text);
    sio_buf_add_str(out, "\r\n");
}

/* On one of the channels that other programs use for each session: these are heard by a pattern. */
static void
add_pattern(sio_buf *text, sio_view channel)
{
    const char *colon = channel.len > 0 ? memchr(channel.data, ':', channel.len) : NULL;
    sio_buf     pattern;

    sio_buf_add_str(text, colon != NULL ? "*4\r\n$8\r\npmessage\r\n" : "*3\r\n$7\r\nmessage\r\n");
    if (colon == NULL)
        return;
    sio_buf_init(&pattern, SIZE_MAX);
    sio_buf_add(&pattern, channel.data, (size_t)(colon + 1 - channel.data));
    sio_buf_add_char(&pattern, '*');
    add_bulk(text, sio_buf_view(&pattern));
    sio_buf_fini(&pattern);
}

void
fake_redis_message(fake_redis *r, fake_role role, sio_view channel, sio_view bytes)
{
    sio_buf text;

    sio_buf_init(&text, SIZE_MAX);
    if (role == FOR_CHANNELS)
        add_pattern(&text, channel);
    else
        sio_buf_add_str(&text, "*3\r\n$7\r\nmessage\r\n");
    add_bulk(&text, channel);
    add_bulk(&text, bytes);
    fake_redis_say(fake_redis_find(r, role), sio_buf_view(&text));
    sio_buf_fini(&text);
}

void
fake_redis_set_answer(fake_redis *r, sio_view text)
{
    const char  *blank = text.len > 0 ? memchr(text.data, ' ', text.len) : NULL;
    const bool   has_verb = blank != NULL && text.data[0] >= 'A' && text.data[0] <= 'Z';
    fake_answer *a = &r->canned[r->n_canned];

    if (r->n_canned == MAX_CANNED)
        return;
    r->n_canned++;
    sio_buf_init(&a->verb, SIZE_MAX);
    sio_buf_init(&a->text, SIZE_MAX);
    if (has_verb) {
        sio_buf_add(&a->verb, text.data, (size_t)(blank - text.data));
        text.len -= a->verb.len + 1;
        text.data = blank + 1;
    }
    sio_buf_add_view(&a->text, text);
}

static void
drop_answer(fake_redis *r, unsigned i)
{
    sio_buf_fini(&r->canned[i].verb);
    sio_buf_fini(&r->canned[i].text);
    memmove(&r->canned[i], &r->canned[i + 1], (--r->n_canned - i) * sizeof r->canned[0]);
}

/* Give the first one that is meant for this command. False: there is none. */
static bool
give_answer(fake_redis *r, fake_conn *c, sio_view verb)
{
    for (unsigned i = 0; i < r->n_canned; i++) {
        const fake_answer *a = &r->canned[i];

        if (a->verb.len > 0 && !sio_view_eq(sio_buf_view(&a->verb), verb))
            continue;
        fake_redis_say(c, sio_buf_view(&a->text));
        drop_answer(r, i);
        return true;
    }
    return false;
}

/* --- Commands. --- */

typedef struct {
    sio_view words[MAX_WORDS];
    unsigned n;
} fake_command;

static void
confirm(fake_redis *r, fake_conn *c, const fake_command *k, const char *kind)
{
    sio_buf text;

    sio_buf_init(&text, SIZE_MAX);
    for (unsigned i = 1; i < k->n; i++) {
        if (sio_view_eq(k->words[i], SIO_VIEW("sio:cast")))
            c->role = FOR_CLUSTER;
        else if (c->role == FOR_COMMANDS)
            c->role = FOR_CHANNELS;
        if (k->words[i].len > 7 && memcmp(k->words[i].data, "sio:to:", 7) == 0) {
            sio_buf_clear(&r->own_channel);
            sio_buf_add_view(&r->own_channel, k->words[i]);
        }
        sio_buf_add_str(&text, "*3\r\n");
        add_bulk(&text, sio_view_of(kind));
        add_bulk(&text, k->words[i]);
        sio_buf_add_str(&text, ":1\r\n");
    }
    fake_redis_say(c, sio_buf_view(&text));
    sio_buf_fini(&text);
}

static fake_key *
find_key(fake_redis *r, sio_view key)
{
    for (unsigned i = 0; i < MAX_KEPT_KEYS; i++)
        if (r->keys[i].key.len > 0 && sio_view_eq(sio_buf_view(&r->keys[i].key), key))
            return &r->keys[i];
    return NULL;
}

static void
set_key(fake_redis *r, sio_view key, sio_view value)
{
    fake_key *k = find_key(r, key);

    if (k == NULL)
        k = &r->keys[r->n_set++ % MAX_KEPT_KEYS];
    sio_buf_clear(&k->key);
    sio_buf_clear(&k->value);
    sio_buf_add_view(&k->key, key);
    sio_buf_add_view(&k->value, value);
}

static void
take_key(fake_redis *r, fake_conn *c, sio_view key)
{
    fake_key *k = find_key(r, key);
    sio_buf   text;

    sio_buf_init(&text, SIZE_MAX);
    if (k != NULL)
        add_bulk(&text, sio_buf_view(&k->value));
    else
        sio_buf_add_str(&text, "$-1\r\n");
    if (k != NULL)
        sio_buf_clear(&k->key);
    fake_redis_say(c, sio_buf_view(&text));
    sio_buf_fini(&text);
}

/* What most commands are answered. */
static sio_view
usual_answer(sio_view verb)
{
    static const struct {
        sio_view verb, answer;
    } answers[] = {
        {SIO_VIEW_INIT("PING"), SIO_VIEW_INIT("+PONG\r\n")},
        {SIO_VIEW_INIT("SET"), SIO_VIEW_INIT("+OK\r\n")},
        {SIO_VIEW_INIT("GET"), SIO_VIEW_INIT("$-1\r\n")},
        {SIO_VIEW_INIT("HGET"), SIO_VIEW_INIT("$-1\r\n")},
        {SIO_VIEW_INIT("SMEMBERS"), SIO_VIEW_INIT("*0\r\n")},
        {SIO_VIEW_INIT("SPOP"), SIO_VIEW_INIT("*0\r\n")},
        {SIO_VIEW_INIT("EXISTS"), SIO_VIEW_INIT(":0\r\n")},
        {SIO_VIEW_INIT("MULTI"), SIO_VIEW_INIT("+OK\r\n")},
        {SIO_VIEW_INIT("EXEC"), SIO_VIEW_INIT("*2\r\n$-1\r\n:0\r\n")},
    };

    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        if (sio_view_eq(verb, answers[i].verb))
            return answers[i].answer;
    return SIO_VIEW(":1\r\n");
}

static void
obey(fake_redis *r, fake_conn *c, const fake_command *k)
{
    const sio_view verb = k->words[0];

    if (give_answer(r, c, verb))
        return;
    if (sio_view_eq(verb, SIO_VIEW("SUBSCRIBE"))) {
        confirm(r, c, k, "subscribe");
    } else if (sio_view_eq(verb, SIO_VIEW("PSUBSCRIBE"))) {
        confirm(r, c, k, "psubscribe");
    } else if (sio_view_eq(verb, SIO_VIEW("UNSUBSCRIBE"))) {
        confirm(r, c, k, "unsubscribe");
    } else if (sio_view_eq(verb, SIO_VIEW("GETDEL"))) {
        take_key(r, c, k->words[1]);
    } else {
        if (sio_view_eq(verb, SIO_VIEW("SET")))
            set_key(r, k->words[1], k->words[2]);
        if (sio_view_eq(verb, SIO_VIEW("PUBLISH")) &&
            sio_view_eq(k->words[1], SIO_VIEW("sio:cast")))
            fake_redis_message(r, FOR_CLUSTER, k->words[1], k->words[2]);
        fake_redis_say(c, usual_answer(verb));
    }
}

/* --- Reading: what hiredis writes is always right. --- */

/* The number behind a '*' or '$', and its line end; false: not all of it is there. */
static bool
take_length(sio_view *rest, char mark, size_t *n)
{
    const char *feed = rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;

    if (feed == NULL)
        return false;
    must(rest->data[0] == mark);
    *n = strtoul(rest->data + 1, NULL, 10);
    rest->len -= (size_t)(feed + 1 - rest->data);
    rest->data = feed + 1;
    return true;
}

static bool
take_command(sio_view *rest, fake_command *k)
{
    sio_view from = *rest;
    size_t   n, len;

    if (!take_length(&from, '*', &n))
        return false;
    *k = (fake_command){.n = 0};
    for (size_t i = 0; i < n; i++) {
        if (!take_length(&from, '$', &len) || from.len < len + 2)
            return false;
        if (k->n < MAX_WORDS)
            k->words[k->n++] = (sio_view){from.data, len};
        from = (sio_view){from.data + len + 2, from.len - len - 2};
    }
    *rest = from;
    return true;
}

static void
obey_all(fake_redis *r, fake_conn *c)
{
    sio_buf      in = c->in; /* c may be closed meanwhile */
    sio_view     rest = sio_buf_view(&in);
    fake_command k;

    sio_buf_init(&c->in, SIZE_MAX);
    while (take_command(&rest, &k))
        obey(r, c, &k);
    if (c->fd >= 0)
        sio_buf_add_view(&c->in, rest);
    sio_buf_fini(&in);
}

static bool
fake_read(fake_redis *r, fake_conn *c)
{
    char    bytes[4096];
    ssize_t n;

    if (c->fd < 0 || r->silent)
        return false;
    n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return false;
    if (n <= 0) {
        fake_redis_close(c);
        return true;
    }
    sio_buf_add(&c->in, bytes, (size_t)n);
    obey_all(r, c);
    return true;
}

bool
fake_redis_serve(fake_redis *r)
{
    struct pollfd waits[MAX_FAKE_CONNS + 1];
    bool          any = false;

    for (unsigned i = 0; i < MAX_FAKE_CONNS; i++)
        waits[i] = (struct pollfd){.fd = r->silent ? -1 : r->conns[i].fd, .events = POLLIN};
    waits[MAX_FAKE_CONNS] = (struct pollfd){.fd = fake_listener, .events = POLLIN};
    if (poll(waits, MAX_FAKE_CONNS + 1, 0) <= 0)
        return false;
    for (unsigned i = 0; i < MAX_FAKE_CONNS; i++)
        any = (waits[i].revents != 0 && fake_read(r, &r->conns[i])) || any;
    return (waits[MAX_FAKE_CONNS].revents != 0 && fake_accept(r)) || any;
}

/* --- Life. --- */

void
fake_redis_init(fake_redis *r)
{
    fake_listen();
    *r = (fake_redis){.silent = false};
    sio_buf_init(&r->own_channel, SIZE_MAX);
    for (unsigned i = 0; i < MAX_FAKE_CONNS; i++)
        r->conns[i].fd = -1;
    for (unsigned i = 0; i < MAX_KEPT_KEYS; i++) {
        sio_buf_init(&r->keys[i].key, SIZE_MAX);
        sio_buf_init(&r->keys[i].value, SIZE_MAX);
    }
}

void
fake_redis_be_honest(fake_redis *r)
{
    r->silent = false;
    while (r->n_canned > 0)
        drop_answer(r, 0);
    for (unsigned i = 0; i < MAX_FAKE_CONNS; i++)
        fake_redis_close(&r->conns[i]);
}

void
fake_redis_fini(fake_redis *r)
{
    while (fake_accept(r)) /* who has come at the last moment */
        ;
    fake_redis_be_honest(r);
    for (unsigned i = 0; i < MAX_KEPT_KEYS; i++) {
        sio_buf_fini(&r->keys[i].key);
        sio_buf_fini(&r->keys[i].value);
    }
    sio_buf_fini(&r->own_channel);
}
