/* server/cli/check_command.c - would a broker run well here? */
#include <stdio.h>
#include <string.h>

#include "protocol/result.h"
#include "server/cli/check_key_set.h"
#include "server/cli/check_live.h"
#include "server/cli/check_ports.h"
#include "server/cli/check_redis.h"
#include "server/cli/check_system.h"
#include "server/cli/check_tls.h"
#include "server/cli/check_webhooks.h"
#include "server/cli/command_line.h"
#include "server/cli/commands.h"
#include "server/config/config_file.h"

/* --- The file, with the secrets that it names. --- */

/* Lines of advice, each with its end: all are warnings. */
static void
report_advice(sio_check_report *r, const sio_cfg *cfg)
{
    sio_buf advice;
    char   *rest, *line;

    sio_buf_init(&advice, SIZE_MAX);
    sio_cfg_advise(cfg, &advice);
    sio_buf_add_char(&advice, '\0');
    for (rest = advice.failed ? NULL : advice.data; (line = strsep(&rest, "\n")) != NULL;)
        if (line[0] != '\0')
            sio_check_report_warn(r, "%s", line);
    sio_buf_fini(&advice);
}

/* False: there are no settings to go on with. path: NULL, if all is as by default. */
static bool
check_settings(sio_check_report *r, sio_cfg *cfg, const char *path)
{
    const char *source = path != NULL ? path : "settings";
    sio_buf     error;
    int         rc;

    sio_buf_init(&error, SIZE_MAX);
    rc = path != NULL ? sio_config_file_load(cfg, path, &error) : SIO_OK;
    if (rc != SIO_OK)
        sio_check_report_fail(r, "%.*s", SIO_CHECK_TEXT(&error));
    else if ((rc = sio_cfg_check(cfg, &error)) != SIO_OK)
        sio_check_report_fail(r, "%s: %.*s", source, SIO_CHECK_TEXT(&error));
    else
        sio_check_report_ok(r, "%s", path != NULL ? path : "no file: every setting is the default");
    sio_buf_fini(&error);
    if (rc == SIO_OK)
        report_advice(r, cfg);
    return rc == SIO_OK;
}

/* --- All of it. --- */

static void
check_all(sio_check_report *r, const sio_command_line *line, const sio_web_url *live,
          const sio_tls_client *tls)
{
    sio_cfg cfg;

    if (sio_cfg_init(&cfg) != SIO_OK) {
        sio_check_report_fail(r, "out of memory");
    } else if (check_settings(r, &cfg, sio_command_line_value(line, "config"))) {
        sio_check_redis(r, &cfg);
        sio_check_ports(r, &cfg, live != NULL);
        sio_check_system(r, &cfg);
        sio_check_tls(r, &cfg);
        sio_check_webhooks(r, &cfg);
        sio_check_key_set(r, &cfg);
        if (live != NULL)
            sio_check_live(r, live, tls, &cfg);
    }
    sio_cfg_fini(&cfg);
}

static int
status_of(const sio_check_report *r, bool is_strict)
{
    if (r->n_failures > 0)
        return SIO_COMMAND_USAGE;
    return is_strict && r->n_warnings > 0 ? SIO_COMMAND_FAILED : SIO_COMMAND_DONE;
}

/* SIO_COMMAND_DONE, and *live is what --live says. *tls is zeroed before. */
static int
read_live(const sio_command_line *line, const char *text, sio_web_url *live, sio_tls_client *tls)
{
    const char *origin = sio_command_line_value(line, "origin");
    sio_buf     error;
    int         status = SIO_COMMAND_DONE;

    sio_buf_init(&error, 1024);
    if (sio_web_url_parse(sio_view_of(text), live, &error) != SIO_OK)
        status =
            sio_command_line_fail(line, SIO_COMMAND_USAGE, "--live: %.*s", SIO_CHECK_TEXT(&error));
    else if (sio_web_url_set_origin(live, origin, &error) != SIO_OK ||
             (live->is_tls && sio_tls_client_init(tls, line, &error) != SIO_OK))
        status = sio_command_line_fail(line, SIO_COMMAND_USAGE, "%.*s", SIO_CHECK_TEXT(&error));
    sio_buf_fini(&error);
    return status;
}

static int
run_check(const sio_command_line *line)
{
    const char      *live = sio_command_line_value(line, "live");
    sio_check_report report = {0, 0};
    sio_tls_client   tls = {.ctx = NULL};
    sio_web_url      url;
    int              status = SIO_COMMAND_DONE;

    if (live != NULL)
        status = read_live(line, live, &url, &tls);
    if (status == SIO_COMMAND_DONE) {
        check_all(&report, line, live != NULL ? &url : NULL, &tls);
        status = status_of(&report, sio_command_line_value(line, "strict") != NULL);
    }
    sio_tls_client_fini(&tls);
    return status;
}

const sio_command sio_check_command = {
    .name = "check",
    .summary = "would a broker run well here?",
    .about =
        "Looks at the configuration file, the secrets that it names, Redis, the ports, the limits\n"
        "of the system, certificates, what webhooks need and the keys of tokens, and prints a\n"
        "line for each: \"ok\", \"warn\" or \"FAIL\".",
    .exits = "0: it would; 1: with --strict: there are warnings; 2: something fails",
    .options = {{'c', "config", "FILE", "the configuration file (default: none)", NULL, NULL},
                {'l', "live", "URL",
                 "a broker with this file runs: its ports have to be in\n"
                 "use, and clients have to get in at URL, which may be\n"
                 "that of a proxy, such as http://example.org",
                 NULL, NULL},
                SIO_WEB_URL_ORIGIN,
                SIO_TLS_CLIENT_OPTIONS,
                {'s', "strict", NULL, "warnings count, too", NULL, NULL},
                SIO_OPTION_HELP},
    .run = run_check,
};
