#include "protocol/eio3_client.h"

#include "protocol/text_cursor.h"

/* <milliseconds>-<counter>, both decimal. */
static bool
is_milliseconds_and_counter(sio_view t)
{
    return take_digits(&t).len > 0 && take_char(&t, '-') && take_digits(&t).len > 0 && t.len == 0;
}

sio_eio3_client
sio_eio3_client_of(sio_view eio, sio_view t)
{
    if (sio_view_eq(eio, SIO_VIEW("2")))
        return SIO_EIO3_CLIENT_1_0;
    return is_milliseconds_and_counter(t) ? SIO_EIO3_CLIENT_1_3 : SIO_EIO3_CLIENT_ANY;
}
