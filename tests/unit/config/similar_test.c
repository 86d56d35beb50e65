/*
 * tests/unit/config/similar_test.c - server/config/similar.c: "did you mean".
 */
#include "server/config/similar.h"

#include "tests/unit/check.h"

static const char *
nearest(const char *word)
{
    static const char *const words[] = {"check", "status", "drain", "undrain", "max-url_bytes"};
    sio_similar              s = sio_similar_to(word);

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        sio_similar_offer(&s, words[i]);
    return s.nearest != NULL ? s.nearest : "";
}

static void
test_the_nearest_word_wins(void)
{
    CHECK_VIEW(sio_view_of(nearest("chek")), "check");
    CHECK_VIEW(sio_view_of(nearest("STATUS")), "status");
    CHECK_VIEW(sio_view_of(nearest("drian")), "drain");
    CHECK_VIEW(sio_view_of(nearest("undrai")), "undrain");
    CHECK_VIEW(sio_view_of(nearest("max url bytes")), "max-url_bytes");
}

static void
test_a_word_like_none_is_none(void)
{
    static const char long_word[] = "checkcheckcheckcheckcheckcheckcheckcheckcheckcheckcheck";

    CHECK_VIEW(sio_view_of(nearest("elephant")), "");
    CHECK_VIEW(sio_view_of(nearest("")), "");
    CHECK_VIEW(sio_view_of(nearest(long_word)), "");
}

int
main(void)
{
    RUN(test_the_nearest_word_wins);
    RUN(test_a_word_like_none_is_none);
    return check_done();
}
