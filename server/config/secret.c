#include "server/config/secret.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "protocol/result.h"
#include "server/base/file.h"
#include "server/config/setting_explain.h"

enum { LINE_END = 2 }; /* "\r\n" */

/* --- Where it is. --- */

/* What follows prefix in text, or NULL. */
static const char *
after(const char *text, const char *prefix)
{
    const size_t len = strlen(prefix);

    return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

bool
sio_secret_is_elsewhere(const char *text)
{
    return after(text, "env:") != NULL || after(text, "file:") != NULL ||
           after(text, "credential:") != NULL;
}

bool
sio_secret_is_shown(const sio_setting *s, const char *text)
{
    return s->is_secret != NULL && !sio_secret_is_elsewhere(text) &&
           s->is_secret(sio_view_of(text));
}

static int
refuse_place(const char *why, sio_buf *error)
{
    sio_buf_add_str(error, why);
    return SIO_ERR_CONFIG;
}

static int
read_variable(const char *name, sio_buf *value, sio_buf *error)
{
    const char *text = getenv(name);

    if (text == NULL)
        return refuse_place("there is no such environment variable; set it before the start",
                            error);
    sio_buf_add_str(value, text);
    return SIO_OK;
}

static int
read_file(const char *path, sio_buf *value, sio_buf *error)
{
    if (sio_file_read(path, value) == SIO_ERR_SYS)
        return refuse_place(strerror(errno), error);
    return SIO_OK;
}

/* The path of a credential; the name is one of a file, and leads nowhere else. */
static int
find_credential(const char *name, char path[PATH_MAX], sio_buf *error)
{
    const char *directory = getenv("CREDENTIALS_DIRECTORY");

    if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL)
        return refuse_place("must be followed by the name that LoadCredential= gives it", error);
    if (directory == NULL)
        return refuse_place("there is no $CREDENTIALS_DIRECTORY; systemd makes it for a unit with "
                            "LoadCredential=",
                            error);
    if (snprintf(path, PATH_MAX, "%s/%s", directory, name) >= PATH_MAX)
        return refuse_place(strerror(ENAMETOOLONG), error);
    return SIO_OK;
}

static int
read_place(const char *text, sio_buf *value, sio_buf *error)
{
    char        path[PATH_MAX];
    const char *rest;
    int         rc;

    if ((rest = after(text, "env:")) != NULL)
        return read_variable(rest, value, error);
    if ((rest = after(text, "file:")) != NULL)
        return read_file(rest, value, error);
    rc = find_credential(after(text, "credential:"), path, error);
    return rc == SIO_OK ? read_file(path, value, error) : rc;
}

/* --- What it is. --- */

/* Whatever writes such files puts a line end behind what was meant. */
static void
remove_line_end(sio_buf *value)
{
    if (value->len > 0 && value->data[value->len - 1] == '\n')
        value->len--;
    else
        return;
    if (value->len > 0 && value->data[value->len - 1] == '\r')
        value->len--;
}

static int
check_secret(const sio_buf *value, sio_buf *error)
{
    if (value->failed || value->len > SIO_SECRET_MAX_BYTES)
        return refuse_place("holds more than 65536 bytes", error);
    if (value->len == 0)
        return refuse_place("is empty", error);
    if (memchr(value->data, '\0', value->len) != NULL)
        return refuse_place("holds a zero byte, which no setting can have", error);
    return SIO_OK;
}

int
sio_secret_read(const char *text, sio_buf *value, sio_buf *error)
{
    const size_t before = error->len;
    int          rc;

    sio_buf_init(value, SIO_SECRET_MAX_BYTES + LINE_END);
    sio_setting_explain_add_quoted(error, text);
    sio_buf_add_str(error, ": ");
    rc = read_place(text, value, error);
    if (rc == SIO_OK) {
        remove_line_end(value);
        rc = check_secret(value, error);
    }
    if (rc != SIO_OK)
        return rc;
    error->len = before;
    sio_buf_add_char(value, '\0');
    return SIO_OK;
}

/* --- Who may look. --- */

void
sio_secret_note_file(const char *path, sio_buf *notes)
{
    struct stat st;

    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & S_IROTH) == 0)
        return;
    sio_setting_explain_add_quoted(notes, path);
    sio_buf_add_str(notes, " holds a secret and every user may read it; chmod o-r helps\n");
}

void
sio_secret_note_place(const char *text, sio_buf *notes)
{
    const char *path = after(text, "file:");

    if (path != NULL)
        sio_secret_note_file(path, notes);
}
