#include "server/cli/check_ports.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/listen_address.h"
#include "protocol/result.h"
#include "server/cli/stream.h"
#include "server/config/listen_host.h"

enum { PATIENCE_MS = 2000, MAX_NAME = 320 };

/* --- TCP. --- */

/* 0, or errno. Bound and not listened on: nobody connects to it meanwhile. */
static int
try_address(const struct addrinfo *ai, bool is_everywhere)
{
    const int on = 1, off = 0;
    int       fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int       why = 0;

    if (fd < 0)
        return errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (ai->ai_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, is_everywhere ? &off : &on, sizeof on);
    if (bind(fd, ai->ai_addr, ai->ai_addrlen) != 0)
        why = errno;
    close(fd);
    return why;
}

/* As net/listener.c does it: for all addresses IPv6 serves both, where there is IPv6. */
static int
try_list(const struct addrinfo *list, bool is_everywhere)
{
    int why = EADDRNOTAVAIL;

    for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
        if (is_everywhere && ai->ai_family != AF_INET6)
            continue;
        why = try_address(ai, is_everywhere);
        if (why == EADDRINUSE || (why == 0 && is_everywhere))
            return why;
    }
    if (!is_everywhere || (why != EAFNOSUPPORT && why != EADDRNOTAVAIL))
        return why;
    for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next)
        if (ai->ai_family == AF_INET)
            why = try_address(ai, false);
    return why;
}

static const char *
try_tcp(const char *host, unsigned port)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *list = NULL;
    char             service[12];
    int              rc;

    snprintf(service, sizeof service, "%u", port);
    if ((rc = getaddrinfo(host[0] != '\0' ? host : NULL, service, &hints, &list)) != 0)
        return gai_strerror(rc);
    rc = try_list(list, host[0] == '\0');
    freeaddrinfo(list);
    return rc == 0 ? NULL : strerror(rc);
}

static void
check_tcp(sio_check_report *r, const char *what, const char *host, unsigned port, bool is_live)
{
    const char *why = port > 0 ? try_tcp(host, port) : NULL;
    char        name[MAX_NAME];

    snprintf(name, sizeof name, "%s: %s%sport %u", what, host, host[0] != '\0' ? " " : "", port);
    if (port == 0)
        sio_check_report_ok(r, "%s: any free port", what);
    else if (why == NULL && is_live)
        sio_check_report_fail(r, "%s: nobody listens there", name);
    else if (why == NULL)
        sio_check_report_ok(r, "%s is free", name);
    else if (is_live && strcmp(why, strerror(EADDRINUSE)) == 0)
        sio_check_report_ok(r, "%s is in use", name);
    else
        sio_check_report_fail(r, "%s: %s", name, why);
}

/* --- Unix sockets. --- */

static bool
is_answered(sio_view path)
{
    const sio_listen_address at = {.is_unix = true, .host = path};
    sio_stream               s;
    sio_buf                  error;
    bool                     is_open;

    sio_buf_init(&error, MAX_NAME);
    is_open = sio_stream_open(&s, &at, PATIENCE_MS, &error) == SIO_OK;
    sio_stream_close(&s);
    sio_buf_fini(&error);
    return is_open;
}

/* NULL: a socket can be made there. One that nobody answers at is replaced: net/unix_socket.h. */
static const char *
try_folder(const char *path)
{
    char        folder[SIO_LISTEN_PATH_MAX + 1];
    struct stat st;

    if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
        return "there is something else, which is no socket";
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    return access(folder[0] != '\0' ? folder : "/", W_OK | X_OK) == 0 ? NULL : strerror(errno);
}

static void
check_unix(sio_check_report *r, const char *what, sio_view at, bool is_live)
{
    const bool  is_taken = is_answered(at);
    char        path[SIO_LISTEN_PATH_MAX + 1];
    const char *why;

    snprintf(path, sizeof path, "%.*s", (int)at.len, at.data);
    why = try_folder(path);
    if (is_taken != is_live)
        sio_check_report_fail(r, "%s: %s: %s", what, path,
                              is_live ? "nobody listens there" : "somebody listens there");
    else if (!is_taken && why != NULL)
        sio_check_report_fail(r, "%s: %s: %s", what, path, why);
    else
        sio_check_report_ok(r, "%s: %s is %s", what, path, is_taken ? "in use" : "free");
}

/* --- All of them. --- */

static bool
serves_flash(const sio_cfg *cfg)
{
    for (size_t i = 0; i < cfg->transports.n; i++)
        if (sio_view_eq(cfg->transports.items[i], SIO_VIEW("flashsocket")))
            return cfg->flash_policy_server;
    return false;
}

static void
check_address(sio_check_report *r, const char *what, const sio_listen_address *at, bool is_live)
{
    char host[SIO_LISTEN_HOST_MAX + 1];

    snprintf(host, sizeof host, "%.*s", (int)at->host.len, at->host.data);
    if (at->is_unix)
        check_unix(r, what, at->host, is_live);
    else
        check_tcp(r, what, host, at->port, is_live);
}

/* The settings were checked before, so each item is what it should be. */
static void
check_clients(sio_check_report *r, const sio_cfg *cfg, bool is_live)
{
    sio_listen_entry entry;

    if (cfg->listen.n == 0)
        check_tcp(r, "clients", cfg->host, cfg->port, is_live);
    for (size_t i = 0; i < cfg->listen.n; i++)
        if (sio_listen_entry_parse(cfg->listen.items[i], &entry) == SIO_OK)
            check_address(r, "clients", &entry.at, is_live);
}

/* Listeners beside the public port. */
static void
check_side(sio_check_report *r, const char *what, const sio_texts *addresses, bool is_live)
{
    sio_listen_address at;

    for (size_t i = 0; i < addresses->n; i++)
        if (sio_listen_address_parse(addresses->items[i], &at) == SIO_OK)
            check_address(r, what, &at, is_live);
}

void
sio_check_ports(sio_check_report *r, const sio_cfg *cfg, bool is_live)
{
    sio_listen_address at = {.port = cfg->flash_policy_port};

    check_clients(r, cfg, is_live);
    if (serves_flash(cfg) && sio_listen_host_first(cfg, &at.host))
        check_address(r, "flash policy", &at, is_live);
    check_side(r, "admin", &cfg->admin_listen, is_live);
    check_side(r, "api", &cfg->api.listen, is_live);
}
