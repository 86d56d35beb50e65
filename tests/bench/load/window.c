/*
 * tests/bench/load/window.c - see window.h.
 */
#include "tests/bench/load/window.h"

#include <stddef.h>

bool
window_has_room(const window *w)
{
    return w->entries[w->next % w->size].waiting == 0;
}

uint32_t
window_send(window *w, uint32_t receivers, uint64_t now_ns)
{
    w->entries[w->next % w->size] = (window_entry){w->next, receivers, now_ns};
    return w->next++;
}

window_entry *
window_find(window *w, uint32_t number)
{
    window_entry *entry = &w->entries[number % w->size];

    return entry->waiting > 0 && entry->number == number ? entry : NULL;
}

uint32_t
window_expire(window *w, uint64_t before_ns)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < w->size; i++)
        if (w->entries[i].waiting > 0 && w->entries[i].sent_ns < before_ns) {
            n += w->entries[i].waiting;
            w->entries[i].waiting = 0;
        }
    return n;
}

bool
window_is_empty(const window *w)
{
    for (uint32_t i = 0; i < w->size; i++)
        if (w->entries[i].waiting > 0)
            return false;
    return true;
}
