#include "server/config/config_names.h"

#include <string.h>

/* --- Translations. --- */

/* There, one slash at the end of a path does not count. */
static cJSON *
path_of(const cJSON *value)
{
    const char  *path = cJSON_GetStringValue(value);
    const size_t len = path != NULL ? strlen(path) : 0;
    cJSON       *copy = cJSON_Duplicate(value, true);

    if (copy != NULL && len > 1 && path[len - 1] == '/')
        copy->valuestring[len - 1] = '\0';
    return copy;
}

static bool
names_transport(const cJSON *item, const char *name)
{
    return cJSON_IsString(item) && strcmp(item->valuestring, name) == 0;
}

/*
 * Is it a list of polling, and perhaps websocket? Without polling both generations mean the same.
 */
static bool
is_in_new_words(const cJSON *list, bool *has_websocket)
{
    unsigned     n_polling = 0, n_websocket = 0;
    const cJSON *item;

    if (!cJSON_IsArray(list))
        return false;
    cJSON_ArrayForEach(item, list)
    {
        n_polling += names_transport(item, "polling");
        n_websocket += names_transport(item, "websocket");
    }
    *has_websocket = n_websocket > 0;
    return n_polling == 1 && n_websocket <= 1 &&
           (int)(n_polling + n_websocket) == cJSON_GetArraySize(list);
}

/* "polling" is what 0.9 has three kinds of; it prefers a websocket, and does not upgrade to one. */
static cJSON *
transports_of(const cJSON *value)
{
    static const char *const names[] = {"websocket", "htmlfile", "xhr-polling", "jsonp-polling"};
    bool                     has_websocket = false;

    if (!is_in_new_words(value, &has_websocket))
        return cJSON_Duplicate(value, true);
    return cJSON_CreateStringArray(has_websocket ? names : names + 1, has_websocket ? 4 : 3);
}

static cJSON *
text_of_bool(const cJSON *value, const char *if_true)
{
    if (cJSON_IsFalse(value))
        return cJSON_CreateString("");
    return cJSON_IsTrue(value) ? cJSON_CreateString(if_true) : cJSON_Duplicate(value, true);
}

static cJSON *
origin_of(const cJSON *value)
{
    return text_of_bool(value, "reflect");
}

static cJSON *
same_site_of(const cJSON *value)
{
    return text_of_bool(value, "strict");
}

/* --- The table. --- */

#define OPTION(option, key)                       \
    {                                             \
        option, NULL, key, NULL, NULL, NULL, NULL \
    }
#define TRANSLATED(option, key, translate)             \
    {                                                  \
        option, NULL, key, NULL, NULL, translate, NULL \
    }
#define MEMBER(object, member, key, on, off, translate) \
    {                                                   \
        object, member, key, on, off, translate, NULL   \
    }
#define FIXED(object, member, only, note)            \
    {                                                \
        object, member, NULL, only, NULL, NULL, note \
    }

const sio_config_name sio_config_names[] = {
    TRANSLATED("path", "resource", path_of),
    FIXED("addTrailingSlash", NULL, NULL, "true or false: both ways to write the path are served"),
    {"transports", NULL, "transports", NULL, NULL, transports_of,
     "may be a list of polling, websocket; polling is all but websocket for 0.9"},
    OPTION("maxHttpBufferSize", "maxPayload"),
    OPTION("serveClient", "browser client"),
    OPTION("destroyUpgrade", "destroy upgrade"),
    FIXED("cleanupEmptyChildNamespaces", NULL, "true",
          "true: a namespace that a client made is gone with its last client"),

    MEMBER("cors", "origin", "cors origin", "\"*\"", "[]", origin_of),
    MEMBER("cors", "credentials", "cors credentials", "false", NULL, NULL),
    MEMBER("cors", "methods", "cors methods", "\"GET,HEAD,PUT,PATCH,POST,DELETE\"", NULL, NULL),
    MEMBER("cors", "allowedHeaders", "cors allowed headers", "[]", NULL, NULL),
    MEMBER("cors", "exposedHeaders", "cors exposed headers", "[]", NULL, NULL),
    MEMBER("cors", "maxAge", "cors max age", "0", NULL, NULL),

    MEMBER("cookie", "name", "cookie name", "\"io\"", "\"\"", NULL),
    MEMBER("cookie", "path", "cookie path", "\"/\"", NULL, NULL),
    MEMBER("cookie", "domain", "cookie domain", "\"\"", NULL, NULL),
    MEMBER("cookie", "maxAge", "cookie max age", "0", NULL, NULL),
    MEMBER("cookie", "httpOnly", "cookie http only", "true", NULL, NULL),
    MEMBER("cookie", "secure", "cookie secure", "false", NULL, NULL),
    MEMBER("cookie", "sameSite", "cookie same site", "\"lax\"", NULL, same_site_of),
    MEMBER("cookie", "partitioned", "cookie partitioned", "false", NULL, NULL),
    MEMBER("cookie", "priority", "cookie priority", "\"\"", NULL, NULL),

    MEMBER("connectionStateRecovery", "maxDisconnectionDuration", "maxDisconnectionDuration",
           "120000", "0", NULL),
    MEMBER("connectionStateRecovery", "skipMiddlewares", "skipMiddlewares", "true", NULL, NULL),

    MEMBER("perMessageDeflate", "", "perMessageDeflate", "true", "false", NULL),
    MEMBER("perMessageDeflate", "threshold", "perMessageDeflate threshold", "1024", NULL, NULL),
    FIXED("perMessageDeflate", "serverNoContextTakeover", "true",
          "true: no message refers to an earlier one"),
    FIXED("perMessageDeflate", "clientNoContextTakeover", "true",
          "true: no message refers to an earlier one"),

    MEMBER("httpCompression", "", "httpCompression", "true", "false", NULL),
    MEMBER("httpCompression", "threshold", "httpCompression threshold", "1024", NULL, NULL),

    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};

/* --- Looking up. --- */

const sio_config_name *
sio_config_names_find(const char *option)
{
    for (const sio_config_name *row = sio_config_names; row->option != NULL; row++)
        if (strcmp(row->option, option) == 0)
            return row;
    return NULL;
}

bool
sio_config_names_is_of(const sio_config_name *row, const sio_config_name *object)
{
    return row->option != NULL && row->member != NULL && strcmp(row->option, object->option) == 0;
}

const sio_config_name *
sio_config_names_member(const sio_config_name *object, const char *member)
{
    for (const sio_config_name *row = object; sio_config_names_is_of(row, object); row++)
        if (row->member[0] != '\0' && strcmp(row->member, member) == 0)
            return row;
    return NULL;
}

const sio_setting *
sio_config_names_setting(const char *key)
{
    const sio_setting     *s = sio_setting_find(&sio_settings, key);
    const sio_config_name *row = s == NULL ? sio_config_names_find(key) : NULL;

    if (row == NULL || row->member != NULL || row->key == NULL)
        return s;
    return sio_setting_find(&sio_settings, row->key);
}

/* --- In writing. --- */

void
sio_config_name_write(const sio_config_name *row, sio_buf *out)
{
    const bool is_all = row->member != NULL && row->member[0] == '\0';

    sio_buf_add_char(out, '"');
    sio_buf_add_str(out, row->option);
    sio_buf_add_char(out, '"');
    if (row->member == NULL)
        return;
    sio_buf_add_str(out, is_all ? ": true" : ": {\"");
    sio_buf_add_str(out, row->member);
    sio_buf_add_str(out, is_all ? "" : "\": ...}");
}

void
sio_config_name_explain(const sio_config_name *row, sio_buf *out)
{
    if (row->key == NULL) {
        sio_buf_add_str(out, "must be ");
        sio_buf_add_str(out, row->note);
        return;
    }
    sio_buf_add_str(out, row->note != NULL ? row->note : "is \"");
    sio_buf_add_str(out, row->note != NULL ? "" : row->key);
    sio_buf_add_str(out, row->note != NULL ? "" : "\"");
}
