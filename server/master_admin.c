#include "server/master_admin.h"

#include <fcntl.h>
#include <unistd.h>

#include "server/master_orders.h"
#include "server/net/carrier.h"
#include "server/server.h"

static void
admin_drain(sio_server *io)
{
    sio_master_orders_drain(io->master);
}

static int
admin_undrain(sio_server *io)
{
    return sio_master_orders_undrain(io->master);
}

static int
admin_reload(sio_server *io)
{
    return sio_master_orders_reload(io->master);
}

static void
admin_log_level(sio_server *io, int level, unsigned for_s)
{
    sio_master_workers_tell_all(io->master, SIO_WORKER_LOG, (unsigned)level | for_s << 8);
}

int
sio_master_admin_open(sio_master *m)
{
    sio_server       *s = m->s;
    const sio_control control = {.drain = admin_drain,
                                 .undrain = admin_undrain,
                                 .reload = admin_reload,
                                 .error = sio_error,
                                 .log_level = admin_log_level,
                                 .io = s,
                                 .is_master = true};

    s->net.kept = s->inheritance.is_there ? &s->inheritance.shares[0] : NULL;
    s->net.carrier = &sio_carrier_tcp; /* without sio_net_open(): no client comes in here */
    return sio_admin_open(&s->env, &control, &s->error);
}

/* A FIN that one process sends is sent for all that have the socket. */
void
sio_master_admin_let_go(sio_master *m)
{
    sio_net  *net = &m->s->net;
    sio_side *side = &m->s->admin.side;
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (sio_link *l = net->conns.next; l != &net->conns; l = l->next)
        if (nothing < 0 || dup3(nothing, SIO_CONTAINER(l, sio_conn, link)->fd, O_CLOEXEC) < 0)
            _exit(EXIT_FAILURE); /* no descriptors: the master tries again */
    if (nothing >= 0)
        close(nothing);
    for (unsigned i = 0; i < side->n_listeners; i++)
        side->listeners[i].listener.unix_socket.path[0] = '\0'; /* its file is the master's */
}
