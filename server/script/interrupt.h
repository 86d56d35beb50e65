/*
 * server/script/interrupt.h - has somebody asked the process to end, while the loop does not turn?
 *
 * A handler that does not return keeps the loop from seeing SIGTERM and SIGINT. So these set a flag
 * as well, which the interpreter looks at.
 */
#ifndef SIO_SCRIPT_INTERRUPT_H
#define SIO_SCRIPT_INTERRUPT_H

#include <stdbool.h>

/* From now on, in addition to whoever handles these signals already. */
void sio_interrupt_watch(void);

/* Not any more: whoever handled them before does so alone. */
void sio_interrupt_unwatch(void);

/* Has one of them come since the last sio_interrupt_clear()? */
bool sio_interrupt_is_asked(void);

void sio_interrupt_clear(void);

#endif
