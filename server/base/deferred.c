#include "server/base/deferred.h"

#include "protocol/result.h"
#include "store/clock.h"

/*
 * So many run before input is looked at again: the flushes of a broadcast to very many take long.
 */
enum { TASKS_OF_A_TURN = 1000 };

static void
run_first(sio_deferred *d)
{
    sio_task *task = SIO_CONTAINER(d->tasks.next, sio_task, link);

    sio_link_remove(&task->link);
    __builtin_prefetch(d->tasks.next); /* of many, the next one is not in the cache */
    task->run(task);
}

static void
note_begin(sio_deferred *d)
{
    if (d->turns != NULL && d->began_us == 0)
        d->began_us = sio_now_us();
}

static void
note_end(sio_deferred *d)
{
    if (d->began_us != 0)
        sio_histogram_add(d->turns, sio_now_us() - d->began_us);
    d->began_us = 0;
}

/*
 * Tasks deferred by tasks run in the same turn: a flush that ends a session must not wait for I/O.
 */
static void
on_turn_end(evutil_socket_t fd, short events, void *arg)
{
    const struct timeval at_once = {0, 0};
    sio_deferred        *d = arg;

    (void)fd;
    (void)events;
    note_begin(d); /* unless this turn had input, which has done so */
    for (unsigned n = 0; n < TASKS_OF_A_TURN && !sio_link_empty(&d->tasks); n++)
        run_first(d);
    note_end(d);
    d->is_due = !sio_link_empty(&d->tasks);
    if (d->is_due)
        event_add(d->event, &at_once); /* behind the input of the next turn */
}

int
sio_deferred_init(sio_deferred *d, struct event_base *base)
{
    *d = (sio_deferred){.event = NULL};
    sio_link_init(&d->tasks);
    d->event = event_new(base, -1, 0, on_turn_end, d);
    return d->event != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

void
sio_deferred_fini(sio_deferred *d)
{
    if (d->event == NULL)
        return;
    while (!sio_link_empty(&d->tasks))
        run_first(d);
    event_free(d->event);
    d->event = NULL;
}

void
sio_task_init(sio_task *task, void (*run)(sio_task *task))
{
    sio_link_init(&task->link);
    task->run = run;
}

/* libevent runs events activated now after all that are active already: the end of the turn. */
void
sio_deferred_await_end(sio_deferred *d)
{
    note_begin(d);
    if (d->is_due)
        return;
    d->is_due = true;
    event_active(d->event, EV_TIMEOUT, 0);
}

void
sio_deferred_add(sio_deferred *d, sio_task *task)
{
    if (!sio_link_empty(&task->link))
        return;
    if (!d->is_due)
        sio_deferred_await_end(d);
    sio_link_append(&d->tasks, &task->link);
}

void
sio_task_cancel(sio_task *task)
{
    sio_link_remove(&task->link);
}
