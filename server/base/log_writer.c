/* server/base/log_writer.c - see log_writer.h. */
#include "server/base/log_writer.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "protocol/result.h"
#include "server/base/log_ring.h"

/* How soon a thread that waits for room notices that it was given up. */
enum { LOOK_UP_MS = 1000 };

_Static_assert(SIO_LOG_MAX_LINE <= PIPE_BUF, "a line leaves in one piece");

struct sio_log_writer {
    pthread_t       thread;
    pthread_mutex_t lock;    /* of all below; never held while writing or waiting for room */
    pthread_cond_t  changed; /* something to write, or the end */
    sio_log_ring    ring;
    uint64_t        n_lost;     /* but for those that the ring still counts */
    uint64_t        n_untold;   /* of these: the log does not say so yet, before the next line */
    bool            is_failing; /* the last write was in vain: the next line is the next attempt */
    bool            is_stopping;
    bool            has_ended;
    bool            is_abandoned; /* the thread frees this */

    /* The thread's own. */
    int           fd;
    sio_log_style style;
    bool          is_torn; /* the last thing written is the beginning of a line */
};

/* What leaves in one write(): whole lines, or the one about those that were lost. */
typedef struct {
    char     bytes[PIPE_BUF];
    size_t   len;
    uint64_t n_told;
} batch;

/* --- What to write. --- */

static bool
has_something(const sio_log_writer *w)
{
    return w->ring.len > 0 || (w->n_untold > 0 && !w->is_failing);
}

static void
lose(sio_log_writer *w, uint64_t n)
{
    w->n_lost += n;
    w->n_untold += n;
}

static void
fill(sio_log_writer *w, batch *b)
{
    uint64_t n_dropped;

    b->n_told = w->n_untold;
    if (w->n_untold > 0) {
        b->len = sio_log_line_make(b->bytes, &w->style, SIO_LOG_WARN, SIO_EVENT_LINES_LOST, NULL,
                                   "%" PRIu64 " line%s of the log lost", w->n_untold,
                                   w->n_untold == 1 ? "" : "s");
        return;
    }
    b->len = sio_log_ring_take(&w->ring, b->bytes, sizeof b->bytes, &n_dropped);
    lose(w, n_dropped);
}

/* Wait for something to write. False: this is the end. */
static bool
next(sio_log_writer *w, batch *b)
{
    bool found;

    pthread_mutex_lock(&w->lock);
    while (!has_something(w) && !w->is_stopping)
        pthread_cond_wait(&w->changed, &w->lock);
    found = has_something(w) && !w->is_abandoned;
    if (found)
        fill(w, b);
    pthread_mutex_unlock(&w->lock);
    return found;
}

/* --- Writing. --- */

static bool
is_abandoned(sio_log_writer *w)
{
    bool abandoned;

    pthread_mutex_lock(&w->lock);
    abandoned = w->is_abandoned;
    pthread_mutex_unlock(&w->lock);
    return abandoned;
}

/* An error of the descriptor counts as room: write() will tell. */
static bool
await_room(sio_log_writer *w)
{
    struct pollfd pfd = {.fd = w->fd, .events = POLLOUT};
    int           rc;

    while ((rc = poll(&pfd, 1, LOOK_UP_MS)) == 0 || (rc < 0 && errno == EINTR))
        if (is_abandoned(w))
            return false;
    return true;
}

/*
 * Returns how much was written: less than len when the rest can not be. A pipe takes all of it or,
 * where another process has set O_NONBLOCK, nothing yet; a disk that runs full a part.
 */
static size_t
write_all(sio_log_writer *w, const char *bytes, size_t len)
{
    size_t done = 0;

    while (done < len && await_room(w)) {
        const ssize_t n = write(w->fd, bytes + done, len - done);

        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || (errno != EINTR && errno != EAGAIN))
            break;
    }
    return done;
}

/* What was lost begins with the first line that is not whole, and ends with all that waits. */
static void
note_failure(sio_log_writer *w, const batch *b, size_t done)
{
    if (b->n_told == 0)
        lose(w, sio_log_ring_count_lines(b->bytes + done, b->len - done));
    lose(w, sio_log_ring_clear(&w->ring));
}

static void
send_batch(sio_log_writer *w, const batch *b)
{
    size_t done = 0;

    if (w->is_torn && write_all(w, "\n", 1) == 1)
        w->is_torn = false;
    if (!w->is_torn)
        done = write_all(w, b->bytes, b->len);
    if (done > 0)
        w->is_torn = b->bytes[done - 1] != '\n';
    pthread_mutex_lock(&w->lock);
    w->is_failing = done < b->len;
    if (w->is_failing)
        note_failure(w, b, done);
    else
        w->n_untold -= b->n_told;
    pthread_mutex_unlock(&w->lock);
}

static void
destroy(sio_log_writer *w)
{
    sio_log_ring_fini(&w->ring);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

static void *
log_writer_thread_main(void *arg)
{
    sio_log_writer *w = arg;
    batch           b;
    bool            is_mine;

    while (next(w, &b))
        send_batch(w, &b);
    pthread_mutex_lock(&w->lock);
    w->has_ended = true;
    is_mine = w->is_abandoned;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
    if (is_mine)
        destroy(w);
    return NULL;
}

/* --- The other side. --- */

static int
init_lock(sio_log_writer *w)
{
    pthread_condattr_t attr;
    int                rc;

    if ((rc = pthread_condattr_init(&attr)) != 0)
        return rc;
    rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    if (rc == 0)
        rc = pthread_cond_init(&w->changed, &attr);
    pthread_condattr_destroy(&attr);
    if (rc == 0 && (rc = pthread_mutex_init(&w->lock, NULL)) != 0)
        pthread_cond_destroy(&w->changed);
    return rc;
}

/*
 * Signals are the business of the thread that runs the event loop; SIGPIPE and SIGXFSZ of nobody.
 */
static int
log_writer_start_thread(sio_log_writer *w)
{
    sigset_t all, before;
    int      rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&w->thread, NULL, log_writer_thread_main, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

int
sio_log_writer_new(sio_log_writer **out, int fd, const sio_log_style *style)
{
    sio_log_writer *w = calloc(1, sizeof *w);
    int             rc;

    if (w == NULL)
        return SIO_ERR_NOMEM;
    w->fd = fd;
    w->style = *style;
    if (sio_log_ring_init(&w->ring, SIO_LOG_RING_BYTES) != SIO_OK) {
        free(w);
        return SIO_ERR_NOMEM;
    }
    if ((rc = init_lock(w)) != 0) {
        sio_log_ring_fini(&w->ring);
        free(w);
    } else if ((rc = log_writer_start_thread(w)) != 0) {
        destroy(w);
    } else {
        *out = w;
        return SIO_OK;
    }
    errno = rc;
    return SIO_ERR_SYS;
}

void
sio_log_writer_put(sio_log_writer *w, const char *line, size_t len)
{
    pthread_mutex_lock(&w->lock);
    (void)sio_log_ring_put(&w->ring, line, len); /* it counts what it drops */
    pthread_mutex_unlock(&w->lock);
    pthread_cond_signal(&w->changed); /* no system call while the thread is busy */
}

uint64_t
sio_log_writer_n_lost(sio_log_writer *w)
{
    uint64_t n;

    pthread_mutex_lock(&w->lock);
    n = w->n_lost + w->ring.n_dropped;
    pthread_mutex_unlock(&w->lock);
    return n;
}

static void
set_deadline(struct timespec *deadline)
{
    clock_gettime(CLOCK_MONOTONIC, deadline);
    deadline->tv_nsec += SIO_LOG_FLUSH_MS * 1000000L;
    deadline->tv_sec += deadline->tv_nsec / 1000000000L;
    deadline->tv_nsec %= 1000000000L;
}

/* Returns whether the thread has ended in time; otherwise it keeps *w. */
static bool
stop_thread(sio_log_writer *w)
{
    struct timespec deadline;
    bool            has_ended;
    int             rc = 0;

    set_deadline(&deadline);
    pthread_mutex_lock(&w->lock);
    w->is_stopping = true;
    pthread_cond_signal(&w->changed);
    while (!w->has_ended && rc == 0)
        rc = pthread_cond_timedwait(&w->changed, &w->lock, &deadline);
    has_ended = w->has_ended;
    w->is_abandoned = !has_ended;
    pthread_mutex_unlock(&w->lock);
    return has_ended;
}

void
sio_log_writer_free(sio_log_writer *w)
{
    if (w == NULL)
        return;
    const pthread_t thread = w->thread;

    if (stop_thread(w)) {
        pthread_join(thread, NULL);
        destroy(w);
    } else {
        pthread_detach(thread);
    }
}
