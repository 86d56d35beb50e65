#include "server/backends/stream_commands.h"

#include "protocol/result.h"
#include "server/base/random.h"
#include "store/clock.h"
#include "store/lease.h"

static const sio_view stream_name = SIO_VIEW_INIT("commands");

static sio_view
holder_of(const sio_stream_commands *s)
{
    return sio_view_of(s->holder);
}

/* --- Reading. --- */

static void
on_command_entry(void *arg, sio_view id, const sio_stream_field *fields, size_t n,
                 bool is_too_large)
{
    sio_stream_commands *s = arg;

    sio_stream_work_add(&s->work, id, fields, n, is_too_large);
}

static void
read_on(void *arg)
{
    sio_stream_commands *s = arg;

    if (s->reader == NULL || s->is_reading)
        return;
    s->is_reading = true;
    sio_stream_work_begin_read(&s->work);
    sio_stream_reader_next(s->reader);
}

static void
on_commands_read(void *arg)
{
    sio_stream_commands *s = arg;

    s->is_reading = false;
    sio_stream_work_end_read(&s->work);
    if (sio_stream_work_has_room(&s->work))
        read_on(s);
}

/* --- The lease. --- */

static void
begin_reading(sio_stream_commands *s)
{
    const sio_stream_reader_cfg cfg = {.stream = stream_name,
                                       .group = SIO_VIEW("siobroker"),
                                       .consumer = SIO_VIEW("siobroker"),
                                       .entry = on_command_entry,
                                       .read = on_commands_read,
                                       .arg = s};

    if (s->reader != NULL)
        return;
    if (sio_store_stream_reader_new(&s->reader, s->env->store, &cfg) != SIO_OK) {
        s->reader = NULL; /* no memory: with the next beat */
        return;
    }
    sio_log_info(&s->env->log, NULL, "commands from the stream are done by this instance");
    s->is_reading = false;
    read_on(s);
}

static void
end_reading(sio_stream_commands *s)
{
    if (s->reader == NULL)
        return;
    sio_stream_reader_free(s->reader);
    s->reader = NULL;
    sio_stream_work_end_read(&s->work);
    sio_stream_work_forbid(&s->work);
    sio_log_info(&s->env->log, NULL, "commands from the stream are not done by this instance");
}

static void
on_lease(void *arg, int rc)
{
    sio_stream_commands *s = arg;

    s->lease = NULL;
    if (rc == SIO_OK) {
        sio_stream_work_allow(&s->work,
                              s->asked_ms + SIO_STREAM_LEASE_MS - SIO_STREAM_LEASE_MARGIN_MS);
        begin_reading(s);
    } else if (rc == SIO_ERR_FULL) {
        end_reading(s);
    }
}

static void
ask_for_lease(sio_stream_commands *s)
{
    sio_store_req *req;

    if (s->lease != NULL)
        return;
    s->asked_ms = sio_now_ms();
    req = sio_store_lease_hold(s->env->store, stream_name, holder_of(s), SIO_STREAM_LEASE_MS,
                               on_lease, s);
    if (req != NULL)
        s->lease = req;
}

/* --- Beats. --- */

static void
on_commands_trimmed(void *arg, int rc, const sio_stream_size *size)
{
    sio_stream_commands *s = arg;

    (void)rc; /* it is done with the next beat */
    (void)size;
    s->trim = NULL;
}

/* What is acknowledged goes; unless another group wants to read it, too. */
static void
trim_commands(sio_stream_commands *s)
{
    sio_store_req *req;

    if (s->reader == NULL || s->trim != NULL)
        return;
    req = sio_store_stream_trim(s->env->store, stream_name, 0, on_commands_trimmed, s);
    if (req != NULL)
        s->trim = req;
}

static void
beat_later(sio_stream_commands *s)
{
    sio_timer_set(&s->env->timers, &s->beat, SIO_STREAM_BEAT_MS);
}

static void
on_beat(sio_timer *timer)
{
    sio_stream_commands *s = SIO_CONTAINER(timer, sio_stream_commands, beat);

    if (sio_now_ms() >= s->work.until_ms) /* Redis has not said for long that it is ours */
        end_reading(s);
    sio_stream_work_acknowledge(&s->work);
    ask_for_lease(s);
    trim_commands(s);
    beat_later(s);
}

/* --- Life. --- */

void
sio_stream_commands_open(sio_stream_commands *s, sio_env *env, sio_commands *commands,
                         sio_idempotency_quota *quota)
{
    sio_stream_commands_close(s); /* to listen may be tried again */
    sio_stream_commands_fini(s);
    *s = (sio_stream_commands){.env = env, .has_work = true};
    if (sio_stream_work_init(&s->work, env, commands, quota, read_on, s) != SIO_OK ||
        sio_random_text(s->holder, sizeof s->holder - 1) != SIO_OK) {
        sio_log_error(&env->log, NULL,
                      "no memory, or no random numbers: commands from the stream are not read");
        s->env = NULL;
        return;
    }
    s->beat.fire = on_beat;
    sio_timer_set(&env->timers, &s->beat, 1);
}

void
sio_stream_commands_close(sio_stream_commands *s)
{
    if (s->env == NULL)
        return;
    end_reading(s);
    sio_stream_work_close(&s->work);
    sio_store_cancel(s->lease);
    sio_store_cancel(s->trim);
    sio_store_lease_release(s->env->store, stream_name, holder_of(s));
    sio_timer_cancel(&s->env->timers, &s->beat);
    s->env = NULL;
}

void
sio_stream_commands_fini(sio_stream_commands *s)
{
    if (s->has_work)
        sio_stream_work_fini(&s->work);
    s->has_work = false;
}
