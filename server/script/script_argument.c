#include <stdbool.h>
#include <string.h>

#include "server/script/script.h"

static bool
ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), n_end = strlen(end);

    return n > n_end && strcmp(text + n - n_end, end) == 0;
}

int
sio_script_argument(int argc, char *const argv[])
{
    for (int i = 1; i < argc; i++)
        if (argv[i][0] != '-' &&
            (ends_with(argv[i], ".js") || ends_with(argv[i], ".cjs") || ends_with(argv[i], ".mjs")))
            return i;
    return argc;
}

bool
sio_script_argument_is_check(int n, char *const options[])
{
    static const char option[] = "--check-config";

    for (int i = 1; i < n; i++)
        if (strlen(options[i]) > strlen("--c") &&
            strncmp(options[i], option, strlen(options[i])) == 0)
            return true;
    return false;
}
