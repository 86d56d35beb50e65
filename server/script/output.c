#include "server/script/output.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "store/clock.h"

/* Is there room before then? An error of the descriptor counts as room: write() will tell. */
static bool
await_room(int fd, uint64_t until_ms)
{
    struct pollfd pfd = {.fd = fd, .events = POLLOUT};

    for (;;) {
        const uint64_t now_ms = sio_now_ms();
        const int      rc = poll(&pfd, 1, now_ms < until_ms ? (int)(until_ms - now_ms) : 0);

        if (rc >= 0 || errno != EINTR)
            return rc != 0;
    }
}

/* A pipe that has room takes so much without waiting. */
static bool
write_in_time(int fd, sio_view text, uint64_t until_ms)
{
    while (text.len > 0) {
        ssize_t n;

        if (!await_room(fd, until_ms))
            return false;
        n = write(fd, text.data, text.len < PIPE_BUF ? text.len : PIPE_BUF);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return false;
        if (n > 0)
            text = (sio_view){text.data + n, text.len - (size_t)n};
    }
    return true;
}

static void
tell_lost(sio_output *output, const sio_server *io)
{
    char line[100];

    snprintf(line, sizeof line, "%" PRIu64 " pieces of what the script prints were lost: %s",
             output->n_lost, "nobody read them");
    output->n_lost = 0;
    sio_log_line(io, 1, line);
}

bool
sio_output_write(sio_output *output, const sio_server *io, sio_view text)
{
    const uint64_t patience_ms = output->n_lost > 0 ? 0 : SIO_OUTPUT_PATIENCE_MS;

    if (output->fd == STDOUT_FILENO)
        (void)fflush(stdout); /* what the program itself has printed comes first */
    if (!write_in_time(output->fd, text, sio_now_ms() + patience_ms)) {
        output->n_lost++;
        return false;
    }
    if (output->n_lost > 0)
        tell_lost(output, io);
    return true;
}
