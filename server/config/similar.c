#include "server/config/similar.h"

#include <ctype.h>
#include <string.h>

enum { MAX_WORD = 48 };

/* How two bytes compare for a human: "-" and "_" are blanks, case does not count. */
static int
fold(char c)
{
    return c == '-' || c == '_' ? ' ' : tolower((unsigned char)c);
}

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
    const unsigned m = a < b ? a : b;

    return m < c ? m : c;
}

/* Levenshtein distance; MAX_WORD, which is never near enough, when either is too long. */
static unsigned
edit_distance(const char *a, const char *b)
{
    const size_t a_len = strlen(a), b_len = strlen(b);
    unsigned     row[MAX_WORD + 1];

    if (a_len > MAX_WORD || b_len > MAX_WORD)
        return MAX_WORD;
    for (unsigned j = 0; j <= b_len; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a_len; i++) {
        unsigned diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            const unsigned above = row[j];

            row[j] =
                least(above + 1, row[j - 1] + 1, diagonal + (fold(a[i - 1]) != fold(b[j - 1])));
            diagonal = above;
        }
    }
    return row[b_len];
}

sio_similar
sio_similar_to(const char *word)
{
    return (sio_similar){.word = word, .distance = 2 + (unsigned)strnlen(word, MAX_WORD) / 4};
}

void
sio_similar_offer(sio_similar *s, const char *candidate)
{
    const unsigned distance = edit_distance(s->word, candidate);

    if (distance >= s->distance)
        return;
    s->distance = distance;
    s->nearest = candidate;
}
