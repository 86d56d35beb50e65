#include "server/successor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/listeners.h"
#include "server/server.h"
#include "server/worker_wire.h"

enum { PATIENCE_MS = 30000 };

/* --- Its end. --- */

void
sio_successor_forget(sio_successor *x)
{
    if (x->s == NULL)
        return;
    sio_timer_cancel(&x->s->env.timers, &x->patience);
    if (x->event != NULL)
        event_free(x->event);
    if (x->wire >= 0)
        close(x->wire);
    if (x->own != NULL)
        sio_kept_close(x->own);
    free(x->own);
    *x = (sio_successor){.s = NULL};
}

static void
forget_and_kill(sio_successor *x)
{
    const pid_t pid = x->pid;

    sio_successor_forget(x);
    kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

void
sio_successor_end(sio_successor *x)
{
    if (x->is_coming)
        forget_and_kill(x);
}

/* It has ended, or has to. All stays as it was. */
static void
successor_fail(sio_successor *x, const char *why)
{
    sio_log_at(&x->s->env.log, SIO_LOG_ERROR, SIO_EVENT_HANDOVER_FAILED, NULL,
               "not handed over, all goes on as before: the new program (process %d) %s",
               (int)x->pid, why);
    forget_and_kill(x);
}

static void
on_patience(sio_timer *timer)
{
    successor_fail(SIO_CONTAINER(timer, sio_successor, patience), "does not serve within 30 s");
}

/* --- What it is given. --- */

typedef struct {
    const sio_kept_name *name; /* NULL: there is none of that number */
    unsigned             share;
    bool                 is_first; /* of its address */
    int                  fd;
} one_socket;

static one_socket
find_socket(const sio_successor *x, unsigned number)
{
    for (unsigned i = 0; i < x->n_shares; i++)
        for (unsigned j = 0; j < x->shares[i]->n; j++) {
            const sio_kept_place *place = &x->shares[i]->items[j];

            if (number < place->n)
                return (one_socket){&place->name, i, number == 0, place->fds[number]};
            number -= place->n;
        }
    return (one_socket){.name = NULL};
}

/* As a setting has it. */
static void
add_address(sio_buf *out, const sio_kept_name *name)
{
    const bool has_colons = strchr(name->host, ':') != NULL;

    if (name->is_unix) {
        sio_buf_add_str(out, "unix:");
        sio_buf_add_str(out, name->host);
        return;
    }
    sio_buf_add_str(out, has_colons ? "[" : "");
    sio_buf_add_str(out, name->host[0] != '\0' ? name->host : "*");
    sio_buf_add_str(out, has_colons ? "]:" : ":");
    sio_buf_add_u64(out, name->port);
}

/* If it does not get its answer, it gives up. */
static void
give_socket(const sio_successor *x, unsigned number)
{
    const one_socket   one = find_socket(x, number);
    sio_worker_message m = {.word = SIO_SUCCESSOR_NO_MORE, .fd = -1};
    sio_buf            address;

    sio_buf_init(&address, SIZE_MAX);
    if (one.name != NULL) {
        if (one.is_first)
            add_address(&address, one.name);
        m.word = SIO_SUCCESSOR_SOCKET;
        m.number = one.share;
        m.fd = one.fd;
        m.bytes = sio_buf_view(&address);
    }
    if (!address.failed)
        (void)sio_worker_wire_send(x->wire, &m);
    sio_buf_fini(&address);
}

/* --- What it says. --- */

/* From here on it is the program. The service manager hears of it before it says so itself. */
static void
successor_serves(sio_successor *x)
{
    sio_server *s = x->s;
    void (*serves)(sio_server *) = x->serves;

    if (s->env.phase != SIO_SERVING) {
        successor_fail(x, "comes too late: this one leaves already");
        return;
    }
    sio_log_at(&s->env.log, SIO_LOG_INFO, SIO_EVENT_HANDED_OVER, NULL,
               "handed over: process %d listens from now on", (int)x->pid);
    sio_systemd_hand_over(s, x->pid);
    sio_successor_forget(x);
    serves(s);
}

static void
on_wire(evutil_socket_t fd, short events, void *arg)
{
    sio_successor     *x = arg;
    char               buf[SIO_WORKER_WIRE_MAX];
    sio_worker_message m;
    int                rc;

    (void)events;
    while ((rc = sio_worker_wire_receive(fd, buf, &m)) == SIO_OK) {
        if (m.fd >= 0)
            close(m.fd);
        if (m.word == SIO_SUCCESSOR_WANT)
            give_socket(x, m.number);
        if (m.word == SIO_SUCCESSOR_READY) {
            successor_serves(x);
            return;
        }
    }
    if (rc != SIO_PARTIAL)
        successor_fail(x, "has ended before it served");
}

/* --- Its beginning. --- */

/* Is the variable meant for this process alone? Its successor may have one that names nobody. */
static bool
names_us(const char *variable, const char *name)
{
    const size_t len = strlen(name);
    char         own[16];

    snprintf(own, sizeof own, "%d", (int)getpid());
    return strncmp(variable, name, len) == 0 && variable[len] == '=' &&
           strcmp(variable + len + 1, own) == 0;
}

/* The environment, and `added`. The list is the caller's. NULL: no memory. */
static char **
make_environment(char *added)
{
    size_t n = 0, n_out = 0;
    char **out;

    while (environ[n] != NULL)
        n++;
    if ((out = calloc(n + 2, sizeof *out)) == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (!names_us(environ[i], "LISTEN_PID") && !names_us(environ[i], "WATCHDOG_PID"))
            out[n_out++] = environ[i];
    out[n_out] = added;
    return out;
}

/*
 * It inherits standard input, output and error, the sockets of the service manager behind them, and
 * then its end of the wire; nothing else. 0 or an errno.
 */
static int
spawn(sio_successor *x, int its_end)
{
    const sio_command_line    *c = &x->s->command_line;
    sio_front_words            words[SIO_FRONTS_MAX];
    const int                  first = SIO_SYSTEMD_FIRST_SOCKET;
    const int                  wire = first + (int)sio_systemd_sockets(x->s, words);
    posix_spawn_file_actions_t actions;
    char                       variable[64];
    char                     **environment;
    int                        rc;

    snprintf(variable, sizeof variable, "%s=%d", SIO_SUCCESSOR_VARIABLE, wire);
    if ((environment = make_environment(variable)) == NULL)
        return ENOMEM;
    if ((rc = posix_spawn_file_actions_init(&actions)) == 0) {
        for (int fd = first; rc == 0 && fd < wire; fd++)
            rc = posix_spawn_file_actions_adddup2(&actions, fd, fd); /* it stays open */
        if (rc == 0 && (rc = posix_spawn_file_actions_adddup2(&actions, its_end, wire)) == 0 &&
            (rc = posix_spawn_file_actions_addclosefrom_np(&actions, wire + 1)) == 0)
            rc = posix_spawn(&x->pid, c->path, &actions, NULL, c->words, environment);
        posix_spawn_file_actions_destroy(&actions);
    }
    free(environment);
    return rc;
}

static int
keep_one(sio_server *s, sio_listener *l, void *kept)
{
    (void)s;
    return sio_listener_keep(l, kept) ? SIO_OK : SIO_ERR_FULL;
}

static int
collect(sio_successor *x, const sio_kept shares[], unsigned n)
{
    if ((x->own = calloc(1, sizeof *x->own)) == NULL)
        return ENOMEM;
    if (sio_listeners_each(x->s, keep_one, x->own) != SIO_OK)
        return EMFILE;
    x->shares[0] = x->own;
    for (unsigned i = 0; i < n; i++)
        x->shares[1 + i] = &shares[i];
    x->n_shares = 1 + n;
    return 0;
}

/* 0 or an errno, and then there may be something to forget. */
static int
begin(sio_successor *x, int its_end)
{
    x->event = event_new(x->s->env.base, x->wire, EV_READ | EV_PERSIST, on_wire, x);
    if (x->event == NULL || event_add(x->event, NULL) != 0)
        return ENOMEM;
    return spawn(x, its_end);
}

static int
try_to_start(sio_successor *x, const sio_kept shares[], unsigned n)
{
    int ends[2], rc;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        return errno;
    x->wire = ends[0];
    if ((rc = collect(x, shares, n)) == 0)
        rc = begin(x, ends[1]);
    close(ends[1]);
    return rc;
}

/* Why there can be no successor now; NULL: there can. */
static const char *
refusal(const sio_server *s)
{
    if (s->successor.is_coming)
        return "a new program begins already";
    if (s->env.phase != SIO_SERVING)
        return "this one does not serve, or has begun to leave";
    if (s->command_line.path == NULL)
        return "it is not known how this one was started";
    if (getpid() == 1)
        return "a container ends with its process 1";
    if (s->master == NULL && strcmp(s->cfg.sandbox, "off") != 0)
        return "with \"sandbox\" no program can be executed any more";
    return NULL;
}

void
sio_successor_start(sio_server *s, const sio_kept shares[], unsigned n,
                    void (*serves)(sio_server *s))
{
    sio_successor *x = &s->successor;
    const char    *why = refusal(s);
    int            rc;

    if (why != NULL) {
        sio_log_at(&s->env.log, SIO_LOG_WARN, SIO_EVENT_HANDOVER_FAILED, NULL,
                   "not handed over: %s", why);
        return;
    }
    *x = (sio_successor){
        .s = s, .is_coming = true, .wire = -1, .patience.fire = on_patience, .serves = serves};
    if ((rc = try_to_start(x, shares, n)) != 0) {
        sio_log_at(&s->env.log, SIO_LOG_ERROR, SIO_EVENT_HANDOVER_FAILED, NULL,
                   "not handed over, all goes on as before: %s can not be executed: %s",
                   s->command_line.path, strerror(rc));
        sio_successor_forget(x);
        return;
    }
    sio_log_info(&s->env.log, NULL, "handing over to a new %s, process %d", s->command_line.path,
                 (int)x->pid);
    sio_timer_set(&s->env.timers, &x->patience, PATIENCE_MS);
}
