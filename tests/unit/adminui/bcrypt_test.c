/* Passwords are compared in a thread; hashes are as bcryptjs, Python and htpasswd write them. */
#include "tests/unit/check.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "server/adminui/bcrypt.h"
#include "server/siobroker.h"

/* "changeit" */
#define SALTED  "04$7pfBkfMKx4vPbz8.I/0huOe6qxFpTMxBqGMk3q6tnO8IDmGx/YblW"
#define HASH_2A "$2a$" SALTED

static sio_server *io;
static sio_bcrypt *b;
static unsigned    n_right, n_wrong;

static void
note(bool is_right, void *arg)
{
    unsigned *last = arg;

    if (is_right)
        n_right++;
    else
        n_wrong++;
    if (last != NULL)
        *last = n_right + n_wrong;
}

static void
begin(void)
{
    n_right = n_wrong = 0;
    io = sio_server_new(NULL);
    CHECK(io != NULL);
    sio_set(io, "port", "0");
    sio_set(io, "log", "false");
    sio_set(io, "flash policy server", "false");
    CHECK_INT(sio_listen(io), 0);
    CHECK((b = sio_bcrypt_new(io)) != NULL);
}

static void
end(void)
{
    sio_bcrypt_stop(b);
    sio_server_free(io);
    sio_bcrypt_free(b);
}

static void
wait_for(unsigned n)
{
    while (n_right + n_wrong < n)
        if (event_base_loop(sio_loop(io), EVLOOP_ONCE) != 0)
            break;
}

static void
test_passwords(void)
{
    static const struct {
        const char *password, *hash;
        bool        is_right;
    } rows[] = {
        {"changeit", HASH_2A, true},
        {"changeit", "$2b$" SALTED, true},
        {"changeit", "$2y$" SALTED, true},
        {"changeiT", HASH_2A, false},
        {"", HASH_2A, false},
        {"changeit ", HASH_2A, false},
        {HASH_2A, HASH_2A, false},
        {"changeit", "no hash", false},
        {"changeit", "", false},
        {"changeit", "$2a$04$short", false},
    };

    begin();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const unsigned before = n_right;

        check_row = rows[i].hash;
        CHECK(sio_bcrypt_begin(b, rows[i].password, rows[i].hash, note, NULL) != NULL);
        wait_for((unsigned)i + 1);
        CHECK_INT(n_right - before, rows[i].is_right ? 1 : 0);
    }
    check_row = NULL;
    end();
}

static void
test_checks_are_done_in_order(void)
{
    unsigned last[3] = {0};

    begin();
    for (size_t i = 0; i < 3; i++)
        CHECK(sio_bcrypt_begin(b, "changeit", HASH_2A, note, &last[i]) != NULL);
    wait_for(3);
    for (unsigned i = 0; i < 3; i++)
        CHECK_INT(last[i], i + 1);
    end();
}

static void
test_too_long_is_not_begun(void)
{
    char password[SIO_BCRYPT_MAX_PASSWORD + 2];

    begin();
    memset(password, 'x', sizeof password - 1);
    password[sizeof password - 1] = '\0';
    CHECK(sio_bcrypt_begin(b, password, HASH_2A, note, NULL) == NULL);
    password[SIO_BCRYPT_MAX_PASSWORD] = '\0';
    CHECK(sio_bcrypt_begin(b, password, HASH_2A, note, NULL) != NULL);
    wait_for(1);
    CHECK_INT(n_wrong, 1);
    end();
}

static void
test_cancelled_is_not_told(void)
{
    begin();
    sio_bcrypt_cancel(sio_bcrypt_begin(b, "changeit", HASH_2A, note, NULL));
    CHECK(sio_bcrypt_begin(b, "nope", HASH_2A, note, NULL) != NULL);
    wait_for(1);
    CHECK_INT(n_right, 0);
    CHECK_INT(n_wrong, 1);
    end();
}

static void
test_those_that_wait_at_the_end_are_forgotten(void)
{
    begin();
    for (size_t i = 0; i < 8; i++)
        CHECK(sio_bcrypt_begin(b, "changeit", HASH_2A, note, NULL) != NULL);
    end();
    CHECK(n_right <= 8);
}

static void
test_after_the_end_none_is_begun(void)
{
    begin();
    sio_bcrypt_stop(b);
    CHECK(sio_bcrypt_begin(b, "changeit", HASH_2A, note, NULL) == NULL);
    end();
}

int
main(void)
{
    RUN(test_passwords);
    RUN(test_checks_are_done_in_order);
    RUN(test_too_long_is_not_begun);
    RUN(test_cancelled_is_not_told);
    RUN(test_those_that_wait_at_the_end_are_forgotten);
    RUN(test_after_the_end_none_is_begun);
    return check_done();
}
