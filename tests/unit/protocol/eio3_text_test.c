#include "protocol/eio3_text.h"
#include "tests/unit/check.h"

#include <stdint.h>

/* UTF-8 of UTF-8. */
#define TWICE_EURO      "\303\242\302\202\302\254"
#define TWICE_A_GRAVE   "\303\203\302\200"
#define TWICE_HALF_PAIR "\303\255\302\240\302\275" /* ED A0 BD, by engine.io-parser 1.0 */

enum { MAX_TEXTS = 5 };

/* The text messages of a session, one after the other, and what each was meant to be. */
static const struct {
    const char       *row;
    sio_eio3_encoding at_first;
    struct {
        const char *text, *meant; /* NULL: as it came */
    } messages[MAX_TEXTS];
    sio_eio3_encoding at_last;
} sessions[] = {
    {"ASCII shows nothing",
     SIO_EIO3_TEXT_UNKNOWN,
     {{"", NULL}, {"2[\"echo\",\"long enough for several lanes\"]", NULL}},
     SIO_EIO3_TEXT_UNKNOWN},
    {"what may be ordinary text stays",
     SIO_EIO3_TEXT_UNKNOWN,
     {{"20 Â°C", NULL}, {"Ã©", NULL}, {"«Â»", NULL}},
     SIO_EIO3_TEXT_ONCE},
    {"a damaged degree stays for ever",
     SIO_EIO3_TEXT_UNKNOWN,
     {{"20 Â°C", NULL}, {"20 Â°C", NULL}, {"Ã©Â°Ã¿", NULL}},
     SIO_EIO3_TEXT_UNKNOWN},
    {"above Latin-1: once",
     SIO_EIO3_TEXT_UNKNOWN,
     {{"20 €", NULL}, {TWICE_EURO, NULL}},
     SIO_EIO3_TEXT_ONCE},
    {"no UTF-8 as bytes: once",
     SIO_EIO3_TEXT_UNKNOWN,
     {{"caf\303\251", NULL}, {"Ã©", NULL}, {TWICE_A_GRAVE, NULL}},
     SIO_EIO3_TEXT_ONCE},
    {"a control that is in no text: twice",
     SIO_EIO3_TEXT_UNKNOWN,
     {{"Ã©", NULL}, {"a" TWICE_EURO "z", "a€z"}, {"Ã©", "é"}, {"Â°", "°"}},
     SIO_EIO3_TEXT_TWICE},
    {"the control far behind",
     SIO_EIO3_TEXT_UNKNOWN,
     {{"Ã© and then many characters of ASCII " TWICE_A_GRAVE,
       "é and then many characters of ASCII À"}},
     SIO_EIO3_TEXT_TWICE},
    {"controls that are no UTF-8 as bytes: once",
     SIO_EIO3_TEXT_UNKNOWN,
     {{"\302\200", NULL}, {TWICE_EURO, NULL}},
     SIO_EIO3_TEXT_ONCE},
    {"thrice: once is taken off",
     SIO_EIO3_TEXT_UNKNOWN,
     {{"\303\203\302\203\303\202\302\251", "Ã©"}},
     SIO_EIO3_TEXT_TWICE},
    {"who is known to encode twice",
     SIO_EIO3_TEXT_TWICE,
     {{"caf\303\203\302\251", "café"}, {"20 Â°C", "20 °C"}},
     SIO_EIO3_TEXT_TWICE},
    {"half a pair takes nothing back",
     SIO_EIO3_TEXT_TWICE,
     {{TWICE_HALF_PAIR, NULL}, {"Ã©", "é"}},
     SIO_EIO3_TEXT_TWICE},
    {"what can not have been encoded twice does",
     SIO_EIO3_TEXT_TWICE,
     {{"Ã©", "é"}, {"€", NULL}, {"Ã©", NULL}},
     SIO_EIO3_TEXT_ONCE},
};

#define N(table) (sizeof(table) / sizeof(table)[0])

static void
test_a_session_is_judged_by_its_texts(void)
{
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < N(sessions); i++) {
        sio_eio3_encoding e = sessions[i].at_first;

        check_row = sessions[i].row;
        for (size_t j = 0; j < MAX_TEXTS && sessions[i].messages[j].text != NULL; j++) {
            const char *const text = sessions[i].messages[j].text;
            const char *const meant = sessions[i].messages[j].meant;

            sio_buf_clear(&b);
            sio_buf_add_char(&b, '>');
            CHECK_INT(sio_eio3_text_undouble(&e, sio_view_of(text), &b), meant != NULL);
            CHECK_VIEW(((sio_view){b.data + 1, b.len - 1}), meant == NULL ? "" : meant);
        }
        CHECK_INT(e, sessions[i].at_last);
    }
    sio_buf_fini(&b);
}

static void
test_a_payload_shows_it_for_all(void)
{
    static const struct {
        const char       *text;
        sio_eio3_encoding e;
    } rows[] = {
        {"", SIO_EIO3_TEXT_UNKNOWN},
        {"6:4hello5:4Ã©a", SIO_EIO3_TEXT_UNKNOWN},
        {"4:4Ã©a3:4" TWICE_A_GRAVE, SIO_EIO3_TEXT_TWICE},
        {"4:4Ã©a3:4€", SIO_EIO3_TEXT_ONCE},
    };

    for (size_t i = 0; i < N(rows); i++) {
        sio_eio3_encoding e = SIO_EIO3_TEXT_UNKNOWN;

        check_row = rows[i].text;
        sio_eio3_text_learn(&e, sio_view_of(rows[i].text));
        CHECK_INT(e, rows[i].e);
        sio_eio3_text_learn(&e, SIO_VIEW(""));
        CHECK_INT(e, rows[i].e);
    }
}

static void
test_what_queries_tell(void)
{
    static const struct {
        const char       *row;
        sio_eio3_client   client;
        sio_eio3_encoding by_polling, by_websocket, by_upgrade;
    } rows[] = {
        {"any", SIO_EIO3_CLIENT_ANY, SIO_EIO3_TEXT_UNKNOWN, SIO_EIO3_TEXT_UNKNOWN,
         SIO_EIO3_TEXT_ONCE},
        {"1.3", SIO_EIO3_CLIENT_1_3, SIO_EIO3_TEXT_TWICE, SIO_EIO3_TEXT_UNKNOWN,
         SIO_EIO3_TEXT_UNKNOWN},
        {"1.0", SIO_EIO3_CLIENT_1_0, SIO_EIO3_TEXT_TWICE, SIO_EIO3_TEXT_TWICE, SIO_EIO3_TEXT_TWICE},
    };

    for (size_t i = 0; i < N(rows); i++) {
        const sio_eio3_client client = rows[i].client;

        check_row = rows[i].row;
        CHECK_INT(sio_eio3_text_encoding_of(client, SIO_EIO3_BY_POLLING), rows[i].by_polling);
        CHECK_INT(sio_eio3_text_encoding_of(client, SIO_EIO3_BY_WEBSOCKET), rows[i].by_websocket);
        CHECK_INT(sio_eio3_text_encoding_of(client, SIO_EIO3_BY_UPGRADE), rows[i].by_upgrade);
    }
}

static void
test_full_buffer_fails(void)
{
    sio_eio3_encoding e = SIO_EIO3_TEXT_UNKNOWN;
    sio_buf           b;

    sio_buf_init(&b, 2);
    CHECK(!sio_eio3_text_undouble(&e, SIO_VIEW(TWICE_EURO), &b));
    CHECK(b.failed);
    CHECK_INT(e, SIO_EIO3_TEXT_UNKNOWN);
    sio_buf_fini(&b);
}

int
main(void)
{
    RUN(test_a_session_is_judged_by_its_texts);
    RUN(test_a_payload_shows_it_for_all);
    RUN(test_what_queries_tell);
    RUN(test_full_buffer_fails);
    return check_done();
}
