#include "server/assets/client_directory.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char subdirectory[] = "share/siobroker/browser-client";

/* The directory of the running program, without a slash at its end. */
static bool
program_directory(char directory[PATH_MAX])
{
    const ssize_t n = readlink("/proc/self/exe", directory, PATH_MAX - 1);
    char         *slash;

    if (n <= 0)
        return false;
    directory[n] = '\0';
    if ((slash = strrchr(directory, '/')) == NULL)
        return false;
    *slash = '\0';
    return true;
}

static bool
is_there(const char *base, const char *up, char directory[PATH_MAX])
{
    const int n = snprintf(directory, PATH_MAX, "%s/%s%s", base, up, subdirectory);

    return n > 0 && n < PATH_MAX && access(directory, R_OK | X_OK) == 0;
}

void
sio_client_directory(const sio_cfg *cfg, char directory[PATH_MAX])
{
    char program[PATH_MAX];

    if (cfg->browser_client_directory[0] != '\0') {
        snprintf(directory, PATH_MAX, "%s", cfg->browser_client_directory);
        return;
    }
    if (program_directory(program) &&
        (is_there(program, "", directory) || is_there(program, "../", directory)))
        return;
    snprintf(directory, PATH_MAX, "%s/browser-client", SIO_SHARE_DIR);
}
