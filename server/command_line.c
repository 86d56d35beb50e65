#include "server/command_line.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/buf.h"

/* --- The arguments. --- */

/* All of /proc/self/cmdline: each word has a NUL behind it. */
static char *
read_text(size_t *len)
{
    FILE   *file = fopen("/proc/self/cmdline", "re");
    char    part[4096];
    size_t  n;
    sio_buf text;

    if (file == NULL)
        return NULL;
    sio_buf_init(&text, SIZE_MAX);
    while ((n = fread(part, 1, sizeof part, file)) > 0)
        sio_buf_add(&text, part, n);
    fclose(file);
    if (!text.failed && text.len > 0 && text.data[text.len - 1] == '\0') {
        *len = text.len;
        return text.data;
    }
    sio_buf_fini(&text);
    return NULL;
}

static char **
split(char *text, size_t len)
{
    size_t n = 0;
    char **words;

    for (size_t i = 0; i < len; i++)
        n += text[i] == '\0';
    if ((words = calloc(n + 1, sizeof *words)) == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        words[i] = text;
        text += strlen(text) + 1;
    }
    return words;
}

/* --- The program. --- */

/*
 * By which name it is to be found the next time: a link that it was called by, such as current/,
 * may lead to another file then.
 */
static char *
find_program(const char *called)
{
    char      *file = realpath("/proc/self/exe", NULL);
    char      *meant = called[0] == '/' ? realpath(called, NULL) : NULL;
    const bool is_same = file != NULL && meant != NULL && strcmp(file, meant) == 0;

    free(meant);
    if (!is_same)
        return file;
    free(file);
    return strdup(called);
}

void
sio_command_line_note(sio_command_line *c)
{
    sio_command_line_fini(c);
    if ((c->text = read_text(&c->len)) != NULL && (c->words = split(c->text, c->len)) != NULL)
        c->path = find_program(c->words[0]);
    if (c->path == NULL)
        sio_command_line_fini(c);
}

void
sio_command_line_fini(sio_command_line *c)
{
    if (c->text != NULL)
        explicit_bzero(c->text, c->len);
    free(c->text);
    free(c->words);
    free(c->path);
    *c = (sio_command_line){.path = NULL};
}
