/*
 * Landlock, by its system calls: the C library has none for it, and the kernel's headers of Debian
 * 12 know less of it than newer kernels can. Rule: landlock(7).
 */
#include "server/sandbox.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "protocol/result.h"

enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    REMOVE_AND_MAKE = 0x1ff << 4, /* directories, files, devices, sockets, pipes, links */
    REFER = 1 << 13,              /* move or link to another directory; Landlock 2 */
    TRUNCATE = 1 << 14,           /* Landlock 3 */
    VERSION = 1 << 0
};

typedef struct {
    uint64_t denied; /* what no later rule allows; we add none */
} ruleset;

static uint64_t
denied_by(long version)
{
    uint64_t denied = EXECUTE | WRITE_FILE | REMOVE_AND_MAKE;

    if (version >= 2)
        denied |= REFER;
    if (version >= 3)
        denied |= TRUNCATE;
    return denied;
}

/* Does the thread live by the rules from now on? If not, errno tells why. */
static bool
restrict_thread(long version)
{
    const ruleset rules = {.denied = denied_by(version)};
    const int     fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);

    if (fd < 0)
        return false;
    const bool entered = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                         syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    const int saved_errno = errno;

    close(fd);
    errno = saved_errno;
    return entered;
}

int
sio_sandbox_enter(const char *mode, const sio_log *log, sio_buf *error)
{
    if (strcmp(mode, "off") == 0)
        return SIO_OK;
    const long version = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION);

    if (version > 0 && restrict_thread(version)) {
        sio_log_info(log, NULL,
                     "sandbox: no file can be written or executed any more (Landlock %ld)",
                     version);
        return SIO_OK;
    }
    if (strcmp(mode, "auto") == 0) {
        sio_log_warn(log, NULL, "no sandbox: the kernel has no Landlock, or not for us (%s)",
                     strerror(errno));
        return SIO_OK;
    }
    sio_buf_add_str(error, "\"sandbox\": the kernel has no Landlock, or not for us (");
    sio_buf_add_str(error, strerror(errno));
    sio_buf_add_str(error, "); \"auto\" goes on without");
    return SIO_ERR_SYS;
}
