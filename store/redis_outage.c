#include "store/redis_outage.h"

#include <stdio.h>

enum { SAID_AWAY = 1, SAID_REFUSED = 2 };

static void
outage_say(const sio_redis_outage *o, int level, const char *verb, const char *reason,
           const char *outcome)
{
    char text[SIO_REDIS_MAX_NAME + 512];

    if (o->log == NULL)
        return;
    snprintf(text, sizeof text, "Redis at %s %s%s%s%s%s", o->name, verb, reason != NULL ? " (" : "",
             reason != NULL ? reason : "", reason != NULL ? ")" : "", outcome);
    o->log(o->log_arg, level, text);
}

/* Connected is who has all connections that count. */
static void
note_up(sio_redis_outage *o, bool is_up)
{
    if (is_up != o->is_up)
        o->counters->away += is_up ? (uint64_t)-1 : 1;
    o->is_up = is_up;
    o->counters->connected = o->counters->away == 0;
}

void
sio_redis_outage_away(sio_redis_outage *o, const char *reason)
{
    if (o->said == 0)
        outage_say(o, SIO_STORE_WARN, "is away", reason, "; serving local clients only; retrying");
    o->said |= SAID_AWAY;
    note_up(o, false);
}

void
sio_redis_outage_refused(sio_redis_outage *o, const char *command, const char *reason)
{
    char verb[32];

    snprintf(verb, sizeof verb, "refused %s", command);
    if ((o->said & SAID_REFUSED) == 0)
        outage_say(o, SIO_STORE_ERROR, verb, reason, "; serving local clients only; retrying");
    o->said |= SAID_REFUSED;
}

void
sio_redis_outage_over(sio_redis_outage *o, const char *where)
{
    if (o->said != 0 || !o->was_up)
        outage_say(o, SIO_STORE_INFO, o->was_up ? "is connected again" : "is connected",
                   where[0] != '\0' ? where : NULL, "");
    o->said = 0;
    o->was_up = true;
    note_up(o, true);
}

void
sio_redis_outage_init(sio_redis_outage *o, const sio_redis_url *url, sio_store_log log,
                      void *log_arg, sio_store_counters *counters)
{
    *o = (sio_redis_outage){.log = log, .log_arg = log_arg, .counters = counters};
    sio_redis_url_name(url, o->name);
    counters->away++;
    counters->connected = 0;
}

void
sio_redis_outage_fini(sio_redis_outage *o)
{
    if (o->counters != NULL)
        note_up(o, true);
}
