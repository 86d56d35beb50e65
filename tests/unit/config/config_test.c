/*
 * tests/unit/config/config_test.c - server/config*.c: defaults, files, values, rules and error
 * texts.
 */
#include "server/config/config_file.h"
#include "server/config/config_describe.h"
#include "server/config/config_table.h"

#include "protocol/result.h"
#include "tests/unit/check.h"

#include <string.h>

#define KEY "0123456789abcdef0123456789abcdef"

static void
test_defaults(void)
{
    static const struct {
        const char *key, *json;
    } rows[] = {
        {"port", "3100"},
        {"host", "\"\""},
        {"name", "\"siobroker\""},
        {"greeting", "true"},
        {"resource", "\"/socket.io\""},
        {"transports", "[\"websocket\",\"htmlfile\",\"xhr-polling\",\"jsonp-polling\"]"},
        {"origins", "[\"*:*\"]"},
        {"blacklist", "[\"disconnect\"]"},
        {"heartbeats", "true"},
        {"heartbeat interval", "25"},
        {"heartbeat timeout", "60"},
        {"close timeout", "60"},
        {"polling duration", "20"},
        {"shutdown timeout", "2.5"},
        {"destroy buffer size", "1000000"},
        {"browser client expires", "315360000"},
        {"browser client gzip", "false"},
        {"flash policy port", "10843"},
        {"cluster", "\"sio\""},
        {"log level", "2"},
    };
    sio_cfg cfg;
    sio_buf text;

    sio_buf_init(&text, 4096);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].key;
        sio_buf_clear(&text);
        CHECK_INT(sio_cfg_get_json(&cfg, rows[i].key, &text), SIO_OK);
        CHECK_VIEW(sio_buf_view(&text), rows[i].json);
    }
    CHECK_INT(cfg.heartbeat_interval_ms, 25000);
    CHECK_INT(cfg.shutdown_timeout_ms, 2500);
    CHECK_INT(sio_cfg_check(&cfg, &text), SIO_OK);
    sio_buf_fini(&text);
    sio_cfg_fini(&cfg);
}

static void
test_values_are_stored_and_read_back(void)
{
    static const struct {
        const char *key, *json, *back;
    } rows[] = {
        {"heartbeat interval", "0.2", "0.2"},
        {"heartbeat interval", "86400", "86400"},
        {"port", "0", "0"},
        {"port", "65535", "65535"},
        {"destroy buffer size", "100000000", "100000000"}, /* the default of 0.9 */
        {"log", "false", "false"},
        {"name", "\"Server 1 \\u00e9\"", "\"Server 1 \u00e9\""},
        {"resource", "\"/one/socket.io\"", "\"/one/socket.io\""},
        {"origins", "\"*:*\"", "[\"*:*\"]"},
        {"origins", "\"foo.com:80 bar.com:*, *:8080\"",
         "[\"foo.com:80\",\"bar.com:*\",\"*:8080\"]"},
        {"origins", "[\"[::1]:3100\"]", "[\"[::1]:3100\"]"},
        {"origins", "[]", "[]"},
        {"transports", "[\"xhr-polling\",\"flashsocket\"]", "[\"xhr-polling\",\"flashsocket\"]"},
        {"blacklist", "[]", "[]"},
        {"redis", "\"redis://127.0.0.1:6379\"", "\"redis://127.0.0.1:6379\""},
        {"heartbeats", "true", "true"},
    };
    sio_cfg cfg;
    sio_buf text;

    sio_buf_init(&text, 4096);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].json;
        sio_buf_clear(&text);
        CHECK_INT(sio_cfg_set_json(&cfg, rows[i].key, rows[i].json, &text), SIO_OK);
        CHECK_VIEW(sio_buf_view(&text), "");
        CHECK_INT(sio_cfg_get_json(&cfg, rows[i].key, &text), SIO_OK);
        CHECK_VIEW(sio_buf_view(&text), rows[i].back);
    }
    CHECK(sio_texts_has(&cfg.transports, SIO_VIEW("flashsocket")));
    CHECK(!sio_texts_has(&cfg.transports, SIO_VIEW("websocket")));
    sio_buf_fini(&text);
    sio_cfg_fini(&cfg);
}

static const struct {
    const char *key, *json, *error;
} wrong_values[] = {
    {"heartbeat interval", "\"abc\"",
     "\"heartbeat interval\": must be a number of seconds from 0.05 to 86400, got \"abc\""},
    {"heartbeat interval", "0",
     "\"heartbeat interval\": must be a number of seconds from 0.05 to 86400, got 0"},
    {"heartbeat interval", "1e99",
     "\"heartbeat interval\": must be a number of seconds from 0.05 to 86400, got 1e+99"},
    {"port", "65536", "\"port\": must be an integer from 0 to 65535, got 65536"},
    {"port", "-1", "\"port\": must be an integer from 0 to 65535, got -1"},
    {"port", "80.5", "\"port\": must be an integer from 0 to 65535, got 80.5"},
    {"port", "\"80\"", "\"port\": must be an integer from 0 to 65535, got \"80\""},
    {"port", "null", "\"port\": must be an integer from 0 to 65535, got null"},
    {"log", "1", "\"log\": must be true or false, got 1"},
    {"max header bytes", "1",
     "\"max header bytes\": must be an integer number of bytes from 256 to 1048576, got 1"},
    {"name", "\"\"",
     "\"name\": must be a text of 1 to 64 bytes without control characters, got \"\""},
    {"name", "\"a\\nb\"",
     "\"name\": must be a text of 1 to 64 bytes without control characters, got \"a\\nb\""},
    {"transports", "[\"websocket\",\"websockets\"]",
     "\"transports\": must be a list of websocket, flashsocket, htmlfile, xhr-polling, "
     "jsonp-polling, or of polling, websocket, each once, got [\"websocket\",\"websockets\"]"},
    {"transports", "[\"websocket\",\"websocket\"]",
     "\"transports\": must be a list of websocket, flashsocket, htmlfile, xhr-polling, "
     "jsonp-polling, or of polling, websocket, each once, got [\"websocket\",\"websocket\"]"},
    {"transports", "[]",
     "\"transports\": must be a list of websocket, flashsocket, htmlfile, xhr-polling, "
     "jsonp-polling, or of polling, websocket, each once, got []"},
    {"origins", "[\"http://foo.com\"]",
     "\"origins\": must be a list of host:port, host:*, *:port or *:*, each once, "
     "got [\"http://foo.com\"]"},
    {"blacklist", "[1]", "\"blacklist\": must be a list of event names, each once, got [1]"},
    {"heartbeats", "false",
     "\"heartbeats\": must be true (without heartbeats 0.9 clients reconnect for ever; for "
     "fewer of them set \"heartbeat interval\"), got false"},
    {"redis", "7",
     "\"redis\": must be a URL like redis://[user:password@]host:6379/0, "
     "redis-sentinel://host,host/primary, redis-cluster://host,host or unix:/path, or "
     "empty, or where it is: env:NAME, file:PATH, credential:NAME"},
    {"user", "\"a:b\"",
     "\"user\": must be the name or the number of a user, or empty, got \"a:b\""},
    {"sandbox", "\"no\"",
     "\"sandbox\": must be off, on, or auto: on where the kernel can, got \"no\""},
    {"hartbeat interval", "1",
     "\"hartbeat interval\": unknown key; did you mean \"heartbeat interval\"?"},
    {"Heartbeat_Timeout", "1",
     "\"Heartbeat_Timeout\": unknown key; did you mean \"heartbeat timeout\"?"},
    {"zzzzzzzzzzzzzzzzzzzz", "1",
     "\"zzzzzzzzzzzzzzzzzzzz\": unknown key; --help-config lists those that there are"},
    {"store", "1",
     "\"store\": is program code in 0.9; to share state between instances set \"redis\""},
    {"authorization", "1",
     "\"authorization\": is program code in 0.9; use the application API for it"},
    {"port", "[", "\"port\": line 1, column 2: not valid JSON at or just before this"},
    {"port", "80 x", "\"port\": line 1, column 4: not valid JSON at or just before this"},
};

static void
test_wrong_values_are_refused_with_what_is_allowed(void)
{
    sio_cfg cfg;
    sio_buf error, before, after;

    sio_buf_init(&error, 4096);
    sio_buf_init(&before, 4096);
    sio_buf_init(&after, 4096);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    for (size_t i = 0; i < sizeof wrong_values / sizeof wrong_values[0]; i++) {
        check_row = wrong_values[i].error;
        sio_buf_clear(&error);
        sio_buf_clear(&before);
        sio_buf_clear(&after);
        sio_cfg_get_json(&cfg, wrong_values[i].key, &before);
        CHECK_INT(sio_cfg_set_json(&cfg, wrong_values[i].key, wrong_values[i].json, &error),
                  SIO_ERR_CONFIG);
        CHECK_VIEW(sio_buf_view(&error), wrong_values[i].error);
        sio_cfg_get_json(&cfg, wrong_values[i].key, &after);
        CHECK_VIEW(sio_buf_view(&after), sio_buf_view(&before));
    }
    sio_buf_fini(&error);
    sio_buf_fini(&before);
    sio_buf_fini(&after);
    sio_cfg_fini(&cfg);
}

static void
test_resource_has_one_slash_first_and_none_last(void)
{
    static const struct {
        const char *value;
        int         rc;
    } rows[] = {{"/socket.io", SIO_OK},        {"/a/b", SIO_OK},         {"/", SIO_ERR_CONFIG},
                {"", SIO_ERR_CONFIG},          {"io", SIO_ERR_CONFIG},   {"/io/", SIO_ERR_CONFIG},
                {"/a b", SIO_ERR_CONFIG},      {"/a?", SIO_ERR_CONFIG},  {"/a#b", SIO_ERR_CONFIG},
                {"/\xC3\xA9", SIO_ERR_CONFIG}, {"/\x7F", SIO_ERR_CONFIG}};
    sio_cfg cfg;
    sio_buf error;

    sio_buf_init(&error, 4096);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].value;
        CHECK_INT(sio_cfg_set_text(&cfg, "resource", rows[i].value, &error), rows[i].rc);
    }
    sio_buf_fini(&error);
    sio_cfg_fini(&cfg);
}

static void
test_long_values_are_cut_in_errors(void)
{
    char    name[400];
    sio_cfg cfg;
    sio_buf error;

    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    sio_buf_init(&error, 4096);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    CHECK_INT(sio_cfg_set_text(&cfg, "name", name, &error), SIO_ERR_CONFIG);
    CHECK(error.len < 200);
    CHECK(memcmp(error.data + error.len - 5, "x\"...", 5) == 0);
    sio_buf_fini(&error);
    sio_cfg_fini(&cfg);
}

static void
test_setting_one_key_at_a_time(void)
{
    sio_cfg cfg;
    sio_buf error;

    sio_buf_init(&error, 4096);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    CHECK_INT(sio_cfg_set_json(&cfg, "greeting", "false", &error), SIO_OK);
    CHECK(!cfg.greeting);
    CHECK_INT(sio_cfg_set_json(&cfg, "close timeout", "1.5", &error), SIO_OK);
    CHECK_INT(cfg.close_timeout_ms, 1500);
    CHECK_INT(sio_cfg_set_text(&cfg, "name", "true", &error), SIO_OK);
    CHECK_VIEW(sio_view_of(cfg.name), "true");
    CHECK_INT(sio_cfg_set_text(&cfg, "transports", "websocket,xhr-polling", &error), SIO_OK);
    CHECK_INT(cfg.transports.n, 2);
    CHECK_VIEW(sio_buf_view(&error), "");

    CHECK_INT(sio_cfg_set_json(&cfg, "port", "true", &error), SIO_ERR_CONFIG);
    CHECK_INT(sio_cfg_set_json(&cfg, "name", "1", &error), SIO_ERR_CONFIG);
    CHECK_INT(sio_cfg_set_text(&cfg, "port", "0x50", &error), SIO_ERR_CONFIG);
    CHECK_INT(sio_cfg_set_text(&cfg, "port", "", &error), SIO_ERR_CONFIG);
    sio_buf_fini(&error);
    sio_cfg_fini(&cfg);
}

static void
test_files(void)
{
    static const struct {
        const char *json, *error; /* NULL: good */
    } rows[] = {
        {"{}", NULL},
        {"\xEF\xBB\xBF{\"port\": 3101}\n", NULL},
        {"{\"port\": 3101, \"name\": \"Server2\", \"close timeout\": 30}", NULL},
        {"[]", "f.json: must be a JSON object, like {\"port\": 3100}"},
        {"", "f.json: line 1, column 1: not valid JSON at or just before this"},
        {"{\n  \"port\": 1,\n}", "f.json: line 3, column 2: not valid JSON at or just before this"},
        {"{\"port\": 1} x", "f.json: line 1, column 13: not valid JSON at or just before this"},
        {"{\"port\": 1, \"port\": 2}", "f.json: \"port\": is there twice"},
        {"{\"port\": \"x\"}", "f.json: \"port\": must be an integer from 0 to 65535, got \"x\""},
        {"{\"prot\": 1}", "f.json: \"prot\": unknown key; did you mean \"port\"?"},
        {"{\"name\": \"a\nb\"}", "f.json: not valid JSON: a control character, broken UTF-8, a "
                                 "misspelt number, or nested too deep"},
        {"{\"name\": \"a\\u0000b\"}",
         "f.json: not valid JSON: a control character, broken UTF-8, a "
         "misspelt number, or nested too deep"},
        {"{\"name\": \"\xFF\"}", "f.json: not valid JSON: a control character, broken UTF-8, a "
                                 "misspelt number, or nested too deep"},
        {"{\"port\": 01}", "f.json: not valid JSON: a control character, broken UTF-8, a "
                           "misspelt number, or nested too deep"},
    };
    sio_buf error;

    sio_buf_init(&error, 4096);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *want = rows[i].error == NULL ? "" : rows[i].error;
        sio_cfg     cfg;

        check_row = rows[i].json;
        sio_buf_clear(&error);
        CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
        CHECK_INT(sio_config_file_load_text(&cfg, sio_view_of(rows[i].json), "f.json", &error),
                  rows[i].error == NULL ? SIO_OK : SIO_ERR_CONFIG);
        CHECK_VIEW(sio_buf_view(&error), want);
        sio_cfg_fini(&cfg);
    }
    sio_buf_fini(&error);
}

static void
test_a_file_that_is_not_there(void)
{
    sio_cfg cfg;
    sio_buf error;

    sio_buf_init(&error, 4096);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    CHECK_INT(sio_config_file_load(&cfg, "/nonexistent/f.json", &error), SIO_ERR_CONFIG);
    CHECK_VIEW(sio_buf_view(&error), "/nonexistent/f.json: No such file or directory");
    sio_buf_clear(&error);
    CHECK_INT(sio_config_file_load(&cfg, "/", &error), SIO_ERR_CONFIG);
    CHECK_VIEW(sio_buf_view(&error), "/: Is a directory");
    sio_buf_fini(&error);
    sio_cfg_fini(&cfg);
}

static void
test_rules_across_keys(void)
{
    static const struct {
        const char *json, *error;
    } rows[] = {
        {"{\"heartbeat interval\": 0.2, \"heartbeat timeout\": 0.4}", ""},
        {"{\"heartbeat interval\": 59.9}", ""},
        {"{\"heartbeat interval\": 60}",
         "\"heartbeat interval\": should be less than \"heartbeat timeout\", or clients give up in "
         "between; got 60 and 60"},
        {"{\"close timeout\": 0.25}", ""}, /* only advised against */
        {"{\"port\": 10843}", ""},
        {"{\"port\": 10843, \"transports\": [\"flashsocket\"]}",
         "\"flash policy port\": must be another one than \"port\""},
        {"{\"redis\": \"unix:/run/redis.sock\"}", ""},
        {"{\"redis\": \"unix:/run/redis.sock\", \"dialect\": \"node-0.9\"}", ""},
        {"{\"redis\": \"redis-cluster://a,b\"}", ""},
        {"{\"redis\": \"redis-cluster://a,b\", \"dialect\": \"node-4\"}",
         "\"dialect\": is for one Redis, not for a Redis Cluster"},
        {"{\"redis\": \"redis-cluster://a,b\", \"cluster\": \"}x\"}",
         "\"cluster\": can not begin with } in a Redis Cluster"},
        {"{\"dialect\": \"siobroker\"}", ""},
        {"{\"user\": \"nobody\", \"group\": \"0\"}", ""},
        {"{\"group\": \"nogroup\"}", "\"group\": needs \"user\""},
        {"{\"api\": {\"listen\": [\"unix:/run/api.sock\"]}}", ""},
        {"{\"api\": {\"listen\": [\"unix:/run/api.sock\", \"127.0.0.1:1\"]}}",
         "\"api\".\"keys\": must not be empty when \"listen\" names a port"},
        {"{\"api\": {\"keys\": [{\"name\": \"a\", \"key\": \"" KEY "\"}, {\"name\": \"a\", "
         "\"key\": \"" KEY "\"}]}}",
         "\"api\".\"keys\"[1].\"name\": is that of \"keys\"[0], too"},
        {"{\"dialect\": \"node-0.9.17\"}",
         "\"dialect\": needs \"redis\", through which the other processes are reached"},
    };
    sio_buf error;

    sio_buf_init(&error, 4096);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_cfg cfg;

        check_row = rows[i].json;
        sio_buf_clear(&error);
        CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
        CHECK_INT(sio_config_file_load_text(&cfg, sio_view_of(rows[i].json), "f.json", &error),
                  SIO_OK);
        CHECK_INT(sio_cfg_check(&cfg, &error), rows[i].error[0] == '\0' ? SIO_OK : SIO_ERR_CONFIG);
        CHECK_VIEW(sio_buf_view(&error), rows[i].error);
        sio_cfg_fini(&cfg);
    }
    sio_buf_fini(&error);
}

static void
test_advice(void)
{
    sio_cfg cfg;
    sio_buf text;

    sio_buf_init(&text, 4096);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    sio_cfg_advise(&cfg, &text);
    CHECK_VIEW(sio_buf_view(&text), "");
    CHECK_INT(sio_cfg_set_json(&cfg, "close timeout", "10", &text), SIO_OK);
    sio_cfg_advise(&cfg, &text);
    CHECK_VIEW(
        sio_buf_view(&text),
        "\"heartbeat interval\": should be less than \"close timeout\", or clients give up in "
        "between; got 25 and 10\n"
        "\"polling duration\": should be less than \"close timeout\", or clients give up in "
        "between; got 20 and 10\n");
    sio_buf_fini(&text);
    sio_cfg_fini(&cfg);
}

static void
test_a_redis_password_is_never_shown(void)
{
    sio_cfg cfg;
    sio_buf error;

    sio_buf_init(&error, 4096);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    CHECK_INT(sio_cfg_set_text(&cfg, "redis", "redisss://:hunter2@h", &error), SIO_OK);
    CHECK_INT(sio_cfg_check(&cfg, &error), SIO_ERR_CONFIG);
    CHECK_INT(sio_cfg_set_json(&cfg, "redis", "[\"redis://:hunter2@h\"]", &error), SIO_ERR_CONFIG);
    CHECK_INT(sio_cfg_set_json(&cfg, "name", "[\"redis://:hunter2@h\"]", &error), SIO_ERR_CONFIG);
    CHECK_INT(sio_cfg_set_json(&cfg, "redis://:hunter2@h", "1", &error), SIO_ERR_CONFIG);
    CHECK(memmem(error.data, error.len, "hunter2", 7) == NULL);
    sio_buf_fini(&error);
    sio_cfg_fini(&cfg);
}

static void
test_description_names_every_key(void)
{
    static const char line[] = "  \"heartbeat interval\": ";
    sio_buf           out;

    sio_buf_init(&out, 65536);
    sio_config_describe(&out);
    CHECK(!out.failed);
    CHECK(memmem(out.data, out.len, line, sizeof line - 1) != NULL);
    sio_buf_fini(&out);
}

static void
test_objects_are_stored_and_printed_without_their_secrets(void)
{
    static const char json[] =
        "{\"listen\":[\"unix:/run/api.sock\"],\"keys\":[{\"name\":\"shop\",\"key\":\"" KEY
        "\"},{\"key\":\"" KEY "x\",\"name\":\"b\",\"may\":[\"emit\"],\"max per second\":7}]}";
    sio_cfg                cfg;
    sio_buf                text;
    const sio_cfg_api_key *keys;

    sio_buf_init(&text, 4096);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    CHECK_INT(sio_cfg_set_json(&cfg, "api", json, &text), SIO_OK);
    CHECK_INT(cfg.api.listen.n, 1);
    CHECK_INT(cfg.api.keys.n, 2);
    keys = cfg.api.keys.items;
    CHECK_VIEW(sio_view_of(keys[0].name), "shop");
    CHECK_VIEW(sio_view_of(keys[1].key), KEY "x");
    CHECK(sio_texts_has(&keys[0].may, SIO_VIEW("*")));
    CHECK_INT(keys[1].max_per_second, 7);
    CHECK_INT(cfg.api.max_body, 1000000);
    CHECK_INT(sio_cfg_get_json(&cfg, "api", &text), SIO_OK);
    CHECK_VIEW(sio_buf_view(&text),
               "{\"listen\":[\"unix:/run/api.sock\"],\"keys\":[{\"name\":\"shop\",\"key\":\"***\","
               "\"may\":[\"*\"],\"namespaces\":[\"*\"],\"max per second\":0},{\"name\":\"b\","
               "\"key\":\"***\",\"may\":[\"emit\"],\"namespaces\":[\"*\"],\"max per second\":7}],"
               "\"max body\":1000000,\"stream\":false}");
    sio_buf_clear(&text);
    sio_cfg_describe_changes(&cfg, &text);
    CHECK_VIEW(sio_buf_view(&text),
               "{\"api\":{\"listen\":[\"unix:/run/api.sock\"],\"keys\":[{\"name\":\"shop\","
               "\"key\":\"***\"},{\"name\":\"b\",\"key\":\"***\",\"may\":[\"emit\"],"
               "\"max per second\":7}]}}");
    CHECK_INT(sio_cfg_set_json(&cfg, "api", "{}", &text), SIO_OK); /* a whole takes the place */
    CHECK_INT(cfg.api.keys.n, 0);
    sio_buf_fini(&text);
    sio_cfg_fini(&cfg);
}

/* A token may stand in them. */
static void
test_headers_of_a_backend_are_not_shown(void)
{
    sio_cfg cfg;
    sio_buf text;

    sio_buf_init(&text, SIZE_MAX);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    CHECK_INT(sio_cfg_set_json(&cfg, "backends",
                               "[{\"name\":\"a\",\"urls\":[\"http://h/\"],\"headers\":"
                               "[\"authorization: Bearer hunter2\"]}]",
                               &text),
              SIO_OK);
    sio_cfg_describe_changes(&cfg, &text);
    CHECK_VIEW(sio_buf_view(&text), "{\"backends\":[{\"name\":\"a\",\"urls\":[\"http://h/\"],"
                                    "\"headers\":[\"***\"]}]}");
    sio_buf_clear(&text);
    CHECK_INT(
        sio_cfg_set_json(&cfg, "backends", "[{\"name\":\"a\",\"headers\":[\"hunter2\"]}]", &text),
        SIO_ERR_CONFIG);
    CHECK(memmem(text.data, text.len, "hunter2", 7) == NULL);
    sio_buf_fini(&text);
    sio_cfg_fini(&cfg);
}

static void
test_errors_in_objects_name_their_place(void)
{
    static const struct {
        const char *json, *error;
    } rows[] = {
        {"1", "\"api\": must be an object"},
        {"{\"lisen\":[]}", "\"api\".\"lisen\": unknown key; did you mean \"listen\"?"},
        {"{\"store\":[]}",
         "\"api\".\"store\": unknown key; --help-config lists those that there are"},
        {"{\"listen\":[],\"listen\":[]}", "\"api\".\"listen\": is there twice"},
        {"{\"max body\":1}",
         "\"api\".\"max body\": must be an integer number of bytes from 1024 to 1073741824, got 1"},
        {"{\"keys\":{}}", "\"api\".\"keys\": must be a list of at most 100 objects"},
        {"{\"keys\":[1]}", "\"api\".\"keys\"[0]: must be an object"},
        {"{\"keys\":[{\"name\":\"a\"}]}", "\"api\".\"keys\"[0].\"key\": is missing"},
        {"{\"keys\":[{\"name\":\"a\",\"key\":\"" KEY "\"},{\"name\":\"b\",\"may\":[\"emitt\"]}]}",
         "\"api\".\"keys\"[1].\"may\": must be a list of emit, ask, ack, join, leave, disconnect, "
         "sockets, count, rooms, set, each once, or *: all, got [\"emitt\"]"},
        {"{\"keys\":[{\"name\":\"a\",\"key\":\"hunter2\"}]}",
         "\"api\".\"keys\"[0].\"key\": must be 32 to 256 printable ASCII characters without "
         "blanks, "
         "or where it is: env:NAME, file:PATH, credential:NAME"},
        {"{\"keys\":[{\"name\":\"a\",\"key\":\"env:SIO_NOT_SET\"}]}",
         "\"api\".\"keys\"[0].\"key\": \"env:SIO_NOT_SET\": there is no such environment variable; "
         "set it before the start"},
    };
    sio_cfg cfg;
    sio_buf error;

    sio_buf_init(&error, 4096);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    CHECK_INT(sio_cfg_set_json(&cfg, "api", "{\"max body\":2048}", &error), SIO_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].json;
        sio_buf_clear(&error);
        CHECK_INT(sio_cfg_set_json(&cfg, "api", rows[i].json, &error), SIO_ERR_CONFIG);
        CHECK_VIEW(sio_buf_view(&error), rows[i].error);
        CHECK_INT(cfg.api.max_body, 2048); /* all of it stays */
    }
    sio_buf_fini(&error);
    sio_cfg_fini(&cfg);
}

int
main(void)
{
    RUN(test_defaults);
    RUN(test_values_are_stored_and_read_back);
    RUN(test_wrong_values_are_refused_with_what_is_allowed);
    RUN(test_resource_has_one_slash_first_and_none_last);
    RUN(test_long_values_are_cut_in_errors);
    RUN(test_setting_one_key_at_a_time);
    RUN(test_files);
    RUN(test_a_file_that_is_not_there);
    RUN(test_rules_across_keys);
    RUN(test_advice);
    RUN(test_a_redis_password_is_never_shown);
    RUN(test_description_names_every_key);
    RUN(test_objects_are_stored_and_printed_without_their_secrets);
    RUN(test_headers_of_a_backend_are_not_shown);
    RUN(test_errors_in_objects_name_their_place);
    return check_done();
}
