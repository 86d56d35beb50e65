#include "server/transport/held_post.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    sio_intake_waiter    waiter;
    sio_exchange        *x;
    sio_held_post_answer answer;
    size_t               origin_len;
    char                 origin[];
} held_post;

static void
held_post_done(sio_intake_waiter *w)
{
    held_post *p = SIO_CONTAINER(w, held_post, waiter);

    p->x->abandoned = NULL;
    p->answer(p->x, (sio_view){p->origin, p->origin_len});
    free(p);
}

/* The client has not waited; its packets are here all the same. */
static void
on_held_post_abandoned(sio_exchange *x, const char *reason)
{
    held_post *p = x->owner;

    (void)reason;
    sio_link_remove(&p->waiter.link);
    free(p);
}

void
sio_held_post(sio_exchange *x, sio_session *s, sio_view origin, sio_held_post_answer answer)
{
    held_post *p = s->mailbox.is_paused ? malloc(sizeof *p + origin.len) : NULL;

    if (p == NULL) {
        answer(x, origin);
        return;
    }
    *p = (held_post){.x = x, .answer = answer, .origin_len = origin.len};
    if (origin.len > 0)
        memcpy(p->origin, origin.data, origin.len);
    p->waiter.done = held_post_done;
    x->owner = p;
    x->abandoned = on_held_post_abandoned;
    sio_intake_wait(s, &p->waiter);
}
