#include "server/cli/check_system.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "protocol/result.h"
#include "server/base/file.h"

enum {
    FEW_DESCRIPTORS = 4096, /* the usual limit of a shell is 1024 */
    OWN_DESCRIPTORS = 128,  /* beside clients: net/admission.c */
    FEW_WAITING = 1024,     /* clients that come back in the same second */
    MAX_NUMBER = 64
};

static void
check_descriptors(sio_check_report *r, const sio_cfg *cfg)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    const unsigned long long n = limit.rlim_cur;

    if (cfg->max_connections > 0 && n < (unsigned long long)cfg->max_connections + OWN_DESCRIPTORS)
        sio_check_report_warn(r,
                              "%llu descriptors are too few for \"max connections\" %u; raise "
                              "them with ulimit -n, or LimitNOFILE of systemd",
                              n, cfg->max_connections);
    else if (n < FEW_DESCRIPTORS)
        sio_check_report_warn(r,
                              "%llu descriptors, one for each connection; raise them with "
                              "ulimit -n, or LimitNOFILE of systemd",
                              n);
    else
        sio_check_report_ok(r, "%llu descriptors, one for each connection", n);
}

/* The kernel cuts every backlog to this. */
static void
check_backlog(sio_check_report *r)
{
    static const char path[] = "/proc/sys/net/core/somaxconn";
    sio_buf           text;
    unsigned long     n;

    sio_buf_init(&text, MAX_NUMBER);
    if (sio_file_read(path, &text) == SIO_OK && text.len > 0) {
        text.data[text.len - 1] = '\0'; /* its line end */
        n = strtoul(text.data, NULL, 10);
        if (n < FEW_WAITING)
            sio_check_report_warn(r,
                                  "%lu connections may wait to be accepted, when all clients "
                                  "come back at once; raise it with sysctl net.core.somaxconn",
                                  n);
        else
            sio_check_report_ok(r, "%lu connections may wait to be accepted", n);
    }
    sio_buf_fini(&text);
}

void
sio_check_system(sio_check_report *r, const sio_cfg *cfg)
{
    check_descriptors(r, cfg);
    check_backlog(r);
}
