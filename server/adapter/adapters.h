/*
 * server/adapter/adapters.h - what broadcasts and questions to all instances keep.
 */
#ifndef SIO_ADAPTER_ADAPTERS_H
#define SIO_ADAPTER_ADAPTERS_H

#include "protocol/list.h"
#include "server/adapter/node09.h"
#include "server/adapter/node4.h"
#include "server/adapter/python.h"
#include "server/roaming/roaming.h"
#include "store/hash.h"

typedef struct sio_adapters {
    sio_env             *env;
    sio_link             surveys; /* of survey.c: whose answers are being collected */
    sio_hash             surveys_by_number;
    size_t               n_survey_bytes; /* of their answers so far */
    sio_link             token_uses;     /* of remote_ack.c: that this instance waits for */
    sio_hash             token_uses_by_number;
    bool                 is_closed;   /* the server ends: nothing is asked any more */
    size_t               n_questions; /* of server_question.c: that the application has to answer */
    sio_server_question *question;    /* the one that it hears at the moment, until it takes it */
    sio_node09           node09;
    sio_node4            node4;
    sio_python           python;
    char heard_tag[SIO_STORE_TAG_LEN + 1]; /* of partition_rooms.c: whose partition is heard */
} sio_adapters;

/* The lists of a peer (peers.h) that are used here. */
enum {
    SIO_PEER_REPLIES = SIO_PEER_N_ROAMING, /* respondent.c: it asks, and some have yet to answer */
    SIO_PEER_SURVEYS,                      /* survey.c: it has been asked, or has answered */
    SIO_PEER_TOKEN_USES,                   /* remote_ack.c: it has been asked to acknowledge */
    SIO_PEER_QUESTIONS, /* respondent.c: it asks the application, which has yet to answer */
    SIO_PEER_N_LISTS
};

/* SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS; then sio_adapters_fini() is still allowed. */
int  sio_adapters_init(sio_env *env);
void sio_adapters_fini(sio_env *env);

/* Is what is stored about clients shared with others under bare ids (store/redis.h)? */
bool sio_adapters_bare_clients(const sio_env *env);

/*
 * There may be other instances, or processes of Node: hear them, and tell them what concerns their
 * sockets. After sio_roaming_join(); the store is open. SIO_OK or a failure.
 */
int sio_adapters_join(sio_env *env);

/*
 * The server ends: whoever waits for answers is told now, with what has come. After the end of all
 * sessions, and before that of what the application may use in its callbacks.
 */
void sio_adapters_settle(sio_env *env);

/* The settings have changed. */
void sio_adapters_adjust(sio_env *env);

#endif
