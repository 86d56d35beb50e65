#include "server/base/phase.h"

const char *
sio_phase_name(sio_phase phase)
{
    static const char *const names[] = {
        [SIO_STARTING] = "starting",   [SIO_SERVING] = "serving",   [SIO_LEAVING] = "leaving",
        [SIO_SPREADING] = "spreading", [SIO_STOPPING] = "stopping",
    };

    return names[phase];
}
