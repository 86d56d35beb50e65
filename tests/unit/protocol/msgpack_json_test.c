/*
 * MessagePack as JSON and back: every vector of section 13 of the specification that is MessagePack
 * (those of the sharded and the streams adapter, too); what is broken; every prefix of what is not.
 */
#include "protocol/msgpack_json.h"

#include <stdlib.h>

#include "protocol/hex.h"
#include "protocol/json.h"
#include "tests/unit/check.h"
#include "tests/unit/protocol/node4_vectors.h"

/* Append the bytes of a text of hexadecimal digits. */
static void
add_hex(sio_buf *out, sio_view hex)
{
    for (size_t i = 0; i + 1 < hex.len; i += 2)
        sio_buf_add_char(out,
                         (char)(16 * sio_hex_value(hex.data[i]) + sio_hex_value(hex.data[i + 1])));
}

typedef struct {
    sio_buf          bytes;
    sio_msgpack_json json;
} fixture;

static void
fixture_begin(fixture *f)
{
    sio_buf_init(&f->bytes, SIZE_MAX);
    sio_buf_init(&f->json.text, SIZE_MAX);
}

static void
fixture_end(fixture *f)
{
    sio_buf_fini(&f->bytes);
    sio_buf_fini(&f->json.text);
}

static int
read_hex(fixture *f, const char *hex)
{
    sio_buf_clear(&f->bytes);
    add_hex(&f->bytes, sio_view_of(hex));
    return sio_msgpack_json_read(sio_buf_view(&f->bytes), &f->json);
}

static void
check_attachments(const fixture *f, const char *hex)
{
    unsigned n = 0;
    sio_buf  want;

    for (const char *word = hex; *word != '\0'; word += *word == ' ', n++) {
        const size_t len = strcspn(word, " ");

        sio_buf_init(&want, SIZE_MAX);
        add_hex(&want, (sio_view){word, len});
        if (n < f->json.n_attachments)
            CHECK_VIEW(f->json.attachments[n], sio_buf_view(&want));
        sio_buf_fini(&want);
        word += len;
    }
    if (*hex != '\0')
        CHECK_INT(f->json.n_attachments, n);
}

static void
test_every_vector_is_read(void)
{
    fixture f;

    fixture_begin(&f);
    for (size_t i = 0; i < sizeof node4_vectors / sizeof *node4_vectors; i++) {
        const node4_vector *v = &node4_vectors[i];

        check_row = v->row;
        CHECK_INT(read_hex(&f, v->hex), SIO_OK);
        CHECK_VIEW(sio_buf_view(&f.json.text), sio_view_of(v->json));
        CHECK_INT(sio_json_validate(sio_buf_view(&f.json.text), SIO_MSGPACK_MAX_DEPTH), SIO_OK);
        check_attachments(&f, v->attachments);
    }
    fixture_end(&f);
}

/* Those of 8.x and of its emitter, but for times and numbers that JSON does not have. */
static bool
is_written_the_same(const node4_vector *v)
{
    const int row = atoi(v->row);

    return (row <= 49 || (row >= 72 && row <= 73)) && row != 4 && row != 7;
}

static void
test_every_vector_is_written_again(void)
{
    fixture f;
    sio_buf again;
    size_t  n = 0;

    fixture_begin(&f);
    sio_buf_init(&again, SIZE_MAX);
    for (size_t i = 0; i < sizeof node4_vectors / sizeof *node4_vectors; i++) {
        check_row = node4_vectors[i].row;
        if (!is_written_the_same(&node4_vectors[i]))
            continue;
        n++;
        sio_buf_clear(&again);
        CHECK_INT(read_hex(&f, node4_vectors[i].hex), SIO_OK);
        CHECK_INT(sio_msgpack_json_write(sio_buf_view(&f.json.text), f.json.attachments,
                                         f.json.n_attachments, &again),
                  SIO_OK);
        CHECK_VIEW(sio_buf_view(&again), sio_buf_view(&f.bytes));
    }
    check_row = NULL;
    CHECK_INT(n, 27);
    sio_buf_fini(&again);
    fixture_end(&f);
}

/* In memory of its own, so that the sanitizer sees its end. */
static void
check_prefix(fixture *f, size_t n)
{
    char *copy = malloc(n + 1);

    if (n > 0)
        memcpy(copy, f->bytes.data, n);
    CHECK(sio_msgpack_json_read((sio_view){copy, n}, &f->json) != SIO_OK);
    free(copy);
}

static void
test_every_prefix_of_a_vector_is_refused(void)
{
    fixture f;

    fixture_begin(&f);
    for (size_t i = 0; i < sizeof node4_vectors / sizeof *node4_vectors; i++) {
        check_row = node4_vectors[i].row;
        (void)read_hex(&f, node4_vectors[i].hex);
        for (size_t n = 0; n < f.bytes.len; n++)
            if (n == 0 || f.bytes.data[n - 1] != (char)0xc4) /* else it is whole for msgpack-js */
                check_prefix(&f, n);
    }
    fixture_end(&f);
}

static void
test_what_is_broken_is_refused(void)
{
    static const char *const broken[] = {
        "",
        "c1",
        "dd7fffffff",
        "dfffffffff",
        "dbffffffff6162",
        "c6ffffffff",
        "c9ffffffff",
        "a1",
        "9101c0",
        "81",
        "81c0",
        "8190c0",
        "d40100",
        "d40001",
        "d50000",
        "d6fe00000000",
        "c703ff000000",
        "c7090dcc00000000",
        "c7080dcb42",
        "c80001",
        "da0005616263",
        "d80003",
        "de0002a161",
        "cb00",
    };
    fixture f;

    fixture_begin(&f);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        check_row = broken[i];
        CHECK_INT(read_hex(&f, broken[i]), SIO_BAD);
    }
    fixture_end(&f);
}

static void
test_single_values(void)
{
    static const struct {
        const char *hex, *json;
    } values[] = {
        {"c0", "null"},
        {"c2", "false"},
        {"7f", "127"},
        {"e0", "-32"},
        {"d080", "-128"},
        {"d3ffffffffffffffff", "-1"},
        {"d38000000000000000", "-9223372036854775808"},
        {"cfffffffffffffffff", "18446744073709551615"},
        {"ca3fc00000", "1.5"},
        {"cb3fb999999999999a", "0.1"},
        {"cb8000000000000000", "0"},
        {"cbfff0000000000000", "null"},
        {"cb7e37e43c8800759c", "1e+300"},
        {"d90161", "\"a\""},
        {"a1ff", "\"\357\277\275\""}, /* text that is not UTF-8 */
        {"8101c3", "{\"1\":true}"},
        {"81ffc3", "{\"-1\":true}"},
        {"82a161d40000a16201", "{\"b\":1}"},
        {"92d4000001", "[null,1]"},
        {"c70300010203", "{\"_placeholder\":true,\"num\":0}"},
        {"d7001fffffffffffffff", "null"}, /* a time that Date of JavaScript can not have */
        {"d6ff386d4380", "\"2000-01-01T00:00:00.000Z\""},
        {"d700fffffffffffffc18", "\"1969-12-31T23:59:59.000Z\""},
        {"c7090dcb42d6bcc41e900000", "\"5138-11-16T09:46:40.000Z\""},
        {"d7000000e677d21fdc00", "\"+010000-01-01T00:00:00.000Z\""},
        {"d700ffff37f59dad8800", "\"-005000-02-28T00:00:00.000Z\""},
        {"d700000000dd9fcd3bff", "\"2000-02-29T23:59:59.999Z\""},
    };
    fixture f;

    fixture_begin(&f);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        check_row = values[i].hex;
        CHECK_INT(read_hex(&f, values[i].hex), SIO_OK);
        CHECK_VIEW(sio_buf_view(&f.json.text), sio_view_of(values[i].json));
    }
    fixture_end(&f);
}

static void
test_numbers_of_json_are_written_as_javascript_does(void)
{
    static const struct {
        const char *json, *hex;
    } numbers[] = {
        {"1.0", "01"},
        {"1e3", "cd03e8"},
        {"-0", "00"},
        {"-0.5", "cbbfe0000000000000"},
        {"1e400", "cb7ff0000000000000"},
        {"18446744073709551616", "cb43f0000000000000"},
        {"9007199254740993", "cf0020000000000000"},
        {"-9223372036854775808", "d38000000000000000"},
        {" [ 1 , { \"a\\n\" : [ ] } ] ", "920181a2610a90"},
    };
    sio_buf out, want;

    sio_buf_init(&out, SIZE_MAX);
    sio_buf_init(&want, SIZE_MAX);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        check_row = numbers[i].json;
        sio_buf_clear(&out);
        sio_buf_clear(&want);
        add_hex(&want, sio_view_of(numbers[i].hex));
        CHECK_INT(sio_msgpack_json_write(sio_view_of(numbers[i].json), NULL, 0, &out), SIO_OK);
        CHECK_VIEW(sio_buf_view(&out), sio_buf_view(&want));
    }
    sio_buf_fini(&out);
    sio_buf_fini(&want);
}

static void
test_lists_are_nested_up_to_a_limit(void)
{
    static const int depths[] = {SIO_MSGPACK_MAX_DEPTH, SIO_MSGPACK_MAX_DEPTH + 1, 3000};
    sio_buf          bytes, out;
    fixture          f;

    fixture_begin(&f);
    sio_buf_init(&bytes, SIZE_MAX);
    sio_buf_init(&out, SIZE_MAX);
    for (size_t k = 0; k < 3; k++) {
        const int n = depths[k];

        sio_buf_clear(&bytes);
        for (int i = 0; i < n; i++)
            sio_buf_add_char(&bytes, (char)0x91);
        sio_buf_add_char(&bytes, (char)0xc0);
        CHECK_INT(sio_msgpack_json_read(sio_buf_view(&bytes), &f.json),
                  n == SIO_MSGPACK_MAX_DEPTH ? SIO_OK : SIO_TOO_LARGE);
    }
    for (size_t n = SIO_MSGPACK_MAX_VALUE_DEPTH; n <= SIO_MSGPACK_MAX_VALUE_DEPTH + 1u; n++) {
        sio_buf_clear(&bytes);
        sio_buf_clear(&out);
        for (size_t i = 0; i < 2 * n; i++)
            sio_buf_add_char(&bytes, i < n ? '[' : ']');
        CHECK_INT(sio_msgpack_json_write(sio_buf_view(&bytes), NULL, 0, &out),
                  n == SIO_MSGPACK_MAX_VALUE_DEPTH ? SIO_OK : SIO_TOO_DEEP);
    }
    sio_buf_fini(&out);
    sio_buf_fini(&bytes);
    fixture_end(&f);
}

static void
test_attachments_and_text_are_bounded(void)
{
    fixture f;

    fixture_begin(&f);
    CHECK_INT(read_hex(&f, "9ac400c400c400c400c400c400c400c400c400c400"), SIO_OK);
    CHECK_INT(read_hex(&f, "9bc400c400c400c400c400c400c400c400c400c400c400"), SIO_TOO_LARGE);
    f.json.text.max = 3;
    CHECK_INT(read_hex(&f, "c0"), SIO_TOO_LARGE);
    fixture_end(&f);
}

int
main(void)
{
    RUN(test_every_vector_is_read);
    RUN(test_every_vector_is_written_again);
    RUN(test_every_prefix_of_a_vector_is_refused);
    RUN(test_what_is_broken_is_refused);
    RUN(test_single_values);
    RUN(test_numbers_of_json_are_written_as_javascript_does);
    RUN(test_lists_are_nested_up_to_a_limit);
    RUN(test_attachments_and_text_are_bounded);
    return check_done();
}
