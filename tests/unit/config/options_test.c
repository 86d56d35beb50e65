/*
 * tests/unit/config/options_test.c - server/config/options.c: what a command line does, and its
 * error texts.
 */
#include "server/config/options.h"

#include "protocol/result.h"
#include "tests/unit/check.h"

#include <stdlib.h>
#include <unistd.h>

enum { MAX_ARGS = 12 };

/* A configuration file of this test, written anew by each use. */
static char config_path[] = "/tmp/sio-test-options-XXXXXX";

static void
write_config(const char *json)
{
    FILE *f = fopen(config_path, "w");

    if (f == NULL || fputs(json, f) < 0 || fclose(f) != 0)
        abort();
}

static const sio_program siobroker = {.name = "siobroker", .version = "1.2.3"};

/* Parse `siobroker ARG...`; "FILE" among the arguments stands for the path of the file. */
static int
parse(const char *const *args, sio_cfg *cfg, sio_buf *output)
{
    static char program[] = "siobroker";
    char       *argv[MAX_ARGS + 2] = {program};
    int         argc = 1;

    for (; *args != NULL; args++)
        argv[argc++] = strcmp(*args, "FILE") == 0 ? strdup(config_path) : strdup(*args);
    const int rc = sio_options_parse(argc, argv, &siobroker, cfg, output);

    while (argc > 1)
        free(argv[--argc]);
    return rc;
}

static void
test_flags_set_what_they_say(void)
{
    static const char *const args[] = {"-p",  "3101",    "--name=Server2",         "-H",
                                       "::1", "--redis", "redis://127.0.0.1:6379", "--log-level",
                                       "3",   NULL};
    sio_cfg                  cfg;
    sio_buf                  output;

    sio_buf_init(&output, 65536);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    CHECK_INT(parse(args, &cfg, &output), SIO_OPTIONS_RUN);
    CHECK_VIEW(sio_buf_view(&output), "");
    CHECK_INT(cfg.port, 3101);
    CHECK_VIEW(sio_view_of(cfg.name), "Server2");
    CHECK_VIEW(sio_view_of(cfg.host), "::1");
    CHECK_VIEW(sio_view_of(cfg.redis), "redis://127.0.0.1:6379");
    CHECK_INT(cfg.log_level, 3);
    sio_buf_fini(&output);
    sio_cfg_fini(&cfg);
}

static void
test_flags_win_over_the_file_wherever_they_stand(void)
{
    static const char *const rows[][MAX_ARGS] = {{"--config", "FILE", "--port", "3102", NULL},
                                                 {"-p1", "-p3102", "-c", "FILE", NULL}};

    write_config("{\"port\": 3101, \"close timeout\": 30}");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_cfg cfg;
        sio_buf output;

        sio_buf_init(&output, 65536);
        CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
        CHECK_INT(parse(rows[i], &cfg, &output), SIO_OPTIONS_RUN);
        CHECK_INT(cfg.port, 3102);
        CHECK_INT(cfg.close_timeout_ms, 30000);
        sio_buf_fini(&output);
        sio_cfg_fini(&cfg);
    }
}

static void
test_mistakes_are_one_line_and_status_2(void)
{
    static const struct {
        const char *args[MAX_ARGS];
        const char *output;
    } rows[] = {
        {{"--prot", "1"}, "siobroker: unknown option \"--prot\"; see siobroker --help\n"},
        {{"-x"}, "siobroker: unknown option \"-x\"; see siobroker --help\n"},
        {{"-hx"}, "siobroker: unknown option \"-x\"; see siobroker --help\n"},
        {{"--port"}, "siobroker: missing value after \"--port\"; see siobroker --help\n"},
        {{"-p"}, "siobroker: missing value after \"-p\"; see siobroker --help\n"},
        {{"--help=1"}, "siobroker: unexpected value in \"--help=1\"; see siobroker --help\n"},
        {{"--version=1"}, "siobroker: unexpected value in \"--version=1\"; see siobroker --help\n"},
        {{"3100"}, "siobroker: unexpected argument \"3100\"; see siobroker --help\n"},
        {{"--port", "1", "--", "x"},
         "siobroker: unexpected argument \"x\"; see siobroker --help\n"},
        {{"--port", "x"},
         "command line: \"port\": must be an integer from 0 to 65535, got \"x\"\n"},
        {{"--log-level", "4"},
         "command line: \"log level\": must be an integer from 0 to 3, got 4\n"},
        {{"--config", "/nonexistent/f"}, "/nonexistent/f: No such file or directory\n"},
        {{"redis://:hunter2@h"},
         "siobroker: unexpected argument \"redis://xxxxxxxx@h\"; see siobroker --help\n"},
        {{"--rediss=redis://u:hunter2@h"},
         "siobroker: unknown option \"--rediss=redis://xxxxxxxxx@h\"; see siobroker --help\n"},
        {{"--log-level", "redis://:hunter2@h"},
         "command line: \"log level\": must be an integer from 0 to 3, got "
         "\"redis://xxxxxxxx@h\"\n"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_cfg cfg;
        sio_buf output;

        check_row = rows[i].output;
        sio_buf_init(&output, 65536);
        CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
        CHECK_INT(parse(rows[i].args, &cfg, &output), SIO_OPTIONS_USAGE);
        CHECK_VIEW(sio_buf_view(&output), rows[i].output);
        sio_buf_fini(&output);
        sio_cfg_fini(&cfg);
    }
}

/* The output of a run on the file with these contents, after "PATH: ". */
static void
check_file(const char *json, int want_rc, const char *want)
{
    static const char *const args[] = {"--check-config", "--config", "FILE", NULL};
    const size_t             prefix = strlen(config_path) + strlen(": ");
    sio_cfg                  cfg;
    sio_buf                  output;

    write_config(json);
    sio_buf_init(&output, 65536);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    CHECK_INT(parse(args, &cfg, &output), want_rc);
    if (CHECK(output.len > prefix && memcmp(output.data, config_path, prefix - 2) == 0))
        CHECK_VIEW(((sio_view){output.data + prefix, output.len - prefix}), want);
    sio_buf_fini(&output);
    sio_cfg_fini(&cfg);
}

static void
test_check_config(void)
{
    check_file("{\"port\": 3101}", SIO_OPTIONS_DONE, "ok\n");
    check_file("{\"prot\": 3101}", SIO_OPTIONS_USAGE,
               "\"prot\": unknown key; did you mean \"port\"?\n");
    check_file("{\"heartbeat interval\": 100}", SIO_OPTIONS_USAGE,
               "\"heartbeat interval\": should be less than \"heartbeat timeout\", or clients give "
               "up in between; got 100 and 60\n");
    check_file(
        "{\"polling duration\": 100}", SIO_OPTIONS_DONE,
        "ok\n\"polling duration\": should be less than \"close timeout\", or clients give up "
        "in between; got 100 and 60\n");
}

static void
test_a_password_on_the_command_line_is_told_about(void)
{
    static const struct {
        const char *args[MAX_ARGS];
        bool        told;
    } rows[] = {{{"--check-config", "--redis", "redis://:hunter2@h"}, true},
                {{"--check-config", "--redis", "redis://h"}, false},
                {{"--check-config", "--name", "redis://:hunter2@h"}, false}};
    static const char told[] = "\n\"redis\": ps has shown the password";

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_cfg cfg;
        sio_buf output;

        check_row = rows[i].args[2];
        sio_buf_init(&output, 65536);
        CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
        CHECK_INT(parse(rows[i].args, &cfg, &output), SIO_OPTIONS_DONE);
        CHECK((memmem(output.data, output.len, told, sizeof told - 1) != NULL) == rows[i].told);
        CHECK(memmem(output.data, output.len, "hunter2", 7) == NULL);
        sio_buf_fini(&output);
        sio_cfg_fini(&cfg);
    }
}

static void
test_help_and_version(void)
{
    static const struct {
        const char *args[MAX_ARGS];
        const char *begins;
    } rows[] = {
        {{"--help"}, "Usage: siobroker [OPTION]... [FILE.js [ARG]...]\n"},
        {{"-h", "--port", "nonsense"}, "Usage: siobroker [OPTION]... [FILE.js [ARG]...]\n"},
        {{"--help-config"}, "This instance\n  \"port\": "},
        {{"--version"}, "siobroker 1.2.3\n"},
        {{"-V"}, "siobroker 1.2.3\n"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const size_t n = strlen(rows[i].begins);
        sio_cfg      cfg;
        sio_buf      output;

        check_row = rows[i].args[0];
        sio_buf_init(&output, 65536);
        CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
        CHECK_INT(parse(rows[i].args, &cfg, &output), SIO_OPTIONS_DONE);
        CHECK(output.len >= n && memcmp(output.data, rows[i].begins, n) == 0);
        sio_buf_fini(&output);
        sio_cfg_fini(&cfg);
    }
}

/* --- Programs on the library. --- */

static char taken[200];

static const char *
take(const sio_own_option *option, const char *value, void *arg)
{
    const size_t len = strlen(taken);

    CHECK(arg == taken);
    snprintf(taken + len, sizeof taken - len, "%s=%s ", option->name, value != NULL ? value : "");
    return value != NULL && strcmp(value, "red") == 0 ? "a room has a number" : NULL;
}

static const sio_own_option own[] = {{"room", 'r', "N", "the first room\n(default 1)"},
                                     {"quiet", 0, NULL, "greet nobody"},
                                     {NULL, 0, NULL, NULL}};

static const sio_program chat = {.name = "chat",
                                 .version = "7",
                                 .about = "A chat with rooms.",
                                 .options = own,
                                 .take = take,
                                 .arg = taken};

/* Its own command line, into what it leaves behind. */
static int
parse_chat(const char *const *args, const sio_program *program, sio_cfg *cfg, sio_buf *output)
{
    char *argv[MAX_ARGS + 2];
    int   argc = 0, rc;

    for (; *args != NULL; args++)
        argv[argc++] = strdup(*args);
    taken[0] = '\0';
    sio_buf_init(output, 65536);
    CHECK_INT(sio_cfg_init(cfg), SIO_OK);
    rc = sio_options_parse(argc, argv, program, cfg, output);
    while (argc > 0)
        free(argv[--argc]);
    return rc;
}

static void
done_chat(sio_cfg *cfg, sio_buf *output)
{
    sio_cfg_fini(cfg);
    sio_buf_fini(output);
}

static void
test_a_program_has_options_of_its_own(void)
{
    static const char *const args[] = {"x",       "-r",     "2", "--port=3101",
                                       "--quiet", "--room", "3", NULL};
    static const char *const named[] = {"x", "--name", "Server1", NULL};
    sio_cfg                  cfg;
    sio_buf                  output;

    CHECK_INT(parse_chat(args, &chat, &cfg, &output), SIO_OPTIONS_RUN);
    CHECK_VIEW(sio_view_of(taken), "room=2 quiet= room=3 ");
    CHECK_INT(cfg.port, 3101);
    CHECK_VIEW(sio_view_of(cfg.name), "chat");
    done_chat(&cfg, &output);
    CHECK_INT(parse_chat(named, &chat, &cfg, &output), SIO_OPTIONS_RUN);
    CHECK_VIEW(sio_view_of(cfg.name), "Server1");
    done_chat(&cfg, &output);
}

static void
test_a_program_is_called_by_its_name(void)
{
    static const char *const help[] = {"x", "--help", NULL};
    static const char *const version[] = {"x", "-V", NULL};
    sio_cfg                  cfg;
    sio_buf                  output;

    CHECK_INT(parse_chat(help, &chat, &cfg, &output), SIO_OPTIONS_DONE);
    sio_buf_add_char(&output, '\0');
    CHECK(strncmp(output.data, "Usage: chat [OPTION]...\nA chat with rooms.\n", 43) == 0);
    CHECK(strstr(output.data, "\n  -r, --room N          the first room\n"
                              "                        (default 1)\n"
                              "      --quiet           greet nobody\n") != NULL);
    CHECK(strstr(output.data, "siobroker --") == NULL);
    done_chat(&cfg, &output);
    CHECK_INT(parse_chat(version, &chat, &cfg, &output), SIO_OPTIONS_DONE);
    CHECK_VIEW(sio_buf_view(&output), "chat 7\n");
    done_chat(&cfg, &output);
}

static void
test_mistakes_with_options_of_a_program(void)
{
    static const sio_own_option twice[] = {{"port", 0, "N", "is there"}, {NULL, 0, NULL, NULL}};
    static const sio_own_option letter[] = {{"pot", 'p', "N", "is there"}, {NULL, 0, NULL, NULL}};
    static const sio_program    same_name = {.name = "chat", .version = "7", .options = twice};
    static const sio_program    same_letter = {.name = "chat", .version = "7", .options = letter};
    static const struct {
        const sio_program *program;
        const char        *arg, *says;
    } rows[] = {
        {&chat, "--room=red", "command line: --room: a room has a number\n"},
        {&chat, "--rom=1", "chat: unknown option \"--rom=1\"; see chat --help\n"},
        {&chat, "--room", "chat: missing value after \"--room\"; see chat --help\n"},
        {&same_name, "-p1", "chat: it has this option twice: \"port\"; see chat --help\n"},
        {&same_letter, "-p1", "chat: it has this option twice: \"pot\"; see chat --help\n"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *const args[] = {"x", rows[i].arg, NULL};
        sio_cfg           cfg;
        sio_buf           output;

        check_row = rows[i].arg;
        CHECK_INT(parse_chat(args, rows[i].program, &cfg, &output), SIO_OPTIONS_USAGE);
        CHECK_VIEW(sio_buf_view(&output), rows[i].says);
        done_chat(&cfg, &output);
    }
}

int
main(void)
{
    const int fd = mkstemp(config_path);

    if (fd < 0)
        abort();
    close(fd);
    RUN(test_flags_set_what_they_say);
    RUN(test_flags_win_over_the_file_wherever_they_stand);
    RUN(test_mistakes_are_one_line_and_status_2);
    RUN(test_check_config);
    RUN(test_a_password_on_the_command_line_is_told_about);
    RUN(test_help_and_version);
    RUN(test_a_program_has_options_of_its_own);
    RUN(test_a_program_is_called_by_its_name);
    RUN(test_mistakes_with_options_of_a_program);
    unlink(config_path);
    return check_done();
}
