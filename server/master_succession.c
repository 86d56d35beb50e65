#include "server/master_succession.h"

#include "server/server.h"

enum {
    LONG_LIFE_MS = 60000, /* who has lived for so long has not ended because of how it began */
    MAX_PAUSE_S = 30
};

static void
begin_again(sio_timer *timer)
{
    SIO_CONTAINER(timer, sio_master_worker, pause)->is_due = true;
}

void
sio_master_succession_fill(sio_master_worker *w)
{
    sio_master    *m = w->m;
    const unsigned n = w->n_short_lives;
    unsigned       pause_s = n == 0 ? 0 : n > 5 ? MAX_PAUSE_S : 1U << (n - 1);

    if (sio_master_workers_now_ms(m) > w->born_ms + LONG_LIFE_MS)
        w->n_short_lives = pause_s = 0;
    w->n_short_lives++;
    if (pause_s == 0) {
        w->is_due = true;
        return;
    }
    sio_log_warn(&m->s->env.log, NULL, "worker %u begins again in %u s", w->number, pause_s);
    w->pause.fire = begin_again;
    sio_timer_set(&m->s->env.timers, &w->pause, pause_s * 1000);
}
