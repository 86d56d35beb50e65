/*
 * tests/fuzz/fuzz_json.c - protocol/json.h: what is found valid can be walked
 * completely, every part of it is valid too, and its strings survive decoding
 * and printing; its tree has all of it. What is not valid is walked as well: it must end, inside
 * the text.
 */
#include "tests/fuzz/must.h"
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/json_tree.h"
#include "protocol/utf8.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEPTH 16u

static void
check_string(sio_view literal)
{
    sio_buf text, printed;

    sio_buf_init(&text, SIZE_MAX);
    sio_buf_init(&printed, SIZE_MAX);
    must(sio_json_read_string(literal, &text) == SIO_OK);
    must(sio_utf8_valid(sio_buf_view(&text)));
    must(sio_json_read_string_equals(literal, sio_buf_view(&text)));
    sio_buf_add_json_string(&printed, sio_buf_view(&text),
                            SIO_JSON_ESCAPE_SLASH | SIO_JSON_ESCAPE_LINE_SEPARATORS);
    must(sio_json_validate(sio_buf_view(&printed), 0) == SIO_OK);
    must(sio_json_read_string_equals(sio_buf_view(&printed), sio_buf_view(&text)));
    sio_buf_fini(&printed);
    sio_buf_fini(&text);
}

static void
check_value(sio_view value, bool valid)
{
    must(!valid || sio_json_validate(value, DEPTH) == SIO_OK);
    if (valid && sio_json_read_kind_of(value) == SIO_JSON_STRING)
        check_string(value);
}

static void
walk(sio_view text, bool valid)
{
    sio_json_iter it;
    sio_view      key, value;

    for (sio_json_read_array_begin(&it, text); sio_json_read_array_next(&it, &value);) {
        must_be_inside(value, text);
        check_value(value, valid);
    }
    for (sio_json_read_object_begin(&it, text); sio_json_read_object_next(&it, &key, &value);) {
        must_be_inside(key, text);
        must_be_inside(value, text);
        check_value(key, valid);
        check_value(value, valid);
    }
}

static void
check_pick(sio_view text, int validated)
{
    sio_json_field f[] = {{.name = SIO_VIEW("name")}, {.name = SIO_VIEW("args")}};

    must(sio_json_pick(text, DEPTH, f, 2) == validated);
    for (int i = 0; i < 2; i++) {
        must_be_inside(f[i].value, text);
        must(f[i].value.len == 0 || sio_json_validate(f[i].value, DEPTH) == SIO_OK);
    }
}

/* cJSON knows no half surrogate pairs, so there may be none. */
static void
check_tree(sio_view text)
{
    cJSON *tree = sio_json_tree(text);
    char  *printed = cJSON_PrintUnformatted(tree);

    must(tree == NULL ||
         sio_json_read_has_nul(sio_view_of(printed)) == sio_json_read_has_nul(text));
    cJSON_free(printed);
    cJSON_Delete(tree);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_view text = {(const char *)data, size};
    const int      rc = sio_json_validate(text, DEPTH);
    sio_buf        scratch;

    check_pick(text, rc);
    walk(text, rc == SIO_OK);
    (void)sio_json_read_has_nul(text);
    if (rc == SIO_OK) {
        check_value(sio_json_read_trim(text), true);
        check_tree(text);
    }

    sio_buf_init(&scratch, 64);
    (void)sio_json_read_string(text, &scratch); /* any answer, but no crash */
    (void)sio_json_read_string_equals(text, SIO_VIEW("name"));
    sio_buf_fini(&scratch);
    return 0;
}
