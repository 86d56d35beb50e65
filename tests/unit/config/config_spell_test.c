/*
 * tests/unit/config/config_spell_test.c - the options of socket.io 4 as settings: each of them,
 * good and bad; server/config/config_names.c and config_spell.c.
 */
#include "server/config/config_spell.h"

#include <string.h>

#include "protocol/result.h"
#include "server/config/config_describe.h"
#include "server/config/config_file.h"
#include "server/config/config_names.h"
#include "tests/unit/check.h"

/* What an option says, and what a setting is after that. */
static const struct {
    const char *option, *json;
    const char *key, *is;
} good[] = {
    {"path", "\"/my/path\"", "resource", "\"/my/path\""},
    {"path", "\"/my/path/\"", "resource", "\"/my/path\""},
    {"path", "\"/socket.io\"", "path", "\"/socket.io\""},
    {"addTrailingSlash", "true", "resource", "\"/socket.io\""},
    {"addTrailingSlash", "false", "resource", "\"/socket.io\""},
    {"transports", "[\"polling\",\"websocket\"]", "transports",
     "[\"websocket\",\"htmlfile\",\"xhr-polling\",\"jsonp-polling\"]"},
    {"transports", "[\"websocket\",\"polling\"]", "engine transports", "[]"},
    {"transports", "[\"polling\"]", "transports",
     "[\"htmlfile\",\"xhr-polling\",\"jsonp-polling\"]"},
    {"transports", "[\"websocket\"]", "transports", "[\"websocket\"]"},
    {"maxHttpBufferSize", "1e8", "maxPayload", "100000000"},
    {"pingInterval", "25000", "pingInterval", "25000"},
    {"pingTimeout", "300", "pingTimeout", "300"},
    {"upgradeTimeout", "300", "upgradeTimeout", "300"},
    {"connectTimeout", "45000", "connectTimeout", "45000"},
    {"allowEIO3", "false", "allowEIO3", "false"},
    {"allowUpgrades", "false", "allowUpgrades", "false"},
    {"serveClient", "false", "browser client", "false"},
    {"destroyUpgrade", "false", "destroy upgrade", "false"},
    {"cleanupEmptyChildNamespaces", "true", "resource", "\"/socket.io\""},

    {"cors", "{}", "cors",
     "{\"origin\":[\"*\"],\"credentials\":false,"
     "\"methods\":[\"GET\",\"HEAD\",\"PUT\",\"PATCH\",\"POST\",\"DELETE\"],"
     "\"allowedHeaders\":[],\"exposedHeaders\":[],\"maxAge\":0}"},
    {"cors", "true", "cors origin", "[\"*\"]"},
    {"cors", "false", "cors", "false"},
    {"cors", "false", "cors origin", "[]"},
    {"cors", "{\"origin\":\"https://a.example\"}", "cors origin", "[\"https://a.example\"]"},
    {"cors", "{\"origin\":[\"https://a.example\",\"http://[::1]:81\"]}", "cors origin",
     "[\"https://a.example\",\"http://[::1]:81\"]"},
    {"cors", "{\"origin\":\"*\"}", "cors origin", "[\"*\"]"},
    {"cors", "{\"origin\":true}", "cors origin", "[\"reflect\"]"},
    {"cors", "{\"origin\":false}", "cors", "false"},
    {"cors", "{\"credentials\":true}", "cors credentials", "true"},
    {"cors", "{\"methods\":\"GET,POST\"}", "cors methods", "[\"GET\",\"POST\"]"},
    {"cors", "{\"methods\":[\"GET\"]}", "cors methods", "[\"GET\"]"},
    {"cors", "{\"allowedHeaders\":[\"x-a\",\"x-b\"]}", "cors allowed headers", "[\"x-a\",\"x-b\"]"},
    {"cors", "{\"exposedHeaders\":\"x-a\"}", "cors exposed headers", "[\"x-a\"]"},
    {"cors", "{\"maxAge\":600}", "cors max age", "600"},

    {"cookie", "true", "cookie name", "\"io\""},
    {"cookie", "false", "cookie name", "\"\""},
    {"cookie", "false", "cookie", "false"},
    {"cookie", "{\"name\":\"sid\"}", "cookie",
     "{\"name\":\"sid\",\"path\":\"/\",\"domain\":\"\",\"maxAge\":0,\"httpOnly\":true,"
     "\"secure\":false,\"sameSite\":\"lax\",\"partitioned\":false,\"priority\":\"\"}"},
    {"cookie", "{\"path\":\"/a\"}", "cookie path", "\"/a\""},
    {"cookie", "{\"domain\":\"a.example\"}", "cookie domain", "\"a.example\""},
    {"cookie", "{\"maxAge\":86400}", "cookie max age", "86400"},
    {"cookie", "{\"httpOnly\":false}", "cookie http only", "false"},
    {"cookie", "{\"secure\":true}", "cookie secure", "true"},
    {"cookie", "{\"sameSite\":true}", "cookie same site", "\"strict\""},
    {"cookie", "{\"sameSite\":false}", "cookie same site", "\"\""},
    {"cookie", "{\"sameSite\":\"None\"}", "cookie same site", "\"None\""},
    {"cookie", "{\"partitioned\":true}", "cookie partitioned", "true"},
    {"cookie", "{\"priority\":\"high\"}", "cookie priority", "\"high\""},

    {"connectionStateRecovery", "{}", "maxDisconnectionDuration", "120000"},
    {"connectionStateRecovery", "true", "maxDisconnectionDuration", "120000"},
    {"connectionStateRecovery", "false", "connectionStateRecovery", "false"},
    {"connectionStateRecovery", "{\"maxDisconnectionDuration\":5000}", "connectionStateRecovery",
     "{\"maxDisconnectionDuration\":5000,\"skipMiddlewares\":true}"},
    {"connectionStateRecovery", "{\"skipMiddlewares\":false}", "skipMiddlewares", "false"},

    {"perMessageDeflate", "true", "perMessageDeflate", "true"},
    {"perMessageDeflate", "{}", "perMessageDeflate", "true"},
    {"perMessageDeflate", "{\"threshold\":64}", "perMessageDeflate threshold", "64"},
    {"perMessageDeflate", "{\"serverNoContextTakeover\":true,\"clientNoContextTakeover\":true}",
     "perMessageDeflate", "true"},
    {"httpCompression", "{\"threshold\":64}", "httpCompression threshold", "64"},
    {"httpCompression", "true", "httpCompression", "true"},
};

static void
test_options_are_settings(void)
{
    sio_buf text;

    sio_buf_init(&text, 4096);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        sio_cfg cfg;

        check_row = good[i].json;
        sio_buf_clear(&text);
        CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
        CHECK_INT(sio_cfg_set_json(&cfg, good[i].option, good[i].json, &text), SIO_OK);
        CHECK_VIEW(sio_buf_view(&text), "");
        CHECK_INT(sio_cfg_get_json(&cfg, good[i].key, &text), SIO_OK);
        CHECK_VIEW(sio_buf_view(&text), good[i].is);
        CHECK_INT(sio_cfg_check(&cfg, &text), SIO_OK);
        sio_cfg_fini(&cfg);
    }
    sio_buf_fini(&text);
}

static const char methods_error[] =
    "\"cors\".\"methods\": must be a list of methods, each once, got [\"a b\"]";

static const struct {
    const char *option, *json, *error;
} bad[] = {
    {"path", "\"/\"",
     "\"path\": must be a path like \"/socket.io\": \"/\" first, not last; no blanks, \"?\" or "
     "\"#\", got \"/\""},
    {"path", "7",
     "\"path\": must be a path like \"/socket.io\": \"/\" first, not last; no blanks, \"?\" or "
     "\"#\", got 7"},
    {"addTrailingSlash", "1",
     "\"addTrailingSlash\": must be true or false: both ways to write the path are served, got 1"},
    {"transports", "[\"polling\",\"webtransport\"]",
     "\"transports\": must be a list of websocket, flashsocket, htmlfile, xhr-polling, "
     "jsonp-polling, or of polling, websocket, each once, got [\"polling\",\"webtransport\"]"},
    {"transports", "[\"polling\",\"polling\"]",
     "\"transports\": must be a list of websocket, flashsocket, htmlfile, xhr-polling, "
     "jsonp-polling, or of polling, websocket, each once, got [\"polling\",\"polling\"]"},
    {"transports", "[\"polling\",\"htmlfile\"]",
     "\"transports\": must be a list of websocket, flashsocket, htmlfile, xhr-polling, "
     "jsonp-polling, or of polling, websocket, each once, got [\"polling\",\"htmlfile\"]"},
    {"maxHttpBufferSize", "\"1MB\"",
     "\"maxHttpBufferSize\": must be an integer number of bytes from 64 to 1073741824, got "
     "\"1MB\""},
    {"serveClient", "1", "\"serveClient\": must be true or false, got 1"},
    {"cleanupEmptyChildNamespaces", "false",
     "\"cleanupEmptyChildNamespaces\": must be true: a namespace that a client made is gone with "
     "its last client, got false"},
    {"allowRequest", "true",
     "\"allowRequest\": is program code in socket.io 4; use the application API for it"},
    {"adapter", "1",
     "\"adapter\": is program code in socket.io 4; to share state between instances set "
     "\"redis\""},
    {"parser", "1",
     "\"parser\": is program code in socket.io 4; there is one parser, the default one of there"},
    {"wsEngine", "1",
     "\"wsEngine\": is program code in socket.io 4; see \"carrier\" for what carries "
     "connections"},
    {"maxHttpBuffersize", "1",
     "\"maxHttpBuffersize\": unknown key; did you mean \"maxHttpBufferSize\"?"},
    {"cor", "{}", "\"cor\": unknown key; did you mean \"cors\"?"},
    {"port", "{}", "\"port\": must be an integer from 0 to 65535, got {}"},

    {"cors", "[\"*:*\"]", "\"cors\": must be an object, true or false, got [\"*:*\"]"},
    {"cors", "null", "\"cors\": must be an object, true or false, got null"},
    {"cors", "{\"orgin\":\"*\"}", "\"cors\".\"orgin\": unknown key; did you mean \"origin\"?"},
    {"cors", "{\"\":1}", "\"cors\".\"\": unknown key; --help-config lists those that there are"},
    {"cors", "{\"zzzzzzzzzz\":1}",
     "\"cors\".\"zzzzzzzzzz\": unknown key; --help-config lists those that there are"},
    {"cors.origin", "\"*\"", "\"cors.origin\": unknown key; did you mean \"cors origin\"?"},
    {"cors", "{\"origin\":\"*\",\"origin\":\"*\"}", "\"cors\".\"origin\": is there twice"},
    {"cors", "{\"origin\":\"a.example\"}",
     "\"cors\".\"origin\": must be * or reflect, or a list of scheme://host[:port], each once, got "
     "\"a.example\""},
    {"cors", "{\"origin\":\"https://a.example/\"}",
     "\"cors\".\"origin\": must be * or reflect, or a list of scheme://host[:port], each once, got "
     "\"https://a.example/\""},
    {"cors", "{\"origin\":\"https://A.example\"}",
     "\"cors\".\"origin\": must be * or reflect, or a list of scheme://host[:port], each once, got "
     "\"https://A.example\""},
    {"cors", "{\"origin\":\"https://*.example\"}",
     "\"cors\".\"origin\": must be * or reflect, or a list of scheme://host[:port], each once, got "
     "\"https://*.example\""},
    {"cors", "{\"credentials\":\"yes\"}",
     "\"cors\".\"credentials\": must be true or false, got "
     "\"yes\""},
    {"cors", "{\"methods\":[\"a b\"]}", methods_error},
    {"cors", "{\"allowedHeaders\":[\"x:y\"]}",
     "\"cors\".\"allowedHeaders\": must be a list of names of headers, each once, got [\"x:y\"]"},
    {"cors", "{\"maxAge\":-1}",
     "\"cors\".\"maxAge\": must be an integer from 0 to 31536000, got -1"},
    {"cors", "{\"preflightContinue\":true}",
     "\"cors\".\"preflightContinue\": is about program code in socket.io 4; preflights are "
     "answered"},

    {"cookie", "\"io\"", "\"cookie\": must be an object, true or false, got \"io\""},
    {"cookie", "{\"name\":\"a b\"}",
     "\"cookie\".\"name\": must be 1 to 64 characters of a token, or empty, got \"a b\""},
    {"cookie", "{\"path\":\"/;x\"}",
     "\"cookie\".\"path\": must be a text without \";\" and control characters, got \"/;x\""},
    {"cookie", "{\"path\":\"/\\r\\nX: y\"}",
     "\"cookie\".\"path\": must be a text without \";\" and control characters, got "
     "\"/\\r\\nX: y\""},
    {"cookie", "{\"domain\":\"a b\"}",
     "\"cookie\".\"domain\": must be a domain, or empty, got "
     "\"a b\""},
    {"cookie", "{\"sameSite\":\"some\"}",
     "\"cookie\".\"sameSite\": must be lax, strict, none, or empty, got \"some\""},
    {"cookie", "{\"priority\":\"top\"}",
     "\"cookie\".\"priority\": must be low, medium, high, or empty, got \"top\""},
    {"cookie", "{\"expires\":1}",
     "\"cookie\".\"expires\": is a Date in socket.io 4; use \"maxAge\""},

    {"connectionStateRecovery", "120000",
     "\"connectionStateRecovery\": must be an object, true or false, got 120000"},
    {"connectionStateRecovery", "{\"maxDisconnectionDuration\":\"2m\"}",
     "\"connectionStateRecovery\".\"maxDisconnectionDuration\": must be an integer from 0 to "
     "86400000, got \"2m\""},
    {"perMessageDeflate", "{\"clientNoContextTakeover\":false}",
     "\"perMessageDeflate\".\"clientNoContextTakeover\": must be true: no message refers to an "
     "earlier one, got false"},
    {"perMessageDeflate", "{\"zlibDeflateOptions\":{}}",
     "\"perMessageDeflate\".\"zlibDeflateOptions\": is about zlib in Node.js; there is "
     "\"threshold\""},
    {"perMessageDeflate", "1", "\"perMessageDeflate\": must be true or false, got 1"},
};

/* Nothing of an object is set when a part of it is wrong. */
static void
test_wrong_options_are_refused_and_nothing_changes(void)
{
    sio_buf error, before, after;
    sio_cfg cfg;

    sio_buf_init(&error, 4096);
    sio_buf_init(&before, 65536);
    sio_buf_init(&after, 65536);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    CHECK_INT(sio_cfg_set_json(&cfg, "cors", "{\"maxAge\":5}", &error), SIO_OK);
    sio_cfg_describe_changes(&cfg, &before);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_row = bad[i].json;
        sio_buf_clear(&error);
        sio_buf_clear(&after);
        CHECK_INT(sio_cfg_set_json(&cfg, bad[i].option, bad[i].json, &error), SIO_ERR_CONFIG);
        CHECK_VIEW(sio_buf_view(&error), bad[i].error);
        sio_cfg_describe_changes(&cfg, &after);
        CHECK(sio_view_eq(sio_buf_view(&after), sio_buf_view(&before)));
    }
    sio_buf_fini(&error);
    sio_buf_fini(&before);
    sio_buf_fini(&after);
    sio_cfg_fini(&cfg);
}

/* A file may have either word for a thing, but not both; and what goes together. */
static void
test_files_that_say_a_thing_twice(void)
{
    static const struct {
        const char *json, *error;
    } rows[] = {
        {"{\"path\": \"/a\", \"resource\": \"/b\"}",
         "f.json: \"resource\": says what \"path\" says, which is there, too"},
        {"{\"cors max age\": 1, \"cors\": {}}",
         "f.json: \"cors\".\"maxAge\": says what \"cors max age\" says, which is there, too"},
        {"{\"perMessageDeflate threshold\": 1, \"perMessageDeflate\": true}", ""},
        {"{\"perMessageDeflate threshold\": 1, \"perMessageDeflate\": {}}",
         "f.json: \"perMessageDeflate\".\"threshold\": says what \"perMessageDeflate threshold\" "
         "says, which is there, too"},
        {"{\"addTrailingSlash\": true, \"addTrailingSlash\": false}",
         "f.json: \"addTrailingSlash\": is there twice"},
        {"{\"cors\": {\"origin\": [\"*\", \"https://a\"]}}",
         "\"cors origin\": must have nothing beside \"*\" or \"reflect\""},
        {"{\"origins\": [\"a:80\"], \"cors\": {\"origin\": \"http://a\"}}",
         "\"cors origin\": can not be used with \"origins\": whom that names may read as well as "
         "connect"},
        {"{\"origins\": [\"*:*\"], \"cors\": {\"origin\": \"http://a\"}}", ""},
        {"{\"origins\": [\"a:80\"], \"cors\": false}", ""},
    };
    sio_buf error;

    sio_buf_init(&error, 4096);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_cfg cfg;

        check_row = rows[i].json;
        sio_buf_clear(&error);
        CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
        int rc = sio_config_file_load_text(&cfg, sio_view_of(rows[i].json), "f.json", &error);
        if (rc == SIO_OK)
            rc = sio_cfg_check(&cfg, &error);
        CHECK_INT(rc, rows[i].error[0] == '\0' ? SIO_OK : SIO_ERR_CONFIG);
        CHECK_VIEW(sio_buf_view(&error), rows[i].error);
        sio_cfg_fini(&cfg);
    }
    sio_buf_fini(&error);
}

static void
test_what_an_object_leaves_out_is_as_by_default(void)
{
    sio_cfg cfg;
    sio_buf error;

    sio_buf_init(&error, 4096);
    CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
    CHECK_INT(sio_cfg_set_json(&cfg, "cors", "{\"credentials\":true,\"maxAge\":5}", &error),
              SIO_OK);
    CHECK_INT(sio_cfg_set_json(&cfg, "cors", "{\"origin\":\"http://a\"}", &error), SIO_OK);
    CHECK(!cfg.cors_credentials);
    CHECK_INT(cfg.cors_max_age_s, 0);
    CHECK_VIEW(sio_buf_view(&error), "");
    sio_buf_fini(&error);
    sio_cfg_fini(&cfg);
}

static void
test_transports_of_engine_io(void)
{
    static const struct {
        const char *transports, *engine;
        bool        polling, websocket;
    } rows[] = {
        {"[\"websocket\",\"htmlfile\",\"xhr-polling\",\"jsonp-polling\"]", "[]", true, true},
        {"[\"polling\",\"websocket\"]", "[]", true, true},
        {"[\"websocket\"]", "[]", false, true},
        {"[\"polling\"]", "[]", true, false},
        {"[\"xhr-polling\"]", "[]", true, false},
        {"[\"websocket\"]", "[\"polling\"]", true, false},
        {"[\"xhr-polling\"]", "[\"websocket\",\"polling\"]", true, true},
    };
    sio_buf error;

    sio_buf_init(&error, 4096);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_cfg cfg;

        check_row = rows[i].transports;
        CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
        CHECK_INT(sio_cfg_set_json(&cfg, "engine transports", rows[i].engine, &error), SIO_OK);
        CHECK_INT(sio_cfg_set_json(&cfg, "transports", rows[i].transports, &error), SIO_OK);
        CHECK_INT(sio_cfg_engine_may_use(&cfg, SIO_VIEW("polling")), rows[i].polling);
        CHECK_INT(sio_cfg_engine_may_use(&cfg, SIO_VIEW("websocket")), rows[i].websocket);
        sio_cfg_fini(&cfg);
    }
    sio_buf_fini(&error);
}

/* Each row is of a setting that there is, and its values are good for it. */
static void
test_the_table(void)
{
    sio_buf out;

    sio_buf_init(&out, 65536);
    sio_config_describe(&out);
    CHECK(!out.failed);
    sio_buf_add_char(&out, '\0');
    for (const sio_config_name *row = sio_config_names; row->option != NULL; row++) {
        const char *off = row->off != NULL ? row->off : row->on;
        sio_cfg     cfg;

        check_row = row->key;
        CHECK(strstr(out.data, row->option) != NULL);
        CHECK(row->key != NULL || row->note != NULL);
        CHECK_INT(sio_cfg_init(&cfg), SIO_OK);
        if (row->key != NULL)
            CHECK(sio_setting_find(&sio_settings, row->key) != NULL);
        if (row->key != NULL && row->member != NULL) {
            CHECK_INT(sio_cfg_set_json(&cfg, row->key, row->on, &out), SIO_OK);
            CHECK_INT(sio_cfg_set_json(&cfg, row->key, off, &out), SIO_OK);
        }
        sio_cfg_fini(&cfg);
    }
    sio_buf_fini(&out);
}

int
main(void)
{
    RUN(test_options_are_settings);
    RUN(test_wrong_options_are_refused_and_nothing_changes);
    RUN(test_files_that_say_a_thing_twice);
    RUN(test_what_an_object_leaves_out_is_as_by_default);
    RUN(test_transports_of_engine_io);
    RUN(test_the_table);
    return check_done();
}
