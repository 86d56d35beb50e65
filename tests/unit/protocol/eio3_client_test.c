#include "protocol/eio3_client.h"
#include "tests/unit/check.h"

static void
test_what_a_query_tells(void)
{
    static const struct {
        const char     *eio, *t;
        sio_eio3_client client;
    } rows[] = {
        {"2", "1795999570711-0", SIO_EIO3_CLIENT_1_0}, /* 1.0.6 in a page, polling */
        {"2", "", SIO_EIO3_CLIENT_1_0},                /* the same on a websocket */
        {"3", "1795999475548-0", SIO_EIO3_CLIENT_1_3}, /* 1.0.6 in Node, 1.3.7 */
        {"3", "1795999475621-12", SIO_EIO3_CLIENT_1_3},
        {"3", "Q8fwIcf", SIO_EIO3_CLIENT_ANY},   /* 1.4.8 */
        {"3", "Q8fwIvZ.0", SIO_EIO3_CLIENT_ANY}, /* 2.0.4 */
        {"3", "", SIO_EIO3_CLIENT_ANY},
        {"", "", SIO_EIO3_CLIENT_ANY},
        {"3", "1795999475548", SIO_EIO3_CLIENT_ANY},
        {"3", "1795999475548-", SIO_EIO3_CLIENT_ANY},
        {"3", "-0", SIO_EIO3_CLIENT_ANY},
        {"3", "1795999475548-0-1", SIO_EIO3_CLIENT_ANY},
        {"3", "1795999475548-0x", SIO_EIO3_CLIENT_ANY},
        {"3", "1795999475.548", SIO_EIO3_CLIENT_ANY}, /* python-engineio */
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].t;
        CHECK_INT(sio_eio3_client_of(sio_view_of(rows[i].eio), sio_view_of(rows[i].t)),
                  rows[i].client);
    }
}

int
main(void)
{
    RUN(test_what_a_query_tells);
    return check_done();
}
