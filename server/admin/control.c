#include "server/admin/control.h"

#include <stdlib.h>

#include "server/admin/admin.h"
#include "server/admin/admin_reply.h"
#include "server/base/env.h"

/* A request that is obeyed in the next turn: settings may not change under those who read one. */
typedef struct {
    sio_timer     timer;
    sio_exchange *x;
    void (*obey)(sio_exchange *x, const sio_control *control);
} control_order;

static void
on_order_due(sio_timer *timer)
{
    control_order *o = SIO_CONTAINER(timer, control_order, timer);
    sio_exchange  *x = o->x;
    void (*obey)(sio_exchange *, const sio_control *) = o->obey;

    free(o);
    x->owner = NULL;
    x->abandoned = NULL;
    obey(x, &x->env->admin->control);
}

/* Who asked has left before its turn: nothing is done. */
static void
on_order_abandoned(sio_exchange *x, const char *reason)
{
    control_order *o = x->owner;

    (void)reason;
    sio_timer_cancel(&x->env->timers, &o->timer);
    free(o);
}

static void
control_later(sio_exchange *x, void (*obey)(sio_exchange *x, const sio_control *control))
{
    control_order *o = malloc(sizeof *o);

    if (o == NULL) {
        sio_admin_reply_refuse(x, 503, "out of memory");
        return;
    }
    *o = (control_order){.timer.fire = on_order_due, .x = x, .obey = obey};
    x->owner = o;
    x->abandoned = on_order_abandoned;
    sio_timer_set(&x->env->timers, &o->timer, 0);
}

static void
reply_json(sio_exchange *x, const char *before, const char *word, const char *after)
{
    sio_buf body;

    sio_buf_init(&body, SIZE_MAX);
    sio_buf_add_str(&body, before);
    sio_buf_add_str(&body, word);
    sio_buf_add_str(&body, after);
    sio_admin_reply(x, 200, "application/json", &body);
    sio_buf_fini(&body);
}

static void
reply_phase(sio_exchange *x)
{
    reply_json(x, "{\"phase\":\"", sio_phase_name(x->env->phase), "\"}\n");
}

static void
control_drain(sio_exchange *x, const sio_control *control)
{
    control->drain(control->io);
    reply_phase(x);
}

static void
control_undrain(sio_exchange *x, const sio_control *control)
{
    if (control->undrain(control->io) == 0)
        reply_phase(x);
    else
        sio_admin_reply_refuse(x, 409, "it is not in the delay before a drain");
}

static void
control_reload(sio_exchange *x, const sio_control *control)
{
    if (control->reload(control->io) == 0)
        reply_json(x, "{\"reloaded\":", "true", "}\n");
    else
        sio_admin_reply_refuse(x, 422, control->error(control->io));
}

void
sio_control_serve_drain(sio_exchange *x, const sio_admin_request *r)
{
    (void)r;
    control_later(x, control_drain);
}

void
sio_control_serve_undrain(sio_exchange *x, const sio_admin_request *r)
{
    (void)r;
    control_later(x, control_undrain);
}

void
sio_control_serve_reload(sio_exchange *x, const sio_admin_request *r)
{
    (void)r;
    control_later(x, control_reload);
}
