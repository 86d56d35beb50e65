#include "server/systemd.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/server.h"
#include "store/clock.h"

enum {
    STATUS_MS = 10000,
    EXTEND_MS = 1000,       /* while it leaves: how often it asks for more time */
    EXTEND_BY_US = 10000000 /* ... and for how much */
};

/* --- The environment. --- */

static void
ignore(sio_server *s, const char *name, const char *value)
{
    sio_log_warn(&s->env.log, NULL, "%s=%s makes no sense, and is ignored", name, value);
}

/* A number from 1 to max in the environment; 0: it is not there, or is ignored. */
static uint64_t
read_number(sio_server *s, const char *name, uint64_t max)
{
    const char *text = getenv(name);
    char       *end;
    uint64_t    n;

    if (text == NULL)
        return 0;
    errno = 0;
    n = strtoull(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && n >= 1 && n <= max)
        return n;
    ignore(s, name, text);
    return 0;
}

/* What is meant for another process is none of ours: the variables are inherited. */
static bool
is_for_us(sio_server *s, const char *name)
{
    const uint64_t pid = getenv(name) != NULL ? read_number(s, name, INT32_MAX) : 0;

    return pid == 0 || pid == (uint64_t)(s->worker.is_one ? s->worker.master : getpid());
}

/* A path, or with "@" a name in the abstract namespace, which begins with a zero byte. */
static bool
set_address(sio_systemd *m, const char *text)
{
    const size_t len = strlen(text);

    if ((text[0] != '/' && text[0] != '@') || len < 2 || len >= sizeof m->address.sun_path)
        return false;
    m->address.sun_family = AF_UNIX;
    memcpy(m->address.sun_path, text, len + 1);
    m->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    if (text[0] == '@')
        m->address.sun_path[0] = '\0';
    return true;
}

/* --- To the manager. --- */

/* One datagram. A manager that does not take it now is told the next thing. */
static void
systemd_say(sio_server *s, const char *text)
{
    const sio_systemd *m = &s->systemd;

    if (m->is_there)
        (void)!sendto(m->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
                      (const struct sockaddr *)(const void *)&m->address, m->address_len);
}

static void
say_status(sio_server *s)
{
    const bool has_redis = s->cfg.redis[0] != '\0' && s->env.store != NULL;
    const bool is_up = has_redis && sio_store_get_counters(s->env.store)->connected > 0;
    char       text[160];

    snprintf(text, sizeof text, "STATUS=%s, %llu sessions%s", sio_phase_name(s->env.phase),
             (unsigned long long)s->env.stats.sessions,
             !has_redis ? ""
             : is_up    ? ", redis up"
                        : ", redis away");
    systemd_say(s, text);
}

static void
on_status_timer(sio_timer *timer)
{
    sio_server *s = SIO_CONTAINER(timer, sio_server, systemd.status_timer);
    char        text[64];

    say_status(s);
    if (s->drain.is_to_stop) {
        snprintf(text, sizeof text, "EXTEND_TIMEOUT_USEC=%d", EXTEND_BY_US);
        systemd_say(s, text);
    }
    sio_timer_set(&s->env.timers, timer, s->drain.is_to_stop ? EXTEND_MS : STATUS_MS);
}

/* From a timer of the loop: one that hangs is found by that; and so is a worker that does. */
static void
on_watchdog_timer(sio_timer *timer)
{
    sio_server *s = SIO_CONTAINER(timer, sio_server, systemd.watchdog_timer);

    if (s->systemd.is_well == NULL || s->systemd.is_well(s))
        systemd_say(s, "WATCHDOG=1");
    sio_timer_set(&s->env.timers, timer, s->systemd.watchdog_ms / 2);
}

/* --- Life. --- */

/* "DEVICE:INODE" of what standard error is, if that is the journal; it is inherited, too. */
static bool
is_journal(int fd)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat st;
    char        own[48];

    if (stream == NULL || fstat(fd, &st) != 0)
        return false;
    snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    return strcmp(stream, own) == 0;
}

void
sio_systemd_open(sio_server *s)
{
    sio_systemd *m = &s->systemd;
    const char  *path = getenv("NOTIFY_SOCKET");

    if (is_journal(s->env.log.fd)) {
        s->env.log.style.is_journal = true;
        s->env.log.style.timestamps = s->env.log.style.colors = false;
    }
    if (!s->owns_base || path == NULL || m->is_there || s->worker.is_one)
        return;
    if (!set_address(m, path)) {
        ignore(s, "NOTIFY_SOCKET", path);
        return;
    }
    if ((m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0) {
        sio_log_warn(&s->env.log, NULL, "the service manager is not told anything: %s",
                     strerror(errno));
        return;
    }
    m->is_there = true;
    m->status_timer.fire = on_status_timer;
    m->watchdog_timer.fire = on_watchdog_timer;
    if (is_for_us(s, "WATCHDOG_PID"))
        m->watchdog_ms = (unsigned)(read_number(s, "WATCHDOG_USEC", 86400000000) / 1000);
}

void
sio_systemd_ready(sio_server *s)
{
    sio_systemd *m = &s->systemd;

    if (!m->is_there)
        return;
    systemd_say(s, "READY=1");
    say_status(s);
    if (!sio_timer_armed(&m->status_timer))
        sio_timer_set(&s->env.timers, &m->status_timer, STATUS_MS);
    if (m->watchdog_ms > 0 && !sio_timer_armed(&m->watchdog_timer))
        on_watchdog_timer(&m->watchdog_timer);
}

void
sio_systemd_reloading(sio_server *s)
{
    char text[80];

    snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%llu",
             (unsigned long long)sio_now_us());
    systemd_say(s, text);
}

void
sio_systemd_stopping(sio_server *s)
{
    if (!s->systemd.is_there)
        return;
    systemd_say(s, "STOPPING=1");
    on_status_timer(&s->systemd.status_timer);
}

void
sio_systemd_hand_over(sio_server *s, pid_t successor)
{
    char text[40];

    snprintf(text, sizeof text, "MAINPID=%d", (int)successor);
    systemd_say(s, text);
    sio_timer_cancel(&s->env.timers, &s->systemd.status_timer);
    sio_timer_cancel(&s->env.timers, &s->systemd.watchdog_timer);
    sio_systemd_close(s);
}

void
sio_systemd_close(sio_server *s)
{
    if (s->systemd.is_there)
        close(s->systemd.fd);
    s->systemd.is_there = false;
}

/* --- Sockets of the manager. --- */

static sio_front_words
words_of(sio_view name)
{
    const bool is_both = sio_view_eq(name, SIO_VIEW("proxy-tls"));

    return (sio_front_words){.is_proxy = is_both || sio_view_eq(name, SIO_VIEW("proxy")),
                             .is_tls = is_both || sio_view_eq(name, SIO_VIEW("tls"))};
}

/* The names are in the order of the sockets, with colons between. */
static void
read_names(sio_front_words words[SIO_FRONTS_MAX])
{
    const char *name = getenv("LISTEN_FDNAMES");

    for (unsigned i = 0; i < SIO_FRONTS_MAX; i++) {
        const size_t len = name != NULL ? strcspn(name, ":") : 0;

        words[i] = words_of((sio_view){name, len});
        name = name != NULL && name[len] == ':' ? name + len + 1 : NULL;
    }
}

unsigned
sio_systemd_sockets(sio_server *s, sio_front_words words[SIO_FRONTS_MAX])
{
    if (!s->owns_base || getenv("LISTEN_FDS") == NULL || !is_for_us(s, "LISTEN_PID"))
        return 0;
    read_names(words);
    return (unsigned)read_number(s, "LISTEN_FDS", SIO_FRONTS_MAX);
}
