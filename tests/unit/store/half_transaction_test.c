/*
 * store/redis_client.h: a transaction of which Redis has got the beginning only. The server is
 * real and older than GETDEL; it is hiredis that has no memory for one of the commands.
 */
#include "tests/unit/store/store_fixture.h"

#include <dlfcn.h>

/* Commands that hiredis takes until it refuses one; then it takes all again. 0: it refuses none. */
static unsigned n_until_refused;

typedef int command_argv(redisAsyncContext *ac, redisCallbackFn *fn, void *arg, int argc,
                         const char **argv, const size_t *len);

/* In place of that of the library, which is linked dynamically. */
int
redisAsyncCommandArgv(redisAsyncContext *ac, redisCallbackFn *fn, void *arg, int argc,
                      const char **argv, const size_t *len)
{
    void         *symbol = dlsym(RTLD_NEXT, "redisAsyncCommandArgv");
    command_argv *real;

    if (n_until_refused > 0 && --n_until_refused == 0)
        return REDIS_ERR;
    memcpy(&real, &symbol, sizeof real);
    return real(ac, fn, arg, argc, argv, len);
}

/* The n-th command of MULTI, GET, DEL, EXEC is refused. */
static void
check_refused(unsigned n)
{
    sio_store     *a = new_redis_store(NULL), *b = new_redis_store(NULL);
    const uint64_t reconnects = sio_store_get_counters(a)->reconnects;

    take(a, SIO_VIEW("it learns that there is no GETDEL"));
    take(b, SIO_VIEW("so does the other"));
    CHECK_INT(put(a, SIO_VIEW("id"), SIO_VIEW("x")), SIO_OK);
    n_until_refused = n;
    CHECK_INT(take_rc(a, SIO_VIEW("id")), SIO_OK); /* by its copy */
    CHECK_INT(n_until_refused, 0);
    if (n > 1) { /* else Redis has got nothing of it */
        UNTIL(sio_store_get_counters(a)->reconnects == reconnects + 1);
        CHECK(strstr(logged.last[SIO_STORE_WARN], "out of memory") != NULL);
    }
    CHECK_INT(put(a, SIO_VIEW("next"), SIO_VIEW("y")), SIO_OK);
    CHECK_INT(take_rc(b, SIO_VIEW("next")), SIO_OK); /* Redis has not kept it for later */
    CHECK_INT(take_rc(a, SIO_VIEW("next")), SIO_ERR_NOT_FOUND);
    sio_store_free(a);
    sio_store_free(b);
}

static void
test_nothing_waits_behind_half_a_transaction(void)
{
    redis_server_kill(&server);
    redis_server_start(&server, (const char *const[]){"--rename-command", "GETDEL", "", NULL});
    for (unsigned n = 1; n <= 4; n++)
        check_refused(n);
}

int
main(void)
{
    signal(SIGPIPE, SIG_IGN);
    redis_server_init(&server);
    RUN_REDIS(test_nothing_waits_behind_half_a_transaction);
    redis_server_fini(&server);
    return check_done();
}
