/* tests/unit/protocol/json_member_test.c - objects that are written member by member. */
#include "protocol/json_member.h"

#include "tests/unit/check.h"

static void
test_commas_stand_between_members(void)
{
    sio_buf out;

    sio_buf_init(&out, SIZE_MAX);
    sio_buf_add_char(&out, '{');
    sio_json_member_text(&out, "a", SIO_VIEW("\"{"));
    sio_json_member_number(&out, "b", 18446744073709551615u);
    sio_json_member_name(&out, "c");
    sio_buf_add_char(&out, '{');
    sio_json_member_json(&out, "none", SIO_VIEW(""));
    sio_json_member_json(&out, "d", SIO_VIEW("[1]"));
    sio_buf_add_str(&out, "}}");
    CHECK_VIEW(sio_buf_view(&out),
               "{\"a\":\"\\\"{\",\"b\":18446744073709551615,\"c\":{\"d\":[1]}}");
    sio_buf_fini(&out);
}

/* To be put behind others later. */
static void
test_the_first_of_nothing_has_a_comma(void)
{
    sio_buf out;

    sio_buf_init(&out, SIZE_MAX);
    sio_json_member_text(&out, "a", SIO_VIEW("b"));
    CHECK_VIEW(sio_buf_view(&out), ",\"a\":\"b\"");
    sio_buf_fini(&out);
}

int
main(void)
{
    RUN(test_commas_stand_between_members);
    RUN(test_the_first_of_nothing_has_a_comma);
    return check_done();
}
