#include "server/adminui/bcrypt.h"

#include <crypt.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "protocol/list.h"
#include "server/base/digest.h"

enum { MAX_HASH = 64 };

struct sio_bcrypt_check {
    sio_link link;                        /* in waiting, or in done */
    void (*fn)(bool is_right, void *arg); /* NULL: cancelled */
    void *arg;
    bool  is_right;
    char  hash[MAX_HASH];
    char  password[SIO_BCRYPT_MAX_PASSWORD + 1];
};

struct sio_bcrypt {
    sio_server       *io;
    bool              has_thread;
    pthread_t         thread;
    pthread_mutex_t   lock; /* over what follows */
    pthread_cond_t    news;
    sio_link          waiting, done;
    bool              is_over;
    struct crypt_data data; /* of the thread alone */
};

/* --- In the thread. --- */

static bool
is_password(sio_bcrypt *b, const sio_bcrypt_check *c)
{
    const char *hash = crypt_r(c->password, c->hash, &b->data);

    return hash != NULL && sio_digest_same_secret(sio_view_of(hash), sio_view_of(c->hash));
}

static sio_bcrypt_check *
take_first(sio_link *list)
{
    sio_link *l = list->next;

    sio_link_remove(l);
    return SIO_CONTAINER(l, sio_bcrypt_check, link);
}

static void tell_done(void *arg);

/* The loop is told. It may have too much to do at the moment: then a little later. */
static void
post_done(sio_bcrypt *b)
{
    static const struct timespec a_while = {.tv_nsec = 10000000};

    while (!b->is_over && sio_post(b->io, tell_done, b) != 0) {
        pthread_mutex_unlock(&b->lock);
        nanosleep(&a_while, NULL);
        pthread_mutex_lock(&b->lock);
    }
}

static int64_t
clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/*
 * As long as the check took. (A lower priority would do as well, but to ask for one is a reason for
 * systemd to end the process, as its unit says: @resources.)
 */
static void
rest(sio_bcrypt *b, int64_t began_ns)
{
    const int64_t         now = clock_ns(), end = now + (now - began_ns);
    const struct timespec until = {.tv_sec = end / 1000000000, .tv_nsec = end % 1000000000};

    while (!b->is_over && pthread_cond_timedwait(&b->news, &b->lock, &until) == 0)
        continue;
}

static void
run_first(sio_bcrypt *b)
{
    sio_bcrypt_check *c = take_first(&b->waiting);
    const int64_t     began_ns = clock_ns();

    pthread_mutex_unlock(&b->lock);
    c->is_right = is_password(b, c);
    explicit_bzero(c->password, sizeof c->password);
    pthread_mutex_lock(&b->lock);
    sio_link_append(&b->done, &c->link);
    post_done(b);
    rest(b, began_ns);
}

static void *
run_checks(void *arg)
{
    sio_bcrypt *b = arg;

    pthread_mutex_lock(&b->lock);
    while (!b->is_over)
        if (sio_link_empty(&b->waiting))
            pthread_cond_wait(&b->news, &b->lock);
        else
            run_first(b);
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

/* --- In the loop. --- */

static void
check_free(sio_bcrypt_check *c)
{
    explicit_bzero(c, sizeof *c);
    free(c);
}

/* One that was posted for each; the first of them may have taken more than its own. */
static void
tell_done(void *arg)
{
    sio_bcrypt *b = arg;

    for (;;) {
        sio_bcrypt_check *c = NULL;

        pthread_mutex_lock(&b->lock);
        if (!sio_link_empty(&b->done))
            c = take_first(&b->done);
        pthread_mutex_unlock(&b->lock);
        if (c == NULL)
            return;
        if (c->fn != NULL)
            c->fn(c->is_right, c->arg);
        check_free(c);
    }
}

sio_bcrypt *
sio_bcrypt_new(sio_server *io)
{
    sio_bcrypt        *b = calloc(1, sizeof *b);
    pthread_condattr_t monotonic;

    if (b == NULL)
        return NULL;
    b->io = io;
    sio_link_init(&b->waiting);
    sio_link_init(&b->done);
    pthread_mutex_init(&b->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&b->news, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return b;
}

static void
free_checks(sio_link *list)
{
    while (!sio_link_empty(list))
        check_free(take_first(list));
}

void
sio_bcrypt_stop(sio_bcrypt *b)
{
    pthread_mutex_lock(&b->lock);
    b->is_over = true;
    pthread_cond_signal(&b->news);
    pthread_mutex_unlock(&b->lock);
    if (b->has_thread)
        pthread_join(b->thread, NULL);
    b->has_thread = false;
}

void
sio_bcrypt_free(sio_bcrypt *b)
{
    if (b == NULL)
        return;
    sio_bcrypt_stop(b);
    free_checks(&b->waiting);
    free_checks(&b->done);
    pthread_cond_destroy(&b->news);
    pthread_mutex_destroy(&b->lock);
    explicit_bzero(&b->data, sizeof b->data);
    free(b);
}

/* Signals are for the thread of the loop. */
static bool
start_thread(sio_bcrypt *b)
{
    sigset_t all, before;
    int      rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&b->thread, NULL, run_checks, b);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc == 0;
}

sio_bcrypt_check *
sio_bcrypt_begin(sio_bcrypt *b, const char *password, const char *hash,
                 void (*fn)(bool is_right, void *arg), void *arg)
{
    const size_t      len = strlen(password), hash_len = strlen(hash);
    sio_bcrypt_check *c;

    if (len > SIO_BCRYPT_MAX_PASSWORD || hash_len >= MAX_HASH)
        return NULL;
    if (!b->has_thread && !b->is_over)
        b->has_thread = start_thread(b);
    if (!b->has_thread || (c = calloc(1, sizeof *c)) == NULL)
        return NULL;
    memcpy(c->password, password, len);
    memcpy(c->hash, hash, hash_len);
    c->fn = fn;
    c->arg = arg;
    sio_link_init(&c->link);
    pthread_mutex_lock(&b->lock);
    sio_link_append(&b->waiting, &c->link);
    pthread_cond_signal(&b->news);
    pthread_mutex_unlock(&b->lock);
    return c;
}

void
sio_bcrypt_cancel(sio_bcrypt_check *c)
{
    if (c != NULL)
        c->fn = NULL;
}
