/* tests/unit/script/script_argument_test.c - which argument of the program is its script. */
#include "server/script/script.h"

#include "tests/unit/check.h"

static void
test_first_file_of_javascript_that_is_no_option(void)
{
    static struct {
        char argv[6][16];
        int  argc, expected;
    } rows[] = {
        {{"siobroker"}, 1, 1},
        {{"siobroker", "app.js"}, 2, 1},
        {{"siobroker", "app.cjs"}, 2, 1},
        {{"siobroker", "app.mjs"}, 2, 1},
        {{"siobroker", "--port", "80", "app.js", "other.js"}, 5, 3},
        {{"siobroker", "--config=app.js"}, 2, 2},
        {{"siobroker", "--config", "app.json"}, 3, 3},
        {{"siobroker", "app.jsx"}, 2, 2},
        {{"siobroker", ".js"}, 2, 2},
        {{"siobroker", ""}, 2, 2},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *argv[6];

        for (int n = 0; n < 6; n++)
            argv[n] = rows[i].argv[n];
        CHECK_INT(sio_script_argument(rows[i].argc, argv), rows[i].expected);
    }
}

int
main(void)
{
    RUN(test_first_file_of_javascript_that_is_no_option);
    return check_done();
}
