#include "server/transport/opening.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"

int
sio_opening_init(sio_opening *o, const sio_transport *transport, sio_view origin)
{
    *o = (sio_opening){.transport = transport,
                       .origin = strndup(origin.len > 0 ? origin.data : "", origin.len)};
    sio_buf_init(&o->upgrade.answer, SIZE_MAX);
    return o->origin != NULL ? SIO_OK : SIO_ERR_NOMEM;
}

void
sio_opening_fini(sio_opening *o)
{
    free(o->origin);
    free(o->cookie);
    o->origin = o->cookie = NULL;
    sio_buf_fini(&o->upgrade.answer);
}
