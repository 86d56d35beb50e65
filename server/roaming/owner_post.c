#include "server/roaming/owner_post.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/roaming/owner_channel.h"

/* Its peer may be gone before its session, so it is known by its tag. */
typedef struct {
    sio_intake_waiter waiter;
    sio_session      *session;
    uint64_t          number;
    char              tag[SIO_STORE_TAG_LEN];
} owner_post;

static void
tell_posted(sio_peer *peer, const sio_session *session, uint64_t number)
{
    sio_owner_channel_answer_request(peer, SIO_CM_POSTED, session->node.key, number,
                                     SIO_EIO_ACCEPTED);
}

static void
owner_post_done(sio_intake_waiter *w)
{
    owner_post *p = SIO_CONTAINER(w, owner_post, waiter);
    sio_peer   *peer = sio_peer_find(p->session->env, (sio_view){p->tag, sizeof p->tag});

    if (peer != NULL)
        tell_posted(peer, p->session, p->number);
    free(p);
}

void
sio_owner_post_answer(sio_peer *peer, sio_session *session, uint64_t number)
{
    owner_post *p = session->mailbox.is_paused ? calloc(1, sizeof *p) : NULL;

    if (p == NULL) {
        tell_posted(peer, session, number);
        return;
    }
    p->waiter.done = owner_post_done;
    p->session = session;
    p->number = number;
    memcpy(p->tag, peer->tag, sizeof p->tag);
    sio_intake_wait(session, &p->waiter);
}
