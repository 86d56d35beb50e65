/* tests/unit/backends/jwt_place_test.c - backends/jwt_place.h: where a client has its token. */
#include "server/backends/jwt_place.h"

#include <stdlib.h>

#include "tests/unit/check.h"

static const char handshake[] =
    "{\"headers\":{\"authorization\":\"bEARER  of-header \",\"cookie\":\"a=1; "
    "token=of-cookie; token=second;x=\",\"x-token\":\"as it is\"},"
    "\"query\":{\"token\":\"of-query\",\"twice\":[\"a\",\"b\"],\"empty\":\"\"}}";
static const char auth[] = "{\"token\":\"of-auth\",\"number\":7,\"empty\":\"\"}";

static void
check_found(const char *first, const char *second, const char *handshake_json, const char *want)
{
    sio_view        items[] = {sio_view_of(first), sio_view_of(second)};
    const sio_texts places = {items, second != NULL ? 2 : 1};
    char           *token = sio_jwt_place_find(&places, handshake_json, auth);

    check_row = first;
    if (want == NULL)
        CHECK(token == NULL);
    else if (CHECK(token != NULL))
        CHECK_VIEW(sio_view_of(token), want);
    check_row = NULL;
    free(token);
}

static void
test_each_place(void)
{
    check_found("auth.token", NULL, handshake, "of-auth");
    check_found("query.token", NULL, handshake, "of-query");
    check_found("header.authorization", NULL, handshake, "of-header");
    check_found("header.x-token", NULL, handshake, "as it is");
    check_found("cookie.token", NULL, handshake, "of-cookie");
}

static void
test_nothing_is_there(void)
{
    check_found("auth.number", NULL, handshake, NULL);
    check_found("auth.empty", NULL, handshake, NULL);
    check_found("auth.absent", NULL, handshake, NULL);
    check_found("query.empty", NULL, handshake, NULL);
    check_found("query.absent", NULL, handshake, NULL);
    check_found("header.absent", NULL, handshake, NULL);
    check_found("cookie.absent", NULL, handshake, NULL);
    check_found("cookie.oken", NULL, handshake, NULL);
    check_found("cookie.x", NULL, handshake, NULL);
    check_found("header.authorization", NULL, "{\"headers\":{\"authorization\":\"Basic YTpi\"}}",
                NULL);
    check_found("cookie.token", NULL, "{\"headers\":{}}", NULL);
}

static void
test_the_first_that_is_there(void)
{
    check_found("auth.absent", "query.token", handshake, "of-query");
    check_found("auth.empty", "cookie.token", handshake, "of-cookie");
    check_found("query.token", "auth.token", handshake, "of-query");
}

/* One that came twice is a text, but no token. */
static void
test_twice_is_none(void)
{
    check_found("query.twice", NULL, handshake, "[\"a\",\"b\"]");
}

int
main(void)
{
    RUN(test_each_place);
    RUN(test_nothing_is_there);
    RUN(test_the_first_that_is_there);
    RUN(test_twice_is_none);
    return check_done();
}
