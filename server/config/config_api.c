#include "server/config/config_api.h"

#include <stdio.h>
#include <string.h>

#include "protocol/backend_command.h"
#include "protocol/listen_address.h"
#include "protocol/result.h"
#include "server/config/setting_text.h"

/* --- What a text may be. --- */

static bool
is_name(sio_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", text.data[i]) == NULL)
            return false;
    return true;
}

static bool
is_command_or_all(sio_view text)
{
    return sio_view_eq(text, SIO_VIEW("*")) ||
           sio_backend_command_find(text) != SIO_N_BACKEND_COMMANDS;
}

static bool
is_namespace_or_all(sio_view text)
{
    return sio_view_eq(text, SIO_VIEW("*")) || (text.data[0] == '/' && text.len <= 255);
}

/* --- The tables. --- */

/* As FIELD of config_table.c. */
/* NOLINTBEGIN(bugprone-macro-parentheses): a type in _Generic, a member: neither takes any */
#define FIELD(of, type, field) \
    (offsetof(of, field) + 0 * sizeof(_Generic(((of *)0)->field, type : 0)))
/* NOLINTEND(bugprone-macro-parentheses) */

static const sio_setting key_rows[] = {
    {.kind = SIO_SETTING_TEXT,
     .key = "name",
     .offset = FIELD(sio_cfg_api_key, char *, name),
     .min = 1,
     .max = 32,
     .help = "who shows it, in log and counters",
     .is_valid = is_name,
     .allowed = "1 to 32 of a-z, 0-9, _ and -"},
    {.kind = SIO_SETTING_TEXT,
     .key = "key",
     .offset = FIELD(sio_cfg_api_key, char *, key),
     .min = 32,
     .max = 256,
     .help = "what is shown (Authorization: Bearer)",
     .is_valid = sio_setting_text_is_key_or_empty,
     .allowed = "32 to 256 printable ASCII characters without blanks",
     .is_secret = sio_setting_text_is_not_empty},
    {.kind = SIO_SETTING_TEXTS,
     .key = "may",
     .offset = FIELD(sio_cfg_api_key, sio_texts, may),
     .min = 1,
     .max = SIO_N_BACKEND_COMMANDS,
     .initial = "[\"*\"]",
     .help = "the commands that it is good for",
     .is_valid = is_command_or_all,
     .allowed = "a list of emit, ask, ack, join, leave, disconnect, sockets, count, rooms, set, "
                "each once, or *: all"},
    {.kind = SIO_SETTING_TEXTS,
     .key = "namespaces",
     .offset = FIELD(sio_cfg_api_key, sio_texts, namespaces),
     .min = 1,
     .max = 1000,
     .initial = "[\"*\"]",
     .help = "those that it is good for; they are made, so that clients may join them",
     .is_valid = is_namespace_or_all,
     .allowed = "a list of names like \"/\" and \"/chat\", each once, or *: all there are"},
    {.kind = SIO_SETTING_COUNT,
     .key = "max per second",
     .offset = FIELD(sio_cfg_api_key, unsigned, max_per_second),
     .min = 0,
     .max = 1000000,
     .initial = "0",
     .help = "commands; 0: no limit"},
};

static const sio_setting_table key_settings = {key_rows, sizeof key_rows / sizeof key_rows[0],
                                               sizeof(sio_cfg_api_key)};

static const sio_setting api_rows[] = {
    {.kind = SIO_SETTING_TEXTS,
     .reload = SIO_RELOAD_NEVER,
     .key = "listen",
     .offset = FIELD(sio_cfg_api, sio_texts, listen),
     .min = 0,
     .max = 8,
     .initial = "[]",
     .help = "where to answer it; empty: nowhere",
     .is_valid = sio_setting_text_is_listen_address,
     .allowed = "a list of at most 8 of host:port, [IPv6]:port, *:port, unix:/path, each once"},
    {.kind = SIO_SETTING_OBJECTS,
     .reload = SIO_RELOAD_NOW,
     .key = "keys",
     .offset = FIELD(sio_cfg_api, sio_cfg_list, keys),
     .min = 0,
     .max = 100,
     .initial = "[]",
     .help = "who may use it; empty: whoever may open its unix socket",
     .allowed = "a list of at most 100 objects",
     .members = &key_settings},
    {.kind = SIO_SETTING_BYTES,
     .reload = SIO_RELOAD_NOW,
     .key = "max body",
     .offset = FIELD(sio_cfg_api, size_t, max_body),
     .min = 1024,
     .max = 1073741824,
     .initial = "1000000",
     .help = "of a request"},
    {.kind = SIO_SETTING_BOOL,
     .reload = SIO_RELOAD_NEVER,
     .key = "stream",
     .offset = FIELD(sio_cfg_api, bool, stream),
     .initial = "false",
     .help = "are commands read from the stream in Redis, too?"},
};

const sio_setting_table sio_config_api_settings = {api_rows, sizeof api_rows / sizeof api_rows[0],
                                                   sizeof(sio_cfg_api)};

/* --- Rules across them. --- */

static bool
is_unix(sio_view address)
{
    sio_listen_address at;

    return sio_listen_address_parse(address, &at) == SIO_OK && at.is_unix;
}

/* Who reaches a port is anybody. */
static int
check_has_keys(const sio_cfg_api *api, sio_buf *error)
{
    for (size_t i = 0; i < api->listen.n; i++) {
        if (api->keys.n > 0 || is_unix(api->listen.items[i]))
            continue;
        sio_buf_add_str(error, "\"api\".\"keys\": must not be empty when \"listen\" names a port");
        return SIO_ERR_CONFIG;
    }
    return SIO_OK;
}

static int
check_name(const sio_cfg_api *api, size_t i, sio_buf *error)
{
    const sio_cfg_api_key *keys = api->keys.items;
    char                   text[128];

    for (size_t earlier = 0; earlier < i; earlier++) {
        if (strcmp(keys[earlier].name, keys[i].name) != 0)
            continue;
        snprintf(text, sizeof text, "\"api\".\"keys\"[%zu].\"name\": is that of \"keys\"[%zu], too",
                 i, earlier);
        sio_buf_add_str(error, text);
        return SIO_ERR_CONFIG;
    }
    return SIO_OK;
}

int
sio_config_api_check(const sio_cfg_api *api, sio_buf *error)
{
    int rc = check_has_keys(api, error);

    for (size_t i = 0; rc == SIO_OK && i < api->keys.n; i++)
        rc = check_name(api, i, error);
    return rc;
}
