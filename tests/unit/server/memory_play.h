/*
 * tests/unit/server/memory_play.h - what happens while memory runs out: users of all revisions and
 * transports come, speak, move between the two instances, and go.
 */
#ifndef SIO_TESTS_UNIT_MEMORY_PLAY_H
#define SIO_TESTS_UNIT_MEMORY_PLAY_H

/* All of it once, in world. What users do not hear is noted there. */
void memory_play(void);

#endif
