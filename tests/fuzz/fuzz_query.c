/*
 * tests/fuzz/fuzz_query.c - protocol/query.h: parts lie inside the query, what is
 * decoded is valid UTF-8, and the JSON is valid, with each key once and as many values as
 * there are pairs.
 */
#include "tests/fuzz/must.h"
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/query.h"
#include "protocol/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_PAIRS = 20 };

static void
check_decoded(sio_view raw)
{
    sio_buf text;

    sio_buf_init(&text, SIZE_MAX);
    sio_query_decode(raw, &text);
    must(!text.failed && text.len <= 3 * raw.len);
    must(sio_utf8_valid(sio_buf_view(&text)));
    if (sio_query_is_digits(raw))
        must(sio_view_eq(raw, sio_buf_view(&text)));
    sio_buf_fini(&text);
}

/* Visit every pair; returns how many there are. */
static size_t
check_pairs(sio_view query)
{
    sio_query_iter it;
    sio_view       key, value;
    size_t         n = 0;

    sio_query_begin(&it, query);
    for (; sio_query_next(&it, &key, &value); n++) {
        must_be_inside(key, query);
        must_be_inside(value, query);
        check_decoded(key);
        check_decoded(value);
    }
    return n;
}

static size_t
count_values(sio_view value)
{
    sio_json_iter it;
    sio_view      element;
    size_t        n = 0;

    if (sio_json_read_kind_of(value) == SIO_JSON_STRING)
        return 1;
    must(sio_json_read_kind_of(value) == SIO_JSON_ARRAY);
    for (sio_json_read_array_begin(&it, value); sio_json_read_array_next(&it, &element); n++)
        must(sio_json_read_kind_of(element) == SIO_JSON_STRING);
    must(n >= 2);
    return n;
}

static void
check_json(sio_view query, size_t n_pairs)
{
    sio_view      keys[MAX_PAIRS], value;
    sio_json_iter it;
    sio_buf       json;
    size_t        n_keys = 0, n_values = 0;

    sio_buf_init(&json, SIZE_MAX);
    sio_query_to_json(query, MAX_PAIRS, &json);
    must(!json.failed && sio_json_validate(sio_buf_view(&json), 2) == SIO_OK);
    sio_json_read_object_begin(&it, sio_buf_view(&json));
    while (n_keys < MAX_PAIRS && sio_json_read_object_next(&it, &keys[n_keys], &value)) {
        for (size_t i = 0; i < n_keys; i++)
            must(!sio_view_eq(keys[i], keys[n_keys]));
        n_keys++;
        n_values += count_values(value);
    }
    must(n_values == (n_pairs < MAX_PAIRS ? n_pairs : MAX_PAIRS));
    sio_buf_fini(&json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_view query = {(const char *)data, size};
    sio_view       value = {NULL, 0};

    check_json(query, check_pairs(query));
    if (sio_query_find(query, "d", &value))
        must_be_inside(value, query);
    return 0;
}
