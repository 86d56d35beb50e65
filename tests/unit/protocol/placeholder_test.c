#include "protocol/placeholder.h"

#include "protocol/json.h"
#include "tests/unit/check.h"

#include <stdint.h>
#include <stdlib.h>

#define P(num) "{\"_placeholder\":true,\"num\":" #num "}"

/* What JSON.parse and reconstructPacket of socket.io-parser 4.2.7 make of it, unless said. */
static const struct {
    const char *args;
    unsigned    n_attachments;
    int         rc;
    const char *in_base64; /* with the attachments below; NULL: as args */
} rows[] = {
    {"", 0, SIO_OK, NULL},
    {"[]", 1, SIO_OK, NULL},
    {"1,\"a\",{\"num\":0}", 1, SIO_OK, NULL},
    {P(0), 1, SIO_OK, "\"AQI=\""},
    {P(0) "," P(1), 2, SIO_OK, "\"AQI=\",\"\""},
    {P(1) "," P(0), 2, SIO_OK, "\"\",\"AQI=\""},
    {P(2) "," P(2), 3, SIO_OK, "\"/w==\",\"/w==\""},
    {"[{\"a\":[" P(0) ",1]},{\"b\":" P(2) "}]", 3, SIO_OK,
     "[{\"a\":[\"AQI=\",1]},{\"b\":\"/w==\"}]"},
    {P(0.0), 1, SIO_OK, "\"AQI=\""},
    {P(0e5) "," P(-0), 1, SIO_OK, "\"AQI=\",\"AQI=\""},
    {P(1e0) "," P(20E-1), 3, SIO_OK, "\"\",\"/w==\""},
    {"{\"num\":0,\"_placeholder\":true}", 1, SIO_OK, "\"AQI=\""},
    {" { \"_placeholder\" : true , \"num\" : 0 } ", 1, SIO_OK, " \"AQI=\" "},
    {"{\"\\u005fplaceholder\":true,\"\\u006eum\":0}", 1, SIO_OK, "\"AQI=\""},
    {"{\"_placeholder\":true,\"num\":0,\"more\":\"}\"}", 1, SIO_OK, "\"AQI=\""},
    {"{\"_placeholder\":true,\"num\":7,\"num\":0}", 1, SIO_OK, "\"AQI=\""},

    /* Not a placeholder. */
    {"{\"_placeholder\":false,\"num\":0}", 1, SIO_OK, NULL},
    {"{\"_placeholder\":1,\"num\":0}", 1, SIO_OK, NULL},
    {"{\"_placeholder\":\"true\",\"num\":9}", 1, SIO_OK, NULL},
    {"{\"_placeholder\":[true],\"num\":9}", 1, SIO_OK, NULL},
    {"{\"_placeholder\":{\"t\":true},\"num\":9}", 1, SIO_OK, NULL},
    {"{\"_placeholder\":true,\"_placeholder\":null}", 1, SIO_OK, NULL},
    {"{\"_Placeholder\":true,\"num\":9}", 1, SIO_OK, NULL},
    {"[\"_placeholder\",true]", 1, SIO_OK, NULL},
    {"\"{\\\"_placeholder\\\":true,\\\"num\\\":9}\"", 1, SIO_OK, NULL},

    /* Out of range, or no number. */
    {P(0), 0, SIO_BAD, NULL},
    {P(1), 1, SIO_BAD, NULL},
    {P(-1), 1, SIO_BAD, NULL},
    {P(4294967296), 1, SIO_BAD, NULL},
    {P(18446744073709551616), 1, SIO_BAD, NULL},
    {P("0"), 1, SIO_BAD, NULL},
    {P(null), 1, SIO_BAD, NULL},
    {P(0.5), 1, SIO_BAD, NULL},
    {"{\"_placeholder\":true}", 1, SIO_BAD, NULL},
    {P(0) "," P(1), 1, SIO_BAD, NULL},
    {"[[[" P(3) "]]]", 3, SIO_BAD, NULL},

    /* Stricter than the original, which takes these for attachment 0. */
    {"{\"_placeholder\":true,\"num\":0,\"more\":[]}", 1, SIO_BAD, NULL},
    {"{\"more\":{},\"_placeholder\":true,\"num\":0}", 1, SIO_BAD, NULL},
    {"{\"_placeholder\":true,\"num\":0,\"more\":" P(0) "}", 1, SIO_BAD, NULL},
};

#define N_ROWS (sizeof rows / sizeof rows[0])

static const sio_view attachments[] = {SIO_VIEW_INIT("\x01\x02"), SIO_VIEW_INIT(""),
                                       SIO_VIEW_INIT("\xff")};

static void
test_check(void)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        check_row = rows[i].args;
        CHECK_INT(sio_placeholder_check(sio_view_of(rows[i].args), rows[i].n_attachments),
                  rows[i].rc);
    }
    CHECK_INT(sio_placeholder_check((sio_view){NULL, 0}, 0), SIO_OK);
}

static void
test_to_base64(void)
{
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < N_ROWS; i++) {
        if (rows[i].rc != SIO_OK)
            continue;
        check_row = rows[i].args;
        sio_buf_clear(&b);
        sio_placeholder_to_base64(sio_view_of(rows[i].args), attachments, rows[i].n_attachments,
                                  &b);
        CHECK_VIEW(sio_buf_view(&b), rows[i].in_base64 == NULL ? rows[i].args : rows[i].in_base64);
    }
    check_row = NULL;
    sio_buf_clear(&b);
    sio_placeholder_to_base64(SIO_VIEW(P(0)), NULL, 0, &b); /* plain data */
    CHECK_VIEW(sio_buf_view(&b), P(0));
    sio_buf_fini(&b);
}

static void
test_walk_names_text_and_number(void)
{
    static const char    args[] = "1,{\"a\":[" P(1) "]}," P(0);
    sio_placeholder_iter it;
    sio_placeholder      found;

    sio_placeholder_begin(&it, sio_view_of(args));
    CHECK(sio_placeholder_next(&it, &found));
    CHECK_INT(found.attachment, 1);
    CHECK_VIEW(found.text, P(1));
    CHECK(found.text.data == strstr(args, P(1)));
    CHECK(sio_placeholder_next(&it, &found));
    CHECK_INT(found.attachment, 0);
    CHECK_VIEW(found.text, P(0));
    CHECK(!sio_placeholder_next(&it, &found));
    CHECK(!sio_placeholder_next(&it, &found));
}

static void
test_deepest_json_can_be_checked(void)
{
    char args[2 * SIO_JSON_MAX_DEPTH + 2];

    for (size_t depth = SIO_JSON_MAX_DEPTH; depth <= SIO_JSON_MAX_DEPTH + 1; depth++) {
        memset(args, '[', depth);
        memset(args + depth, ']', depth);
        CHECK_INT(sio_placeholder_check((sio_view){args, 2 * depth}, 1),
                  depth == SIO_JSON_MAX_DEPTH ? SIO_OK : SIO_BAD);
    }
}

/* Prefixes are no valid JSON: no answer is expected, but one that ends inside the text. */
static void
test_every_prefix_ends_and_stays_inside(void)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        const size_t len = strlen(rows[i].args);

        check_row = rows[i].args;
        for (size_t cut = 0; cut <= len; cut++) {
            char *const          copy = malloc(cut + 1); /* the end is the end of the memory */
            sio_view             args;
            sio_placeholder_iter it;
            sio_placeholder      found;

            if (!CHECK(copy != NULL))
                return;
            memcpy(copy + 1, rows[i].args, cut);
            args = (sio_view){copy + 1, cut};
            (void)sio_placeholder_check(args, 1);
            sio_placeholder_begin(&it, args);
            while (sio_placeholder_next(&it, &found))
                CHECK(found.text.data >= args.data &&
                      found.text.data + found.text.len <= args.data + cut);
            free(copy);
        }
    }
}

int
main(void)
{
    RUN(test_check);
    RUN(test_to_base64);
    RUN(test_walk_names_text_and_number);
    RUN(test_deepest_json_can_be_checked);
    RUN(test_every_prefix_ends_and_stays_inside);
    return check_done();
}
