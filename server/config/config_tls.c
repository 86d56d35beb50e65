#include "server/config/config_tls.h"

#include <stdio.h>
#include <string.h>

#include "protocol/listen_address.h"
#include "protocol/result.h"

/* --- The table. --- */

/* NOLINTBEGIN(bugprone-macro-parentheses): a type in _Generic, a member: neither takes any */
#define FIELD(type, field)                  \
    (offsetof(sio_cfg_certificate, field) + \
     0 * sizeof(_Generic(((sio_cfg_certificate *)0)->field, type : 0)))
/* NOLINTEND(bugprone-macro-parentheses) */

static const sio_setting rows[] = {
    {.kind = SIO_SETTING_TEXT,
     .reload = SIO_RELOAD_NEW,
     .key = "certificate",
     .offset = FIELD(char *, certificate),
     .min = 1,
     .max = 4000,
     .help = "the file of it, in PEM, with its chain behind it",
     .allowed = "a path of at most 4000 bytes"},
    {.kind = SIO_SETTING_TEXT,
     .reload = SIO_RELOAD_NEW,
     .key = "key",
     .offset = FIELD(char *, key),
     .min = 1,
     .max = 4000,
     .help = "the file of its private key, in PEM, without a password",
     .allowed = "a path of at most 4000 bytes"},
};

const sio_setting_table sio_config_tls_settings = {rows, sizeof rows / sizeof rows[0],
                                                   sizeof(sio_cfg_certificate)};

/* --- Rules across them. --- */

bool
sio_config_tls_is_on(const sio_cfg *cfg)
{
    sio_listen_entry entry;

    for (size_t i = 0; i < cfg->listen.n; i++)
        if (sio_listen_entry_parse(cfg->listen.items[i], &entry) == SIO_OK && entry.is_tls)
            return true;
    return false;
}

static int
refuse_tls(sio_buf *error, const char *why)
{
    sio_buf_add_str(error, why);
    return SIO_ERR_CONFIG;
}

int
sio_config_tls_check(const sio_cfg *cfg, sio_buf *error)
{
    const bool asks = strcmp(cfg->tls_client, "off") != 0;

    if (cfg->tls.n == 0 && sio_config_tls_is_on(cfg))
        return refuse_tls(error, "\"tls\": must have a certificate when \"listen\" has the word "
                                 "tls");
    if (asks && cfg->tls_client_ca[0] == '\0')
        return refuse_tls(error, "\"tls client ca\": must be set when \"tls client\" is not off");
    return SIO_OK;
}

void
sio_config_tls_advise(const sio_cfg *cfg, sio_buf *advice)
{
    const sio_cfg_certificate *all = cfg->tls.items;

    for (size_t i = 0; i < cfg->tls.n; i++)
        if (sio_certificate_key_is_exposed(all[i].key)) {
            sio_buf_add_str(advice, all[i].key);
            sio_buf_add_str(advice, " is a private key and every user may read it; chmod o-r "
                                    "helps\n");
        }
    if (cfg->tls.n > 0 && cfg->listen.n > 0 && !sio_config_tls_is_on(cfg))
        sio_buf_add_str(advice, "\"tls\" has certificates, but no address of \"listen\" has the "
                                "word tls: nobody is shown them\n");
    else if (cfg->tls.n > 0 && cfg->listen.n == 0)
        sio_buf_add_str(advice, "\"tls\" has certificates, but there is no \"listen\" with the "
                                "word tls: nobody is shown them\n");
}

/* --- The files. --- */

int
sio_config_tls_certificate(const sio_cfg *cfg, size_t i, sio_certificate *out, sio_buf *error)
{
    const sio_cfg_certificate *c = (const sio_cfg_certificate *)cfg->tls.items + i;
    const size_t               before = error->len;
    char                       name[32];
    int                        rc;

    snprintf(name, sizeof name, "\"tls\"[%zu]: ", i);
    sio_buf_add_str(error, name);
    if ((rc = sio_certificate_read(out, c->certificate, c->key, error)) == SIO_OK)
        error->len = before;
    return rc;
}

int
sio_config_tls_authorities(const sio_cfg *cfg, sio_authorities *out, sio_buf *error)
{
    const size_t before = error->len;
    int          rc;

    *out = (sio_authorities){.items = NULL};
    if (cfg->tls_client_ca[0] == '\0')
        return SIO_OK;
    sio_buf_add_str(error, "\"tls client ca\": ");
    if ((rc = sio_authorities_read(out, cfg->tls_client_ca, error)) == SIO_OK)
        error->len = before;
    return rc;
}

int
sio_config_tls_check_files(const sio_cfg *cfg, sio_buf *error)
{
    sio_authorities authorities;
    sio_certificate certificate;
    int             rc = sio_config_tls_authorities(cfg, &authorities, error);

    sio_authorities_fini(&authorities);
    for (size_t i = 0; rc == SIO_OK && i < cfg->tls.n; i++) {
        rc = sio_config_tls_certificate(cfg, i, &certificate, error);
        sio_certificate_fini(&certificate);
    }
    return rc;
}
