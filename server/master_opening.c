#include "server/master_opening.h"

#include "server/server.h"
#include "server/worker_ask.h"

/* Whoever does not read that has ended, or will hear that the answer is over. */
static void
refuse(int fd, sio_view why)
{
    const sio_worker_message m = {.word = SIO_WORKER_REFUSED, .bytes = why, .fd = -1};

    (void)sio_worker_wire_send(fd, &m);
}

static void
give_sockets(int fd, const sio_kept_place *place)
{
    for (unsigned i = 0; i < place->n; i++) {
        const sio_worker_message m = {.word = SIO_WORKER_SOCKET, .fd = place->fds[i]};

        (void)sio_worker_wire_send(fd, &m);
    }
}

static bool
read_place(const sio_worker_message *message, sio_listen_address *at)
{
    const size_t max =
        message->number == SIO_WORKER_ASK_PATH ? SIO_LISTEN_PATH_MAX : SIO_LISTEN_HOST_MAX;

    *at = (sio_listen_address){.is_unix = message->number == SIO_WORKER_ASK_PATH,
                               .host = message->bytes,
                               .port = message->number & 0xffff};
    return message->number <= SIO_WORKER_ASK_PATH && message->bytes.len <= max;
}

void
sio_master_opening_answer(sio_master_worker *w, const sio_worker_message *message)
{
    sio_server           *s = w->m->s;
    const sio_kept_place *place = NULL;
    sio_listen_address    at;

    if (message->fd < 0)
        return;
    sio_buf_clear(&s->error);
    if (!read_place(message, &at))
        sio_buf_add_str(&s->error, "can not listen: this is no address");
    else
        place = sio_master_sockets_ask(&w->m->sockets, s, w->number, &at);
    if (place != NULL)
        give_sockets(message->fd, place);
    else
        refuse(message->fd, sio_buf_view(&s->error));
    sio_buf_clear(&s->error);
}
