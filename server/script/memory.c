#include "server/script/memory.h"

#include <malloc.h>
#include <stdlib.h>

enum { OVERHEAD = 8 /* of the system, for each piece */ };

/* May it grow by so many bytes? */
static bool
may_grow(const JSMallocState *s, size_t n)
{
    sio_memory  *m = s->opaque;
    const size_t max = m->max_bytes;

    if (m->is_short && s->malloc_size < max - max / 8)
        m->is_short = false;
    if (s->malloc_size <= max && n <= max - s->malloc_size)
        return true;
    if (!m->is_short) {
        m->is_short = true;
        return false;
    }
    return n <= m->reserve_bytes && s->malloc_size <= max + m->reserve_bytes - n;
}

static void *
memory_malloc(JSMallocState *s, size_t size)
{
    void *p = may_grow(s, size) ? malloc(size) : NULL;

    if (p != NULL) {
        s->malloc_count++;
        s->malloc_size += malloc_usable_size(p) + OVERHEAD;
    }
    return p;
}

static void
memory_free(JSMallocState *s, void *p)
{
    if (p == NULL)
        return;
    s->malloc_count--;
    s->malloc_size -= malloc_usable_size(p) + OVERHEAD;
    free(p);
}

static void *
memory_realloc(JSMallocState *s, void *p, size_t size)
{
    size_t old_size;

    if (p == NULL)
        return size > 0 ? memory_malloc(s, size) : NULL;
    if (size == 0) {
        memory_free(s, p);
        return NULL;
    }
    old_size = malloc_usable_size(p);
    if ((size > old_size && !may_grow(s, size - old_size)) || (p = realloc(p, size)) == NULL)
        return NULL;
    s->malloc_size += malloc_usable_size(p) - old_size;
    return p;
}

static size_t
memory_usable_size(const void *p)
{
    union {
        const void *in;
        void       *out;
    } piece = {p}; /* malloc_usable_size() changes nothing */

    return malloc_usable_size(piece.out);
}

JSRuntime *
sio_memory_new_runtime(sio_memory *m)
{
    static const JSMallocFunctions functions = {memory_malloc, memory_free, memory_realloc,
                                                memory_usable_size};

    return JS_NewRuntime2(&functions, m);
}
