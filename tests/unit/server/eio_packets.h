/*
 * tests/unit/server/eio_packets.h - Engine.IO packets in tables, and how two are compared.
 */
#ifndef SIO_TESTS_UNIT_EIO_PACKETS_H
#define SIO_TESTS_UNIT_EIO_PACKETS_H

#include "protocol/base64.h"
#include "protocol/eio_packet.h"
#include "tests/unit/check.h"

#include <stdint.h>

#define TEXT(type, text)                                  \
    {                                                     \
        SIO_EIO_##type, SIO_EIO_TEXT, SIO_VIEW_INIT(text) \
    }
#define EMPTY(type) TEXT(type, "")
#define BYTES(bytes)                                          \
    {                                                         \
        SIO_EIO_MESSAGE, SIO_EIO_BINARY, SIO_VIEW_INIT(bytes) \
    }
#define NO_TYPE(form)                                   \
    {                                                   \
        SIO_EIO_NOOP, SIO_EIO_##form, SIO_VIEW_INIT("") \
    }
#define NONE EMPTY(NOOP) /* where there is no packet */

/* Base64 that was decoded is as good as the bytes. */
static inline void
check_packet(const sio_eio_packet *got, const sio_eio_packet *want)
{
    sio_buf bytes;

    CHECK_INT(got->type, want->type);
    if (got->form == SIO_EIO_BASE64 && want->form == SIO_EIO_BINARY) {
        sio_buf_init(&bytes, SIZE_MAX);
        sio_base64_decode(got->data, &bytes);
        CHECK_VIEW(sio_buf_view(&bytes), want->data);
        sio_buf_fini(&bytes);
    } else {
        CHECK_INT(got->form, want->form);
        CHECK_VIEW(got->data, want->data);
    }
}

#endif
