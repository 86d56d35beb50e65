#include "server/config/environment.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "protocol/result.h"
#include "server/config/config_names.h"
#include "server/config/config_table.h"
#include "server/config/similar.h"

enum { MAX_NAME = 64 };

/* Calls fn with each name that a setting may be called by in a file, until it returns true. */
static const char *
find_key(bool (*fn)(void *arg, const char *key), void *arg)
{
    for (size_t i = 0; i < sio_settings.n; i++)
        if (sio_settings.rows[i].key != NULL && fn(arg, sio_settings.rows[i].key))
            return sio_settings.rows[i].key;
    for (const sio_config_name *row = sio_config_names; row->option != NULL; row++)
        if (fn(arg, row->option))
            return row->option;
    return NULL;
}

/* "log level": LOG_LEVEL */
static const char *
name_variable(const char *key, char name[MAX_NAME])
{
    size_t n = 0;

    for (; n < MAX_NAME - 1 && key[n] != '\0'; n++)
        name[n] = isalnum((unsigned char)key[n]) ? (char)toupper((unsigned char)key[n]) : '_';
    name[n] = '\0';
    return name;
}

static bool
is_called(void *arg, const char *key)
{
    const sio_view *wanted = arg;
    char            name[MAX_NAME];

    return sio_view_eq(*wanted, sio_view_of(name_variable(key, name)));
}

/* --- One that names nothing. --- */

/* Case, and "_" for a blank, make no difference there. */
static bool
offer(void *arg, const char *key)
{
    sio_similar_offer(arg, key);
    return false;
}

static int
refuse_variable(const char *prefix, sio_view name, sio_buf *error)
{
    char        word[MAX_NAME] = "", variable[MAX_NAME];
    sio_similar similar;

    if (name.len < sizeof word)
        memcpy(word, name.data, name.len);
    similar = sio_similar_to(word);
    (void)find_key(offer, &similar);
    sio_buf_add_str(error, "no setting is called so");
    if (similar.nearest != NULL) {
        sio_buf_add_str(error, "; did you mean ");
        sio_buf_add_str(error, prefix);
        sio_buf_add_str(error, name_variable(similar.nearest, variable));
        sio_buf_add_char(error, '?');
    }
    return SIO_ERR_CONFIG;
}

/* --- All of them. --- */

/* entry: PREFIX_NAME=value */
static int
apply_variable(sio_cfg *cfg, const char *prefix, const char *entry, sio_buf *error)
{
    const size_t   len = strcspn(entry, "="), prefix_len = strlen(prefix), begun = error->len;
    const sio_view name = {entry + prefix_len, len - prefix_len};
    const char    *key = find_key(is_called, (void *)(uintptr_t)&name);
    int            rc;

    sio_buf_add_json_string(error, (sio_view){entry, len}, SIO_JSON_PLAIN);
    sio_buf_add_str(error, ": ");
    if (key == NULL)
        return refuse_variable(prefix, name, error);
    if ((rc = sio_cfg_set_text(cfg, key, entry + len + 1, error)) == SIO_OK)
        error->len = begun;
    return rc;
}

int
sio_environment_apply(sio_cfg *cfg, const char *prefix, sio_buf *error)
{
    const size_t len = strlen(prefix);
    int          rc = SIO_OK;

    for (char **entry = environ; rc == SIO_OK && entry != NULL && *entry != NULL; entry++)
        if (strncmp(*entry, prefix, len) == 0 && strcspn(*entry, "=") >= len)
            rc = apply_variable(cfg, prefix, *entry, error);
    return rc;
}

bool
sio_environment_is_prefix(const char *text)
{
    size_t n = 0;

    while (isupper((unsigned char)text[n]) || isdigit((unsigned char)text[n]) || text[n] == '_')
        n++;
    return n > 0 && text[n] == '\0';
}
