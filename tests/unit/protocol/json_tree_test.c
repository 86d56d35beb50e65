/*
 * JSON as a cJSON tree, with and without what cJSON can not hold.
 */
#include "protocol/buf.h"
#include "protocol/json_tree.h"

#include "protocol/json.h"
#include "tests/unit/check.h"

#include <stdint.h>
#include <stdlib.h>

#define NUL "\\u0000"

/* How the tree is printed: all of it is there, however deep. */
static const char *const wholes[] = {
    "[]",
    "[1,\"a\",null,true,{\"a\":[{}]}]",
    "[\"a\\\\u0000\"]",
    "[\"" NUL "\"]",
    "[\"a" NUL "b\",2,\"" NUL "\"]",
    "[[],{},[\"" NUL "\"],3]",
    "[{\"a\":\"" NUL "\",\"b\":\"c\"},\"" NUL "\"]",
    "[{\"a\":1,\"b" NUL "\":[2,\"" NUL "\"],\"c\":{\"d\":3}},4]",
    "[[[{\"" NUL "\":{\"" NUL "\":\"" NUL "\"}}]],{\"x\":[{\"y" NUL "\":[]}]},5]",
    "[\"\\\\\",\"\\\"" NUL "\",\"]\",{\"}\":\"{" NUL "\"}]",
    "[-1,{\"a\":\"a\",\"a\":\"" NUL "\",\"b\":\"b\"}]",
};

/* Parse it from memory that ends where the text ends. */
static cJSON *
tree_of(const char *json)
{
    const size_t len = strlen(json);
    char *const  copy = malloc(len + 1);
    cJSON       *tree;

    if (copy == NULL)
        abort();
    memcpy(copy + 1, json, len);
    tree = sio_json_tree((sio_view){copy + 1, len});
    free(copy);
    return tree;
}

static void
test_what_is_printed_is_what_was_read(void)
{
    for (size_t i = 0; i < sizeof wholes / sizeof wholes[0]; i++) {
        cJSON *tree = tree_of(wholes[i]);
        char  *printed = cJSON_PrintUnformatted(tree);

        check_row = wholes[i];
        CHECK_VIEW(sio_view_of(printed), wholes[i]);
        cJSON_free(printed);
        cJSON_Delete(tree);
    }
}

static void
test_no_string_is_cut_short(void)
{
    cJSON *tree = tree_of("[\"vip" NUL "x\", \"vip\" ,{\"token\":\"secret" NUL "\", \"a\": \"b\"},"
                          " {\"token" NUL "\":\"secret\"},7]");
    cJSON *object = cJSON_GetArrayItem(tree, 2);

    CHECK_INT(cJSON_GetArraySize(tree), 5);
    CHECK(cJSON_GetStringValue(cJSON_GetArrayItem(tree, 0)) == NULL);
    CHECK_VIEW(sio_view_of(cJSON_GetStringValue(cJSON_GetArrayItem(tree, 1))), "vip");
    CHECK(cJSON_IsRaw(cJSON_GetObjectItem(object, "token")));
    CHECK_VIEW(sio_view_of(cJSON_GetStringValue(cJSON_GetObjectItem(object, "a"))), "b");
    object = cJSON_GetArrayItem(tree, 3);
    CHECK(cJSON_IsRaw(object) && object->child == NULL);
    CHECK(cJSON_GetObjectItem(object, "token") == NULL);
    CHECK_INT(cJSON_GetArrayItem(tree, 4)->valueint, 7);
    cJSON_Delete(tree);
}

/* As deep as clients may go, with a key at each level that can not be held. */
static void
test_the_deepest(void)
{
    static const char key[] = "{\"" NUL "\":";
    const size_t      depth = CJSON_NESTING_LIMIT;
    sio_buf           json;
    cJSON            *tree;
    char             *printed;

    sio_buf_init(&json, SIZE_MAX);
    sio_buf_add_char(&json, '[');
    for (size_t i = 1; i < depth; i++)
        sio_buf_add_str(&json, key);
    sio_buf_add_str(&json, "\"" NUL "\"");
    for (size_t i = 1; i < depth; i++)
        sio_buf_add_char(&json, '}');
    sio_buf_add_str(&json, "]");
    CHECK_INT(sio_json_validate(sio_buf_view(&json), (unsigned)depth), SIO_OK);
    tree = sio_json_tree(sio_buf_view(&json));
    printed = cJSON_PrintUnformatted(tree);
    CHECK(sio_view_eq(sio_view_of(printed), sio_buf_view(&json)));
    cJSON_free(printed);
    cJSON_Delete(tree);
    sio_buf_fini(&json);
}

int
main(void)
{
    RUN(test_what_is_printed_is_what_was_read);
    RUN(test_no_string_is_cut_short);
    RUN(test_the_deepest);
    return check_done();
}
