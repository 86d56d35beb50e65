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

static void
test_a_check_is_asked_for_by_as_much_as_is_needed(void)
{
    static char        name[] = "siobroker", whole[] = "--check-config", part[] = "--che";
    static char        other[] = "--config", short_form[] = "--c", longer[] = "--check-configs";
    static char *const checks[][2] = {{name, whole}, {name, part}};
    static char *const none[][2] = {
        {name, other}, {name, short_form}, {name, longer}, {whole, name}};

    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        CHECK(sio_script_argument_is_check(2, checks[i]));
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        CHECK(!sio_script_argument_is_check(2, none[i]));
}

int
main(void)
{
    RUN(test_a_check_is_asked_for_by_as_much_as_is_needed);
    RUN(test_first_file_of_javascript_that_is_no_option);
    return check_done();
}
