/*
 * server/roaming/directory.h - which instance has a session?
 *
 * An id begins with the tag of the instance that made its handshake, its home. Whoever opens the
 * session takes the handshake out of the store, so that exactly one does, and tells the home if
 * that is another. From then on the home knows where the session is:
 *
 *     it is open here                                  here
 *     home is elsewhere, the request may wait there    elsewhere (the home will know)
 *     home is elsewhere, a websocket or a page begins  taken: here; else elsewhere
 *     home is here, or gone                            taken: here; else where it was said to be
 *
 * An instance that is away (watch.h) is not asked: what it has is not known to anybody.
 *
 * Rules: spec/socketio-0.9.md sections 8.6 and 8.7 (R1, R9).
 */
#ifndef SIO_ROAMING_DIRECTORY_H
#define SIO_ROAMING_DIRECTORY_H

#include "server/cluster/module.h"
#include "server/engine/session.h"

typedef struct sio_search sio_search;

/* What the session is looked for. */
typedef enum {
    SIO_FOR_POLL,   /* it may be served elsewhere */
    SIO_FOR_STREAM, /* it is better opened here than served elsewhere */
    SIO_FOR_POST    /* it can be handed on to others (foreign.h), who know what is theirs */
} sio_purpose;

/* How a search ends: one of these is called, once. It may free the search. */
typedef struct {
    /* is_new: it was opened by this search, and has to be connected. */
    void (*here)(sio_search *search, sio_session *session, bool is_new);
    void (*elsewhere)(sio_search *search, sio_peer *peer);
    void (*unknown)(sio_search *search);
} sio_search_ops;

/* Lives in the object that searches; private. */
struct sio_search {
    sio_hash_node node; /* while it waits: in roaming->waiting, by id, or beside one there */
    sio_link      same; /* those who wait for the same id */
    sio_env      *env;
    const sio_search_ops *ops;
    sio_store_req        *take;
    sio_timer             timer; /* waiting to be told who has it */
    bool                  is_waiting;
    sio_purpose           purpose;
    char                  id[SIO_SESSION_ID_MAX + 1];
};

/* Look for the session; the search may end in this call. */
void sio_directory_locate(sio_search *search, sio_env *env, sio_view id, sio_purpose purpose,
                          const sio_search_ops *ops);

/*
 * Another server (foreign.h) says that it has made the handshake of this session. A POST does not
 * begin the session here: the word may come late, and the client have its session there already.
 */
void sio_directory_resume(sio_env *env, sio_view id);

/* The answer is not wanted any more; a handshake may have been taken. Not after the end. */
void sio_directory_cancel(sio_search *search);

/* The instance that made the handshake with that id, when it is another one that lives, or NULL. */
sio_peer *sio_directory_home_of(sio_env *env, sio_view id);

/*
 * Tell the home of that session, or of that client which may come back, what has become of it:
 * SIO_CM_OWNS or SIO_CM_ENDED. Nothing, if the home is here or is gone.
 */
void sio_directory_tell_home(sio_env *env, sio_view id, uint8_t kind);

/*
 * From now on owner has what has that id, a session or the state of a client that may come back;
 * NULL: it has ended, or has come here. At most SIO_SESSION_ID_MAX bytes.
 */
void sio_directory_set_forward(sio_env *env, sio_view id, sio_peer *owner);

/* The instance that is known to have a session whose home is here, or NULL. */
sio_peer *sio_directory_find_forward(sio_env *env, sio_view id);

/* Where to ask for a session that is not open here: at its owner, or its home. NULL: nowhere. */
sio_peer *sio_directory_whereabouts(sio_env *env, sio_view id);

/* It hears where sessions are whose handshakes were made here. */
extern const sio_cluster_module sio_directory_module;

#endif
