/*
 * server/adminui/bcrypt.h - passwords that are compared with a bcrypt hash, in a thread.
 *
 * By crypt(3), which is slow on purpose: 50 to 80 ms for a cost of 10, and twice as long for each
 * more. So it is done beside the event loop, one at a time, by a thread that rests after each as
 * long as it took: however many try, it takes half of one processor at most. Who calls bounds how
 * many wait.
 */
#ifndef SIO_ADMINUI_BCRYPT_H
#define SIO_ADMINUI_BCRYPT_H

#include "protocol/view.h"
#include "server/siobroker.h"

typedef struct sio_bcrypt       sio_bcrypt;
typedef struct sio_bcrypt_check sio_bcrypt_check;

/* The longest password that crypt(3) takes; bcrypt itself looks at 72 bytes. */
enum { SIO_BCRYPT_MAX_PASSWORD = 511 };

/* Nothing is started before the first check. NULL: no memory. */
sio_bcrypt *sio_bcrypt_new(sio_server *io);

/* Waits for the one check that is under way; no other is begun. */
void sio_bcrypt_stop(sio_bcrypt *b);

/* After that, and when nothing that was posted waits any more. NULL is allowed. */
void sio_bcrypt_free(sio_bcrypt *b);

/*
 * Is that the password? Both are copied; the password has at most SIO_BCRYPT_MAX_PASSWORD bytes and
 * no NUL. fn is told once, from the loop, unless that is cancelled or *b freed before. NULL: no
 * memory, or no thread.
 */
sio_bcrypt_check *sio_bcrypt_begin(sio_bcrypt *b, const char *password, const char *hash,
                                   void (*fn)(bool is_right, void *arg), void *arg);

/* fn will not be told. NULL is allowed. */
void sio_bcrypt_cancel(sio_bcrypt_check *check);

#endif
