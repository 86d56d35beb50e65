#include "server/cli/check_tls.h"

#include <stdio.h>
#include <time.h>

#include "protocol/result.h"
#include "server/config/config_tls.h"

enum { FEW_DAYS = 14, SHOWN_NAMES = 3, MAX_ERROR = 8192 };

/* "a.example, b.example and 5 more" */
static void
add_names(const sio_certificate *c, sio_buf *out)
{
    char text[256];

    if (c->n_names == 0)
        sio_buf_add_str(out, sio_certificate_title(c, text, sizeof text));
    for (size_t i = 0; i < c->n_names && i < SHOWN_NAMES; i++) {
        sio_buf_add_str(out, i > 0 ? ", " : "");
        sio_buf_add_view(out, c->names[i]);
    }
    if (c->n_names > SHOWN_NAMES) {
        snprintf(text, sizeof text, " and %zu more", c->n_names - SHOWN_NAMES);
        sio_buf_add_str(out, text);
    }
}

/* By its dates. */
static void
judge_time(sio_check_report *r, const sio_certificate *c, const char *who)
{
    const uint64_t now_s = (uint64_t)time(NULL);
    const int      days = (int)sio_certificate_days_left(c->ends_s, now_s);

    if (days < 0)
        sio_check_report_fail(r, "%s: has expired", who);
    else if (c->begins_s > now_s)
        sio_check_report_fail(r, "%s: is not valid yet; look at the clock", who);
    else if (days < FEW_DAYS)
        sio_check_report_warn(r, "%s: expires in %d day%s", who, days, days == 1 ? "" : "s");
    else
        sio_check_report_ok(r, "%s: good for %d days", who, days);
}

/* By who would trust it. */
static void
judge_trust(sio_check_report *r, const sio_certificate *c, const char *who)
{
    if (c->n_names == 0)
        sio_check_report_warn(r, "%s: is for no name, so clients refuse it", who);
    if (!sio_certificate_chain_is_whole(c))
        sio_check_report_warn(r,
                              "%s: a certificate in its file does not vouch for the one before "
                              "it; they have to be in order, its own first",
                              who);
    else if (sio_certificate_is_self_signed(c))
        sio_check_report_warn(r, "%s: vouches for itself; only who knows it trusts it", who);
    else if (c->n_chain == 0)
        sio_check_report_warn(r,
                              "%s: nobody who vouches for it is in its file; many clients want "
                              "that (fullchain.pem of certbot has it)",
                              who);
}

static void
check_certificate(sio_check_report *r, const sio_cfg *cfg, size_t i)
{
    sio_certificate c;
    sio_buf         text;

    sio_buf_init(&text, MAX_ERROR);
    if (sio_config_tls_certificate(cfg, i, &c, &text) != SIO_OK) {
        sio_check_report_fail(r, "%.*s", SIO_CHECK_TEXT(&text));
    } else {
        sio_buf_add_str(&text, "certificate of ");
        add_names(&c, &text);
        sio_buf_add_char(&text, '\0');
        judge_time(r, &c, text.data);
        judge_trust(r, &c, text.data);
    }
    sio_certificate_fini(&c);
    sio_buf_fini(&text);
}

static void
check_authorities(sio_check_report *r, const sio_cfg *cfg)
{
    sio_authorities a;
    sio_buf         error;

    sio_buf_init(&error, MAX_ERROR);
    if (sio_config_tls_authorities(cfg, &a, &error) != SIO_OK)
        sio_check_report_fail(r, "%.*s", SIO_CHECK_TEXT(&error));
    else if (a.n > 0)
        sio_check_report_ok(r, "certificates of clients: %zu may vouch for them", a.n);
    sio_authorities_fini(&a);
    sio_buf_fini(&error);
}

void
sio_check_tls(sio_check_report *r, const sio_cfg *cfg)
{
    for (size_t i = 0; i < cfg->tls.n; i++)
        check_certificate(r, cfg, i);
    check_authorities(r, cfg);
}
