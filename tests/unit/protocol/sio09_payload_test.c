/*
 * The vectors P1-P15: how socket.io 0.9.16 takes a body apart. A packet that is
 * `{}` there is a text here that sio09_packet_decode refuses.
 */
#include "protocol/sio09_payload.h"
#include "protocol/utf8.h"
#include "tests/unit/check.h"

#include <stdlib.h>

#define M "\xEF\xBF\xBD" /* U+FFFD */

enum { MAX_PACKETS = 4 };

typedef struct {
    const char *row, *body;
    size_t      n;
    const char *packets[MAX_PACKETS];
} vector;

static const vector vectors[] = {
    {"P1", "", 1, {""}},
    {"P2", "3:::5", 1, {"3:::5"}},
    {"P3", M "5" M "3:::5" M "7" M "3:::53d" M "3" M "0::", 3, {"3:::5", "3:::53d", "0::"}},
    {"P4", M "0" M, 1, {""}},
    {"P5", M "5" M "3:::a3:::b", 1, {"3:::a"}},
    {"P6", M "5" M "3:::ajunk" M "5" M "3:::b", 2, {"3:::a", ""}},
    {"P7", M M "3:::a", 1, {""}},
    {"P8", M "6" M "3:::😀", 1, {"3:::😀"}},
    {"P9", M, 0, {NULL}},
    {"P10", M "5", 0, {NULL}},
    {"P11", M "x" M "3:::a", 1, {""}},
    {"P12", M "-1" M "3:::a", 1, {""}},
    {"P13", M "1e1" M "3:::abcdefgh", 1, {"3:::abcdef"}},
    {"P14", M " 5 " M "3:::a", 1, {"3:::a"}},
    {"P15", M "0x5" M "3:::a", 1, {"3:::a"}},

    /* Beyond the numbered vectors. */
    {"longer than the rest", M "99" M "3:::a", 1, {"3:::a"}},
    {"second one cut short", M "3" M "1::" M "9" M "3:", 2, {"1::", "3:"}},
    {"length past 64 bits", M "99999999999999999999999" M "3:::a", 1, {"3:::a"}},
    {"hex past 64 bits", M "0xfffffffffffffffffff" M "3:::a", 1, {"3:::a"}},
    {"huge exponent", M "1e99999999999999999999" M "3:::a", 1, {"3:::a"}},
    {"zero times a lot", M "0e99999999999999999999" M, 1, {""}},
    {"no hex digits", M "0x" M "3:::a", 1, {""}},
    {"no exponent", M "5e" M "3:::a", 1, {""}},
    {"fraction", M "5.5" M "3:::a", 1, {""}},
    {"trailing text", M "5a" M "3:::a", 1, {""}},
    {"white space of all kinds", M "\t\n\v\f\r 5" M "3:::a", 1, {"3:::a"}},
    {"half a character", M "5" M "3:::😀" M "3" M "1::", 2, {"3:::😀", "1::"}},
    {"mark inside a packet", M "6" M "3:::" M "a" M "3" M "1::", 2, {"3:::" M "a", "1::"}},
    {"mark inside the text", "3:::" M "5" M, 1, {"3:::" M "5" M}},
    {"empty frames", M "0" M M "0" M M "3" M "2::", 3, {"", "", "2::"}},
    {"some other character for a mark", M "3" M "1::😀3" M "2::", 2, {"1::", "2::"}},
};

#define N_VECTORS (sizeof vectors / sizeof vectors[0])

static void
test_decode_vectors(void)
{
    for (size_t i = 0; i < N_VECTORS; i++) {
        sio09_payload_iter it;
        sio_view           packet;
        size_t             n = 0;

        check_row = vectors[i].row;
        sio09_payload_begin(&it, sio_view_of(vectors[i].body));
        for (; sio09_payload_next(&it, &packet); n++)
            if (CHECK(n < vectors[i].n))
                CHECK_VIEW(packet, vectors[i].packets[n]);
        CHECK_INT(n, vectors[i].n);
        CHECK(!sio09_payload_next(&it, &packet));
    }
}

static void
test_every_prefix_ends_and_stays_inside(void)
{
    for (size_t i = 0; i < N_VECTORS; i++) {
        const size_t len = strlen(vectors[i].body);

        check_row = vectors[i].row;
        for (size_t cut = 0; cut <= len; cut++) {
            char              *copy = malloc(cut + 1);
            sio09_payload_iter it;
            sio_view           packet;

            if (!CHECK(copy != NULL))
                return;
            memcpy(copy + 1, vectors[i].body, cut); /* the end is the end of the memory */
            sio09_payload_begin(&it, (sio_view){copy + 1, cut});
            while (sio09_payload_next(&it, &packet)) {
                CHECK(packet.data >= copy + 1 && packet.data <= copy + 1 + cut);
                CHECK(packet.len <= (size_t)(copy + 1 + cut - packet.data));
            }
            free(copy);
        }
    }
}

static void
test_encode(void)
{
    static const struct {
        const char *want;
        size_t      n;
        const char *packets[MAX_PACKETS];
    } rows[] = {
        {"", 0, {NULL}},
        {"3:::5", 1, {"3:::5"}},
        {"", 1, {""}},
        {"3:::" M, 1, {"3:::" M}},
        {M "2" M M "a", 1, {M "a"}},
        {M "1" M M, 1, {M}},
        {M "5" M "3:::5" M "7" M "3:::53d", 2, {"3:::5", "3:::53d"}},
        {M "7" M "3:::😀é" M "3" M "1::", 2, {"3:::😀é", "1::"}},
        {M "12" M "3:::echo:one" M "35" M "5:::{\"name\":\"echo\",\"args\":[\"é€😀\"]}",
         2,
         {"3:::echo:one", "5:::{\"name\":\"echo\",\"args\":[\"é€😀\"]}"}},
    };
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_view packets[MAX_PACKETS];

        check_row = rows[i].want;
        for (size_t k = 0; k < rows[i].n; k++)
            packets[k] = sio_view_of(rows[i].packets[k]);
        sio_buf_clear(&b);
        sio09_payload_encode(packets, rows[i].n, &b);
        CHECK_VIEW(sio_buf_view(&b), rows[i].want);
    }
    sio_buf_fini(&b);
}

static void
test_added_frames_come_back(void)
{
    static const char *const packets[] = {"1::", "", ("3:::" M "5" M), M, "3:::é€😀", "2::"};
    const size_t             n_packets = sizeof packets / sizeof packets[0];
    sio09_payload_iter       it;
    sio_view                 packet;
    sio_buf                  b;
    size_t                   n = 0;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < n_packets; i++)
        sio09_payload_add(&b, sio_view_of(packets[i]));
    sio09_payload_begin(&it, sio_buf_view(&b));
    for (; sio09_payload_next(&it, &packet); n++)
        if (CHECK(n < n_packets))
            CHECK_VIEW(packet, packets[n]);
    CHECK_INT(n, n_packets);
    sio_buf_fini(&b);
}

static void
test_no_body_is_one_empty_packet(void)
{
    sio09_payload_iter it;
    sio_view           packet;

    sio09_payload_begin(&it, (sio_view){NULL, 0});
    CHECK(sio09_payload_next(&it, &packet));
    CHECK_VIEW(packet, "");
    CHECK(!sio09_payload_next(&it, &packet));
}

int
main(void)
{
    RUN(test_decode_vectors);
    RUN(test_every_prefix_ends_and_stays_inside);
    RUN(test_encode);
    RUN(test_added_frames_come_back);
    RUN(test_no_body_is_one_empty_packet);
    return check_done();
}
