#include "server/net/admission.h"

#include <arpa/inet.h>

#include "tests/unit/net/net_fixture.h"

static sio_address
address_of(const char *text)
{
    uint8_t      bytes[16];
    const size_t n = strchr(text, ':') != NULL ? 16 : 4;

    CHECK_INT(inet_pton(n == 16 ? AF_INET6 : AF_INET, text, bytes), 1);
    return sio_address_of_bytes(bytes, n, 1234);
}

static const char *
enter(const char *text)
{
    const sio_address a = address_of(text);
    const char       *setting = sio_admission_enter(&world.env, &a);

    return setting != NULL ? setting : "";
}

static void
leave(const char *text)
{
    const sio_address a = address_of(text);

    sio_admission_leave(&world.env, &a);
}

static void
test_one_too_many_waits_until_one_has_gone(void)
{
    if (!world_begin(NULL))
        return;
    world.net.admission.max_connections = 2;
    CHECK_VIEW(sio_view_of(enter("1.2.3.4")), "");
    CHECK_VIEW(sio_view_of(enter("1.2.3.4")), "");
    CHECK_VIEW(sio_view_of(enter("1.2.3.5")), "max connections");
    leave("1.2.3.4");
    CHECK_VIEW(sio_view_of(enter("1.2.3.5")), "");
    leave("1.2.3.4");
    leave("1.2.3.5");
    world_end();
}

static void
test_each_address_has_its_own_number(void)
{
    if (!world_begin(NULL))
        return;
    world.cfg.max_connections_per_address = 1;
    CHECK_VIEW(sio_view_of(enter("1.2.3.4")), "");
    CHECK_VIEW(sio_view_of(enter("1.2.3.4")), "max connections per address");
    CHECK_VIEW(sio_view_of(enter("102:304::")), ""); /* the same bytes, of the other family */
    CHECK_VIEW(sio_view_of(enter("102:304::")), "max connections per address");
    leave("1.2.3.4");
    CHECK_VIEW(sio_view_of(enter("1.2.3.4")), "");
    leave("1.2.3.4");
    leave("102:304::");
    CHECK_INT(world.net.admission.addresses.n_items, 0);
    world_end();
}

static void
test_a_second_has_its_number(void)
{
    if (!world_begin(NULL))
        return;
    world.cfg.max_connections_per_second = 1;
    pass_time(5000);
    CHECK_VIEW(sio_view_of(enter("1.2.3.4")), "");
    CHECK_VIEW(sio_view_of(enter("1.2.3.5")), "max connections per second");
    pass_time(1000);
    CHECK_VIEW(sio_view_of(enter("1.2.3.5")), "");
    leave("1.2.3.4");
    leave("1.2.3.5");
    world_end();
}

static void
test_who_comes_after_a_full_second_waits_for_the_next_one(void)
{
    if (!world_begin(NULL))
        return;
    world.cfg.max_connections_per_second = 2;
    pass_time(5000);
    CHECK_VIEW(sio_view_of(enter("1.2.3.4")), "");
    CHECK_INT(sio_admission_rest_ms(&world.env), 0);
    CHECK_VIEW(sio_view_of(enter("1.2.3.4")), "");
    CHECK_INT(sio_admission_rest_ms(&world.env), 1000);
    pass_time(400);
    CHECK_INT(sio_admission_rest_ms(&world.env), 600);
    pass_time(600);
    CHECK_INT(sio_admission_rest_ms(&world.env), 0);
    CHECK_VIEW(sio_view_of(enter("1.2.3.4")), "");
    CHECK_VIEW(sio_view_of(enter("1.2.3.4")), "");
    CHECK_INT(sio_admission_rest_ms(&world.env), 0); /* not for ever: these are refused */
    CHECK_VIEW(sio_view_of(enter("1.2.3.4")), "max connections per second");
    pass_time(2000); /* a quiet second */
    CHECK_VIEW(sio_view_of(enter("1.2.3.4")), "");
    CHECK_VIEW(sio_view_of(enter("1.2.3.4")), "");
    CHECK_INT(sio_admission_rest_ms(&world.env), 1000);
    for (unsigned i = 0; i < 6; i++)
        leave("1.2.3.4");
    world_end();
}

int
main(void)
{
    RUN(test_one_too_many_waits_until_one_has_gone);
    RUN(test_each_address_has_its_own_number);
    RUN(test_a_second_has_its_number);
    RUN(test_who_comes_after_a_full_second_waits_for_the_next_one);
    return check_done();
}
