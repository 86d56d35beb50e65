/* tests/unit/server/command_line_test.c - how this test was started, as the kernel knows it. */
#include "server/command_line.h"

#include "protocol/view.h"
#include "tests/unit/check.h"

#include <unistd.h>

static char **argv_of_main;

static void
test_as_main_was_given(void)
{
    sio_command_line c = {.path = NULL};

    sio_command_line_note(&c);
    CHECK(c.path != NULL && c.path[0] == '/' && access(c.path, X_OK) == 0);
    for (int i = 0; argv_of_main[i] != NULL; i++)
        CHECK_VIEW(sio_view_of(c.words[i]), argv_of_main[i]);
    sio_command_line_fini(&c);
    CHECK(c.path == NULL && c.words == NULL);
    sio_command_line_fini(&c);
}

/* What the program hides later on does not matter any more. */
static void
test_a_copy(void)
{
    char            *first = argv_of_main[0];
    const char       letter = first[0];
    sio_command_line c = {.path = NULL};

    sio_command_line_note(&c);
    first[0] = '?';
    CHECK(c.words != NULL && c.words[0][0] == letter);
    first[0] = letter;
    sio_command_line_fini(&c);
}

int
main(int argc, char *argv[])
{
    (void)argc;
    argv_of_main = argv;
    RUN(test_as_main_was_given);
    RUN(test_a_copy);
    return check_done();
}
