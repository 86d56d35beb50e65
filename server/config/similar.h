/*
 * server/config/similar.h - "did you mean": which of the known words was probably meant.
 *
 * Called by setting_explain.c for keys, and by server/cli/ for commands. Pure.
 */
#ifndef SIO_CONFIG_SIMILAR_H
#define SIO_CONFIG_SIMILAR_H

typedef struct {
    const char *word;     /* what was said; borrowed */
    const char *nearest;  /* of those offered so far; NULL: none is similar */
    unsigned    distance; /* private */
} sio_similar;

sio_similar sio_similar_to(const char *word);

/* A word that there is; borrowed. */
void sio_similar_offer(sio_similar *s, const char *candidate);

#endif
