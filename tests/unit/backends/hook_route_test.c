#include "server/backends/hook_route.h"

#include "tests/unit/check.h"

#define LIST(...)                                                                       \
    {                                                                                   \
        (sio_view[]){__VA_ARGS__}, sizeof((sio_view[]){__VA_ARGS__}) / sizeof(sio_view) \
    }

static void
test_the_first_one_that_wants_it(void)
{
    static const struct {
        const char *nsp, *event;
        int         backend;
    } rows[] = {
        {"/", "order:new", 0},     {"/", "order:", 0},   {"/", "order", 1},
        {"/", "say", 1},           {"/", "unknown", -1}, {"/", "", -1},
        {"/chat", "order:new", 2}, {"/chat", "", 2},     {"/chat", "anything", 2},
        {"/other", "say", -1},
    };
    sio_cfg_backend backends[] = {
        {.namespaces = LIST(SIO_VIEW("/")), .events = LIST(SIO_VIEW("order:*"))},
        {.namespaces = LIST(SIO_VIEW("/")), .events = LIST(SIO_VIEW("say"), SIO_VIEW("order"))},
        {.namespaces = LIST(SIO_VIEW("/x"), SIO_VIEW("/chat")), .events = LIST(SIO_VIEW("*"))},
    };
    const sio_cfg_list list = {backends, sizeof backends / sizeof backends[0]};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].event;
        CHECK_INT(sio_hook_route_find(&list, rows[i].nsp, sio_view_of(rows[i].event)),
                  rows[i].backend);
    }
}

int
main(void)
{
    RUN(test_the_first_one_that_wants_it);
    return check_done();
}
