#include "server/socketio/recovery_log.h"

#include <stdlib.h>
#include <string.h>

static sio_logged_packet *
packet_at(sio_link *l)
{
    return SIO_CONTAINER(l, sio_logged_packet, link);
}

void
sio_recovery_log_init(sio_recovery_log *log)
{
    *log = (sio_recovery_log){.last = 0};
    sio_link_init(&log->packets);
}

static void
drop_oldest(sio_recovery_log *log)
{
    sio_logged_packet *p = packet_at(log->packets.next);

    sio_link_remove(&p->link);
    log->n--;
    log->n_bytes -= p->size;
    sio_frame_unref(p->frame);
    free(p);
}

void
sio_recovery_log_clear(sio_recovery_log *log)
{
    while (log->n > 0)
        drop_oldest(log);
}

/* --- Adding. --- */

static size_t
frame_bytes(const sio_frame *f)
{
    size_t n = 0;

    for (; f != NULL; f = sio_frame_next(f))
        n += sio_frame_message(f).len;
    return n;
}

static sio_logged_packet *
copy_of(const sio_logged_packet *p)
{
    const size_t len = p->target.room.len + p->target.more_rooms.len + p->target.except_rooms.len +
                       p->except_id.len + p->cast.origin.len;
    sio_logged_packet *copy = malloc(sizeof *copy + len);
    char              *bytes;

    if (copy == NULL)
        return NULL;
    *copy = *p;
    copy->target.except = NULL;
    bytes = copy->bytes;
    sio_view_move(&copy->target.room, &bytes);
    sio_view_move(&copy->target.more_rooms, &bytes);
    sio_view_move(&copy->target.except_rooms, &bytes);
    sio_view_move(&copy->except_id, &bytes);
    sio_view_move(&copy->cast.origin, &bytes);
    copy->size = sizeof *copy + len + frame_bytes(p->frame);
    sio_frame_ref(copy->frame);
    return copy;
}

void
sio_recovery_log_add(sio_recovery_log *log, const sio_logged_packet *p)
{
    sio_logged_packet *copy = p->frame != NULL ? copy_of(p) : NULL;

    log->last++;
    if (copy == NULL) {
        sio_recovery_log_clear(log);
        return;
    }
    copy->number = log->last;
    sio_link_init(&copy->link);
    sio_link_append(&log->packets, &copy->link);
    log->n++;
    log->n_bytes += copy->size;
}

/* --- Forgetting. --- */

uint64_t
sio_recovery_log_limit(sio_recovery_log *log, uint64_t max_packets, size_t max_bytes)
{
    uint64_t n_dropped = 0;

    for (; log->n > max_packets || log->n_bytes > max_bytes; n_dropped++)
        drop_oldest(log);
    return n_dropped;
}

void
sio_recovery_log_expire(sio_recovery_log *log, uint64_t before_ms)
{
    while (log->n > 0 && packet_at(log->packets.next)->sent_ms < before_ms)
        drop_oldest(log);
}

/* --- Looking. --- */

const sio_logged_packet *
sio_recovery_log_after(const sio_recovery_log *log, uint64_t number)
{
    sio_link *l = log->packets.prev;

    if (number <= log->last - log->n) /* all that are there are behind it */
        return log->n > 0 ? packet_at(log->packets.next) : NULL;
    while (l != &log->packets && packet_at(l)->number > number)
        l = l->prev;
    return l->next != &log->packets ? packet_at(l->next) : NULL;
}

const sio_logged_packet *
sio_recovery_log_next(const sio_recovery_log *log, const sio_logged_packet *p)
{
    return p->link.next != &log->packets ? packet_at(p->link.next) : NULL;
}
