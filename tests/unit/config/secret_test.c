/*
 * tests/unit/config/secret_test.c - server/config/secret.c: values that are kept elsewhere, and who
 * may see those that are not.
 */
#include "server/config/secret.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/result.h"
#include "server/config/config_file.h"
#include "tests/unit/check.h"

static const char url[] = "redis://:hunter22@localhost";

static char folder[] = "/tmp/sio-test-secret-XXXXXX";
static char path[64]; /* of a file in it */

static void
write_file(sio_view bytes, mode_t mode)
{
    FILE *f = fopen(path, "w");

    if (f == NULL || fwrite(bytes.data, 1, bytes.len, f) != bytes.len || fclose(f) != 0 ||
        chmod(path, mode) != 0)
        abort();
}

/* Set "redis" as a file has it, to the path after the prefix. */
static int
set(sio_cfg *cfg, const char *prefix, const char *rest, sio_buf *error)
{
    char text[128];

    snprintf(text, sizeof text, "%s%s", prefix, rest);
    sio_buf_init(error, 4096);
    CHECK_INT(sio_cfg_init(cfg), SIO_OK);
    return sio_cfg_set_text(cfg, "redis", text, error);
}

static void
check_value(const char *prefix, const char *rest, const char *want)
{
    sio_cfg cfg;
    sio_buf error;

    CHECK_INT(set(&cfg, prefix, rest, &error), SIO_OK);
    CHECK_VIEW(sio_view_of(cfg.redis), want);
    CHECK_VIEW(sio_buf_view(&error), "");
    sio_buf_fini(&error);
    sio_cfg_fini(&cfg);
}

static void
check_refused(const char *prefix, const char *rest, const char *want)
{
    sio_cfg cfg;
    sio_buf error;

    CHECK_INT(set(&cfg, prefix, rest, &error), SIO_ERR_CONFIG);
    CHECK_VIEW(sio_view_of(cfg.redis), "");
    CHECK(error.len > 0 && memmem(error.data, error.len, want, strlen(want)) != NULL);
    CHECK(memmem(error.data, error.len, "hunter22", 8) == NULL);
    CHECK(memchr(error.data, '\n', error.len) == NULL);
    sio_buf_fini(&error);
    sio_cfg_fini(&cfg);
}

static void
test_a_value_may_be_kept_in_three_places(void)
{
    write_file(SIO_VIEW("redis://:hunter22@localhost\n"), 0600);
    setenv("SIO_TEST_SECRET", url, 1);
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    check_value("env:", "SIO_TEST_SECRET", url);
    check_value("file:", path, url);
    check_value("credential:", "secret", url);
    check_value("", "redis://localhost", "redis://localhost");
}

static void
test_one_line_end_is_removed(void)
{
    static const struct {
        const char *content, *value;
    } rows[] = {{"unix:/a", "unix:/a"},     {"unix:/a\n", "unix:/a"},
                {"unix:/a\r\n", "unix:/a"}, {"unix:/a\n\n", "unix:/a\n"},
                {"unix:/a \n", "unix:/a "}, {"unix:/a\r", "unix:/a\r"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].content;
        write_file(sio_view_of(rows[i].content), 0600);
        check_value("file:", path, rows[i].value);
    }
}

static void
test_what_is_wrong_with_a_place_is_said(void)
{
    unsetenv("SIO_TEST_SECRET");
    check_refused("env:", "SIO_TEST_SECRET",
                  "\"redis\": \"env:SIO_TEST_SECRET\": there is no such environment variable");
    check_refused("env:", "", "there is no such environment variable");
    check_refused("file:", "/nonexistent/f",
                  "\"redis\": \"file:/nonexistent/f\": No such file or directory");
    check_refused("file:", "/", "Is a directory");
    check_refused("file:", "/dev/null", "is empty");
    check_refused("file:", "/dev/zero", "holds more than 65536 bytes");
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    check_refused("credential:", "../x", "must be followed by the name");
    check_refused("credential:", "", "must be followed by the name");
    check_refused("credential:", "other", "No such file or directory");
    unsetenv("CREDENTIALS_DIRECTORY");
    check_refused("credential:", "secret", "there is no $CREDENTIALS_DIRECTORY");
}

static void
test_what_is_wrong_with_a_value_is_said_without_it(void)
{
    static char many[SIO_SECRET_MAX_BYTES + 1];

    memset(many, 'x', sizeof many);
    write_file(SIO_VIEW("\n"), 0600);
    check_refused("file:", path, "is empty");
    write_file(SIO_VIEW("hunter22\0x"), 0600);
    check_refused("file:", path, "holds a zero byte");
    write_file((sio_view){many, sizeof many}, 0600);
    check_refused("file:", path, "holds more than 65536 bytes");
    write_file((sio_view){many, sizeof many - 1}, 0600); /* no secret is longer, but a URL is not */
    check_refused("file:", path, "what is in \"file:/tmp/sio-test-secret-");
}

/* What sio_cfg_advise says about a file with this content and mode: this, or nothing at all. */
static void
check_advice(const char *json, mode_t mode, const char *want)
{
    sio_cfg cfg;
    sio_buf error, advice;

    write_file(sio_view_of(json), mode);
    sio_buf_init(&error, 4096);
    sio_buf_init(&advice, 4096);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    CHECK_INT(sio_config_file_load(&cfg, path, &error), SIO_OK);
    sio_cfg_advise(&cfg, &advice);
    if (want[0] == '\0')
        CHECK_VIEW(sio_buf_view(&advice), "");
    else
        CHECK(advice.len > 0 && memmem(advice.data, advice.len, want, strlen(want)) != NULL);
    sio_buf_fini(&advice);
    sio_buf_fini(&error);
    sio_cfg_fini(&cfg);
}

static void
test_a_file_that_everybody_may_read_is_told_about(void)
{
    static const char secret[] = "{\"redis\":\"redis://:hunter22@h\"}";
    static const char open[] = "{\"redis\":\"redis://h\",\"name\":\"a@b\"}";
    sio_cfg           cfg;
    sio_buf           error, advice;

    check_advice(secret, 0644, "\" holds a secret and every user may read it");
    check_advice(secret, 0640, "");
    check_advice(open, 0644, "");
    sio_buf_init(&advice, 4096);
    write_file(sio_view_of(url), 0644);
    CHECK_INT(set(&cfg, "file:", path, &error), SIO_OK);
    sio_cfg_advise(&cfg, &advice);
    CHECK(advice.len > 0 && memmem(advice.data, advice.len, path, strlen(path)) != NULL);
    sio_buf_fini(&advice);
    sio_buf_fini(&error);
    sio_cfg_fini(&cfg);
}

int
main(void)
{
    if (mkdtemp(folder) == NULL)
        abort();
    snprintf(path, sizeof path, "%s/secret", folder);
    RUN(test_a_value_may_be_kept_in_three_places);
    RUN(test_one_line_end_is_removed);
    RUN(test_what_is_wrong_with_a_place_is_said);
    RUN(test_what_is_wrong_with_a_value_is_said_without_it);
    RUN(test_a_file_that_everybody_may_read_is_told_about);
    unlink(path);
    rmdir(folder);
    return check_done();
}
