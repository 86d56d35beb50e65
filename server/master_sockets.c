#include "server/master_sockets.h"

#include <fcntl.h>
#include <string.h>

#include "server/privileges.h"
#include "server/server.h"

/* Without SO_REUSEPORT, to find out whether the port is free of others; which port, if any is. */
static int
probe(sio_server *s, const sio_listen_address *at, unsigned *port)
{
    sio_listener l;
    int          rc;

    s->net.shares_ports = false;
    rc = sio_listener_open_at(&l, &s->env, at, NULL, &s->error);
    *port = l.port;
    sio_listener_close(&l);
    return rc;
}

static int
too_many(sio_server *s)
{
    sio_buf_add_str(&s->error, "there are too many addresses to listen on");
    return SIO_ERR_CONFIG;
}

static int
open_tcp_place(sio_master_sockets *p, sio_server *s, unsigned i, const sio_listen_address *at,
               unsigned port)
{
    const sio_listen_address actual = {.host = at->host, .port = port};
    sio_kept_place          *place = sio_kept_add(&p->of[i], at);
    sio_listener             l;
    int                      rc;

    if (place == NULL)
        return too_many(s);
    s->net.shares_ports = true;
    rc = sio_listener_open_at(&l, &s->env, &actual, NULL, &s->error);
    if (rc == SIO_OK)
        place->n = sio_listener_duplicate(&l, place->fds);
    sio_listener_close(&l);
    return rc;
}

static int
open_tcp_places(sio_master_sockets *p, sio_server *s, const sio_listen_address *at)
{
    unsigned port;
    int      rc = probe(s, at, &port);

    for (unsigned i = 0; rc == SIO_OK && i < p->n; i++)
        rc = open_tcp_place(p, s, i, at, port);
    return rc;
}

/* The file is the master's to remove, and that user's as whom the workers run. */
static int
open_unix_places(sio_master_sockets *p, sio_server *s, const sio_listen_address *at)
{
    sio_listener l;
    int          rc = sio_listener_open_at(&l, &s->env, at, NULL, &s->error);

    if (rc != SIO_OK)
        return rc;
    p->files[p->n_files++] = l.unix_socket;
    rc = sio_privileges_give(&s->cfg, l.unix_socket.path, &s->error);
    l.unix_socket.path[0] = '\0';
    for (unsigned i = 0; rc == SIO_OK && i < p->n; i++) {
        sio_kept_place *place = sio_kept_add(&p->of[i], at);

        if (place == NULL)
            rc = too_many(s);
        else
            place->n = sio_listener_duplicate(&l, place->fds);
    }
    sio_listener_close(&l);
    return rc;
}

static int
open_place(sio_master_sockets *p, sio_server *s, const sio_listen_address *at)
{
    return at->is_unix ? open_unix_places(p, s, at) : open_tcp_places(p, s, at);
}

/* Those of the service manager are inherited as they are. */
static int
open_fronts_of_settings(sio_master_sockets *p, sio_server *s)
{
    const sio_texts         *list = &s->cfg.listen;
    const sio_listen_address one = {.host = sio_view_of(s->cfg.host), .port = s->cfg.port};
    sio_front_words          words[SIO_FRONTS_MAX];
    sio_listen_entry         entry;
    int                      rc = SIO_OK;

    if (sio_systemd_sockets(s, words) > 0)
        return SIO_OK;
    if (list->n == 0)
        return open_place(p, s, &one);
    for (size_t i = 0; rc == SIO_OK && i < list->n; i++)
        rc = sio_listen_entry_parse(list->items[i], &entry) == SIO_OK ? open_place(p, s, &entry.at)
                                                                      : SIO_ERR_CONFIG;
    return rc;
}

int
sio_master_sockets_open(sio_master_sockets *p, sio_server *s, unsigned n)
{
    const sio_texts   *list = &s->cfg.api.listen;
    sio_listen_address at;
    int                rc;

    p->n = n;
    rc = open_fronts_of_settings(p, s);
    for (size_t i = 0; rc == SIO_OK && i < list->n; i++)
        rc = sio_listen_address_parse(list->items[i], &at) == SIO_OK ? open_place(p, s, &at)
                                                                     : SIO_ERR_CONFIG;
    s->net.shares_ports = false;
    return rc;
}

void
sio_master_sockets_copy(const sio_master_sockets *p, unsigned i, sio_kept *copy)
{
    *copy = p->of[i];
    for (unsigned j = 0; j < copy->n; j++) {
        sio_kept_place *place = &copy->items[j];
        unsigned        n = 0;

        for (unsigned k = 0; k < place->n; k++)
            if ((place->fds[n] = fcntl(place->fds[k], F_DUPFD_CLOEXEC, 3)) >= 0)
                n++;
        place->n = n;
    }
}

void
sio_master_sockets_close_one(sio_master_sockets *p, unsigned i)
{
    sio_kept_close(&p->of[i]);
}

void
sio_master_sockets_close(sio_master_sockets *p, bool removes_files)
{
    for (unsigned i = 0; i < p->n; i++)
        sio_kept_close(&p->of[i]);
    for (unsigned i = 0; removes_files && i < p->n_files; i++)
        sio_unix_socket_close(&p->files[i]);
    p->n_files = 0;
}
