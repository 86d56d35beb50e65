#include "server/handler/session_cookie.h"

#include <ctype.h>

#include "protocol/result.h"
#include "server/config/config.h"

/* "; NAME=VALUE", unless value is empty. */
static void
add_cookie_attribute(sio_buf *out, const char *name, const char *value)
{
    if (value[0] == '\0')
        return;
    sio_buf_add_str(out, name);
    sio_buf_add_str(out, value);
}

/* The same for a word: "lax" is written Lax. */
static void
add_cookie_word(sio_buf *out, const char *name, const char *word)
{
    if (word[0] == '\0')
        return;
    sio_buf_add_str(out, name);
    for (size_t i = 0; word[i] != '\0'; i++)
        sio_buf_add_char(out, (char)(i == 0 ? toupper((unsigned char)word[i])
                                            : tolower((unsigned char)word[i])));
}

/* In the order of the original. */
static void
write_cookie(sio_buf *out, const sio_cfg *cfg, const char *id)
{
    sio_buf_add_str(out, cfg->cookie_name);
    sio_buf_add_char(out, '=');
    sio_buf_add_str(out, id); /* its characters need no encoding */
    if (cfg->cookie_max_age_s > 0) {
        sio_buf_add_str(out, "; Max-Age=");
        sio_buf_add_u64(out, cfg->cookie_max_age_s);
    }
    add_cookie_attribute(out, "; Domain=", cfg->cookie_domain);
    add_cookie_attribute(out, "; Path=", cfg->cookie_path);
    sio_buf_add_str(out, cfg->cookie_http_only ? "; HttpOnly" : "");
    sio_buf_add_str(out, cfg->cookie_secure ? "; Secure" : "");
    sio_buf_add_str(out, cfg->cookie_partitioned ? "; Partitioned" : "");
    add_cookie_word(out, "; Priority=", cfg->cookie_priority);
    add_cookie_word(out, "; SameSite=", cfg->cookie_same_site);
    sio_buf_add_char(out, '\0');
}

int
sio_session_cookie(const sio_cfg *cfg, const char *id, char **cookie)
{
    sio_buf text;

    *cookie = NULL;
    if (cfg->cookie_name[0] == '\0')
        return SIO_OK;
    sio_buf_init(&text, SIZE_MAX);
    write_cookie(&text, cfg, id);
    if (text.failed) {
        sio_buf_fini(&text);
        return SIO_ERR_NOMEM;
    }
    *cookie = text.data;
    return SIO_OK;
}
