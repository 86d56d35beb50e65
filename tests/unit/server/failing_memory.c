#include "tests/unit/server/failing_memory.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <zlib.h>

failing_memory memory;

/* Of the sanitizers, if they are there. */
void __sanitizer_print_stack_trace(void) __attribute__((weak));

/* Is it the turn of this one to fail? */
static bool
runs_out(void)
{
    if (!memory.is_armed)
        return false;
    memory.n_asked++;
    if (memory.fail_at == 0 || memory.n_asked < memory.fail_at ||
        memory.n_asked - memory.fail_at >= memory.n_fail)
        return false;
    memory.n_failed++;
    if (getenv("SHOW_FAILED") != NULL && __sanitizer_print_stack_trace != NULL)
        __sanitizer_print_stack_trace();
    errno = ENOMEM;
    return true;
}

static void *
count_block(void *block)
{
    memory.n_live += block != NULL;
    return block;
}

/* --- In place of the C library's. --- */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *block, size_t n);
void  __real_free(void *block);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t n);

void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *block, size_t n);
void  __wrap_free(void *block);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t n);

void *
__wrap_malloc(size_t n)
{
    return runs_out() ? NULL : count_block(__real_malloc(n));
}

void *
__wrap_calloc(size_t n, size_t size)
{
    return runs_out() ? NULL : count_block(__real_calloc(n, size));
}

void *
__wrap_realloc(void *block, size_t n)
{
    void *moved = runs_out() ? NULL : __real_realloc(block, n);

    return block == NULL ? count_block(moved) : moved;
}

void
__wrap_free(void *block)
{
    memory.n_live -= block != NULL;
    __real_free(block);
}

char *
__wrap_strdup(const char *text)
{
    return runs_out() ? NULL : count_block(__real_strdup(text));
}

char *
__wrap_strndup(const char *text, size_t n)
{
    return runs_out() ? NULL : count_block(__real_strndup(text, n));
}

/* --- In place of what libraries make for us. --- */

struct event_base *__real_event_base_new(void);
struct event      *__real_event_new(struct event_base *base, evutil_socket_t fd, short what,
                                    event_callback_fn fn, void *arg);
int __real_deflateInit2_(z_streamp z, int level, int method, int bits, int memory_level,
                         int strategy, const char *version, int size);
int __real_inflateInit2_(z_streamp z, int bits, const char *version, int size);

struct event_base *__wrap_event_base_new(void);
struct event      *__wrap_event_new(struct event_base *base, evutil_socket_t fd, short what,
                                    event_callback_fn fn, void *arg);
int __wrap_deflateInit2_(z_streamp z, int level, int method, int bits, int memory_level,
                         int strategy, const char *version, int size);
int __wrap_inflateInit2_(z_streamp z, int bits, const char *version, int size);

struct event_base *
__wrap_event_base_new(void)
{
    return runs_out() ? NULL : __real_event_base_new();
}

struct event *
__wrap_event_new(struct event_base *base, evutil_socket_t fd, short what, event_callback_fn fn,
                 void *arg)
{
    return runs_out() ? NULL : __real_event_new(base, fd, what, fn, arg);
}

int
__wrap_deflateInit2_(z_streamp z, int level, int method, int bits, int memory_level, int strategy,
                     const char *version, int size)
{
    return runs_out() ? Z_MEM_ERROR
                      : __real_deflateInit2_(z, level, method, bits, memory_level, strategy,
                                             version, size);
}

int
__wrap_inflateInit2_(z_streamp z, int bits, const char *version, int size)
{
    return runs_out() ? Z_MEM_ERROR : __real_inflateInit2_(z, bits, version, size);
}

/* --- Plans. --- */

void
memory_init(void)
{
    cJSON_Hooks hooks = {.malloc_fn = malloc, .free_fn = free}; /* which are those above */

    cJSON_InitHooks(&hooks);
}

void
memory_plan(unsigned fail_at, unsigned n_fail)
{
    memory.n_asked = memory.n_failed = 0;
    memory.fail_at = fail_at;
    memory.n_fail = n_fail;
}

bool
memory_arm(bool is_armed)
{
    const bool was_armed = memory.is_armed;

    memory.is_armed = is_armed;
    return was_armed;
}
