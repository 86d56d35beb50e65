#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#include "protocol/ws_deflate.h"

#define BYTES(lit)             \
    {                          \
        (lit), sizeof(lit) - 1 \
    }

static sio_ws_deflate *z;

/* --- Offers. --- */

#define ACCEPTED "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

/* What the answer says; empty: there is none. */
static void
test_offers(void)
{
    static const struct {
        const char *offer, *answer;
    } rows[] = {
        {"permessage-deflate", ACCEPTED},
        {"permessage-deflate; client_max_window_bits", ACCEPTED},
        {"permessage-deflate;client_max_window_bits=8", ACCEPTED},
        {"permessage-deflate; client_max_window_bits=\"15\"", ACCEPTED},
        {"permessage-deflate; server_no_context_takeover; client_no_context_takeover", ACCEPTED},
        {"permessage-deflate ; server_max_window_bits = 10",
         ACCEPTED "; server_max_window_bits=10"},
        {"permessage-deflate; server_max_window_bits=8", ACCEPTED "; server_max_window_bits=8"},
        {"permessage-deflate; server_max_window_bits=\"1\\5\"",
         ACCEPTED "; server_max_window_bits=15"},
        {"foo, permessage-deflate", ACCEPTED},
        {"foo; a=\"b\"; c=d,\t,permessage-deflate", ACCEPTED},
        {"permessage-deflate; server_max_window_bits=7, permessage-deflate", ACCEPTED},
        {"permessage-deflate; server_max_window_bits=9, permessage-deflate",
         ACCEPTED "; server_max_window_bits=9"},

        {"", ""},
        {" , ", ""},
        {"foo", ""},
        {"x-webkit-deflate-frame", ""},
        {"Permessage-Deflate", ""},
        {"permessage-deflate; foo", ""},
        {"permessage-deflate; foo=\"10\"", ""},
        {"permessage-deflate; server_no_context_takeover=1", ""},
        {"permessage-deflate; client_no_context_takeover; client_no_context_takeover", ""},
        {"permessage-deflate; client_max_window_bits; client_max_window_bits=10", ""},
        {"permessage-deflate; server_max_window_bits", ""},
        {"permessage-deflate; server_max_window_bits=7", ""},
        {"permessage-deflate; server_max_window_bits=16", ""},
        {"permessage-deflate; server_max_window_bits=08", ""},
        {"permessage-deflate; server_max_window_bits=100", ""},
        {"permessage-deflate; server_max_window_bits=1x", ""},
        {"permessage-deflate; client_max_window_bits=+9", ""},
        {"permessage-deflate; client_max_window_bits=\"0\"", ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_ws_deflate_terms terms = {.is_accepted = false};
        sio_buf              answer;

        check_row = rows[i].offer;
        sio_buf_init(&answer, SIZE_MAX);
        CHECK_INT(sio_ws_deflate_read_offers(sio_view_of(rows[i].offer), &terms), SIO_OK);
        CHECK_INT(terms.is_accepted, rows[i].answer[0] != '\0');
        if (terms.is_accepted)
            sio_ws_deflate_add_answer(&terms, &answer);
        CHECK_VIEW(sio_buf_view(&answer), rows[i].answer);
        sio_buf_fini(&answer);
    }
}

static void
test_what_is_no_list_of_extensions(void)
{
    static const char *const rows[] = {
        ";",
        "=",
        "foo bar",
        "foo;",
        "foo; ;",
        "foo; =1",
        "foo; a=",
        "foo; a=;",
        "foo; a=\"\"",
        "foo; a=\"b",
        "foo; a=\"b c\"",
        "foo; a=\"b\\",
        "foo; a=\"b\\\"\"",
        "foo; a=b c",
        "foo/1",
        "\"foo\"",
        "f\xC3\xB6",
        "permessage-deflate; foo bar",
        "permessage-deflate, foo;",
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_ws_deflate_terms terms = {.is_accepted = false};

        check_row = rows[i];
        CHECK_INT(sio_ws_deflate_read_offers(sio_view_of(rows[i]), &terms), SIO_BAD);
    }
}

/* Several headers are one list (RFC 9110, 5.3). */
static void
test_the_first_good_offer_of_several_headers(void)
{
    sio_ws_deflate_terms terms = {.is_accepted = false};

    CHECK_INT(sio_ws_deflate_read_offers(SIO_VIEW("permessage-deflate; foo"), &terms), SIO_OK);
    CHECK(!terms.is_accepted);
    CHECK_INT(sio_ws_deflate_read_offers(SIO_VIEW("permessage-deflate; server_max_window_bits=12"),
                                         &terms),
              SIO_OK);
    CHECK_INT(sio_ws_deflate_read_offers(SIO_VIEW("permessage-deflate"), &terms), SIO_OK);
    CHECK(terms.is_accepted);
    CHECK_INT(terms.server_max_window_bits, 12);
}

static void
test_what_fits_into_the_window_of_a_client(void)
{
    static const struct {
        const char          *row;
        sio_ws_deflate_terms terms;
        size_t               len;
        bool                 allowed;
    } rows[] = {
        {"nothing was agreed on", {false, 0}, 1, false},
        {"no limit", {true, 0}, 1000000, true},
        {"the largest", {true, 15}, 1000000, true},
        {"the smallest, and it fits", {true, 8}, 256, true},
        {"the smallest", {true, 8}, 257, false},
        {"another, and it fits", {true, 12}, 4096, true},
        {"another", {true, 12}, 4097, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_row = rows[i].row;
        CHECK_INT(sio_ws_deflate_allows(&rows[i].terms, rows[i].len), rows[i].allowed);
    }
}

/* --- Messages. --- */

/* RFC 7692, 7.2.3; its second example refers to the message before, which we do not agree to. */
static void
test_payloads_of_the_rfc(void)
{
    static const struct {
        const char *row;
        sio_view    payload;
        const char *message;
    } rows[] = {
        {"7.2.3.1 one block", BYTES("\xf2\x48\xcd\xc9\xc9\x07\x00"), "Hello"},
        {"7.2.3.2 without a window to share", BYTES("\xf2\x00\x11\x00\x00"), NULL},
        {"7.2.3.3 not compressed", BYTES("\x00\x05\x00\xfa\xffHello\x00"), "Hello"},
        {"7.2.3.4 BFINAL", BYTES("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), "Hello"},
        {"7.2.3.5 two blocks", BYTES("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"),
         "Hello"},
        {"7.2.3.6 empty", BYTES("\x00"), ""},
        {"BFINAL twice", BYTES("\xf3\x48\xcd\xc9\xc9\x07\x00\xf3\x48\xcd\xc9\xc9\x07\x00\x00"),
         "HelloHello"},
        {"BFINAL on the last, empty block",
         BYTES("\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff\x01"), "Hello"},
        {"nothing", BYTES(""), NULL},
        {"the tail was sent", BYTES("\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff"), NULL},
        {"BFINAL, and no block behind it", BYTES("\xf3\x48\xcd\xc9\xc9\x07\x00"), NULL},
        {"a type of block that there is not", BYTES("\x06"), NULL},
        {"a length that contradicts itself", BYTES("\x00\x05\x00\xfa\xfeHello\x00"), NULL},
        {"back to before the beginning", BYTES("\x4b\x04\x21\x00"), NULL},
        {"text", BYTES("Hello"), NULL},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sio_buf message;

        check_row = rows[i].row;
        sio_buf_init(&message, SIZE_MAX);
        CHECK_INT(sio_ws_deflate_inflate_message(z, rows[i].payload, &message),
                  rows[i].message != NULL ? SIO_OK : SIO_BAD);
        if (rows[i].message != NULL)
            CHECK_VIEW(sio_buf_view(&message), rows[i].message);
        sio_buf_fini(&message);
    }
}

/* A block behind the end of a stream may still refer to what came before it. */
static void
test_the_window_outlives_the_end_of_a_stream(void)
{
    static const char first[] = "to be, or not to be, that is the question";
    z_stream          d = {0};
    Bytef             bytes[200] = "";
    size_t            n;
    sio_buf           message;

    deflateInit2(&d, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
    d.next_in = (const Bytef *)first;
    d.avail_in = sizeof first - 1;
    d.next_out = bytes;
    d.avail_out = 100;
    CHECK_INT(deflate(&d, Z_FINISH), Z_STREAM_END);
    n = 100 - d.avail_out;
    deflateReset(&d);
    deflateSetDictionary(&d, (const Bytef *)first, sizeof first - 1);
    d.next_in = (const Bytef *)first;
    d.avail_in = sizeof first - 1;
    d.avail_out = 100;
    CHECK_INT(deflate(&d, Z_SYNC_FLUSH), Z_OK);
    CHECK(100 - d.avail_out < 15); /* it does refer back */
    n += 100 - d.avail_out - 4;
    deflateEnd(&d);

    sio_buf_init(&message, SIZE_MAX);
    CHECK_INT(sio_ws_deflate_inflate_message(z, (sio_view){(const char *)bytes, n}, &message),
              SIO_OK);
    CHECK_VIEW(sio_buf_view(&message), "to be, or not to be, that is the question"
                                       "to be, or not to be, that is the question");
    sio_buf_fini(&message);
}

static void
fill(char *text, size_t len)
{
    static const char words[] = "{\"name\":\"message\",\"args\":[\"all the world's a stage\"]}";

    for (size_t i = 0; i < len; i++)
        text[i] = words[i % (sizeof words - 1)];
}

static void
test_what_is_compressed_comes_back(void)
{
    static const size_t lens[] = {100, 1024, 16384, 16385, 1000000};

    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        char          *text = malloc(lens[i]);
        const sio_view message = {text, lens[i]};
        sio_buf        payload, back;

        fill(text, lens[i]);
        sio_buf_init(&payload, SIZE_MAX);
        sio_buf_init(&back, lens[i]);
        CHECK(sio_ws_deflate_message(z, message, &payload));
        CHECK(payload.len < message.len);
        CHECK_INT(sio_ws_deflate_inflate_message(z, sio_buf_view(&payload), &back), SIO_OK);
        CHECK_VIEW(sio_buf_view(&back), message);
        sio_buf_fini(&payload);
        sio_buf_fini(&back);
        free(text);
    }
}

/* Noise, but for its end, which is like its beginning. */
static void
fill_with_noise(char *text, size_t len)
{
    unsigned seed = 1;

    for (size_t i = 0; i < len; i++)
        text[i] = (char)((seed = seed * 1103515245 + 12345) >> 16);
    memcpy(text + len - 64, text, 64);
}

/* In pieces, so that only the window knows what came before. */
static bool
inflates_in_window(sio_view payload, int bits)
{
    z_stream i = {0};
    Bytef    piece[64];
    int      rc;

    inflateInit2(&i, -bits);
    i.next_in = (const Bytef *)payload.data;
    i.avail_in = (uInt)payload.len;
    do {
        i.next_out = piece;
        i.avail_out = sizeof piece;
        rc = inflate(&i, Z_SYNC_FLUSH);
    } while (rc == Z_OK && i.avail_out == 0);
    inflateEnd(&i);
    return rc == Z_OK || rc == Z_BUF_ERROR;
}

/* The promise that sio_ws_deflate_allows() relies on. */
static void
test_a_message_fits_into_a_window_of_its_length(void)
{
    for (int bits = SIO_WS_DEFLATE_MIN_WINDOW_BITS; bits < SIO_WS_DEFLATE_MAX_WINDOW_BITS; bits++) {
        const size_t window = (size_t)1 << bits;

        for (size_t len = window; len <= window * 3 / 2; len += window / 2) {
            char   *text = malloc(len);
            sio_buf payload;

            fill_with_noise(text, len);
            sio_buf_init(&payload, SIZE_MAX);
            CHECK(sio_ws_deflate_message(z, (sio_view){text, len}, &payload));
            CHECK_INT(inflates_in_window(sio_buf_view(&payload), bits), len == window);
            sio_buf_fini(&payload);
            free(text);
        }
    }
}

static void
test_what_does_not_shrink_stays_as_it_is(void)
{
    char    noise[2000 + 64];
    sio_buf payload;

    fill_with_noise(noise, sizeof noise);
    sio_buf_init(&payload, SIZE_MAX);
    sio_buf_add_str(&payload, "before");
    CHECK(!sio_ws_deflate_message(z, (sio_view){noise, 2000}, &payload));
    CHECK(!sio_ws_deflate_message(z, SIO_VIEW("a"), &payload));
    CHECK(!sio_ws_deflate_message(z, SIO_VIEW(""), &payload));
    CHECK(!sio_ws_deflate_message(z, SIO_VIEW("abcdefgh"), &payload));
    CHECK_VIEW(sio_buf_view(&payload), "before");
    CHECK(!payload.failed);
    CHECK(sio_ws_deflate_message(z, SIO_VIEW("aaaaaaaaaaaaaaaaaaaa"), &payload));
    CHECK(payload.len > 6 && memcmp(payload.data, "before", 6) == 0);
    sio_buf_fini(&payload);
}

/* A megabyte of zeros is a kilobyte on the wire: it is noticed on the way. */
static void
test_a_bomb_is_too_large(void)
{
    static const size_t limits[] = {0, 1, 1000, 16384, 65536, 999999};
    const size_t        len = 1000000;
    char               *zeros = calloc(1, len);
    sio_buf             payload;

    sio_buf_init(&payload, SIZE_MAX);
    CHECK(sio_ws_deflate_message(z, (sio_view){zeros, len}, &payload));
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        sio_buf message;

        sio_buf_init(&message, limits[i]);
        CHECK_INT(sio_ws_deflate_inflate_message(z, sio_buf_view(&payload), &message),
                  SIO_TOO_LARGE);
        CHECK(message.len <= limits[i] && message.cap <= limits[i]);
        sio_buf_fini(&message);
    }
    sio_buf_fini(&payload);
    free(zeros);
}

static void
test_every_cut_stream_is_bad(void)
{
    static const char text[] = "all the world's a stage, and all the men and women merely players";
    sio_buf           payload;

    sio_buf_init(&payload, SIZE_MAX);
    CHECK(sio_ws_deflate_message(z, sio_view_of(text), &payload));
    for (size_t n = 0; n < payload.len; n++) {
        sio_buf message;

        sio_buf_init(&message, SIZE_MAX);
        CHECK_INT(sio_ws_deflate_inflate_message(z, (sio_view){payload.data, n}, &message),
                  SIO_BAD);
        sio_buf_fini(&message);
    }
    sio_buf_fini(&payload);
}

int
main(void)
{
    if ((z = sio_ws_deflate_new()) == NULL)
        return 1;
    RUN(test_offers);
    RUN(test_what_is_no_list_of_extensions);
    RUN(test_the_first_good_offer_of_several_headers);
    RUN(test_what_fits_into_the_window_of_a_client);
    RUN(test_payloads_of_the_rfc);
    RUN(test_the_window_outlives_the_end_of_a_stream);
    RUN(test_what_is_compressed_comes_back);
    RUN(test_a_message_fits_into_a_window_of_its_length);
    RUN(test_what_does_not_shrink_stays_as_it_is);
    RUN(test_a_bomb_is_too_large);
    RUN(test_every_cut_stream_is_bad);
    sio_ws_deflate_free(z);
    sio_ws_deflate_free(NULL);
    return check_done();
}
