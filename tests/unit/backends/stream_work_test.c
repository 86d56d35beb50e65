/*
 * tests/unit/backends/stream_work_test.c - server/backends/stream_work.h: in which order commands
 * of a stream begin, when they are acknowledged, and what becomes of those that can not be done.
 *
 * With a store that notes what it is told, and commands that are done when the test says so. The
 * claims of ids are those of a store in memory. tests/cluster/stream-commands.test.js has it with
 * Redis.
 */
#include "server/backends/stream_work.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "server/config/config.h"
#include "store/memory.h"
#include "tests/unit/check.h"

enum { MAX_UNDER_WAY = 16 };

static struct {
    sio_env               env;
    sio_cfg               cfg;
    sio_commands          commands;
    sio_idempotency_quota quota;
    sio_stream_work       work;
    sio_store_ops         ops;
    unsigned              n_has_room;
    uint64_t              now_ms;
    int                   rc;             /* of acknowledging */
    unsigned              n_acknowledged; /* commands of the store */

    sio_buf told; /* the store: "ack 1-0 " and "dead 2-0 bad_json " and "replies:a {...} " */
    sio_buf done; /* names of events whose commands were begun: "a b " */

    /* What was begun and has not ended; NULL: it has. */
    sio_commands_fn fn[MAX_UNDER_WAY];
    void           *arg[MAX_UNDER_WAY];
    size_t          n;
} at;

/* --- What stands around it. --- */

void
sio_commands_run(sio_env *env, sio_commands *commands, const sio_backend_command *c,
                 sio_commands_fn fn, void *arg)
{
    CHECK(env == &at.env && commands == &at.commands);
    sio_buf_add_view(&at.done, c->name);
    sio_buf_add_char(&at.done, ' ');
    if (!CHECK(at.n < MAX_UNDER_WAY))
        return;
    at.fn[at.n] = fn;
    at.arg[at.n++] = arg;
}

/* The i-th that was begun has ended; code NULL: it is done. */
static void
end_command(size_t i, const char *code)
{
    const sio_outcome outcome = {
        .code = code, .at = "", .why = "", .json = SIO_VIEW("{\"instances\":1}")};

    if (CHECK(i < at.n && at.fn[i] != NULL))
        at.fn[i](at.arg[i], &outcome);
    at.fn[i] = NULL;
}

static sio_store_req *
note_acknowledgement(sio_store *self, sio_view stream, sio_view group, const sio_view *ids,
                     size_t n, sio_store_done_cb cb, void *arg)
{
    (void)self;
    CHECK_VIEW(stream, "commands");
    CHECK_VIEW(group, "siobroker");
    at.n_acknowledged++;
    for (size_t i = 0; i < n; i++) {
        sio_buf_add_str(&at.told, "ack ");
        sio_buf_add_view(&at.told, ids[i]);
        sio_buf_add_char(&at.told, ' ');
    }
    cb(arg, at.rc);
    return NULL;
}

static sio_view
field_of(const sio_stream_field *fields, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (sio_view_eq(fields[i].name, sio_view_of(name)))
            return fields[i].value;
    return SIO_VIEW("");
}

/* What is dead, and replies. */
static sio_store_req *
note_added(sio_store *self, sio_view stream, const sio_stream_field *fields, size_t n,
           const sio_stream_life *life, sio_store_done_cb cb, void *arg)
{
    const bool is_dead = sio_view_eq(stream, SIO_VIEW("commands:dead"));

    (void)self, (void)life, (void)cb, (void)arg;
    sio_buf_add_view(&at.told, is_dead ? SIO_VIEW("dead") : stream);
    sio_buf_add_char(&at.told, ' ');
    sio_buf_add_view(&at.told, field_of(fields, n, is_dead ? "entry" : "json"));
    sio_buf_add_char(&at.told, ' ');
    sio_buf_add_view(&at.told, field_of(fields, n, "error"));
    sio_buf_add_str(&at.told, is_dead ? " " : "");
    return NULL;
}

static void
note_room(void *arg)
{
    CHECK(arg == &at);
    at.n_has_room++;
}

static void
begin(void)
{
    static const struct sio_store_stream_ops streams = {.add = note_added,
                                                        .acknowledge = note_acknowledgement};
    const sio_handshakes_limits              limits = {.max_entries = 10};

    memset(&at, 0, sizeof at);
    at.cfg.api.max_body = 1000;
    at.env.cfg = &at.cfg;
    at.env.base = event_base_new();
    CHECK_INT(sio_deferred_init(&at.env.deferred, at.env.base), SIO_OK);
    CHECK_INT(sio_timer_wheel_init(&at.env.timers, NULL), SIO_OK);
    sio_log_init(&at.env.log, -1, 0, false);
    sio_log_limits_init(&at.env.log_limits, &at.env.log, &at.env.timers, 100);
    CHECK_INT(sio_memory_store_new(&at.env.store, at.env.base, &limits), SIO_OK);
    at.ops = *at.env.store->ops;
    at.ops.streams = &streams;
    at.env.store->ops = &at.ops;
    sio_buf_init(&at.told, SIZE_MAX);
    sio_buf_init(&at.done, SIZE_MAX);
    CHECK_INT(sio_stream_work_init(&at.work, &at.env, &at.commands, &at.quota, note_room, &at),
              SIO_OK);
    sio_stream_work_allow(&at.work, UINT64_MAX);
}

static void
end(void)
{
    sio_stream_work_close(&at.work);
    sio_stream_work_fini(&at.work);
    CHECK_INT(at.work.n, 0);
    CHECK_INT(at.work.n_bytes, 0);
    sio_store_free(at.env.store);
    sio_log_limits_fini(&at.env.log_limits);
    sio_timer_wheel_fini(&at.env.timers);
    sio_deferred_fini(&at.env.deferred);
    event_base_free(at.env.base);
    sio_buf_fini(&at.told);
    sio_buf_fini(&at.done);
}

static void
turn(void)
{
    event_base_loop(at.env.base, EVLOOP_NONBLOCK);
}

static void
pass_ms(unsigned ms)
{
    at.now_ms += ms;
    sio_timer_wheel_advance(&at.env.timers, at.now_ms);
    turn();
}

/* --- Entries. --- */

static void
add_with(const char *id, const char *json, const char *reply)
{
    const sio_stream_field fields[] = {{SIO_VIEW("json"), sio_view_of(json)},
                                       {SIO_VIEW("reply"), sio_view_of(reply)}};

    sio_stream_work_add(&at.work, sio_view_of(id), fields, reply != NULL ? 2 : 1, false);
}

static void
add(const char *id, const char *json)
{
    add_with(id, json, NULL);
}

/* {"do":"emit","name":name} as the entry id. */
static void
add_emit(const char *id, const char *name)
{
    char json[100];

    snprintf(json, sizeof json, "{\"do\":\"emit\",\"name\":\"%s\"}", name);
    add(id, json);
}

static void
check_begun(const char *names)
{
    CHECK_VIEW(sio_buf_view(&at.done), names);
}

/* By the end of the turn. */
static void
check_told(const char *words)
{
    turn();
    CHECK_VIEW(sio_buf_view(&at.told), words);
    sio_buf_clear(&at.told);
}

static bool
was_told(const char *words)
{
    return memmem(at.told.data, at.told.len, words, strlen(words)) != NULL;
}

/* --- Tests. --- */

static void
test_they_begin_in_order_and_none_waits_for_a_result(void)
{
    begin();
    add_emit("1-0", "a");
    add_emit("2-0", "b");
    add_emit("3-0", "c");
    check_begun("");
    turn();
    check_begun("a b c ");
    check_told("");
    end_command(2, NULL);
    check_told("ack 3-0 ");
    end_command(0, NULL);
    end_command(1, NULL);
    check_told("ack 1-0 ack 2-0 ");
    CHECK_INT(at.work.n, 0);
    CHECK_INT(at.env.stats.stream_commands, 3);
    end();
}

static void
test_what_can_not_be_done_now_holds_what_is_behind_it(void)
{
    static const char *const codes[] = {"cluster_unavailable", "busy", "out_of_memory",
                                        "rate_limited"};

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        check_row = codes[i];
        begin();
        add_emit("1-0", "a");
        turn();
        add_emit("2-0", "b");
        end_command(0, codes[i]);
        turn();
        check_begun("a ");
        check_told("");
        pass_ms(SIO_STREAM_WORK_AGAIN_MS - 100);
        check_begun("a ");
        pass_ms(200);
        check_begun("a a b ");
        end_command(1, NULL);
        end_command(2, NULL);
        check_told("ack 1-0 ack 2-0 ");
        end();
    }
}

static void
test_what_can_never_be_done_is_in_nobodys_way(void)
{
    static const struct {
        const char *json, *word;
    } rows[] = {
        {"{", "bad_json"},
        {"[]", "bad_command"},
        {"{\"do\":\"dance\"}", "bad_command"},
        {"{\"do\":\"emit\"}", "bad_command"},
        {"", "bad_command"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char words[100];

        check_row = rows[i].json;
        begin();
        add("1-0", rows[i].json);
        add_emit("2-0", "b");
        turn();
        check_begun("b ");
        snprintf(words, sizeof words, "dead 1-0 %s ack 1-0 ", rows[i].word);
        check_told(words);
        CHECK_INT(at.env.stats.stream_dead, 1);
        CHECK_INT(at.work.n, 1);
        end();
    }
}

static void
test_a_refused_command_is_dead(void)
{
    begin();
    add_emit("1-0", "a");
    turn();
    end_command(0, "unknown_namespace");
    check_told("dead 1-0 unknown_namespace ack 1-0 ");
    end();
}

static void
test_fields_that_are_wrong(void)
{
    const sio_stream_field version[] = {{SIO_VIEW("v"), SIO_VIEW("2")},
                                        {SIO_VIEW("json"), SIO_VIEW("{}")}};
    char                   large[1100];

    memset(large, ' ', sizeof large);
    memcpy(large, "{}", 2);
    large[sizeof large - 1] = '\0';
    begin();
    sio_stream_work_add(&at.work, SIO_VIEW("1-0"), version, 2, false);
    add_with("2-0", "{}", "a b");
    add("3-0", large);
    sio_stream_work_add(&at.work, SIO_VIEW("4-0"), NULL, 0, true);
    turn();
    check_told("dead 1-0 bad_command dead 2-0 bad_command dead 3-0 too_large dead 4-0 too_large "
               "ack 1-0 ack 2-0 ack 3-0 ack 4-0 ");
    check_begun("");
    end();
}

static void
test_what_somebody_has_deleted_is_acknowledged(void)
{
    begin();
    sio_stream_work_add(&at.work, SIO_VIEW("1-0"), NULL, 0, false);
    turn();
    check_told("ack 1-0 ");
    CHECK_INT(at.work.n, 0);
    end();
}

static void
test_whoever_wants_to_know_is_told(void)
{
    begin();
    add_with("1-0", "{\"do\":\"emit\",\"name\":\"a\"}", "me");
    add_with("2-0", "{\"do\":\"dance\"}", "me");
    turn();
    end_command(0, NULL);
    turn();
    CHECK(was_told("replies:me {\"error\":{\"code\":\"bad_command\""));
    CHECK(was_told("replies:me {\"instances\":1} ack 1-0 "));
    end();
}

/* It is read again, as Redis does not know; but it is known here. */
static void
test_what_is_done_is_not_done_again_before_redis_knows(void)
{
    begin();
    at.rc = SIO_ERR_UNAVAILABLE;
    add_emit("1-0", "a");
    turn();
    end_command(0, NULL);
    check_told("ack 1-0 ");
    add_emit("1-0", "a");
    turn();
    check_begun("a ");
    CHECK_INT(at.work.n, 1);
    at.rc = SIO_OK;
    sio_stream_work_acknowledge(&at.work);
    check_told("ack 1-0 ");
    CHECK_INT(at.work.n, 0);
    end();
}

/* Redis said that it waits before it knew that it is done, and that is heard after it. */
static void
test_what_was_asked_for_before_it_was_done_is_not_done_again(void)
{
    begin();
    add_emit("1-0", "a");
    turn();
    sio_stream_work_begin_read(&at.work);
    end_command(0, NULL);
    check_told("ack 1-0 ");
    add_emit("1-0", "a");
    add_emit("2-0", "b");
    sio_stream_work_end_read(&at.work);
    turn();
    check_begun("a b ");
    CHECK_INT(at.work.n, 1);
    end_command(1, NULL);
    check_told("ack 2-0 ");
    CHECK_INT(at.work.n, 0);
    end();
}

static void
test_one_with_an_id_is_done_once(void)
{
    static const char json[] = "{\"do\":\"emit\",\"name\":\"a\",\"id\":\"7\"}";

    begin();
    add("1-0", json);
    turn();
    end_command(0, NULL);
    check_told("ack 1-0 ");
    add_with("2-0", json, "me");
    turn();
    check_begun("a ");
    check_told("replies:me {\"instances\":1} ack 2-0 ");
    add("3-0", "{\"do\":\"emit\",\"name\":\"b\",\"id\":\"7\"}");
    turn();
    check_begun("a ");
    check_told("dead 3-0 key_reused ack 3-0 ");
    end();
}

static void
never_told(sio_idempotency *i, sio_idempotency_verdict verdict, sio_view result)
{
    (void)i, (void)result;
    CHECK_INT(verdict, SIO_IDEMPOTENCY_FRESH);
}

/* One instance does them at a time, so whoever has begun it is gone. */
static void
test_one_with_an_id_that_another_has_begun_is_begun_again(void)
{
    static const char json[] = "{\"do\":\"emit\",\"name\":\"a\",\"id\":\"7\"}";
    sio_idempotency   other;

    begin();
    sio_idempotency_begin(&other, &at.env, &at.quota, SIO_VIEW("stream:"), SIO_VIEW("7"),
                          SIO_VIEW(json), never_told);
    add("1-0", json);
    turn();
    check_begun("a ");
    end_command(0, NULL);
    check_told("ack 1-0 ");
    end();
}

static void
test_one_with_an_id_that_is_under_way_here_is_waited_for(void)
{
    static const char json[] = "{\"do\":\"emit\",\"name\":\"a\",\"id\":\"7\"}";

    begin();
    add("1-0", json);
    add("2-0", json);
    turn();
    check_begun("a ");
    end_command(0, NULL);
    pass_ms(SIO_STREAM_WORK_AGAIN_MS + 100);
    check_begun("a ");
    check_told("ack 1-0 ack 2-0 ");
    end();
}

static void
test_nothing_begins_unless_it_is_allowed(void)
{
    begin();
    sio_stream_work_allow(&at.work, 0);
    add_emit("1-0", "a");
    turn();
    check_begun("");
    sio_stream_work_allow(&at.work, UINT64_MAX);
    turn();
    check_begun("a ");
    end();
}

/* Another instance goes on with what has not begun; what has is ended here. */
static void
test_forbidden_in_the_middle(void)
{
    begin();
    add_emit("1-0", "a");
    turn();
    add_emit("2-0", "b");
    sio_stream_work_forbid(&at.work);
    turn();
    check_begun("a ");
    CHECK_INT(at.work.n, 1);
    end_command(0, NULL);
    check_told("ack 1-0 ");
    CHECK_INT(at.work.n, 0);
    end();
}

static void
test_closed_nobody_is_told(void)
{
    begin();
    add_emit("1-0", "a");
    turn();
    sio_stream_work_close(&at.work);
    end_command(0, NULL);
    add_emit("2-0", "b");
    turn();
    check_begun("a ");
    check_told("");
    end();
}

static void
test_so_many_entries_and_bytes(void)
{
    char   id[32];
    size_t n = 0;

    begin();
    sio_stream_work_allow(&at.work, 0);
    CHECK(sio_stream_work_has_room(&at.work));
    for (; sio_stream_work_has_room(&at.work); n++) {
        snprintf(id, sizeof id, "%zu-0", n);
        add_emit(id, "a");
    }
    CHECK_INT(n, SIO_STREAM_WORK_MAX - SIO_STREAM_READ_COUNT + 1);
    end();

    begin();
    at.cfg.api.max_body = SIZE_MAX;
    sio_stream_work_allow(&at.work, 0);
    char *large = malloc(SIO_STREAM_WORK_MAX_BYTES + 1);

    memset(large, ' ', SIO_STREAM_WORK_MAX_BYTES);
    large[SIO_STREAM_WORK_MAX_BYTES] = '\0';
    add("1-0", large);
    CHECK(!sio_stream_work_has_room(&at.work));
    free(large);
    end();
}

static void
add_words(sio_buf *words, const char *begin, const char *end, unsigned from, unsigned to)
{
    char text[64];

    for (unsigned i = from; i < to; i++) {
        snprintf(text, sizeof text, "%s%u-0%s ", begin, i, end);
        sio_buf_add_str(words, text);
    }
}

/* More than begin in one turn, and than are acknowledged in one command. */
static void
test_very_many_in_their_order(void)
{
    enum { N = SIO_STREAM_WORK_A_TURN + SIO_STREAM_ACK_COUNT + 1 };
    sio_buf want;
    char    id[32];

    begin();
    sio_buf_init(&want, SIZE_MAX);
    for (unsigned i = 0; i < N; i++) {
        snprintf(id, sizeof id, "%u-0", i);
        add(id, "{\"do\":\"dance\"}");
    }
    turn();
    CHECK_INT(at.work.n, N - SIO_STREAM_WORK_A_TURN);
    pass_ms(1);
    CHECK_INT(at.work.n, 0);
    CHECK_INT(at.n_acknowledged, 4);
    add_words(&want, "dead ", " bad_command", 0, SIO_STREAM_WORK_A_TURN);
    add_words(&want, "ack ", "", 0, SIO_STREAM_WORK_A_TURN);
    add_words(&want, "dead ", " bad_command", SIO_STREAM_WORK_A_TURN, N);
    add_words(&want, "ack ", "", SIO_STREAM_WORK_A_TURN, N);
    CHECK(sio_view_eq(sio_buf_view(&at.told), sio_buf_view(&want)));
    sio_buf_fini(&want);
    end();
}

/* Two that could not be done come first when they can, whichever of them was told first. */
static void
test_what_waits_again_stays_in_order(void)
{
    begin();
    add_emit("1-0", "a");
    add_emit("2-0", "b");
    turn();
    add_emit("3-0", "c");
    end_command(1, "busy");
    end_command(0, "busy");
    turn();
    check_begun("a b ");
    pass_ms(SIO_STREAM_WORK_AGAIN_MS + 100);
    check_begun("a b a b c ");
    end();
}

static void
test_room_is_told_of(void)
{
    begin();
    turn();
    at.n_has_room = 0;
    add_emit("1-0", "a");
    turn();
    CHECK(at.n_has_room > 0);
    end();
}

int
main(void)
{
    RUN(test_they_begin_in_order_and_none_waits_for_a_result);
    RUN(test_what_can_not_be_done_now_holds_what_is_behind_it);
    RUN(test_what_can_never_be_done_is_in_nobodys_way);
    RUN(test_a_refused_command_is_dead);
    RUN(test_fields_that_are_wrong);
    RUN(test_what_somebody_has_deleted_is_acknowledged);
    RUN(test_whoever_wants_to_know_is_told);
    RUN(test_what_is_done_is_not_done_again_before_redis_knows);
    RUN(test_what_was_asked_for_before_it_was_done_is_not_done_again);
    RUN(test_one_with_an_id_is_done_once);
    RUN(test_one_with_an_id_that_another_has_begun_is_begun_again);
    RUN(test_one_with_an_id_that_is_under_way_here_is_waited_for);
    RUN(test_nothing_begins_unless_it_is_allowed);
    RUN(test_forbidden_in_the_middle);
    RUN(test_closed_nobody_is_told);
    RUN(test_so_many_entries_and_bytes);
    RUN(test_very_many_in_their_order);
    RUN(test_what_waits_again_stays_in_order);
    RUN(test_room_is_told_of);
    return check_done();
}
