/*
 * server/script/library.h - the files of lib/, as they are when this is compiled.
 */
#ifndef SIO_SCRIPT_LIBRARY_H
#define SIO_SCRIPT_LIBRARY_H

#include "protocol/view.h"

/* The source of lib/NAME.js, with a NUL behind it; false: there is none. */
bool sio_library_find(const char *name, sio_view *source);

/* The i-th name (from 0), or NULL. */
const char *sio_library_name(size_t i);

#endif
