/*
 * tests/bench/load/sequence.c - see sequence.h.
 */
#include "tests/bench/load/sequence.h"

#include <string.h>

static uint64_t *
word_of(sequence *s, uint32_t number)
{
    return &s->came[number % SEQUENCE_WINDOW / 64];
}

static uint64_t
bit_of(uint32_t number)
{
    return UINT64_C(1) << (number % 64);
}

/* Numbers from next up to this one, all higher than any that came. */
static void
advance(sequence *s, uint32_t number)
{
    if (number - s->next >= SEQUENCE_WINDOW)
        memset(s->came, 0, sizeof s->came);
    else
        for (uint32_t i = s->next; i != number; i++)
            *word_of(s, i) &= ~bit_of(i);
    *word_of(s, number) |= bit_of(number);
    s->next = number + 1;
}

bool
sequence_add(sequence *s, uint32_t number)
{
    if (number >= s->next) {
        advance(s, number);
    } else if (s->next - number <= SEQUENCE_WINDOW) {
        if (*word_of(s, number) & bit_of(number)) {
            s->doubled++;
            return false;
        }
        *word_of(s, number) |= bit_of(number);
        s->reordered++;
    } else {
        s->reordered++;
    }
    s->unique++;
    return true;
}

uint32_t
sequence_lost(const sequence *s, uint32_t sent)
{
    return sent > s->unique ? sent - s->unique : 0;
}
