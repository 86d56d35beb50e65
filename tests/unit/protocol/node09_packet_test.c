/*
 * Packets as objects: the vectors D1-D72 that are packets. What is on the wire, and what one
 * process of socket.io 0.9.16 hands to another then. (D30 without its space, which JSON.stringify
 * drops and we pass on: JSON is not rebuilt here.)
 */
#include "protocol/node09_packet.h"
#include "tests/unit/check.h"

#include <stdlib.h>

#define DEPTH 8u

static const struct {
    const char *row, *wire, *object;
} vectors[] = {
    {"D2", "0::", "{\"type\":\"disconnect\",\"endpoint\":\"\"}"},
    {"D3", "0::/woot", "{\"type\":\"disconnect\",\"endpoint\":\"/woot\"}"},
    {"D4", "0::/a:x", "{\"type\":\"disconnect\",\"endpoint\":\"/a\"}"},
    {"D5", "1::", "{\"type\":\"connect\",\"endpoint\":\"\",\"qs\":\"\"}"},
    {"D6", "1::/test", "{\"type\":\"connect\",\"endpoint\":\"/test\",\"qs\":\"\"}"},
    {"D7", "1::/test:?test=1", "{\"type\":\"connect\",\"endpoint\":\"/test\",\"qs\":\"?test=1\"}"},
    {"D8", "1::/test?test=1", "{\"type\":\"connect\",\"endpoint\":\"/test?test=1\",\"qs\":\"\"}"},
    {"D9", "1:::/x", "{\"type\":\"connect\",\"endpoint\":\"\",\"qs\":\"/x\"}"},
    {"D10", "2::", "{\"type\":\"heartbeat\",\"endpoint\":\"\"}"},
    {"D11", "2:::", "{\"type\":\"heartbeat\",\"endpoint\":\"\"}"},
    {"D13", "3:::woot", "{\"type\":\"message\",\"endpoint\":\"\",\"data\":\"woot\"}"},
    {"D14", "3::", "{\"type\":\"message\",\"endpoint\":\"\",\"data\":\"\"}"},
    {"D15", "3:::", "{\"type\":\"message\",\"endpoint\":\"\",\"data\":\"\"}"},
    {"D16", "3:1::blat",
     "{\"type\":\"message\",\"endpoint\":\"\",\"id\":\"1\",\"ack\":true,\"data\":\"blat\"}"},
    {"D17", "3:1+::blat",
     "{\"type\":\"message\",\"endpoint\":\"\",\"id\":\"1\",\"ack\":\"data\",\"data\":\"blat\"}"},
    {"D18", "3:5:/tobi",
     "{\"type\":\"message\",\"endpoint\":\"/tobi\",\"id\":\"5\",\"ack\":true,\"data\":\"\"}"},
    {"D19", "3:5:/tobi:x",
     "{\"type\":\"message\",\"endpoint\":\"/tobi\",\"id\":\"5\",\"ack\":true,\"data\":\"x\"}"},
    {"D20", "3::/a:b:c", "{\"type\":\"message\",\"endpoint\":\"/a\",\"data\":\"b:c\"}"},
    {"D21", "3:::a:b", "{\"type\":\"message\",\"endpoint\":\"\",\"data\":\"a:b\"}"},
    {"D22", "3::::x", "{\"type\":\"message\",\"endpoint\":\"\",\"data\":\":x\"}"},
    {"D23", "4:::\"2\"", "{\"type\":\"json\",\"endpoint\":\"\",\"data\":\"2\"}"},
    {"D24", "4:1+::{\"a\":\"b\"}",
     "{\"type\":\"json\",\"endpoint\":\"\",\"id\":\"1\",\"ack\":\"data\",\"data\":{\"a\":\"b\"}}"},
    {"D25", "4::/c:[1]", "{\"type\":\"json\",\"endpoint\":\"/c\",\"data\":[1]}"},
    {"D26", "4:::bad", "{\"type\":\"json\",\"endpoint\":\"\",\"data\":false}"},
    {"D27", "4::", "{\"type\":\"json\",\"endpoint\":\"\",\"data\":false}"},
    {"D28", "5:::{\"name\":\"woot\"}",
     "{\"type\":\"event\",\"endpoint\":\"\",\"name\":\"woot\",\"args\":[]}"},
    {"D29", "5:1+::{\"name\":\"tobi\"}",
     "{\"type\":\"event\",\"endpoint\":\"\",\"id\":\"1\",\"ack\":\"data\",\"name\":\"tobi\","
     "\"args\":[]}"},
    {"D30", "5:::{\"name\":\"edwald\",\"args\":[{\"a\":\"b\"},2,\"3\"]}",
     "{\"type\":\"event\",\"endpoint\":\"\",\"name\":\"edwald\",\"args\":[{\"a\":\"b\"},2,\"3\"]}"},
    {"D31", "5:::bad", "{\"type\":\"event\",\"endpoint\":\"\",\"args\":[]}"},
    {"D32", "5:::null", "{\"type\":\"event\",\"endpoint\":\"\",\"args\":[]}"},
    {"D33", "5:::[]", "{\"type\":\"event\",\"endpoint\":\"\",\"args\":[]}"},
    {"D34", "5:::1", "{\"type\":\"event\",\"endpoint\":\"\",\"args\":[]}"},
    {"D35", "5:::{\"name\":\"x\",\"args\":\"str\"}",
     "{\"type\":\"event\",\"endpoint\":\"\",\"name\":\"x\",\"args\":\"str\"}"},
    {"D36", "5:::{\"name\":\"x\",\"args\":{\"0\":1}}",
     "{\"type\":\"event\",\"endpoint\":\"\",\"name\":\"x\",\"args\":{\"0\":1}}"},
    {"D37", "5:::{\"name\":\"x\",\"args\":[]}",
     "{\"type\":\"event\",\"endpoint\":\"\",\"name\":\"x\",\"args\":[]}"},
    {"D38", "6:::140", "{\"type\":\"ack\",\"endpoint\":\"\",\"ackId\":\"140\",\"args\":[]}"},
    {"D39", "6:::12+[\"woot\",\"wa\"]",
     "{\"type\":\"ack\",\"endpoint\":\"\",\"ackId\":\"12\",\"args\":[\"woot\",\"wa\"]}"},
    {"D40", "6:::1+{\"++]", "{\"type\":\"ack\",\"endpoint\":\"\",\"ackId\":\"1\",\"args\":[]}"},
    {"D41", "6::/c:3+[1]", "{\"type\":\"ack\",\"endpoint\":\"/c\",\"ackId\":\"3\",\"args\":[1]}"},
    {"D42", "6:::", "{\"type\":\"ack\",\"endpoint\":\"\"}"},
    {"D43", "6:::x", "{\"type\":\"ack\",\"endpoint\":\"\"}"},
    {"D44", "6:::4+", "{\"type\":\"ack\",\"endpoint\":\"\",\"ackId\":\"4\",\"args\":[]}"},
    {"D45", "6:::4abc", "{\"type\":\"ack\",\"endpoint\":\"\",\"ackId\":\"4\",\"args\":[]}"},
    {"D46", "6:::4[1]", "{\"type\":\"ack\",\"endpoint\":\"\",\"ackId\":\"4\",\"args\":[1]}"},
    {"D47", "7:::", "{\"type\":\"error\",\"endpoint\":\"\",\"reason\":\"\",\"advice\":\"\"}"},
    {"D48", "7:::0",
     "{\"type\":\"error\",\"endpoint\":\"\",\"reason\":\"transport not "
     "supported\",\"advice\":\"\"}"},
    {"D49", "7:::1+0",
     "{\"type\":\"error\",\"endpoint\":\"\",\"reason\":\"client not "
     "handshaken\",\"advice\":\"reconnect\"}"},
    {"D50", "7:::2+0",
     "{\"type\":\"error\",\"endpoint\":\"\",\"reason\":\"unauthorized\",\"advice\":\"reconnect\"}"},
    {"D51", "7::/woot",
     "{\"type\":\"error\",\"endpoint\":\"/woot\",\"reason\":\"\",\"advice\":\"\"}"},
    {"D52", "7:::9+9", "{\"type\":\"error\",\"endpoint\":\"\",\"reason\":\"\",\"advice\":\"\"}"},
    {"D53", "7::/a:2",
     "{\"type\":\"error\",\"endpoint\":\"/a\",\"reason\":\"unauthorized\",\"advice\":\"\"}"},
    {"D54", "8::", "{\"type\":\"noop\",\"endpoint\":\"\"}"},
    {"D65", "3:+::x", "{\"type\":\"message\",\"endpoint\":\"\",\"data\":\"x\"}"},
    {"D67", "3:01::y",
     "{\"type\":\"message\",\"endpoint\":\"\",\"id\":\"01\",\"ack\":true,\"data\":\"y\"}"},
    {"D68", "3:0::y",
     "{\"type\":\"message\",\"endpoint\":\"\",\"id\":\"0\",\"ack\":true,\"data\":\"y\"}"},
    {"D70", "3:::é€😀", "{\"type\":\"message\",\"endpoint\":\"\",\"data\":\"é€😀\"}"},
    {"D72", "5:1+:/c d:{\"name\":\"a\"}",
     "{\"type\":\"event\",\"endpoint\":\"/c "
     "d\",\"id\":\"1\",\"ack\":\"data\",\"name\":\"a\",\"args\":[]}"},
    {"escaped", "3::/a\"b:\n\"",
     "{\"type\":\"message\",\"endpoint\":\"/a\\\"b\",\"data\":\"\\n\\\"\"}"},
};

#define N_VECTORS (sizeof vectors / sizeof vectors[0])

static void
test_packets_are_encoded_as_node_does(void)
{
    for (size_t i = 0; i < N_VECTORS; i++) {
        sio09_packet p;
        sio_buf      b;

        check_row = vectors[i].row;
        sio_buf_init(&b, SIZE_MAX);
        if (CHECK_INT(sio09_packet_decode(sio_view_of(vectors[i].wire), DEPTH, &p), SIO_OK))
            sio_node09_packet_encode(&p, &b);
        CHECK_VIEW(sio_buf_view(&b), vectors[i].object);
        sio_buf_fini(&b);
    }
}

static void
check_same(const sio09_packet *got, const sio09_packet *want)
{
    CHECK_INT(got->type, want->type);
    CHECK_INT(got->ack, want->ack);
    CHECK_VIEW(got->endpoint, want->endpoint);
    CHECK_VIEW(got->id, want->id);
    CHECK_VIEW(got->data,
               want->type == SIO09_JSON && !want->data_ok ? SIO_VIEW("false") : want->data);
    CHECK_VIEW(got->name, want->name);
    CHECK_VIEW(got->args, want->args);
    CHECK_VIEW(got->ack_id, want->ack_id);
    CHECK_INT(got->reason, want->reason);
    CHECK_INT(got->advice, want->advice);
}

static void
test_objects_are_decoded_to_the_packet_on_the_wire(void)
{
    for (size_t i = 0; i < N_VECTORS; i++) {
        sio09_packet p, want;
        sio_buf      texts;

        check_row = vectors[i].row;
        sio_buf_init(&texts, SIZE_MAX);
        CHECK_INT(sio09_packet_decode(sio_view_of(vectors[i].wire), DEPTH, &want), SIO_OK);
        if (CHECK_INT(sio_node09_packet_decode(sio_view_of(vectors[i].object), DEPTH, &texts, &p),
                      SIO_OK))
            check_same(&p, &want);
        sio_buf_fini(&texts);
    }
}

/* What is decoded must be fit to be encoded, for every peer that may have sent it. */
static void
test_odd_objects(void)
{
    static const struct {
        const char *row, *object, *wire; /* NULL: refused */
    } odd[] = {
        {"another order", "{\"data\":\"x\",\"endpoint\":\"/a\",\"type\":\"message\"}", "3::/a:x"},
        {"another member", "{\"type\":\"message\",\"x\":[{}],\"data\":\"x\"}", "3:::x"},
        {"id as a number", "{\"type\":\"message\",\"id\":5,\"ack\":true,\"data\":\"x\"}", "3:5::x"},
        {"ack without id", "{\"type\":\"message\",\"ack\":\"data\",\"data\":\"x\"}", "3:::x"},
        {"ack of another kind", "{\"type\":\"message\",\"id\":\"5\",\"ack\":5,\"data\":\"x\"}",
         "3:5::x"},
        {"no data", "{\"type\":\"message\",\"endpoint\":\"\"}", "3::"},
        {"white space", " { \"type\" : \"event\" , \"name\" : \"a\" , \"args\" : [ ] } ",
         "5:::{\"name\":\"a\"}"},
        {"bare argument", "{\"type\":\"event\",\"name\":\"a\",\"args\":1}",
         "5:::{\"name\":\"a\",\"args\":1}"},
        {"acknowledgement without array", "{\"type\":\"ack\",\"ackId\":\"4\",\"args\":{}}",
         "6:::4"},
        {"unknown words", "{\"type\":\"error\",\"reason\":\"x\",\"advice\":1}", "7::"},
        {"colon in the endpoint", "{\"type\":\"message\",\"endpoint\":\"/a:b\",\"data\":\"x\"}",
         NULL},
        {"endpoint of another kind", "{\"type\":\"message\",\"endpoint\":1,\"data\":\"x\"}", NULL},
        {"data of another kind", "{\"type\":\"message\",\"endpoint\":\"\",\"data\":{}}", NULL},
        {"id that is none", "{\"type\":\"message\",\"id\":\"1:\",\"data\":\"x\"}", NULL},
        {"ackId that is none", "{\"type\":\"ack\",\"ackId\":\"1+[\",\"args\":[]}", NULL},
        {"unknown type", "{\"type\":\"nope\"}", NULL},
        {"no type", "{\"endpoint\":\"\"}", NULL},
        {"type by number", "{\"type\":3,\"data\":\"x\"}", NULL},
        {"no object", "[]", NULL},
        {"nothing", "", NULL},
    };

    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        const sio_view object = sio_view_of(odd[i].object);
        sio09_packet   p;
        sio_buf        texts, wire;

        check_row = odd[i].row;
        sio_buf_init(&texts, SIZE_MAX);
        sio_buf_init(&wire, SIZE_MAX);
        if (CHECK_INT(sio_node09_packet_decode(object, DEPTH, &texts, &p),
                      odd[i].wire != NULL ? SIO_OK : SIO_BAD) &&
            odd[i].wire != NULL) {
            sio09_packet_encode(&p, &wire);
            CHECK_VIEW(sio_buf_view(&wire), odd[i].wire);
        }
        sio_buf_fini(&wire);
        sio_buf_fini(&texts);
    }
}

static void
test_every_prefix_is_refused(void)
{
    for (size_t i = 0; i < N_VECTORS; i++) {
        const size_t len = strlen(vectors[i].object);

        check_row = vectors[i].row;
        for (size_t n = 0; n < len; n++) {
            char        *copy = malloc(n + 1); /* ends where its memory ends, for the sanitizer */
            sio09_packet p;
            sio_buf      texts;

            if (!CHECK(copy != NULL))
                return;
            memcpy(copy + 1, vectors[i].object, n);
            sio_buf_init(&texts, SIZE_MAX);
            CHECK_INT(sio_node09_packet_decode((sio_view){copy + 1, n}, DEPTH, &texts, &p),
                      SIO_BAD);
            sio_buf_fini(&texts);
            free(copy);
        }
    }
}

static void
test_limits(void)
{
    const sio_view object = SIO_VIEW("{\"type\":\"message\",\"endpoint\":\"\",\"data\":\"12345\"}");
    sio09_packet   p;
    sio_buf        texts;

    sio_buf_init(&texts, 4);
    CHECK_INT(sio_node09_packet_decode(object, DEPTH, &texts, &p), SIO_TOO_LARGE);
    CHECK_INT(
        sio_node09_packet_decode(SIO_VIEW("{\"type\":\"event\",\"args\":[[]]}"), 2, &texts, &p),
        SIO_TOO_LARGE);
    sio_buf_fini(&texts);
}

int
main(void)
{
    RUN(test_packets_are_encoded_as_node_does);
    RUN(test_objects_are_decoded_to_the_packet_on_the_wire);
    RUN(test_odd_objects);
    RUN(test_every_prefix_is_refused);
    RUN(test_limits);
    return check_done();
}
