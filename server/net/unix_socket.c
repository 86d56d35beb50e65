#include "server/net/unix_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { MODE = 0660 };

static struct sockaddr_un
unix_address(const char *path)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};

    memcpy(sa.sun_path, path, strnlen(path, sizeof sa.sun_path - 1));
    return sa;
}

static int
new_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Does nobody listen there any more? It has a file, which is a socket. */
static bool
is_stale(const char *path)
{
    const struct sockaddr_un sa = unix_address(path);
    struct stat              st;
    bool                     refused;
    int                      fd;

    if (lstat(path, &st) != 0 || !S_ISSOCK(st.st_mode) || (fd = new_socket()) < 0)
        return false;
    refused = connect(fd, (const struct sockaddr *)&sa, sizeof sa) != 0 && errno == ECONNREFUSED;
    close(fd);
    return refused;
}

/* errno is set when it returns -1. */
static int
bind_path(int fd, const char *path)
{
    const struct sockaddr_un sa = unix_address(path);

    if (bind(fd, (const struct sockaddr *)&sa, sizeof sa) == 0)
        return 0;
    if (errno != EADDRINUSE)
        return -1;
    if (!is_stale(path)) {
        errno = EADDRINUSE;
        return -1;
    }
    return unlink(path) == 0 ? bind(fd, (const struct sockaddr *)&sa, sizeof sa) : -1;
}

void
sio_unix_socket_note(sio_unix_socket *u, const char *path)
{
    struct stat st;

    if (lstat(path, &st) != 0)
        return;
    memcpy(u->path, path, strlen(path) + 1);
    u->device = st.st_dev;
    u->inode = st.st_ino;
}

static int
refuse_path(int fd, const char *path, sio_buf *error)
{
    const char *why =
        errno == EADDRINUSE ? "a process listens there, or it is no socket" : strerror(errno);

    sio_buf_add_str(error, "can not listen on unix:");
    sio_buf_add_str(error, path);
    sio_buf_add_str(error, ": ");
    sio_buf_add_str(error, why);
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Nobody can connect before it listens, so the mode counts from the first connection on. */
int
sio_unix_socket_open(sio_unix_socket *u, const char *path, sio_buf *error)
{
    const int fd = new_socket();

    if (fd < 0 || bind_path(fd, path) != 0)
        return refuse_path(fd, path, error);
    sio_unix_socket_note(u, path);
    if (chmod(path, MODE) == 0)
        return fd;
    (void)refuse_path(fd, path, error);
    sio_unix_socket_close(u);
    return -1;
}

void
sio_unix_socket_close(sio_unix_socket *u)
{
    struct stat st;

    if (u->path[0] != '\0' && lstat(u->path, &st) == 0 && st.st_dev == u->device &&
        st.st_ino == u->inode)
        (void)unlink(u->path);
    u->path[0] = '\0';
}
