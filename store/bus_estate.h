/*
 * store/bus_estate.h - what an instance on the bus leaves behind, kept by its heir: the ids of its
 * sessions, and its wills.
 *
 * Called by store/bus.c. An estate has the tag of its instance, and is there as long as anything is
 * in it.
 */
#ifndef SIO_STORE_BUS_ESTATE_H
#define SIO_STORE_BUS_ESTATE_H

#include "protocol/list.h"
#include "protocol/view.h"
#include "store/instances.h"

#include <stdbool.h>
#include <stddef.h>

/* All that are kept here. */
typedef struct {
    sio_link list;
} sio_bus_estates;

typedef enum { SIO_BUS_SESSION, SIO_BUS_WILL, SIO_BUS_N_KINDS } sio_bus_estate_kind;

void sio_bus_estates_init(sio_bus_estates *e);
void sio_bus_estates_fini(sio_bus_estates *e);

/* Keep a text, once. SIO_OK, SIO_ERR_NOMEM or SIO_ERR_SYS (hash.h). */
int sio_bus_estates_add(sio_bus_estates *e, sio_view tag, sio_bus_estate_kind kind, sio_view text);

/* Nothing happens if it is not there. */
void sio_bus_estates_drop(sio_bus_estates *e, sio_view tag, sio_bus_estate_kind kind,
                          sio_view text);
void sio_bus_estates_drop_all(sio_bus_estates *e, sio_view tag, sio_bus_estate_kind kind);

/* Is anything kept for that tag? */
bool sio_bus_estates_has(const sio_bus_estates *e, sio_view tag);

/*
 * Take out any text; false: there is none. It is valid until it is given to _text_free(), and the
 * caller's until then.
 */
bool sio_bus_estates_take(sio_bus_estates *e, sio_view tag, sio_bus_estate_kind kind,
                          sio_view *text);
void sio_bus_estates_text_free(sio_view text);

#endif
