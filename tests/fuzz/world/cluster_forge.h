/*
 * tests/fuzz/world/cluster_forge.h - a message of one instance to another, from the text of a
 * script.
 *
 *     g i=$0 c=1 t=xhr-polling      the kind, then fields by their keys in cluster_message.h
 *
 * Numbers are decimal. p= adds one packet, P= one that is no text, o= is the digit of an instance.
 * Used by fuzz_cluster.c and fuzz_redis.c.
 */
#ifndef SIO_TESTS_FUZZ_WORLD_CLUSTER_FORGE_H
#define SIO_TESTS_FUZZ_WORLD_CLUSTER_FORGE_H

#include "protocol/buf.h"
#include "protocol/cluster_message.h"
#include "protocol/view.h"

typedef struct {
    sio_cluster_message message;
    sio_buf             packets;
} forgery;

/*
 * Fill in f->message from the text, which must live as long as *f; fields that are not named stay
 * as they are. f->packets is the caller's, who also ends it.
 */
void forge_message(forgery *f, sio_view text);

#endif
