#include "protocol/query.h"
#include "tests/unit/check.h"

#include <stdlib.h>

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

/* Each pair as "[key|value]". */
static void
test_pairs_are_cut(void)
{
    static const struct {
        const char *query, *want;
    } rows[] = {
        {"", ""},
        {"&", ""},
        {"&&&", ""},
        {"a", "[a|]"},
        {"a=", "[a|]"},
        {"=", "[|]"},
        {"=b", "[|b]"},
        {"a=b", "[a|b]"},
        {"a=b=c", "[a|b=c]"},
        {"a=1&b=2", "[a|1][b|2]"},
        {"&a=1&&b=2&", "[a|1][b|2]"},
        {"a=1&a=2", "[a|1][a|2]"},
        {"a%3D=%26;c=d?e=f", "[a%3D|%26;c=d?e=f]"},
    };
    sio_query_iter it;
    sio_view       k, v;
    sio_buf        got;

    sio_buf_init(&got, SIZE_MAX);
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i].query;
        sio_buf_clear(&got);
        sio_query_begin(&it, sio_view_of(rows[i].query));
        while (sio_query_next(&it, &k, &v)) {
            sio_buf_add_char(&got, '[');
            sio_buf_add_view(&got, k);
            sio_buf_add_char(&got, '|');
            sio_buf_add_view(&got, v);
            sio_buf_add_char(&got, ']');
        }
        CHECK_VIEW(sio_buf_view(&got), rows[i].want);
        CHECK(!sio_query_next(&it, &k, &v));
    }
    sio_buf_fini(&got);
}

static void
test_find_compares_decoded_keys(void)
{
    static const struct {
        const char *query, *key, *want; /* want NULL: not found */
    } rows[] = {
        {"t=1&jsonp=3", "jsonp", "3"},
        {"jsonp=3&jsonp=4", "jsonp", "3"},
        {"disconnect", "disconnect", ""},
        {"disconnect=", "disconnect", ""},
        {"disconnected=1&xdisconnect=1", "disconnect", NULL},
        {"%64=x", "d", "x"},
        {"a+b=x", "a b", "x"},
        {"a%20b=%20", "a b", "%20"},
        {"a%2=x", "a%2", "x"},
        {"D=x", "d", NULL},
        {"", "d", NULL},
        {"=x", "", "x"},
        {"e=d", "d", NULL},
    };

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        sio_view v = SIO_VIEW("untouched");

        check_row = rows[i].query;
        CHECK_INT(sio_query_find(sio_view_of(rows[i].query), rows[i].key, &v),
                  rows[i].want != NULL);
        CHECK_VIEW(v, rows[i].want == NULL ? "untouched" : rows[i].want);
    }
}

static void
test_decoding(void)
{
    static const struct {
        const char *raw;
        sio_view    want;
    } rows[] = {
        {"", SIO_VIEW_INIT("")},
        {"plain", SIO_VIEW_INIT("plain")},
        {"a+b%20c", SIO_VIEW_INIT("a b c")},
        {"%2B%25%26%3d", SIO_VIEW_INIT("+%&=")},
        {"%00", SIO_VIEW_INIT("\0")},
        {"%C3%A9\xC3\xA9", SIO_VIEW_INIT("\xC3\xA9\xC3\xA9")},
        {"%", SIO_VIEW_INIT("%")},
        {"%4", SIO_VIEW_INIT("%4")},
        {"%4g%g4%%41", SIO_VIEW_INIT("%4g%g4%A")},
        {"%+1", SIO_VIEW_INIT("% 1")},
        {"a%FFb", SIO_VIEW_INIT("a\xEF\xBF\xBD"
                                "b")},
        {"\xE2\x82", SIO_VIEW_INIT("\xEF\xBF\xBD")},
        {"%ED%A0%80", SIO_VIEW_INIT("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD")},
        {"d=5%3A%3A%3A%7B%7D", SIO_VIEW_INIT("d=5:::{}")},
    };
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i].raw;
        sio_buf_clear(&b);
        sio_query_decode(sio_view_of(rows[i].raw), &b);
        CHECK_VIEW(sio_buf_view(&b), rows[i].want);
        sio_query_decode(sio_view_of(rows[i].raw), &b); /* what was there before is kept */
        CHECK_INT(b.len, 2 * rows[i].want.len);
        CHECK(!b.failed);
    }
    sio_buf_fini(&b);
}

static void
test_decoding_fails_over_the_limit(void)
{
    sio_buf b;

    sio_buf_init(&b, 3);
    sio_query_decode(SIO_VIEW("%61bc"), &b);
    CHECK(!b.failed);
    sio_buf_clear(&b);
    sio_query_decode(SIO_VIEW("abcd"), &b);
    CHECK(b.failed);
    sio_buf_clear(&b);
    sio_query_decode(SIO_VIEW("%FF%FF"), &b); /* two bytes, six when repaired */
    CHECK(b.failed);
    sio_buf_fini(&b);
}

static void
test_short_values(void)
{
    static const struct {
        const char *raw, *want; /* want NULL: it does not fit, or has a NUL */
    } rows[] = {
        {"", ""},           {"abcdefg", "abcdefg"}, {"%61%62%63%64%65%66%67", "abcdefg"},
        {"a+b", "a b"},     {"%2D%2d", "--"},       {"%", "%"},
        {"%4", "%4"},       {"%zz", "%zz"},         {"\xFF%FF", "\xFF\xFF"},
        {"abcdefgh", NULL}, {"%61bcdefgh", NULL},   {"%00", NULL},
        {"a%00", NULL},     {"a%00b", NULL},        {"abcdefg%00", NULL},
    };
    char text[8];

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i].raw;
        CHECK_INT(sio_query_decode_short(sio_view_of(rows[i].raw), text, sizeof text),
                  rows[i].want != NULL);
        CHECK_VIEW(sio_view_of(text), rows[i].want != NULL ? rows[i].want : "");
    }
    CHECK(!sio_query_decode_short(SIO_VIEW("a"), text, 1));
    CHECK(sio_query_decode_short(SIO_VIEW(""), text, 1));
    CHECK(sio_query_decodes_to(SIO_VIEW("%70olling"), SIO_VIEW("polling")));
    CHECK(!sio_query_decodes_to(SIO_VIEW("%70olling+"), SIO_VIEW("polling")));
    CHECK(!sio_query_decodes_to(SIO_VIEW("%70ollin"), SIO_VIEW("polling")));
}

static void
test_digits(void)
{
    CHECK(sio_query_is_digits(SIO_VIEW("0")));
    CHECK(sio_query_is_digits(SIO_VIEW("0123456789")));
    CHECK(!sio_query_is_digits(SIO_VIEW("")));
    CHECK(!sio_query_is_digits(SIO_VIEW("1a")));
    CHECK(!sio_query_is_digits(SIO_VIEW("-1")));
    CHECK(!sio_query_is_digits(SIO_VIEW("%31")));
}

static void
test_json_is_what_querystring_parse_gives(void)
{
    static const struct {
        const char *query;
        unsigned    max;
        const char *want;
    } rows[] = {
        {"", 10, "{}"},
        {"&&", 10, "{}"},
        {"t=1", 10, "{\"t\":\"1\"}"},
        {"a&b=", 10, "{\"a\":\"\",\"b\":\"\"}"},
        {"=v", 10, "{\"\":\"v\"}"},
        {"b=2&a=1", 10, "{\"b\":\"2\",\"a\":\"1\"}"},
        {"a=1&b=2&a=3", 10, "{\"a\":[\"1\",\"3\"],\"b\":\"2\"}"},
        {"b=1&a=1&b=2&a=2&c=3&b=3", 10,
         "{\"b\":[\"1\",\"2\",\"3\"],\"a\":[\"1\",\"2\"],\"c\":\"3\"}"},
        {"a+=1&a%20=2", 10, "{\"a \":[\"1\",\"2\"]}"},
        {"=1&=2&a", 10, "{\"\":[\"1\",\"2\"],\"a\":\"\"}"},
        {"%FF=1&%FE=2", 10, "{\"\xEF\xBF\xBD\":[\"1\",\"2\"]}"},
        {"%22=%5C%0A", 10, "{\"\\\"\":\"\\\\\\n\"}"},
        {"ab=1&a=2&abc=3", 10, "{\"ab\":\"1\",\"a\":\"2\",\"abc\":\"3\"}"},
        {"a=1&b=2&a=3", 2, "{\"a\":\"1\",\"b\":\"2\"}"},
        {"&&a=1&&b=2", 1, "{\"a\":\"1\"}"},
        {"a=1", 0, "{}"},
    };
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        check_row = rows[i].query;
        sio_buf_clear(&b);
        sio_query_to_json(sio_view_of(rows[i].query), rows[i].max, &b);
        CHECK_VIEW(sio_buf_view(&b), rows[i].want);
        CHECK(!b.failed);
    }
    sio_buf_fini(&b);
}

/* More pairs than are looked at, all with different keys, then all with the same one. */
static void
test_json_of_many_pairs_is_cut_at_the_maximum(void)
{
    sio_buf  query, json;
    unsigned n_values;

    sio_buf_init(&query, SIZE_MAX);
    sio_buf_init(&json, SIZE_MAX);
    for (int same = 0; same <= 1; same++) {
        sio_buf_clear(&query);
        sio_buf_clear(&json);
        for (uint64_t i = 0; i < SIO_QUERY_MAX_PAIRS + 5; i++) {
            sio_buf_add_char(&query, 'k');
            sio_buf_add_u64(&query, same ? 1 : i);
            sio_buf_add_str(&query, "=!&");
        }
        sio_query_to_json(sio_buf_view(&query), SIO_QUERY_MAX_PAIRS * 2, &json);
        n_values = 0;
        for (size_t i = 0; i < json.len; i++)
            n_values += json.data[i] == '!';
        CHECK_INT(n_values, SIO_QUERY_MAX_PAIRS);
        CHECK(!json.failed);
    }
    sio_buf_fini(&json);
    sio_buf_fini(&query);
}

static void
test_json_fails_over_the_limit(void)
{
    sio_buf b;

    sio_buf_init(&b, 9);
    sio_query_to_json(SIO_VIEW("a=1"), 10, &b);
    CHECK_VIEW(sio_buf_view(&b), "{\"a\":\"1\"}");
    sio_buf_clear(&b);
    sio_query_to_json(SIO_VIEW("a=12"), 10, &b);
    CHECK(b.failed);
    sio_buf_fini(&b);
}

static void
test_a_target_is_cut_at_its_first_mark(void)
{
    sio_view query;

    CHECK_VIEW(sio_query_cut(SIO_VIEW("/a/b?x=1?y"), &query), "/a/b");
    CHECK_VIEW(query, "x=1?y");
    CHECK_VIEW(sio_query_cut(SIO_VIEW("/a"), &query), "/a");
    CHECK_VIEW(query, "");
    CHECK_VIEW(sio_query_cut(SIO_VIEW("?"), &query), "");
    CHECK_VIEW(query, "");
    CHECK_VIEW(sio_query_cut((sio_view){NULL, 0}, &query), "");
}

int
main(void)
{
    RUN(test_a_target_is_cut_at_its_first_mark);
    RUN(test_pairs_are_cut);
    RUN(test_find_compares_decoded_keys);
    RUN(test_decoding);
    RUN(test_decoding_fails_over_the_limit);
    RUN(test_short_values);
    RUN(test_digits);
    RUN(test_json_is_what_querystring_parse_gives);
    RUN(test_json_of_many_pairs_is_cut_at_the_maximum);
    RUN(test_json_fails_over_the_limit);
    return check_done();
}
