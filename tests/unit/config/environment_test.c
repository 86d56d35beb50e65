/* tests/unit/config/environment_test.c - server/config/environment.h: settings from variables. */
#include "server/config/environment.h"

#include "protocol/result.h"
#include "server/config/config_names.h"
#include "server/config/config_table.h"
#include "tests/unit/check.h"

#include <ctype.h>
#include <stdlib.h>

static sio_cfg cfg;
static sio_buf error;

static void
begin(void)
{
    sio_buf_init(&error, SIZE_MAX);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
}

static void
end(void)
{
    sio_cfg_fini(&cfg);
    sio_buf_fini(&error);
}

/* As if that variable alone was there. */
static int
apply_with(const char *name, const char *value)
{
    int rc;

    CHECK_INT(setenv(name, value, 1), 0);
    rc = sio_environment_apply(&cfg, "TEST_SIO_", &error);
    CHECK_INT(unsetenv(name), 0);
    return rc;
}

static void
test_each_kind_of_value(void)
{
    begin();
    CHECK_INT(apply_with("TEST_SIO_LOG_LEVEL", "3"), SIO_OK);
    CHECK_INT(apply_with("TEST_SIO_NAME", "Server 1"), SIO_OK);
    CHECK_INT(apply_with("TEST_SIO_GREETING", "false"), SIO_OK);
    CHECK_INT(apply_with("TEST_SIO_ORIGINS", "a.example:*, b.example:443"), SIO_OK);
    CHECK_INT(apply_with("TEST_SIO_PINGINTERVAL", "20000"), SIO_OK);
    CHECK_INT(apply_with("TEST_SIO_MAXHTTPBUFFERSIZE", "2000000"), SIO_OK);
    CHECK_INT(apply_with("TEST_SIO_CORS_MAX_AGE", "5"), SIO_OK);
    CHECK_INT(apply_with("TEST_SIO_COOKIE", "{\"name\":\"sid\"}"), SIO_OK);
    CHECK_VIEW(sio_buf_view(&error), "");
    CHECK_INT(cfg.log_level, 3);
    CHECK_VIEW(sio_view_of(cfg.name), "Server 1");
    CHECK(!cfg.greeting);
    CHECK_INT(cfg.origins.n, 2);
    CHECK(sio_texts_has(&cfg.origins, SIO_VIEW("b.example:443")));
    CHECK_VIEW(sio_view_of(cfg.cookie_name), "sid");
    end();
}

static void
test_what_is_wrong_is_named(void)
{
    static const struct {
        const char *name, *value, *says;
    } rows[] = {
        {"TEST_SIO_PORT", "tcp://10.0.0.1:3100",
         "\"TEST_SIO_PORT\": \"port\": must be an integer from 0 to 65535, got "
         "\"tcp://10.0.0.1:3100\""},
        {"TEST_SIO_LOG_LEVLE", "3",
         "\"TEST_SIO_LOG_LEVLE\": no setting is called so; did you mean TEST_SIO_LOG_LEVEL?"},
        {"TEST_SIO_SERVICE_HOST", "10.0.0.1", "\"TEST_SIO_SERVICE_HOST\": no setting is called so"},
        {"TEST_SIO_", "1", "\"TEST_SIO_\": no setting is called so"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin();
        check_row = rows[i].name;
        CHECK_INT(apply_with(rows[i].name, rows[i].value), SIO_ERR_CONFIG);
        CHECK_VIEW(sio_buf_view(&error), rows[i].says);
        end();
    }
}

/* Those of other programs, whose names begin likewise or are the beginning. */
static void
test_others_are_left_alone(void)
{
    begin();
    CHECK_INT(apply_with("TEST_SIOX_PORT", "1"), SIO_OK);
    CHECK_INT(apply_with("TEST_SIO", "1"), SIO_OK);
    CHECK_INT(apply_with("PORT", "1"), SIO_OK);
    CHECK_INT(cfg.port, 3100);
    CHECK_VIEW(sio_buf_view(&error), "");
    end();
}

static void
test_what_may_be_a_prefix(void)
{
    static const char *const good[] = {"SIOBROKER_", "A", "_", "S3_"};
    static const char *const bad[] = {"", "siobroker_", "SIO-", "SIO=", "SIO ", "\xc3\x84_"};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK(sio_environment_is_prefix(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!sio_environment_is_prefix(bad[i]));
}

static bool
is_same_variable(const char *a, const char *b)
{
    for (; *a != '\0' && *b != '\0'; a++, b++)
        if (toupper((unsigned char)(*a == ' ' ? '_' : *a)) !=
            toupper((unsigned char)(*b == ' ' ? '_' : *b)))
            return false;
    return *a == *b;
}

/* Two settings that one variable would name could not both be set. */
static void
test_no_variable_has_two_meanings(void)
{
    for (size_t i = 0; i < sio_settings.n; i++) {
        const char *key = sio_settings.rows[i].key;

        for (size_t j = 0; key != NULL && j < i; j++)
            CHECK(sio_settings.rows[j].key == NULL ||
                  !is_same_variable(key, sio_settings.rows[j].key));
        for (const sio_config_name *row = sio_config_names; key != NULL && row->option != NULL;
             row++)
            CHECK(strcmp(key, row->option) == 0 || !is_same_variable(key, row->option));
    }
}

int
main(void)
{
    RUN(test_each_kind_of_value);
    RUN(test_what_is_wrong_is_named);
    RUN(test_others_are_left_alone);
    RUN(test_what_may_be_a_prefix);
    RUN(test_no_variable_has_two_meanings);
    return check_done();
}
