#include "tests/unit/check.h"

#include "protocol/result.h"
#include "server/engine/send_queue.h"

static sio_budget budget = {.max_bytes = SIZE_MAX};

/* Push a frame of len bytes; the queue has the only reference afterwards. */
static int
push(sio_send_queue *q, size_t len)
{
    static const char bytes[100];
    sio_frame        *f = sio_frame_new((sio_view){bytes, len}, false);
    const int         rc = sio_send_queue_push(q, f);

    sio_frame_unref(f);
    return rc;
}

static size_t
len_at(const sio_send_queue *q, uint32_t i)
{
    return sio_frame_message(sio_send_queue_at(q, i)).len;
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
    size_t         pushed = 0, dropped = 0;
    sio_send_queue q;

    sio_send_queue_init(&q, &budget);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n_bytes = 0;

        check_row = rows[i].row;
        for (unsigned n = 0; n < rows[i].push; n++)
            CHECK_INT(push(&q, ++pushed), SIO_OK);
        sio_send_queue_drop(&q, rows[i].drop);
        dropped += rows[i].drop;
        CHECK_INT(q.n_frames, pushed - dropped);
        for (uint32_t k = 0; k < q.n_frames; k++) {
            CHECK_INT(len_at(&q, k), dropped + k + 1);
            n_bytes += len_at(&q, k);
        }
        CHECK_INT(q.n_bytes, n_bytes);
    }
    sio_send_queue_fini(&q);
}

static void
test_limits_hold(void)
{
    static const struct {
        const char           *row;
        sio_send_queue_limits limits;
        size_t                waiting[2]; /* bytes of each that waits; 0: none */
        bool                  is_full;
    } rows[] = {
        {"nothing waits", {1, 1}, {0, 0}, false},
        {"a byte is left", {10, 8}, {5, 2}, false},
        {"all bytes are used", {10, 8}, {5, 3}, true},
        {"one is larger than all", {10, 8}, {9, 0}, true},
        {"a packet is left", {2, 8}, {1, 0}, false},
        {"all packets are used", {2, 8}, {1, 1}, true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sio_send_queue q;

        check_row = rows[i].row;
        sio_send_queue_init(&q, &budget);
        for (size_t k = 0; k < 2; k++)
            if (rows[i].waiting[k] > 0)
                CHECK_INT(push(&q, rows[i].waiting[k]), SIO_OK);
        CHECK_INT(sio_send_queue_is_full(&q, &rows[i].limits), rows[i].is_full);
        sio_send_queue_fini(&q);
    }
}

static void
test_the_oldest_are_counted_by_their_bytes(void)
{
    static const struct {
        size_t   max_bytes;
        uint32_t n;
    } rows[] = {{1, 1}, {10, 1}, {11, 2}, {30, 2}, {31, 3}, {60, 3}, {1000, 3}};
    sio_send_queue q;

    sio_send_queue_init(&q, &budget);
    CHECK_INT(sio_send_queue_count(&q, 10), 0);
    for (size_t len = 10; len <= 30; len += 10)
        CHECK_INT(push(&q, len), SIO_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_INT(sio_send_queue_count(&q, rows[i].max_bytes), rows[i].n);
    CHECK_INT(sio_send_queue_memory(&q), 60 + 3 * SIO_FRAME_BYTES);
    sio_send_queue_fini(&q);
}

/* Inside the struct, and grown. */
static void
test_what_waits_can_be_taken(void)
{
    for (unsigned n = 0; n <= 2 * SIO_OUTQ_INLINE; n++) {
        sio_send_queue  q;
        sio_send_queue *taken;

        sio_send_queue_init(&q, &budget);
        for (unsigned i = 1; i <= n; i++)
            CHECK_INT(push(&q, i), SIO_OK);
        taken = sio_send_queue_take(&q);
        CHECK_INT(q.n_frames, 0);
        CHECK_INT(q.n_bytes, 0);
        CHECK_INT(push(&q, 50), SIO_OK);
        CHECK_INT(taken->n_frames, n);
        for (unsigned i = 0; i < n; i++)
            CHECK_INT(len_at(taken, i), i + 1);
        sio_send_queue_free(taken);
        sio_send_queue_fini(&q);
    }
    sio_send_queue_free(NULL);
}

static void
test_an_empty_queue_owns_no_memory(void)
{
    sio_send_queue q;

    sio_send_queue_init(&q, &budget);
    for (unsigned i = 0; i < SIO_OUTQ_INLINE; i++)
        push(&q, 1);
    CHECK(q.slots == NULL);
    push(&q, 1);
    CHECK(q.slots != NULL);
    sio_send_queue_drop(&q, q.n_frames);
    CHECK(q.slots == NULL);
    CHECK_INT(push(&q, 7), SIO_OK);
    CHECK_INT(len_at(&q, 0), 7);
    sio_send_queue_fini(&q);
}

/* A broadcast: one frame in two queues, gone with the second. */
static void
test_frames_are_shared(void)
{
    sio_frame     *f = sio_frame_new(SIO_VIEW("5:::{}"), false);
    sio_send_queue a, b;

    sio_send_queue_init(&a, &budget);
    sio_send_queue_init(&b, &budget);
    CHECK_INT(sio_send_queue_push(&a, f), SIO_OK);
    CHECK_INT(sio_send_queue_push(&b, f), SIO_OK);
    sio_frame_unref(f);
    CHECK(sio_send_queue_at(&a, 0) == sio_send_queue_at(&b, 0));
    sio_send_queue_fini(&a);
    CHECK_VIEW(sio_frame_message(sio_send_queue_at(&b, 0)), "5:::{}");
    sio_send_queue_fini(&b);
}

/* What waits is counted once, with the slots of long queues. */
static void
test_bytes_that_wait_are_counted(void)
{
    sio_frame     *f = sio_frame_new(SIO_VIEW("1234"), false);
    const size_t   size = SIO_FRAME_BYTES + 4;
    sio_send_queue a, b;

    sio_send_queue_init(&a, &budget);
    sio_send_queue_init(&b, &budget);
    CHECK_INT(budget.n_waiting, 0);
    CHECK_INT(sio_send_queue_push(&a, f), SIO_OK);
    CHECK_INT(sio_send_queue_push(&b, f), SIO_OK);
    CHECK_INT(budget.n_waiting, size);
    sio_send_queue_drop(&a, 1);
    CHECK_INT(budget.n_waiting, size);
    sio_send_queue_drop(&b, 1);
    CHECK_INT(budget.n_waiting, 0); /* though somebody has it still */
    for (unsigned i = 0; i < 2 * SIO_OUTQ_INLINE + 1; i++)
        CHECK_INT(push(&a, 1), SIO_OK);
    CHECK_INT(budget.n_waiting, (size_t)(2 * SIO_OUTQ_INLINE + 1) * (SIO_FRAME_BYTES + 1) +
                                    (size_t)4 * SIO_OUTQ_INLINE * sizeof(sio_frame *));
    sio_send_queue_free(sio_send_queue_take(&a));
    sio_send_queue_fini(&a);
    sio_send_queue_fini(&b);
    sio_frame_unref(f);
    CHECK_INT(budget.n_waiting, 0);
}

static void
test_a_share_is_what_would_come_back(void)
{
    static const char bytes[10000];
    sio_frame        *f = sio_frame_new((sio_view){bytes, sizeof bytes}, false);
    sio_send_queue    queues[10];

    for (unsigned i = 0; i < 10; i++) {
        sio_send_queue_init(&queues[i], &budget);
        CHECK_INT(sio_send_queue_share(&queues[i]), 0);
        CHECK_INT(sio_send_queue_push(&queues[i], f), SIO_OK);
    }
    CHECK_INT(sio_send_queue_share(&queues[0]), (sizeof bytes + SIO_FRAME_BYTES) / 10);
    for (unsigned i = 0; i < 1000; i++)
        CHECK_INT(push(&queues[0], 100), SIO_OK);
    CHECK(sio_send_queue_share(&queues[0]) > (size_t)50 * 1000); /* about */
    CHECK(sio_send_queue_share(&queues[0]) <= sio_send_queue_memory(&queues[0]));
    for (unsigned i = 0; i < 10; i++)
        sio_send_queue_fini(&queues[i]);
    sio_frame_unref(f);
}

int
main(void)
{
    RUN(test_order_is_kept);
    RUN(test_limits_hold);
    RUN(test_the_oldest_are_counted_by_their_bytes);
    RUN(test_what_waits_can_be_taken);
    RUN(test_an_empty_queue_owns_no_memory);
    RUN(test_frames_are_shared);
    RUN(test_bytes_that_wait_are_counted);
    RUN(test_a_share_is_what_would_come_back);
    return check_done();
}
