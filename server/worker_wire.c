#include "server/worker_wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "protocol/result.h"

typedef struct {
    uint32_t word;
    uint32_t number;
} wire_head;

/* Room for one descriptor, aligned as the kernel wants it. */
typedef union {
    struct cmsghdr align;
    char           bytes[CMSG_SPACE(sizeof(int))];
} wire_ancillary;

static void
attach(struct msghdr *msg, wire_ancillary *a, int fd)
{
    struct cmsghdr *c;

    memset(a, 0, sizeof *a);
    msg->msg_control = a->bytes;
    msg->msg_controllen = sizeof a->bytes;
    c = CMSG_FIRSTHDR(msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
}

int
sio_worker_wire_send(int socket, const sio_worker_message *m)
{
    wire_head    head = {.word = m->word, .number = m->number};
    struct iovec parts[] = {{&head, sizeof head}, {(void *)(uintptr_t)m->bytes.data, m->bytes.len}};
    struct msghdr  msg = {.msg_iov = parts, .msg_iovlen = m->bytes.len > 0 ? 2 : 1};
    wire_ancillary ancillary;
    ssize_t        n;

    if (m->fd >= 0)
        attach(&msg, &ancillary, m->fd);
    do
        n = sendmsg(socket, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n >= 0)
        return SIO_OK;
    return errno == EAGAIN || errno == ENOBUFS ? SIO_ERR_FULL : SIO_ERR_SYS;
}

static int
detach(struct msghdr *msg)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(msg);
    int             fd = -1;

    if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
        c->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
}

int
sio_worker_wire_receive(int socket, char buf[SIO_WORKER_WIRE_MAX], sio_worker_message *m)
{
    wire_head      head;
    wire_ancillary ancillary;
    struct iovec   parts[] = {{&head, sizeof head}, {buf, SIO_WORKER_WIRE_MAX}};
    struct msghdr  msg = {.msg_iov = parts,
                          .msg_iovlen = 2,
                          .msg_control = ancillary.bytes,
                          .msg_controllen = sizeof ancillary.bytes};
    ssize_t        n;

    do
        n = recvmsg(socket, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN)
        return SIO_PARTIAL;
    if (n < (ssize_t)sizeof head)
        return SIO_ERR_SYS;
    *m = (sio_worker_message){.word = (sio_worker_word)head.word,
                              .number = head.number,
                              .bytes = {buf, (size_t)n - sizeof head},
                              .fd = detach(&msg)};
    return SIO_OK;
}
