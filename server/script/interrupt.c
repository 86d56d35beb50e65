#include "server/script/interrupt.h"

#include <signal.h>

/*
 * Of the process, as signals are: a handler has no argument that could say whose they are. Written
 * before the first of them can come, but for the flag.
 */
static volatile sig_atomic_t is_asked;
static struct sigaction      before[2]; /* who handles SIGTERM and SIGINT otherwise */

static void
on_asked(int number)
{
    const struct sigaction *next = &before[number == SIGINT];

    is_asked = 1;
    if (next->sa_handler != SIG_DFL && next->sa_handler != SIG_IGN)
        next->sa_handler(number);
}

/* A signal that is ignored stays so. */
static void
watch(int number, struct sigaction *old)
{
    struct sigaction action;

    if (sigaction(number, NULL, old) != 0 || old->sa_handler == on_asked ||
        old->sa_handler == SIG_IGN)
        return;
    action = *old;
    action.sa_handler = on_asked;
    action.sa_flags &= ~SA_SIGINFO;
    (void)sigaction(number, &action, NULL);
}

void
sio_interrupt_watch(void)
{
    watch(SIGTERM, &before[0]);
    watch(SIGINT, &before[1]);
}

static void
unwatch(int number, const struct sigaction *old)
{
    struct sigaction action;

    if (sigaction(number, NULL, &action) == 0 && action.sa_handler == on_asked)
        (void)sigaction(number, old, NULL);
}

void
sio_interrupt_unwatch(void)
{
    unwatch(SIGTERM, &before[0]);
    unwatch(SIGINT, &before[1]);
}

bool
sio_interrupt_is_asked(void)
{
    return is_asked != 0;
}

void
sio_interrupt_clear(void)
{
    is_asked = 0;
}
