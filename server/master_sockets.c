#include "server/master_sockets.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/places.h"
#include "server/privileges.h"
#include "server/server.h"

/* --- What nobody listens on yet. --- */

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
    if (p->n_files == SIO_KEPT_MAX) {
        sio_listener_close(&l);
        return too_many(s);
    }
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

/* --- What a predecessor has listened on. --- */

/* The sockets of that address that each of its workers had; or those of the process itself. */
static unsigned
take_sources(sio_inheritance *h, const sio_listen_address *at,
             sio_kept_place sources[SIO_INHERITANCE_MAX_SHARES])
{
    unsigned n = 0;

    if (!h->is_there)
        return 0;
    for (unsigned i = 1; i < SIO_INHERITANCE_MAX_SHARES; i++)
        n += sio_kept_take(&h->shares[i], at, &sources[n]);
    return n > 0 ? n : sio_kept_take(&h->shares[0], at, &sources[0]);
}

static bool
duplicate_all(sio_kept_place *to, const sio_kept_place *from)
{
    bool is_well = true;

    for (unsigned i = 0; is_well && i < from->n; i++) {
        const int fd = fcntl(from->fds[i], F_DUPFD_CLOEXEC, 3);

        is_well = fd >= 0 && sio_kept_add_socket(to, fd);
    }
    return is_well;
}

/* With fewer workers than before some have the sockets of several, with more some share one. */
static bool
share_out(sio_master_sockets *p, const sio_listen_address *at, const sio_kept_place sources[],
          unsigned n_sources)
{
    bool is_well = true;

    for (unsigned i = 0; is_well && i < p->n; i++) {
        sio_kept_place *place = sio_kept_add(&p->of[i], at);
        unsigned        k = i;

        is_well = place != NULL;
        do
            is_well = is_well && duplicate_all(place, &sources[k % n_sources]);
        while ((k += p->n) < n_sources);
    }
    return is_well;
}

static int
inherit_place(sio_master_sockets *p, sio_server *s, const sio_listen_address *at,
              const sio_kept_place sources[], unsigned n_sources)
{
    const bool is_well = share_out(p, at, sources, n_sources);

    for (unsigned i = 0; i < n_sources; i++)
        for (unsigned j = 0; j < sources[i].n; j++)
            close(sources[i].fds[j]);
    if (is_well)
        return SIO_OK;
    sio_buf_add_str(&s->error, "can not take over: too many sockets for so few \"workers\"");
    return SIO_ERR_SYS;
}

/* False: it had nothing there. */
static bool
inherit(sio_master_sockets *p, sio_server *s, const sio_listen_address *at, int *rc)
{
    sio_kept_place sources[SIO_INHERITANCE_MAX_SHARES];
    const unsigned n_sources = take_sources(&s->inheritance, at, sources);

    if (n_sources > 0)
        *rc = inherit_place(p, s, at, sources, n_sources);
    return n_sources > 0;
}

/* --- For all workers, before there is any. --- */

typedef struct {
    sio_master_sockets *p;
    sio_server         *s;
} opening;

static int
open_place(void *arg, const sio_listen_address *at)
{
    const opening *o = arg;
    int            rc;

    if (inherit(o->p, o->s, at, &rc))
        return rc;
    return at->is_unix ? open_unix_places(o->p, o->s, at) : open_tcp_places(o->p, o->s, at);
}

int
sio_master_sockets_open(sio_master_sockets *p, sio_server *s)
{
    opening   o = {p, s};
    const int rc = sio_places_each(s, open_place, &o);

    s->net.shares_ports = false;
    return rc;
}

/* --- For one, which asks. --- */

/* Where it is bound: the port that was asked for may be 0. */
static unsigned
port_of(const sio_kept_place *place)
{
    struct sockaddr_storage ss = {.ss_family = 0};
    socklen_t               len = sizeof ss;

    (void)getsockname(place->fds[0], (struct sockaddr *)&ss, &len);
    return sio_address_of((const struct sockaddr *)&ss).port;
}

/* What another worker listens on there. */
static const sio_kept_place *
find_anywhere(const sio_master_sockets *p, const sio_listen_address *at)
{
    const sio_kept_place *place = NULL;

    for (unsigned i = 0; i < p->n && place == NULL; i++)
        place = sio_kept_find(&p->of[i], at);
    return place;
}

/* With the first one that asks the port is looked at, and the file of a path made, for all. */
static int
open_missing(sio_master_sockets *p, sio_server *s, unsigned i, const sio_listen_address *at)
{
    const sio_kept_place *other = find_anywhere(p, at);
    unsigned              port = 0;
    int                   rc = SIO_OK;

    if (inherit(p, s, at, &rc))
        return rc;
    if (at->is_unix)
        return open_unix_places(p, s, at);
    if (other != NULL)
        port = port_of(other);
    else
        rc = probe(s, at, &port);
    if (rc == SIO_OK)
        rc = open_tcp_place(p, s, i, at, port);
    s->net.shares_ports = false;
    return rc;
}

const sio_kept_place *
sio_master_sockets_ask(sio_master_sockets *p, sio_server *s, unsigned i,
                       const sio_listen_address *at)
{
    const sio_kept_place *place = sio_kept_find(&p->of[i], at);

    if (place != NULL || open_missing(p, s, i, at) != SIO_OK)
        return place;
    return sio_kept_find(&p->of[i], at);
}

/* --- All the others. --- */

void
sio_master_sockets_own_files(sio_master_sockets *p)
{
    p->n_files = 0;
    for (unsigned i = 0; i < p->of[0].n; i++)
        if (p->of[0].items[i].name.is_unix)
            sio_unix_socket_note(&p->files[p->n_files++], p->of[0].items[i].name.host);
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
