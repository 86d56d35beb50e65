#include "tests/unit/check.h"

#include "protocol/result.h"
#include "server/outq.h"

static const sio_outq_limits roomy = {.max_frames = 1000, .max_bytes = 1000000};

/* Push a frame of len bytes; the queue has the only reference afterwards. */
static int
push(sio_outq *q, size_t len, const sio_outq_limits *limits)
{
    static const char bytes[100];
    sio_frame        *f = sio_frame_new((sio_view){bytes, len}, false);
    const int         rc = sio_outq_push(q, f, limits);

    sio_frame_unref(f);
    return rc;
}

static size_t
len_at(const sio_outq *q, uint32_t i)
{
    return sio_frame_message(sio_outq_at(q, i)).len;
}

/* Frames of 1, 2, 3... bytes, dropped in groups, across growth and the end of the ring. */
static void
test_order_is_kept(void)
{
    static const struct {
        const char *row;
        unsigned    push, drop;
    } rows[] = {
        {"inside the struct", 3, 2}, {"around its end", 3, 3},
        {"emptied", 0, 1},           {"grown", 9, 4},
        {"around the end", 9, 1},    {"grown again", 40, 30},
        {"emptied again", 0, 23},    {"from the start", 5, 5},
    };
    size_t   pushed = 0, dropped = 0;
    sio_outq q;

    sio_outq_init(&q);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n_bytes = 0;

        check_row = rows[i].row;
        for (unsigned n = 0; n < rows[i].push; n++)
            CHECK_INT(push(&q, ++pushed, &roomy), SIO_OK);
        sio_outq_drop(&q, rows[i].drop);
        dropped += rows[i].drop;
        CHECK_INT(q.n_frames, pushed - dropped);
        for (uint32_t k = 0; k < q.n_frames; k++) {
            CHECK_INT(len_at(&q, k), dropped + k + 1);
            n_bytes += len_at(&q, k);
        }
        CHECK_INT(q.n_bytes, n_bytes);
    }
    sio_outq_fini(&q);
}

static void
test_limits_hold(void)
{
    static const struct {
        const char     *row;
        sio_outq_limits limits;
        size_t          waiting, len; /* bytes of the one that waits (0: nobody), and of the next */
        int             rc;
    } rows[] = {
        {"fits exactly", {10, 8}, 5, 3, SIO_OK},
        {"a byte too many", {10, 8}, 5, 4, SIO_ERR_FULL},
        {"larger than all, into an empty queue", {10, 8}, 0, 9, SIO_OK},
        {"behind one that is larger than all", {10, 8}, 9, 1, SIO_ERR_FULL},
        {"an empty packet when the bytes are used up", {10, 8}, 8, 0, SIO_ERR_FULL},
        {"the last packet allowed", {2, 8}, 1, 1, SIO_OK},
        {"a packet too many", {1, 8}, 1, 1, SIO_ERR_FULL},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sio_outq q;
        uint32_t before;

        check_row = rows[i].row;
        sio_outq_init(&q);
        if (rows[i].waiting > 0)
            CHECK_INT(push(&q, rows[i].waiting, &roomy), SIO_OK);
        before = q.n_frames;
        CHECK_INT(push(&q, rows[i].len, &rows[i].limits), rows[i].rc);
        CHECK_INT(q.n_frames, before + (rows[i].rc == SIO_OK));
        CHECK_INT(q.n_bytes, rows[i].waiting + (rows[i].rc == SIO_OK ? rows[i].len : 0));
        sio_outq_fini(&q);
    }
}

static void
test_an_empty_queue_owns_no_memory(void)
{
    sio_outq q;

    sio_outq_init(&q);
    for (unsigned i = 0; i < SIO_OUTQ_INLINE; i++)
        push(&q, 1, &roomy);
    CHECK(q.slots == NULL);
    push(&q, 1, &roomy);
    CHECK(q.slots != NULL);
    sio_outq_drop(&q, q.n_frames);
    CHECK(q.slots == NULL);
    CHECK_INT(push(&q, 7, &roomy), SIO_OK);
    CHECK_INT(len_at(&q, 0), 7);
    sio_outq_fini(&q);
}

/* A broadcast: one frame in two queues, gone with the second. */
static void
test_frames_are_shared(void)
{
    sio_frame *f = sio_frame_new(SIO_VIEW("5:::{}"), false);
    sio_outq   a, b;

    sio_outq_init(&a);
    sio_outq_init(&b);
    CHECK_INT(sio_outq_push(&a, f, &roomy), SIO_OK);
    CHECK_INT(sio_outq_push(&b, f, &roomy), SIO_OK);
    sio_frame_unref(f);
    CHECK(sio_outq_at(&a, 0) == sio_outq_at(&b, 0));
    sio_outq_fini(&a);
    CHECK_VIEW(sio_frame_message(sio_outq_at(&b, 0)), "5:::{}");
    sio_outq_fini(&b);
}

int
main(void)
{
    RUN(test_order_is_kept);
    RUN(test_limits_hold);
    RUN(test_an_empty_queue_owns_no_memory);
    RUN(test_frames_are_shared);
    return check_done();
}
