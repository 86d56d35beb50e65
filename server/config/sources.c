#include "server/config/sources.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "server/config/config_file.h"
#include "server/config/options.h"

typedef enum { OF_OPTIONS, OF_FILE, OF_SETTING } source_kind;

struct sio_source {
    source_kind kind;
    sio_program program; /* of a command line; it is not told again */
    int         n_words;
    char      **words; /* ended by NULL: a command line; a path; a key and its value */
};

/* --- Noting. --- */

static void
source_free(sio_source *source)
{
    for (int i = 0; i < source->n_words; i++)
        free(source->words[i]);
    free(source->words);
}

static int
source_init(sio_source *source, source_kind kind, char *const words[], int n)
{
    *source = (sio_source){.kind = kind, .words = calloc((size_t)n + 1, sizeof *source->words)};
    if (source->words == NULL)
        return SIO_ERR_NOMEM;
    for (; source->n_words < n; source->n_words++)
        if ((source->words[source->n_words] = strdup(words[source->n_words])) == NULL)
            break;
    if (source->n_words == n)
        return SIO_OK;
    source_free(source);
    return SIO_ERR_NOMEM;
}

static int
add_source(sio_sources *s, source_kind kind, char *const words[], int n)
{
    sio_source *all = realloc(s->all, (s->n + 1) * sizeof *all);
    int         rc = SIO_ERR_NOMEM;

    if (all == NULL)
        return rc;
    s->all = all;
    if ((rc = source_init(&all[s->n], kind, words, n)) == SIO_OK)
        s->n++;
    return rc;
}

int
sio_sources_add_options(sio_sources *s, int argc, char *const argv[], const sio_program *program)
{
    const int rc = add_source(s, OF_OPTIONS, argv, argc);

    if (rc == SIO_OK) {
        s->all[s->n - 1].program = *program;
        s->all[s->n - 1].program.take = NULL;
    }
    return rc;
}

/* The words are copied, not changed. */
int
sio_sources_add_file(sio_sources *s, const char *path)
{
    return add_source(s, OF_FILE, (char *const[]){(char *)(uintptr_t)path}, 1);
}

int
sio_sources_add_setting(sio_sources *s, const char *key, const char *json)
{
    return add_source(s, OF_SETTING,
                      (char *const[]){(char *)(uintptr_t)key, (char *)(uintptr_t)json}, 2);
}

void
sio_sources_fini(sio_sources *s)
{
    for (size_t i = 0; i < s->n; i++)
        source_free(&s->all[i]);
    free(s->all);
    *s = (sio_sources){NULL, 0};
}

/* --- Reading. --- */

/* It is well formed, as it was at the start: what is wrong is in the file that it names. */
static int
read_options(const sio_source *source, sio_cfg *cfg, sio_buf *error)
{
    if (sio_options_parse(source->n_words, source->words, &source->program, cfg, error) ==
        SIO_OPTIONS_RUN)
        return SIO_OK;
    while (error->len > 0 && error->data[error->len - 1] == '\n')
        error->len--;
    return SIO_ERR_CONFIG;
}

static int
read_source(const sio_source *source, sio_cfg *cfg, sio_buf *error)
{
    switch (source->kind) {
    case OF_OPTIONS:
        return read_options(source, cfg, error);
    case OF_FILE:
        return sio_config_file_load(cfg, source->words[0], error);
    case OF_SETTING:
        return sio_cfg_set_json(cfg, source->words[0], source->words[1], error);
    }
    return SIO_ERR_CONFIG;
}

int
sio_sources_read(const sio_sources *s, sio_cfg *cfg, sio_buf *error)
{
    for (size_t i = 0; i < s->n; i++) {
        const int rc = read_source(&s->all[i], cfg, error);

        if (rc != SIO_OK)
            return rc;
    }
    return sio_cfg_check(cfg, error);
}
