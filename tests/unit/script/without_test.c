/* tests/unit/script/without_test.c - a program without an interpreter refuses scripts by name. */
#define sio_script_run   run_without
#define sio_script_check check_without
/* NOLINTNEXTLINE(bugprone-suspicious-include): the library has the other file of the two */
#include "server/script/without.c"

#include <string.h>

#include "tests/unit/check.h"

static void
test_refuses_the_file(void)
{
    static char name[] = "siobroker", file[] = "app.js";
    char       *argv[] = {name, file}, said[256] = "";
    FILE       *real = stderr;

    stderr = fmemopen(said, sizeof said, "w");
    CHECK_INT(run_without(sio_server_new(NULL), 2, argv, 1, -1), 2);
    CHECK_INT(check_without(sio_server_new(NULL), 2, argv, 1), 2);
    fclose(stderr);
    stderr = real;
    CHECK(strstr(said, "siobroker: app.js: this siobroker was built without scripts;") == said);
}

int
main(void)
{
    RUN(test_refuses_the_file);
    return check_done();
}
