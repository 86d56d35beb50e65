#include "server/server.h"

#include <stdio.h>

#include "server/config/config_file.h"
#include "server/config/options.h"

/* --- Errors and small things. --- */

void
sio_server_clear_error(sio_server *s)
{
    s->env.why = NULL;
    sio_buf_clear(&s->error);
}

int
sio_server_fail(sio_server *s, int rc)
{
    if (rc == SIO_OK)
        return 0;
    if (rc == SIO_ERR_NOMEM && s->error.len == 0)
        sio_buf_add_str(&s->error, "out of memory");
    sio_buf_add_char(&s->error, '\0');
    return -1;
}

const char *
sio_error(const sio_server *io)
{
    if (io->env.why != NULL)
        return io->env.why;
    if (io->error.failed)
        return "out of memory";
    return io->error.len > 0 ? io->error.data : "";
}

void
sio_log_line(const sio_server *io, int level, const char *text)
{
    if (level <= io->env.log.level)
        sio_log_printf(&io->env.log, level, NULL, "%s", text);
}

/* --- Settings. --- */

/* Once it listens, some are in use as they were, and others would be as they are. */
static bool
is_too_late(sio_server *s)
{
    sio_server_clear_error(s);
    if (s->env.store != NULL)
        sio_buf_add_str(&s->error, "the server listens: settings are made before sio_listen()");
    return s->env.store != NULL;
}

int
sio_set(sio_server *io, const char *key, const char *value)
{
    if (is_too_late(io))
        return sio_server_fail(io, SIO_ERR_CONFIG);
    int rc = sio_cfg_set_json(&io->cfg, key, value, &io->error);

    if (rc == SIO_OK)
        rc = sio_sources_add_setting(&io->sources, key, value);
    return sio_server_fail(io, rc);
}

int
sio_set_file(sio_server *io, const char *path)
{
    if (is_too_late(io))
        return sio_server_fail(io, SIO_ERR_CONFIG);
    int rc = sio_config_file_load(&io->cfg, path, &io->error);

    if (rc == SIO_OK)
        rc = sio_sources_add_file(&io->sources, path);
    return sio_server_fail(io, rc);
}

char *
sio_get(const sio_server *io, const char *key)
{
    sio_buf json;

    sio_buf_init(&json, SIZE_MAX);
    if (sio_cfg_get_json(&io->cfg, key, &json) == SIO_OK)
        sio_buf_add_char(&json, '\0');
    if (json.len > 0 && !json.failed)
        return json.data;
    sio_buf_fini(&json);
    return NULL;
}

bool
sio_is_option(const sio_server *io, const char *key)
{
    return sio_cfg_is_fixed(&io->cfg, key);
}

const char *
sio_name(const sio_server *io)
{
    return io->cfg.name;
}

char *
sio_counters(const sio_server *io)
{
    const sio_stats stats = sio_env_stats(&io->env);
    sio_buf         json;

    sio_buf_init(&json, SIZE_MAX);
    sio_stats_json(&stats, io->env.store != NULL ? sio_store_get_counters(io->env.store) : NULL,
                   &json);
    sio_buf_add_char(&json, '\0');
    if (!json.failed)
        return json.data;
    sio_buf_fini(&json);
    return NULL;
}

/* Its settings come from the command line, now and whenever they are read again. */
static int
read_options(sio_server *io, int argc, char *const argv[], const sio_program *program,
             sio_buf *output)
{
    int status;

    if (is_too_late(io)) {
        (void)sio_server_fail(io, SIO_ERR_CONFIG);
        sio_buf_add_str(output, sio_error(io));
        sio_buf_add_char(output, '\n');
        return SIO_OPTIONS_USAGE;
    }
    status = sio_options_parse(argc, argv, program, &io->cfg, output);
    if (status == SIO_OPTIONS_RUN &&
        sio_sources_add_options(&io->sources, argc, argv, program) != SIO_OK) {
        sio_buf_add_str(output, "out of memory\n");
        return 1;
    }
    if (status == SIO_OPTIONS_RUN)
        sio_command_line_note(&io->command_line);
    return status;
}

int
sio_program_options(sio_server *io, int argc, char *const argv[], const sio_program *program)
{
    sio_buf output;
    int     status;

    sio_buf_init(&output, SIZE_MAX);
    status = read_options(io, argc, argv, program, &output);
    if (output.len > 0)
        fwrite(output.data, 1, output.len, status > SIO_OPTIONS_DONE ? stderr : stdout);
    sio_buf_fini(&output);
    return status;
}

int
sio_options(sio_server *io, int argc, char *const argv[], const char *version)
{
    const sio_program program = {.name = "siobroker", .version = version};

    return sio_program_options(io, argc, argv, &program);
}

struct event_base *
sio_loop(const sio_server *io)
{
    return io->env.base;
}

unsigned
sio_port(const sio_server *io)
{
    return io->net.port;
}

/* --- Running. --- */

int
sio_run(sio_server *io)
{
    int rc = 0;

    io->running = true;
    if (!io->stopped)
        rc = event_base_dispatch(io->env.base);
    io->running = false;
    return rc < 0 ? sio_env_fail(&io->env, "the event loop has failed") : 0;
}
