#include "protocol/json.h"
#include "protocol/json_read.h"
#include "tests/unit/check.h"

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>

#define DEPTH 8u

/* What cJSON says about the same text differs on purpose in these ways. */
typedef enum {
    AGREES,
    CJSON_NUMBERS,    /* reads numbers with strtod: 01, 1. and -.5 pass */
    CJSON_CONTROLS,   /* takes control characters inside strings and as white space */
    CJSON_HEX,        /* takes a \u escape with a wrong digit for \u0000 */
    CJSON_BYTES,      /* does not look at UTF-8 */
    CJSON_SURROGATES, /* refuses unpaired surrogates, which JSON.parse takes */
    CJSON_DEPTH,      /* goes down to 1000 */
    CJSON_BOM         /* skips a byte order mark */
} difference;

static const struct {
    sio_view   text;
    int        want;
    difference cjson;
} texts[] = {
    {SIO_VIEW_INIT("null"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("true"), SIO_OK, AGREES},
    {SIO_VIEW_INIT(" \t\r\nfalse \t\r\n"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("0"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("-0"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("10"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("-1.50"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("1e5"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("1E+05"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("1.5e-7"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("\"\""), SIO_OK, AGREES},
    {SIO_VIEW_INIT("\"2\""), SIO_OK, AGREES},
    {SIO_VIEW_INIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\""), SIO_OK, AGREES},
    {SIO_VIEW_INIT("\"\\ud83d\\ude00\""), SIO_OK, AGREES},
    {SIO_VIEW_INIT("\"é€😀\""), SIO_OK, AGREES},
    {SIO_VIEW_INIT("\"longer than eight, then \\\" more\""), SIO_OK, AGREES},
    {SIO_VIEW_INIT("\"\x7F\""), SIO_OK, AGREES},
    {SIO_VIEW_INIT("[]"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("[ ]"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("{}"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("{ }"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("[1,\"a\",null,[],{}]"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("[ 1 , [ 2 ] , { \"a\" : 3 } ]"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("{\"a\":{\"b\":[{\"c\":[]}]},\"a\":2,\"\":3}"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("[[],[[]],{}]"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("[[[[[[[[]]]]]]]]"), SIO_OK, AGREES}, /* DEPTH */
    {SIO_VIEW_INIT("[[[[[[[1]]]]]],[[[[[[[]]]]]]]]"), SIO_OK, AGREES},
    {SIO_VIEW_INIT("[[[[[[[[[]]]]]]]]]"), SIO_TOO_LARGE, CJSON_DEPTH},
    {SIO_VIEW_INIT("[[[[[[[[{\"a\":1}]]]]]]]]"), SIO_TOO_LARGE, CJSON_DEPTH},
    {SIO_VIEW_INIT("[[[[[[[[[[[[[["), SIO_TOO_LARGE, AGREES},
    {SIO_VIEW_INIT("\"\\ud83d\""), SIO_OK, CJSON_SURROGATES},
    {SIO_VIEW_INIT("\"\\ude00\\ud83d\""), SIO_OK, CJSON_SURROGATES},
    {SIO_VIEW_INIT(""), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("  "), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("bad"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("nul"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("nulll"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("True"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("NaN"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("Infinity"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("-"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("+1"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT(".5"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("1e"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("1e+"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("0x10"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("1 2"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("-.5"), SIO_BAD, CJSON_NUMBERS},
    {SIO_VIEW_INIT("1."), SIO_BAD, CJSON_NUMBERS},
    {SIO_VIEW_INIT("01"), SIO_BAD, CJSON_NUMBERS},
    {SIO_VIEW_INIT("-01"), SIO_BAD, CJSON_NUMBERS},
    {SIO_VIEW_INIT("\""), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("\"abc"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("\"abc\\\""), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("'a'"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("\"\\x41\""), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("\"\\\0\""), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("\"\\u12\""), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("\"\\u12g4\""), SIO_BAD, CJSON_HEX},
    {SIO_VIEW_INIT("\"\\U0041\""), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("\"a\nb\""), SIO_BAD, CJSON_CONTROLS},
    {SIO_VIEW_INIT("\"eight or more \x1F\""), SIO_BAD, CJSON_CONTROLS},
    {SIO_VIEW_INIT("\"a\0b\""), SIO_BAD, CJSON_CONTROLS},
    {SIO_VIEW_INIT("\v1"), SIO_BAD, CJSON_CONTROLS},
    {SIO_VIEW_INIT("1\f"), SIO_BAD, CJSON_CONTROLS},
    {SIO_VIEW_INIT("\"\xFF\""), SIO_BAD, CJSON_BYTES},
    {SIO_VIEW_INIT("\"\xC0\x80\""), SIO_BAD, CJSON_BYTES},
    {SIO_VIEW_INIT("\"\xED\xA0\x80\""), SIO_BAD, CJSON_BYTES},
    {SIO_VIEW_INIT("\"\xE2\x82\""), SIO_BAD, CJSON_BYTES},
    {SIO_VIEW_INIT("\xC2\xA0"
                   "1"),
     SIO_BAD, AGREES},
    {SIO_VIEW_INIT("\xEF\xBB\xBF[]"), SIO_BAD, CJSON_BOM},
    {SIO_VIEW_INIT("["), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("]"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("[1,]"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("[,1]"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("[1 2]"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("[1}"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("[1]]"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("[\"a\":1]"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("{"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("{\"a\"}"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("{\"a\":}"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("{\"a\":1,}"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("{,\"a\":1}"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("{a:1}"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("{1:1}"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("{\"a\":1]"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("{\"a\":1 \"b\":2}"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("{\"++]"), SIO_BAD, AGREES},
    {SIO_VIEW_INIT("[1] // no"), SIO_BAD, AGREES},
};

#define N_TEXTS (sizeof texts / sizeof texts[0])

/* Validate a copy that ends where its memory ends, for the sanitizer. */
static int
validate_copy(sio_view text, unsigned max_depth)
{
    char *copy = malloc(text.len + (text.len == 0));
    int   rc;

    if (copy == NULL)
        return SIO_ERR_NOMEM;
    if (text.len > 0)
        memcpy(copy, text.data, text.len);
    rc = sio_json_validate((sio_view){copy, text.len}, max_depth);
    free(copy);
    return rc;
}

/* text.data[text.len] is a NUL, as in a literal. */
static bool
cjson_accepts(sio_view text)
{
    cJSON *tree = cJSON_ParseWithLengthOpts(text.data, text.len + 1, NULL, true);

    cJSON_Delete(tree);
    return tree != NULL;
}

static void
test_texts(void)
{
    for (size_t i = 0; i < N_TEXTS; i++) {
        check_row = texts[i].text.data;
        CHECK_INT(validate_copy(texts[i].text, DEPTH), texts[i].want);
    }
}

static void
test_cjson_agrees_or_is_known_to_differ(void)
{
    for (size_t i = 0; i < N_TEXTS; i++) {
        const bool same = cjson_accepts(texts[i].text) == (texts[i].want == SIO_OK);

        check_row = texts[i].text.data;
        CHECK_INT(same, texts[i].cjson == AGREES);
    }
}

/* Sequences of tokens on which the two have no reason to differ. */
static void
test_cjson_agrees_on_random_structure(void)
{
    static const char *const tokens[] = {"[",       "]",       "{",      "}",  ",",  ":",
                                         "\"a\"",   "1",       "null",   " ",  "[1", ",\"b\"",
                                         "{\"c\":", "\"\\n\"", "-2.5e3", "tru"};
    uint32_t                 random = 1;
    unsigned                 n_valid = 0;

    for (int round = 0; round < 200000; round++) {
        char     text[64] = "";
        sio_view v = {text, 0};

        do {
            const char *token;

            random = random * 1664525u + 1013904223u;
            token = tokens[random >> 28];
            memcpy(text + v.len, token, strlen(token) + 1);
            v.len += strlen(token);
        } while (v.len < 48 && (random >> 24 & 7) != 0);
        check_row = text;
        n_valid += sio_json_validate(v, 64) == SIO_OK;
        if (!CHECK_INT(sio_json_validate(v, 64) == SIO_OK, cjson_accepts(v)))
            return;
    }
    CHECK(n_valid > 1000);
}

static void
test_prefixes_of_containers_are_bad(void)
{
    for (size_t i = 0; i < N_TEXTS; i++) {
        const sio_view text = texts[i].text;

        if (texts[i].want != SIO_OK || (text.data[0] != '[' && text.data[0] != '{'))
            continue;
        check_row = text.data;
        for (size_t n = 0; n < text.len; n++)
            CHECK_INT(validate_copy((sio_view){text.data, n}, DEPTH), SIO_BAD);
    }
}

static void
test_depth_has_a_named_maximum(void)
{
    const size_t n = SIO_JSON_MAX_DEPTH;
    char         text[2 * SIO_JSON_MAX_DEPTH + 2];
    char *const  end = text + sizeof text;

    memset(text, '[', n + 1);
    memset(text + n + 1, ']', n + 1);
    CHECK_INT(sio_json_validate((sio_view){text, (size_t)(end - text)}, UINT32_MAX), SIO_TOO_LARGE);
    CHECK_INT(sio_json_validate((sio_view){text + 1, 2 * n}, UINT32_MAX), SIO_OK);
    CHECK_INT(sio_json_validate(SIO_VIEW("1"), 0), SIO_OK);
    CHECK_INT(sio_json_validate(SIO_VIEW("[]"), 0), SIO_TOO_LARGE);
    CHECK_INT(sio_json_validate(SIO_VIEW("{}"), 0), SIO_TOO_LARGE);
}

static void
test_kinds(void)
{
    CHECK_INT(sio_json_read_kind_of(SIO_VIEW("")), SIO_JSON_NONE);
    CHECK_INT(sio_json_read_kind_of((sio_view){NULL, 0}), SIO_JSON_NONE);
    CHECK_INT(sio_json_read_kind_of(SIO_VIEW(" null")), SIO_JSON_NULL);
    CHECK_INT(sio_json_read_kind_of(SIO_VIEW("false")), SIO_JSON_FALSE);
    CHECK_INT(sio_json_read_kind_of(SIO_VIEW("true")), SIO_JSON_TRUE);
    CHECK_INT(sio_json_read_kind_of(SIO_VIEW("-1")), SIO_JSON_NUMBER);
    CHECK_INT(sio_json_read_kind_of(SIO_VIEW("\"a\"")), SIO_JSON_STRING);
    CHECK_INT(sio_json_read_kind_of(SIO_VIEW("[]")), SIO_JSON_ARRAY);
    CHECK_INT(sio_json_read_kind_of(SIO_VIEW("{}")), SIO_JSON_OBJECT);
}

static void
test_strings_decode_and_compare(void)
{
    static const struct {
        const char *literal;
        sio_view    want;
    } strings[] = {
        {"\"\"", SIO_VIEW_INIT("")},
        {"\"plain\"", SIO_VIEW_INIT("plain")},
        {" \"spaced\" ", SIO_VIEW_INIT("spaced")},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", SIO_VIEW_INIT("\"\\/\b\f\n\r\t")},
        {"\"a\\u0000\\u0041\\u00e9\\u20AC\"", SIO_VIEW_INIT("a\0Aé€")},
        {"\"\\ud83d\\uDE00\"", SIO_VIEW_INIT("😀")},
        {"\"\\ud83d\"", SIO_VIEW_INIT("\xEF\xBF\xBD")},
        {"\"\\ud83dx\"", SIO_VIEW_INIT("\xEF\xBF\xBDx")},
        {"\"\\ud83d\\n\"", SIO_VIEW_INIT("\xEF\xBF\xBD\n")},
        {"\"\\ud83d\\u0041\"", SIO_VIEW_INIT("\xEF\xBF\xBD"
                                             "A")},
        {"\"\\ud83d\\ud83d\\ude00\"", SIO_VIEW_INIT("\xEF\xBF\xBD😀")},
        {"\"\\ude00\"", SIO_VIEW_INIT("\xEF\xBF\xBD")},
    };
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        const sio_view literal = sio_view_of(strings[i].literal), want = strings[i].want;

        check_row = strings[i].literal;
        sio_buf_clear(&b);
        CHECK_INT(sio_json_read_string(literal, &b), SIO_OK);
        CHECK_VIEW(sio_buf_view(&b), want);
        CHECK(sio_json_read_string_equals(literal, want));
        sio_buf_add_char(&b, '!');
        CHECK(!sio_json_read_string_equals(literal, sio_buf_view(&b)));
        if (want.len > 0)
            CHECK(!sio_json_read_string_equals(literal, (sio_view){want.data, want.len - 1}));
    }
    sio_buf_fini(&b);
}

static void
test_string_decode_failures(void)
{
    sio_buf b;

    sio_buf_init(&b, 3);
    CHECK_INT(sio_json_read_string(SIO_VIEW("1"), &b), SIO_BAD);
    CHECK_INT(sio_json_read_string(SIO_VIEW("[\"a\"]"), &b), SIO_BAD);
    CHECK_INT(sio_json_read_string(SIO_VIEW("\""), &b), SIO_BAD);
    CHECK(!sio_json_read_string_equals(SIO_VIEW("1"), SIO_VIEW("1")));
    CHECK_INT(sio_json_read_string(SIO_VIEW("\"four\""), &b), SIO_TOO_LARGE);
    sio_buf_fini(&b);
}

static void
test_nul_is_found_wherever_it_is(void)
{
    static const struct {
        const char *text;
        bool        has_nul;
    } rows[] = {
        {"\"\\u0000\"", true},
        {"[1,{\"a\":[\"b\\u0000c\"]}]", true},
        {"{\"\\n\\u0000\":1}", true},
        {"\"\\\\\\u0000\"", true},
        {"\"\\\\u0000\"", false}, /* a backslash, and letters */
        {"\"\\u00001\"", true},
        {"\"\\u0001\\u0010\\u1000\"", false},
        {"\"u0000\"", false},
        {"\"\\\"\"", false},
        {"[]", false},
        {"", false},
        {"\\u000", false},
        {"\\", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].text;
        CHECK_INT(sio_json_read_has_nul(sio_view_of(rows[i].text)), rows[i].has_nul);
    }
    CHECK(!sio_json_read_has_nul((sio_view){NULL, 0}));
}

static void
test_array_walk(void)
{
    static const char *const want[] = {"1", "\"a,]\\\"\"", "[2,[3]]", "{\"b\":[]}", "null", "-1e5"};
    sio_json_iter            it;
    sio_view                 element;
    size_t                   n = 0;

    sio_json_read_array_begin(&it, SIO_VIEW(" [1 ,\"a,]\\\"\", [2,[3]],{\"b\":[]}\n,null,-1e5 ] "));
    for (; sio_json_read_array_next(&it, &element); n++)
        if (CHECK(n < 6))
            CHECK_VIEW(element, want[n]);
    CHECK_INT(n, 6);
    CHECK(!sio_json_read_array_next(&it, &element));
}

static void
test_object_walk(void)
{
    sio_json_iter it;
    sio_view      key, value;

    sio_json_read_object_begin(&it, SIO_VIEW("{ \"a:\" : 1, \"\":{\"x\":2} }"));
    CHECK(sio_json_read_object_next(&it, &key, &value));
    CHECK_VIEW(key, "\"a:\"");
    CHECK_VIEW(value, "1");
    CHECK(sio_json_read_object_next(&it, &key, &value));
    CHECK_VIEW(key, "\"\"");
    CHECK_VIEW(value, "{\"x\":2}");
    CHECK(!sio_json_read_object_next(&it, &key, &value));
}

static void
test_other_kinds_have_no_elements(void)
{
    static const char *const others[] = {"", "1", "\"[1]\"", "{\"a\":1}", "[]", "[ ]", "["};
    sio_json_iter            it;
    sio_view                 v;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        check_row = others[i];
        sio_json_read_array_begin(&it, sio_view_of(others[i]));
        CHECK(!sio_json_read_array_next(&it, &v));
    }
    sio_json_read_object_begin(&it, SIO_VIEW("[1,2]"));
    CHECK(!sio_json_read_object_next(&it, &v, &v));
}

static void
test_elements_are_what_brackets_hold(void)
{
    static const struct {
        const char *array, *elements;
        size_t      n;
    } rows[] = {
        {"[]", "", 0},
        {" [ ] ", "", 0},
        {"[1]", "1", 1},
        {"[ [1] ]", "[1]", 1},
        {"[1, {\"a\":[2]} ]", "1, {\"a\":[2]}", 2},
        {"{\"a\":1}", "", 0},
        {"\"[1]\"", "", 0},
        {"1", "", 0},
        {"", "", 0},
        {"[", "", 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const sio_view elements = sio_json_read_elements(sio_view_of(rows[i].array));
        sio_json_iter  it;
        sio_view       v;
        size_t         n = 0;

        check_row = rows[i].array;
        CHECK_VIEW(elements, rows[i].elements);
        for (sio_json_read_elements_begin(&it, elements); sio_json_read_array_next(&it, &v); n++)
            CHECK(v.len > 0);
        CHECK_INT(n, rows[i].n);
    }
}

static void
test_pick(void)
{
    static const struct {
        const char *text;
        int         want;
        const char *a, *b;
    } rows[] = {
        {"{\"a\":1,\"b\":[2 ]}", SIO_OK, "1", "[2 ]"},
        {" { \"b\" : {\"a\":3} , \"c\":4 } ", SIO_OK, "", "{\"a\":3}"},
        {"{\"a\":1,\"a\":2}", SIO_OK, "2", ""},
        {"{\"\\u0061\":\"x\"}", SIO_OK, "\"x\"", ""},
        {"{ }", SIO_OK, "", ""},
        {"[{\"a\":1}]", SIO_OK, "", ""},
        {"null", SIO_OK, "", ""},
        {"{\"a\":1,\"b\":}", SIO_BAD, "", ""},
        {"{\"a\":1}}", SIO_BAD, "", ""},
        {"{\"a\":1", SIO_BAD, "", ""},
        {"{\"a\" 1}", SIO_BAD, "", ""},
        {"{\"a\":1,}", SIO_BAD, "", ""},
        {"{} x", SIO_BAD, "", ""},
        {"", SIO_BAD, "", ""},
        {"{\"a\":[[1]]}", SIO_OK, "[[1]]", ""},
        {"{\"a\":1,\"b\":[[[]]]}", SIO_TOO_LARGE, "", ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const sio_view text = sio_view_of(rows[i].text);
        sio_json_field f[] = {{.name = SIO_VIEW("a")}, {.name = SIO_VIEW("b")}};

        check_row = rows[i].text;
        CHECK_INT(sio_json_pick(text, 3, f, 2), rows[i].want);
        CHECK_INT(sio_json_validate(text, 3), rows[i].want);
        CHECK_VIEW(f[0].value, rows[i].a);
        CHECK_VIEW(f[1].value, rows[i].b);
    }
    CHECK_INT(sio_json_pick(SIO_VIEW("{}"), 0, NULL, 0), SIO_TOO_LARGE);
}

int
main(void)
{
    RUN(test_texts);
    RUN(test_cjson_agrees_or_is_known_to_differ);
    RUN(test_cjson_agrees_on_random_structure);
    RUN(test_prefixes_of_containers_are_bad);
    RUN(test_depth_has_a_named_maximum);
    RUN(test_kinds);
    RUN(test_strings_decode_and_compare);
    RUN(test_string_decode_failures);
    RUN(test_nul_is_found_wherever_it_is);
    RUN(test_array_walk);
    RUN(test_object_walk);
    RUN(test_other_kinds_have_no_elements);
    RUN(test_elements_are_what_brackets_hold);
    RUN(test_pick);
    return check_done();
}
