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

void
sio_redis_outage_away(sio_redis_outage *o, const char *reason)
{
    if (o->said == 0)
        outage_say(o, SIO_STORE_WARN, "is away", reason, "; serving local clients only; retrying");
    o->said |= SAID_AWAY;
    o->counters->connected = 0;
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
    o->counters->connected = 1;
}

void
sio_redis_outage_init(sio_redis_outage *o, const sio_redis_url *url, sio_store_log log,
                      void *log_arg, sio_store_counters *counters)
{
    *o = (sio_redis_outage){.log = log, .log_arg = log_arg, .counters = counters};
    sio_redis_url_name(url, o->name);
}
