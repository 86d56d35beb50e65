/*
 * The log of sent packets: what is in it, what is left of it, and that it never has a gap.
 */
#include "server/socketio/recovery_log.h"
#include "tests/unit/check.h"

static sio_frame *
frame_of(size_t len)
{
    static const char text[100];

    return sio_frame_new((sio_view){text, len}, false);
}

/* n packets of len bytes, sent at 10, 20, ... ms. */
static void
fill(sio_recovery_log *log, size_t n, size_t len)
{
    for (size_t i = 0; i < n; i++) {
        sio_logged_packet p = {.sent_ms = 10 * (log->last + 1), .frame = frame_of(len)};

        sio_recovery_log_add(log, &p);
        sio_frame_unref(p.frame);
    }
}

static uint64_t
number_after(const sio_recovery_log *log, uint64_t number)
{
    const sio_logged_packet *p = sio_recovery_log_after(log, number);

    return p != NULL ? p->number : 0;
}

static void
test_numbers_go_up_by_one(void)
{
    const sio_logged_packet *p;
    sio_recovery_log         log;
    uint64_t                 n = 0;

    sio_recovery_log_init(&log);
    CHECK_INT(number_after(&log, 0), 0);
    fill(&log, 5, 1);
    for (p = sio_recovery_log_after(&log, 0); p != NULL; p = sio_recovery_log_next(&log, p))
        CHECK_INT(p->number, ++n);
    CHECK_INT(n, 5);
    CHECK_INT(number_after(&log, 3), 4);
    CHECK_INT(number_after(&log, 5), 0);
    CHECK_INT(number_after(&log, 99), 0);
    sio_recovery_log_clear(&log);
    CHECK_INT(log.n_bytes, 0);
    fill(&log, 1, 1);
    CHECK_INT(number_after(&log, 0), 6);
    sio_recovery_log_clear(&log);
}

static void
test_packets_keep_what_they_view(void)
{
    char                     text[] = "room\0more\0except\0id\0tag";
    sio_recovery_log         log;
    const sio_logged_packet *got;
    sio_logged_packet        p = {
               .target = {.has_room = true,
                          .room = {text, 4},
                          .more_rooms = {text + 5, 4},
                          .except_rooms = {text + 10, 6}},
               .except_id = {text + 17, 2},
               .cast = {{text + 20, 3}, 7},
               .frame = frame_of(9),
    };

    sio_recovery_log_init(&log);
    sio_recovery_log_add(&log, &p);
    sio_frame_unref(p.frame);
    memset(text, 'x', sizeof text);
    got = sio_recovery_log_after(&log, 0);
    CHECK(got != NULL && got->target.has_room && got->target.except == NULL);
    CHECK_VIEW(got->target.room, "room");
    CHECK_VIEW(got->target.more_rooms, "more");
    CHECK_VIEW(got->target.except_rooms, "except");
    CHECK_VIEW(got->except_id, "id");
    CHECK_VIEW(got->cast.origin, "tag");
    CHECK_INT(got->cast.number, 7);
    CHECK_INT(sio_frame_message(got->frame).len, 9);
    sio_recovery_log_clear(&log);
}

static void
test_the_oldest_go_over_a_limit(void)
{
    sio_recovery_log log;
    size_t           one;

    sio_recovery_log_init(&log);
    fill(&log, 10, 50);
    one = log.n_bytes / 10;
    CHECK_INT(sio_recovery_log_limit(&log, 10, 10 * one), 0);
    CHECK_INT(sio_recovery_log_limit(&log, 8, SIZE_MAX), 2);
    CHECK_INT(number_after(&log, 0), 3);
    CHECK_INT(sio_recovery_log_limit(&log, 8, 3 * one + 1), 5);
    CHECK_INT(number_after(&log, 0), 8);
    CHECK(!sio_recovery_log_has_all_after(&log, 6));
    CHECK(sio_recovery_log_has_all_after(&log, 7));
    CHECK(sio_recovery_log_has_all_after(&log, 10));
    CHECK_INT(sio_recovery_log_limit(&log, 8, 1), 3);
    CHECK(sio_recovery_log_has_all_after(&log, 10));
    CHECK(!sio_recovery_log_has_all_after(&log, 9));
    CHECK_INT(log.n_bytes, 0);
}

static void
test_the_oldest_go_in_time(void)
{
    sio_recovery_log log;

    sio_recovery_log_init(&log);
    fill(&log, 10, 1);
    sio_recovery_log_expire(&log, 10);
    CHECK_INT(log.n, 10);
    sio_recovery_log_expire(&log, 51);
    CHECK_INT(number_after(&log, 0), 6);
    sio_recovery_log_expire(&log, 1000);
    CHECK_INT(log.n, 0);
    CHECK_INT(log.n_bytes, 0);
}

static void
test_without_a_frame_nothing_is_left(void)
{
    const sio_logged_packet none = {.frame = NULL};
    sio_recovery_log        log;

    sio_recovery_log_init(&log);
    fill(&log, 3, 1);
    sio_recovery_log_add(&log, &none);
    CHECK_INT(log.n, 0);
    CHECK(!sio_recovery_log_has_all_after(&log, 3));
    CHECK(sio_recovery_log_has_all_after(&log, 4));
}

int
main(void)
{
    RUN(test_numbers_go_up_by_one);
    RUN(test_packets_keep_what_they_view);
    RUN(test_the_oldest_go_over_a_limit);
    RUN(test_the_oldest_go_in_time);
    RUN(test_without_a_frame_nothing_is_left);
    return check_done();
}
