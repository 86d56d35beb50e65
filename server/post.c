#include "server/post.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "server/server.h"

enum { MAX_POSTED = 65536 /* a loop that hangs must not fill the memory */ };

struct sio_posted {
    sio_posted *next;
    void (*fn)(void *arg);
    void *arg;
};

/* --- Any thread. --- */

/* False: too many wait. */
static bool
append(sio_posts *p, sio_posted *posted)
{
    if (p->n >= MAX_POSTED)
        return false;
    if (p->last != NULL)
        p->last->next = posted;
    else
        p->first = posted;
    p->last = posted;
    p->n++;
    return true;
}

/* Only the first one has to wake the loop, which takes all. */
int
sio_post(sio_server *io, void (*fn)(void *arg), void *arg)
{
    sio_posts     *p = &io->posts;
    const uint64_t one = 1;
    sio_posted    *posted = calloc(1, sizeof *posted);
    bool           is_in;

    if (posted == NULL)
        return -1;
    posted->fn = fn;
    posted->arg = arg;
    pthread_mutex_lock(&p->lock);
    if ((is_in = append(p, posted)) && p->n == 1)
        (void)!write(p->wakeup, &one, sizeof one); /* fails when it is awake already */
    pthread_mutex_unlock(&p->lock);
    if (!is_in)
        free(posted);
    return is_in ? 0 : -1;
}

/* --- The thread of the loop. --- */

static sio_posted *
take_all(sio_posts *p)
{
    sio_posted *first;

    pthread_mutex_lock(&p->lock);
    first = p->first;
    p->first = p->last = NULL;
    p->n = 0;
    pthread_mutex_unlock(&p->lock);
    return first;
}

/* Returns whether there was anything. */
static bool
run_all(sio_posts *p)
{
    sio_posted *posted = take_all(p), *next;
    const bool  is_some = posted != NULL;

    for (; posted != NULL; posted = next) {
        next = posted->next;
        posted->fn(posted->arg);
        free(posted);
    }
    return is_some;
}

static void
on_posted(evutil_socket_t fd, short events, void *arg)
{
    sio_server *io = arg;
    uint64_t    n;

    (void)events;
    (void)!read(fd, &n, sizeof n);
    sio_deferred_note_turn(&io->env.deferred);
    (void)run_all(&io->posts);
}

void
sio_post_finish(sio_server *io)
{
    while (io->posts.has_lock && run_all(&io->posts))
        continue;
}

/* --- Life. --- */

int
sio_post_init(sio_server *io)
{
    sio_posts *p = &io->posts;

    p->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    p->has_lock = pthread_mutex_init(&p->lock, NULL) == 0;
    return p->wakeup >= 0 && p->has_lock ? 0 : -1;
}

int
sio_post_begin(sio_server *io)
{
    sio_posts *p = &io->posts;

    p->event = event_new(io->env.base, p->wakeup, EV_READ | EV_PERSIST, on_posted, io);
    return p->event != NULL && event_add(p->event, NULL) == 0 ? 0 : -1;
}

void
sio_post_end(sio_server *io)
{
    if (io->posts.event != NULL)
        event_free(io->posts.event);
    io->posts.event = NULL;
}

void
sio_post_fini(sio_server *io)
{
    if (io->posts.wakeup >= 0)
        close(io->posts.wakeup);
    if (io->posts.has_lock)
        pthread_mutex_destroy(&io->posts.lock);
}
