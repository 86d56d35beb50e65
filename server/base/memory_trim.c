#include "server/base/memory_trim.h"

#include <malloc.h>

#include "server/server.h"

/*
 * Walking over the free memory takes some milliseconds for each hundred megabytes, in which nobody is
 * served: it is done once what ends has ended, and not for a few.
 */
enum { STORM = 1000, DELAY_MS = 2000 };

static uint64_t
count(const sio_server *s)
{
    return s->stats.connections + s->stats.sessions;
}

static void
on_memory_trim_timer(sio_timer *timer)
{
    sio_server *s = SIO_CONTAINER(timer, sio_server, trim.timer);

    s->trim.most = count(s);
#ifdef __GLIBC__ /* other allocators give it back by themselves */
    malloc_trim(0);
    sio_log_debug(&s->log, NULL, "memory given back");
#endif
}

void
sio_memory_trim_init(sio_server *s)
{
    s->trim.timer.fire = on_memory_trim_timer;
}

void
sio_memory_trim_ended(sio_server *s)
{
    const uint64_t left = count(s);

    if (s->trim.most <= left)
        s->trim.most = left + 1;
    if (s->trim.most >= STORM && left <= s->trim.most / 2 && !sio_timer_armed(&s->trim.timer))
        sio_timer_set(&s->wheel, &s->trim.timer, DELAY_MS);
}
