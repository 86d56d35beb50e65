/*
 * tests/unit/cluster/wills_test.c - what an instance does with wills, its own and those of others,
 * whatever the store says: a store that answers as the test wants, and a clock that it moves.
 */
#include "tests/unit/check.h"
#include "tests/unit/stub_store.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/cluster/module.h"
#include "server/cluster/wills.h"
#include "server/config/config.h"
#include "server/siobroker.h"
#include "store/wills.h"

enum { AGAIN_MS = 1000, MAX_ID = 64 };

static struct {
    sio_env       env;
    sio_cfg       cfg;
    sio_cluster   cluster;
    stub_store    stub;
    sio_store_ops ops;
    uint64_t      now_ms;

    /* What the store does, and what it was told: a word for each call, "+x " "-x " "0 ". */
    int      rc; /* of adding and removing */
    sio_buf  calls;
    int      move_rc; /* when there is nothing to be moved */
    sio_view entry;   /* one that is moved next; empty: none */
    /* A move that is not answered yet. */
    bool              is_slow;
    sio_store_req     req;
    sio_store_will_cb moved;
    void             *moved_arg;

    sio_buf told; /* of wills: "id=text " */
} at;

/* --- The store. --- */

/* NULs are told as a blank would be. */
static void
note_call(char what, sio_view will)
{
    sio_buf_add_char(&at.calls, what);
    for (size_t i = 0; i < will.len && i < 20; i++)
        sio_buf_add_char(&at.calls, will.data[i] != '\0' ? will.data[i] : '/');
    sio_buf_add_char(&at.calls, ' ');
}

static int
note_add(sio_store *self, sio_view tag, sio_view will)
{
    (void)self;
    CHECK_VIEW(tag, "aaaaaa");
    note_call('+', will);
    return at.rc;
}

static int
note_remove(sio_store *self, sio_view tag, sio_view will)
{
    (void)self;
    CHECK_VIEW(tag, "aaaaaa");
    note_call('-', will);
    return at.rc;
}

static void
note_remove_all(sio_store *self, sio_view tag)
{
    (void)self;
    (void)tag;
    note_call('0', SIO_VIEW(""));
}

static void
forget_move(sio_store_req *req)
{
    (void)req;
    at.moved = NULL;
}

static sio_store_req *
answer_move(sio_store *self, sio_view from, sio_view to, sio_store_will_cb cb, void *arg)
{
    const sio_view entry = at.entry;

    (void)self;
    CHECK_VIEW(from, "bbbbbb");
    CHECK_VIEW(to, "aaaaaa");
    if (at.is_slow) {
        at.req.cancel = forget_move;
        at.moved = cb;
        at.moved_arg = arg;
        return &at.req;
    }
    at.entry = SIO_VIEW("");
    cb(arg, entry.len > 0 ? SIO_OK : at.move_rc, entry);
    return NULL;
}

static const struct sio_store_will_ops will_ops = {
    .add = note_add, .remove = note_remove, .remove_all = note_remove_all, .move = answer_move};

/* --- The instance. --- */

static sio_server *
io(void)
{
    return sio_env_server(&at.env);
}

static void
on_will(const char *id, const char *text, void *arg)
{
    (void)arg;
    sio_buf_add_str(&at.told, id);
    sio_buf_add_char(&at.told, '=');
    sio_buf_add_str(&at.told, text);
    sio_buf_add_char(&at.told, ' ');
}

static void
begin(void)
{
    memset(&at, 0, sizeof at);
    at.env.cfg = &at.cfg;
    at.env.cluster = &at.cluster;
    at.env.store = &at.stub.store;
    stub_store_init(&at.stub);
    at.ops = *at.stub.store.ops;
    at.ops.wills = &will_ops;
    at.stub.store.ops = &at.ops;
    sio_env_init(&at.env);
    at.env.log.level = SIO_LOG_NONE;
    memcpy(at.env.tag, "aaaaaa", SIO_STORE_TAG_LEN);
    at.cfg.max_stored_bytes = 100;
    at.move_rc = SIO_ERR_NOT_FOUND;
    sio_buf_init(&at.calls, SIZE_MAX);
    sio_buf_init(&at.told, SIZE_MAX);
    CHECK_INT(sio_wills_init(&at.env), SIO_OK);
    at.cluster.env = &at.env;
    sio_on_will(io(), on_will, NULL);
}

static void
end(void)
{
    sio_wills_fini(&at.env);
    sio_buf_fini(&at.calls);
    sio_buf_fini(&at.told);
    sio_env_fini(&at.env);
}

static void
confirm(void)
{
    sio_wills_module.on[SIO_CLUSTER_CONFIRMED](&at.env);
}

static void
pass_time(unsigned ms)
{
    at.now_ms += ms;
    sio_timer_wheel_advance(&at.env.timers, at.now_ms);
}

/* The other instance is gone, and has left this. */
static void
inherit(sio_view entry)
{
    at.entry = entry;
    sio_wills_module.instance_gone(&at.env, "bbbbbb");
}

#define CHECK_TEXT(buf, want)                \
    do {                                     \
        CHECK_VIEW(sio_buf_view(buf), want); \
        sio_buf_clear(buf);                  \
    } while (false)

/* --- Its own. --- */

static void
test_the_store_has_them_when_it_is_there(void)
{
    begin();
    CHECK_INT(sio_set_will(io(), "a", "1"), 0);
    CHECK_INT(sio_set_will(io(), "b", "2"), 0);
    CHECK_INT(sio_set_will(io(), "b", NULL), 0);
    CHECK_TEXT(&at.calls, "");
    CHECK(!sio_wills_are_left(&at.env));
    confirm();
    CHECK_TEXT(&at.calls, "0 +a/1 ");
    CHECK(sio_wills_are_left(&at.env));
    CHECK_INT(sio_set_will(io(), "a", "1"), 0); /* the same */
    CHECK_TEXT(&at.calls, "");
    CHECK_INT(sio_set_will(io(), "a", "3"), 0);
    CHECK_TEXT(&at.calls, "-a/1 +a/3 ");
    CHECK_INT(sio_set_will(io(), "a", NULL), 0);
    CHECK_INT(sio_set_will(io(), "a", NULL), 0);
    CHECK_TEXT(&at.calls, "-a/3 ");
    CHECK(!sio_wills_are_left(&at.env));
    end();
}

static void
test_what_is_no_will(void)
{
    char id[MAX_ID + 2], text[102];

    memset(id, 'i', sizeof id);
    id[MAX_ID + 1] = '\0';
    memset(text, 't', sizeof text);
    text[101] = '\0';
    begin();
    CHECK_INT(sio_set_will(io(), "", "x"), -1);
    CHECK_INT(sio_set_will(io(), id, "x"), -1);
    CHECK_INT(sio_set_will(io(), "a", text), -1);
    id[MAX_ID] = '\0';
    text[100] = '\0';
    CHECK_INT(sio_set_will(io(), id, text), 0);
    end();
}

/* Or the others would be told of one that left long before. */
static void
test_one_that_could_not_be_revoked_is_revoked_later(void)
{
    begin();
    confirm();
    CHECK_INT(sio_set_will(io(), "a", "1"), 0);
    CHECK_INT(sio_set_will(io(), "b", "2"), 0);
    CHECK_TEXT(&at.calls, "0 +a/1 +b/2 ");
    at.rc = SIO_ERR_FULL;
    CHECK_INT(sio_set_will(io(), "a", NULL), 0);
    CHECK_TEXT(&at.calls, "-a/1 ");
    pass_time(AGAIN_MS + 20);
    CHECK_TEXT(&at.calls, "0 +b/2 "); /* for which there was no room, either */
    at.rc = SIO_OK;
    pass_time(AGAIN_MS + 20);
    CHECK_TEXT(&at.calls, "0 +b/2 ");
    pass_time(10 * AGAIN_MS);
    CHECK_TEXT(&at.calls, "");
    end();
}

static void
test_nothing_is_told_again_to_a_store_that_was_away(void)
{
    begin();
    confirm();
    at.rc = SIO_ERR_UNAVAILABLE;
    CHECK_INT(sio_set_will(io(), "a", "1"), 0);
    CHECK_TEXT(&at.calls, "0 +a/1 ");
    pass_time(10 * AGAIN_MS);
    CHECK_TEXT(&at.calls, "");
    confirm(); /* when it is back */
    CHECK_TEXT(&at.calls, "0 +a/1 ");
    end();
}

static void
test_the_end_of_all_sessions(void)
{
    begin();
    confirm();
    CHECK_INT(sio_set_will(io(), "a", "1"), 0);
    sio_buf_clear(&at.calls);
    sio_wills_module.end_sessions(&at.env, "server shutting down");
    CHECK_TEXT(&at.calls, "0 ");
    confirm(); /* under another name */
    CHECK_TEXT(&at.calls, "0 +a/1 ");
    sio_wills_module.end_sessions(&at.env, "instance lost");
    CHECK_TEXT(&at.calls, ""); /* others have them */
    confirm();
    CHECK_TEXT(&at.calls, "0 ");
    end();
}

/* --- Those of others. --- */

static void
test_it_inherits(void)
{
    begin();
    confirm();
    sio_buf_clear(&at.calls);
    inherit((sio_view){"a\0one", 5});
    CHECK_TEXT(&at.told, "a=one ");
    CHECK_TEXT(&at.calls, "+a/one ");
    CHECK_INT(at.env.stats.inherited_wills, 1);
    inherit((sio_view){"a\0one", 5}); /* the same again */
    CHECK_TEXT(&at.told, "a=one ");
    CHECK_TEXT(&at.calls, "+a/one ");
    inherit((sio_view){"a\0two", 5}); /* in its place */
    CHECK_TEXT(&at.told, "a=two ");
    CHECK_TEXT(&at.calls, "-a/one +a/two ");
    CHECK_INT(sio_set_will(io(), "a", NULL), 0);
    CHECK_TEXT(&at.calls, "-a/two ");
    end();
}

/* Whoever can write to Redis can put anything there. */
static void
test_what_is_in_the_store_and_is_no_will(void)
{
    char long_id[MAX_ID + 3] = "";
    static const struct {
        const char *bytes;
        size_t      len;
    } rows[] = {{"no end", 6}, {"\0no id", 6}, {"a\0with\0nul", 10}};

    memset(long_id, 'i', MAX_ID + 1);
    begin();
    confirm();
    sio_buf_clear(&at.calls);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        inherit((sio_view){rows[i].bytes, rows[i].len});
    inherit((sio_view){long_id, MAX_ID + 2});
    CHECK_TEXT(&at.told, "");
    CHECK_TEXT(&at.calls, "");
    CHECK_INT(at.env.stats.inherited_wills, 0);
    inherit((sio_view){"a\0", 2}); /* an empty text is one */
    CHECK_TEXT(&at.told, "a= ");
    end();
}

static void
test_a_store_that_does_not_know_is_asked_again(void)
{
    begin();
    at.move_rc = SIO_ERR_UNAVAILABLE;
    inherit(SIO_VIEW(""));
    at.move_rc = SIO_ERR_NOT_FOUND;
    at.entry = (sio_view){"a\0one", 5};
    CHECK_TEXT(&at.told, "");
    pass_time(AGAIN_MS + 20);
    CHECK_TEXT(&at.told, "a=one ");
    pass_time(10 * AGAIN_MS);
    CHECK_TEXT(&at.told, "");
    end();
}

static void
test_one_that_stops_takes_nothing_over(void)
{
    begin();
    at.is_slow = true;
    inherit(SIO_VIEW(""));
    CHECK(at.moved != NULL);
    sio_wills_module.on[SIO_CLUSTER_LEAVING](&at.env);
    CHECK(at.moved == NULL);
    sio_on_will(io(), NULL, NULL); /* nor does one that does not want any */
    inherit(SIO_VIEW(""));
    CHECK(at.moved == NULL);
    end();
}

int
main(void)
{
    RUN(test_the_store_has_them_when_it_is_there);
    RUN(test_what_is_no_will);
    RUN(test_one_that_could_not_be_revoked_is_revoked_later);
    RUN(test_nothing_is_told_again_to_a_store_that_was_away);
    RUN(test_the_end_of_all_sessions);
    RUN(test_it_inherits);
    RUN(test_what_is_in_the_store_and_is_no_will);
    RUN(test_a_store_that_does_not_know_is_asked_again);
    RUN(test_one_that_stops_takes_nothing_over);
    return check_done();
}
