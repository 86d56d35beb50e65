/*
 * server/roaming/owner_post.h - the answer to a POST that came to another instance: at once, or
 * when a session that is paused has received its packets.
 *
 * transport/held_post.h for what comes here.
 */
#ifndef SIO_ROAMING_OWNER_POST_H
#define SIO_ROAMING_OWNER_POST_H

#include "server/cluster/peers.h"
#include "server/engine/session.h"

/*
 * Tell the peer that its POST of that number, for the session, is accepted: SIO_CM_POSTED. Without
 * memory it is told at once.
 */
void sio_owner_post_answer(sio_peer *peer, sio_session *session, uint64_t number);

#endif
