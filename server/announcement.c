#include "server/announcement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/server.h"
#include "server/worker_say.h"

void
sio_announcement_advise(sio_server *s)
{
    sio_buf advice;
    char   *rest, *line;

    sio_buf_init(&advice, SIZE_MAX);
    sio_cfg_advise(&s->cfg, &advice);
    sio_buf_add_char(&advice, '\0');
    for (rest = advice.failed ? NULL : advice.data; (line = strsep(&rest, "\n")) != NULL;)
        if (line[0] != '\0')
            sio_log_at(&s->env.log, SIO_LOG_WARN, SIO_EVENT_ADVICE, NULL, "%s", line);
    sio_buf_fini(&advice);
}

/* Where clients come in, with commas between. */
static void
list_fronts(const sio_fronts *fronts, sio_buf *where)
{
    for (unsigned i = 0; i < fronts->n; i++) {
        sio_buf_add_str(where, i > 0 ? ", " : "");
        sio_buf_add_str(where, fronts->items[i].where);
    }
}

static void
log_where(sio_server *s, sio_view where, unsigned n_workers)
{
    char workers[32] = "";

    if (n_workers > 1)
        snprintf(workers, sizeof workers, " (%u workers)", n_workers);
    sio_log_at(&s->env.log, SIO_LOG_INFO, SIO_EVENT_LISTENING, NULL, "%s listening on %.*s%s",
               s->cfg.name, (int)where.len, where.data, workers);
}

/* Whoever runs it should know whom it lets in. */
static void
log_origins(sio_server *s)
{
    char *origins = sio_get(s, "origins"), *readers = sio_get(s, "cors origin");

    if (origins != NULL && readers != NULL && sio_cfg_names_pages(&s->cfg))
        sio_log_info(&s->env.log, NULL, "pages that may connect: \"origins\" %s, and no others",
                     origins);
    else if (origins != NULL && readers != NULL)
        sio_log_info(&s->env.log, NULL,
                     "pages that may connect: all; pages of other origins that may read polls of "
                     "Engine.IO: \"cors origin\" %s",
                     readers);
    free(origins);
    free(readers);
}

/* Whoever runs a container does not see what its runtime allows. */
static void
log_room(const sio_server *s)
{
    const unsigned n = s->net.admission.max_connections;

    sio_log_info(&s->env.log, NULL, "room for %u connections: %s", n,
                 n == s->cfg.max_connections ? "\"max connections\"" : "the limit of descriptors");
}

void
sio_announcement_make(sio_server *s, sio_view where, unsigned n_workers)
{
    log_where(s, where, n_workers);
    log_origins(s);
}

void
sio_announcement_serve(sio_server *s)
{
    sio_buf where;

    sio_buf_init(&where, SIO_WORKER_WHERE_MAX);
    list_fronts(&s->net.fronts, &where);
    if (s->worker.is_one) {
        sio_worker_say_ready(s, sio_buf_view(&where));
    } else {
        sio_announcement_make(s, sio_buf_view(&where), 1);
        sio_inheritance_serve(s);
        log_room(s);
    }
    sio_buf_fini(&where);
}
