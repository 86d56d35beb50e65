/*
 * tests/unit/server/sandbox_test.c - server/sandbox.c and the failures of server/privileges.c: what
 * a process can no more, seen by a child that has gone through it.
 */
#include "server/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protocol/result.h"
#include "server/privileges.h"
#include "tests/unit/check.h"

static char folder[] = "/tmp/sio-test-sandbox-XXXXXX";
static char path[64]; /* of a file in it */

static bool
kernel_has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
}

static void
be_silent(sio_log *log)
{
    sio_log_init(log, STDERR_FILENO, SIO_LOG_NONE, false);
}

/* What `what` answers in a child process: the harness must be able to write. */
static int
in_child(int (*what)(void))
{
    int         status = 0;
    const pid_t pid = fork();

    if (pid == 0)
        _exit(what());
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        abort();
    return WEXITSTATUS(status);
}

static bool
is_denied(int rc)
{
    return rc < 0 && errno == EACCES;
}

/* 0, or the number of what was allowed. */
static int
try_everything(void)
{
    static char *const argv[] = {NULL};
    static char        shell[] = "/bin/sh";
    char               byte;
    sio_log            log;
    sio_buf            error;

    be_silent(&log);
    sio_buf_init(&error, 1024);
    const int before = open(path, O_WRONLY);

    if (sio_sandbox_enter("on", &log, &error) != SIO_OK)
        return 1;
    const int reading = open(path, O_RDONLY);

    if (reading < 0 || read(reading, &byte, 1) != 1 || write(before, "x", 1) != 1)
        return 2; /* this must go on */
    if (!is_denied(open(path, O_WRONLY)))
        return 3;
    if (!is_denied(open("/tmp/sio-test-sandbox-new", O_WRONLY | O_CREAT | O_EXCL, 0600)))
        return 4;
    if (!is_denied(unlink(path)))
        return 5;
    if (!is_denied(mkdir("/tmp/sio-test-sandbox-new", 0700)))
        return 6;
    return is_denied(execv(shell, argv)) ? 0 : 7;
}

static void
test_files_can_be_read_and_nothing_else(void)
{
    CHECK_INT(in_child(try_everything), kernel_has_landlock() ? 0 : 1);
}

/* The kernel of a test may have it or not: what "auto" does must be right either way. */
static int
enter_auto(void)
{
    sio_log log;
    sio_buf error;

    be_silent(&log);
    sio_buf_init(&error, 1024);
    if (sio_sandbox_enter("auto", &log, &error) != SIO_OK || error.len != 0)
        return 1;
    return is_denied(open(path, O_WRONLY)) == kernel_has_landlock() ? 0 : 2;
}

static void
test_auto_goes_on_in_any_case(void)
{
    CHECK_INT(in_child(enter_auto), 0);
}

static int
stay_out(void)
{
    sio_log log;
    sio_buf error;

    be_silent(&log);
    sio_buf_init(&error, 1024);
    return sio_sandbox_enter("off", &log, &error) == SIO_OK && open(path, O_WRONLY) >= 0 ? 0 : 1;
}

static void
test_off_changes_nothing(void)
{
    CHECK_INT(in_child(stay_out), 0);
}

/* --- Accounts. --- */

static void
check_account(const char *user, const char *group, int rc, const char *want)
{
    sio_cfg cfg;
    sio_log log;
    sio_buf error;

    check_row = want;
    be_silent(&log);
    sio_buf_init(&error, 1024);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    CHECK_INT(sio_cfg_set_text(&cfg, "user", user, &error), SIO_OK);
    CHECK_INT(sio_cfg_set_text(&cfg, "group", group, &error), SIO_OK);
    CHECK_INT(sio_privileges_drop(&cfg, &log, &error), rc);
    CHECK_VIEW(sio_buf_view(&error), want);
    sio_buf_fini(&error);
    sio_cfg_fini(&cfg);
}

static void
test_accounts_that_do_not_do(void)
{
    check_account("no-such-user", "", SIO_ERR_CONFIG,
                  "\"user\": there is no user \"no-such-user\"");
    check_account("4294967295", "", SIO_ERR_CONFIG, "\"user\": there is no user \"4294967295\"");
    check_account("99999999999999999999", "", SIO_ERR_CONFIG,
                  "\"user\": there is no user \"99999999999999999999\"");
    check_account("root", "", SIO_ERR_CONFIG,
                  "\"user\": must be another one than root, got \"root\"");
    check_account("0", "", SIO_ERR_CONFIG, "\"user\": must be another one than root, got \"0\"");
    check_account("3999999999", "", SIO_ERR_CONFIG,
                  "\"group\": must be set, since nothing is known about user \"3999999999\"");
    check_account("nobody", "no-such-group", SIO_ERR_CONFIG,
                  "\"group\": there is no group \"no-such-group\"");
    check_account("nobody", "4294967295", SIO_ERR_CONFIG,
                  "\"group\": there is no group \"4294967295\"");
}

/* As somebody else first, who is not root and wants to be nobody. */
static int
change_without_rights(void)
{
    sio_cfg cfg;
    sio_log log;
    sio_buf error;

    be_silent(&log);
    sio_buf_init(&error, 1024);
    if (geteuid() == 0 && (setgid(12345) != 0 || setuid(12345) != 0))
        return 1;
    if (sio_cfg_init(&cfg) != SIO_OK || sio_cfg_set_text(&cfg, "user", "nobody", &error) != SIO_OK)
        return 2;
    if (sio_privileges_drop(&cfg, &log, &error) != SIO_ERR_SYS)
        return 3;
    return sio_view_eq(sio_buf_view(&error), SIO_VIEW("can not become user \"nobody\": only root "
                                                      "can"))
               ? 0
               : 4;
}

static void
test_only_root_can_become_another(void)
{
    CHECK_INT(in_child(change_without_rights), 0);
}

int
main(void)
{
    if (mkdtemp(folder) == NULL)
        abort();
    snprintf(path, sizeof path, "%s/file", folder);
    const int fd = open(path, O_WRONLY | O_CREAT, 0600);

    if (fd < 0 || write(fd, "1", 1) != 1)
        abort();
    close(fd);
    RUN(test_files_can_be_read_and_nothing_else);
    RUN(test_auto_goes_on_in_any_case);
    RUN(test_off_changes_nothing);
    RUN(test_accounts_that_do_not_do);
    RUN(test_only_root_can_become_another);
    unlink(path);
    rmdir(folder);
    return check_done();
}
