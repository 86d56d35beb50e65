/*
 * What is kept of a client that has lost its connection: as a server of Node wrote it (vector 119
 * of the specification), and what has to be refused.
 */
#include "protocol/node4_session.h"

#include "protocol/base64.h"
#include "protocol/cluster_message.h"
#include "tests/unit/check.h"

enum { MAX_BYTES = 1 << 16 };

static const char of_node[] =
    "hKNzaWS0TlVxZEJQaUtLbXZHR01oa0FBQUGjcGlktHRWa3J1VUZxMEdla0Z4RVBBQUFC"
    "pXJvb21zkrROVXFkQlBpS0ttdkdHTWhrQUFBQaVyb29tMaRkYXRhgqR1c2VyonUxoW4B";
static const char private_id[] = "tVkruUFq0GekFxEPAAAB";

typedef struct {
    sio_node4_reader  r;
    sio_buf           message, record;
    sio_node4_session s;
} fixture;

static void
fixture_begin(fixture *f)
{
    sio_node4_reader_init(&f->r, MAX_BYTES);
    sio_buf_init(&f->message, MAX_BYTES);
    sio_buf_init(&f->record, SIZE_MAX);
}

static void
fixture_end(fixture *f)
{
    sio_node4_reader_fini(&f->r);
    sio_buf_fini(&f->message);
    sio_buf_fini(&f->record);
}

static int
read_record(fixture *f, sio_view record)
{
    return sio_node4_session_read(&f->r, record, sio_view_of(private_id), &f->message, &f->s);
}

static void
test_the_record_of_node_is_read_and_written_the_same(void)
{
    fixture  f;
    sio_view rooms, room;

    fixture_begin(&f);
    CHECK_INT(read_record(&f, sio_view_of(of_node)), SIO_OK);
    CHECK_VIEW(f.s.sid, "NUqdBPiKKmvGGMhkAAAA");
    CHECK_VIEW(f.s.data, "{\"user\":\"u1\",\"n\":1}");
    rooms = f.s.rooms;
    CHECK(sio_cluster_message_next_packet(&rooms, &room, NULL));
    CHECK_VIEW(room, "NUqdBPiKKmvGGMhkAAAA");
    CHECK(sio_cluster_message_next_packet(&rooms, &room, NULL));
    CHECK_VIEW(room, "room1");
    CHECK(!sio_cluster_message_next_packet(&rooms, &room, NULL));
    CHECK_INT(sio_node4_session_add(&f.record, &f.s, sio_view_of(private_id)), SIO_OK);
    CHECK_VIEW(sio_buf_view(&f.record), of_node);
    fixture_end(&f);
}

static void
test_without_data_node_finds_an_object(void)
{
    const sio_node4_session s = {.sid = SIO_VIEW("id")};
    fixture                 f;

    fixture_begin(&f);
    CHECK_INT(sio_node4_session_add(&f.record, &s, sio_view_of(private_id)), SIO_OK);
    CHECK_INT(read_record(&f, sio_buf_view(&f.record)), SIO_OK);
    CHECK_VIEW(f.s.data, "{}");
    CHECK_INT(f.s.rooms.len, 0);
    fixture_end(&f);
}

static void
test_every_prefix_is_refused(void)
{
    fixture f;

    fixture_begin(&f);
    for (size_t n = 0; n < sizeof of_node - 1; n++)
        CHECK(read_record(&f, (sio_view){of_node, n}) < 0);
    fixture_end(&f);
}

static void
test_what_is_refused(void)
{
    static const struct {
        const char *json;
        int         rc;
    } cases[] = {
        {"{\"sid\":\"a\",\"pid\":\"tVkruUFq0GekFxEPAAAB\",\"rooms\":[]}", SIO_OK},
        {"{\"sid\":\"a\",\"pid\":\"another\",\"rooms\":[]}", SIO_BAD},
        {"{\"sid\":1,\"pid\":\"tVkruUFq0GekFxEPAAAB\",\"rooms\":[]}", SIO_BAD},
        {"{\"sid\":\"a\",\"pid\":\"tVkruUFq0GekFxEPAAAB\"}", SIO_BAD},
        {"{\"sid\":\"a\",\"pid\":\"tVkruUFq0GekFxEPAAAB\",\"rooms\":\"r\"}", SIO_BAD},
        {"{\"sid\":\"a\",\"pid\":\"tVkruUFq0GekFxEPAAAB\",\"rooms\":[[]]}", SIO_BAD},
        {"[]", SIO_BAD},
    };
    fixture f;
    sio_buf packed;

    fixture_begin(&f);
    sio_buf_init(&packed, SIZE_MAX);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sio_buf_clear(&packed);
        sio_buf_clear(&f.record);
        CHECK_INT(sio_msgpack_json_write(sio_view_of(cases[i].json), NULL, 0, &packed), SIO_OK);
        sio_base64_encode(sio_buf_view(&packed), &f.record);
        CHECK_INT(read_record(&f, sio_buf_view(&f.record)), cases[i].rc);
    }
    sio_buf_fini(&packed);
    fixture_end(&f);
}

int
main(void)
{
    RUN(test_the_record_of_node_is_read_and_written_the_same);
    RUN(test_without_data_node_finds_an_object);
    RUN(test_every_prefix_is_refused);
    RUN(test_what_is_refused);
    return check_done();
}
