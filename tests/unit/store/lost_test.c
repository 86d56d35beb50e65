/*
 * store/instances.h: who is there, who is lost, and what the lost have left. The server is
 * real, the instances are several stores in one process.
 */
#include "tests/unit/store/instances_fixture.h"

/* ---- who is there ---- */

typedef struct {
    outcome  o;
    unsigned n_items, n_bad; /* of all calls; those that are not "s<number>" or come twice */
    bool     seen[2000];
    char     text[64]; /* all items of the last call, in order of the alphabet */
} list;

static int
by_text(const void *a, const void *b)
{
    return memcmp(((const sio_view *)a)->data, ((const sio_view *)b)->data, SIO_STORE_TAG_LEN);
}

static void
on_tags(void *arg, int rc, const sio_view *items, size_t n)
{
    list    *l = arg;
    sio_view sorted[8];
    int      at = 0;

    on_put(&l->o, rc);
    l->n_items = (unsigned)n;
    l->text[0] = '\0';
    if (n == 0 || !CHECK(n <= 8))
        return;
    memcpy(sorted, items, n * sizeof *items);
    qsort(sorted, n, sizeof *sorted, by_text);
    for (size_t i = 0; i < n; i++)
        at += snprintf(l->text + at, sizeof l->text - (size_t)at, "%.*s ", (int)sorted[i].len,
                       sorted[i].data);
}

static void
check_there(sio_store *s, const char *want)
{
    list l = {.n_items = 0};

    sio_store_instances_list(s, on_tags, &l);
    UNTIL(l.o.n_calls == 1);
    CHECK_INT(l.o.rc, SIO_OK);
    CHECK_VIEW(sio_view_of(l.text), sio_view_of(want));
}

static void
test_instances_touch_and_leave(void)
{
    instance  a, b;
    long long ttl;

    start(&a, SIO_VIEW("aaaaaa"));
    start(&b, SIO_VIEW("bbbbbb"));
    check_there(a.s, "");
    sio_store_instance_touch(a.s, a.tag);
    sio_store_instance_touch(b.s, b.tag);
    UNTIL(sio_store_get_counters(b.s)->pending == 0);
    check_there(a.s, "aaaaaa bbbbbb ");
    command("SADD test%u:instances stranger", n_tests); /* not a tag */
    check_there(a.s, "aaaaaa bbbbbb ");
    sio_store_session_add(a.s, a.tag, SIO_VIEW("id"));
    sio_store_instance_touch(a.s, a.tag);
    UNTIL(sio_store_get_counters(a.s)->pending == 0);
    CHECK_INT(command("SCARD test%u:sessions:aaaaaa", n_tests), 1);
    ttl = command("PTTL test%u:sessions:aaaaaa", n_tests);
    CHECK(ttl > 86400000 - SOON_MS && ttl <= 86400000);
    CHECK(command("PTTL test%u:instances", n_tests) > 86400000 - SOON_MS);
    sio_store_instance_remove(a.s, a.tag);
    check_there(a.s, "bbbbbb ");
    CHECK_INT(command("EXISTS test%u:sessions:aaaaaa", n_tests), 0);
    sio_store_free(a.s);
    sio_store_free(b.s);
}

static void
test_a_hundred_thousand_sessions_leave_nothing(void)
{
    enum { N = 100000, AT_ONCE = 25000 };
    instance a;
    char     id[24];

    start(&a, SIO_VIEW("aaaaaa"));
    for (int first = 0; first < N; first += AT_ONCE) {
        for (int i = first; i < first + AT_ONCE; i++) {
            snprintf(id, sizeof id, "aaaaaa%014d", i);
            sio_store_session_add(a.s, a.tag, sio_view_of(id));
        }
        UNTIL(sio_store_get_counters(a.s)->pending == 0);
        CHECK_INT(command("SCARD test%u:sessions:aaaaaa", n_tests), AT_ONCE);
        for (int i = first; i < first + AT_ONCE; i++) {
            snprintf(id, sizeof id, "aaaaaa%014d", i);
            sio_store_session_remove(a.s, a.tag, sio_view_of(id));
        }
        UNTIL(sio_store_get_counters(a.s)->pending == 0);
    }
    CHECK_INT(command("DBSIZE"), 0);
    CHECK_INT(a.n_down, 0);
    sio_store_free(a.s);
}

/* Not while it tries to connect, as it does at once: then requests wait for how that ends. */
static bool
is_refused(instance *a)
{
    list           tags = {0};
    sio_store_req *req = sio_store_instances_list(a->s, on_tags, &tags);

    sio_store_cancel(req);
    return req == NULL;
}

static void
test_without_redis_nothing_is_told_and_all_is_unavailable(void)
{
    instance a;
    outcome  claim = {0}, check = {0};
    list     tags = {.n_items = 9}, ids = {.n_items = 9};
    uint64_t n_refused;

    start(&a, SIO_VIEW("aaaaaa"));
    redis_server_kill(&server);
    UNTIL(a.n_down == 1);
    UNTIL(is_refused(&a));
    n_refused = sio_store_get_counters(a.s)->unavailable;
    sio_store_instance_touch(a.s, a.tag);
    sio_store_session_add(a.s, a.tag, SIO_VIEW("id"));
    CHECK(sio_store_instances_list(a.s, on_tags, &tags) == NULL);
    CHECK(sio_store_lost_claim(a.s, SIO_VIEW("bbbbbb"), on_put, &claim) == NULL);
    CHECK(sio_store_lost_check(a.s, SIO_VIEW("bbbbbb"), on_put, &check) == NULL);
    CHECK(sio_store_lost_take(a.s, SIO_VIEW("bbbbbb"), 1, on_tags, &ids) == NULL);
    CHECK_INT(tags.o.rc, SIO_ERR_UNAVAILABLE);
    CHECK_INT(tags.n_items, 0);
    CHECK_INT(claim.rc, SIO_ERR_UNAVAILABLE);
    CHECK_INT(check.rc, SIO_ERR_UNAVAILABLE);
    CHECK_INT(ids.o.rc, SIO_ERR_UNAVAILABLE);
    CHECK_INT(sio_store_get_counters(a.s)->unavailable, n_refused + 4);
    redis_server_start(&server, NULL);
    UNTIL(a.n_up == 2);
    CHECK_INT(command("DBSIZE"), 0);
    sio_store_free(a.s);
}

/* ---- who is lost ---- */

static int
claim_rc(sio_store *s, const char *tag)
{
    outcome o = {0};

    sio_store_lost_claim(s, sio_view_of(tag), on_put, &o);
    UNTIL(o.n_calls == 1);
    return o.rc;
}

static int
check_rc(sio_store *s, const char *tag)
{
    outcome o = {0};

    sio_store_lost_check(s, sio_view_of(tag), on_put, &o);
    UNTIL(o.n_calls == 1);
    return o.rc;
}

static void
test_of_two_claims_one_wins(void)
{
    instance a, b;

    start(&a, SIO_VIEW("aaaaaa"));
    start(&b, SIO_VIEW("bbbbbb"));
    for (int i = 0; i < 100; i++) {
        outcome of_a = {0}, of_b = {0};
        char    tag[24];

        snprintf(tag, sizeof tag, "lost%02d", i);
        CHECK_INT(check_rc(a.s, tag), SIO_ERR_NOT_FOUND);
        sio_store_lost_claim(a.s, sio_view_of(tag), on_put, &of_a);
        sio_store_lost_claim(b.s, sio_view_of(tag), on_put, &of_b);
        UNTIL(of_a.n_calls == 1 && of_b.n_calls == 1);
        CHECK_INT((of_a.rc == SIO_OK) + (of_b.rc == SIO_OK), 1);
        CHECK_INT((of_a.rc == SIO_ERR_NOT_FOUND) + (of_b.rc == SIO_ERR_NOT_FOUND), 1);
        CHECK_INT(claim_rc(of_a.rc == SIO_OK ? a.s : b.s, tag), SIO_OK); /* again */
        CHECK_INT(check_rc(a.s, tag), SIO_OK);
        CHECK_INT(check_rc(b.s, tag), SIO_OK);
    }
    CHECK(command("PTTL test%u:lost:lost00", n_tests) > 3600000 - SOON_MS);
    sio_store_free(a.s);
    sio_store_free(b.s);
}

/* It would stand for an hour, and nobody would announce the sessions. */
static void
test_a_claim_that_comes_too_late_is_taken_back(void)
{
    instance       a;
    outcome        late = {0}, cancelled = {0};
    sio_store_req *req;

    start(&a, SIO_VIEW("aaaaaa"));
    redis_server_freeze(&server);
    sio_store_lost_claim(a.s, SIO_VIEW("bbbbbb"), on_put, &late);
    req = sio_store_lost_claim(a.s, SIO_VIEW("cccccc"), on_put, &cancelled);
    CHECK(req != NULL);
    sio_store_cancel(req);
    UNTIL_MS(late.n_calls == 1, SIO_REDIS_DEADLINE_MS + SOON_MS);
    CHECK_INT(late.rc, SIO_ERR_UNAVAILABLE);
    redis_server_thaw(&server);
    UNTIL(connected(a.s) && sio_store_get_counters(a.s)->pending == 0);
    CHECK_INT(command("DBSIZE"), 0);
    CHECK_INT(cancelled.n_calls, 0);
    CHECK_INT(claim_rc(a.s, "bbbbbb"), SIO_OK);
    sio_store_free(a.s);
}

static void
on_ids(void *arg, int rc, const sio_view *items, size_t n)
{
    list    *l = arg;
    unsigned number;

    on_put(&l->o, rc);
    l->o.len = n;
    for (size_t i = 0; i < n; i++) {
        char text[16];

        l->n_items++;
        snprintf(text, sizeof text, "%.*s", (int)(items[i].len < 15 ? items[i].len : 15),
                 items[i].data);
        if (sscanf(text, "s%u", &number) == 1 && number < 2000 && !l->seen[number])
            l->seen[number] = true;
        else
            l->n_bad++;
    }
}

static size_t
take_lost(sio_store *s, const char *tag, list *l)
{
    const unsigned n_calls = l->o.n_calls;

    sio_store_lost_take(s, sio_view_of(tag), 60000, on_ids, l);
    UNTIL(l->o.n_calls == n_calls + 1);
    CHECK_INT(l->o.rc, SIO_OK);
    return l->o.len;
}

static void
add_sessions(instance *i, unsigned n)
{
    for (unsigned number = 0; number < n; number++) {
        char id[16];

        snprintf(id, sizeof id, "s%u", number);
        sio_store_session_add(i->s, i->tag, sio_view_of(id));
    }
    UNTIL(sio_store_get_counters(i->s)->pending == 0);
}

static void
test_the_sessions_of_a_lost_instance_are_taken_in_bites(void)
{
    enum { N = 1200 };
    const sio_store_client_limits wide = {.max_keys = 10, .max_bytes = 1000};
    instance                      a, b;
    outcome                       set = {0};
    list                          l = {.n_items = 0};
    long long                     ttl;

    start(&a, SIO_VIEW("aaaaaa"));
    start(&b, SIO_VIEW("bbbbbb"));
    sio_store_instance_touch(a.s, a.tag);
    sio_store_instance_touch(b.s, b.tag);
    add_sessions(&b, N);
    sio_store_client_set(b.s, SIO_VIEW("s7"), SIO_VIEW("k"), SIO_VIEW("v"), &wide, on_put, &set);
    UNTIL(set.n_calls == 1);
    CHECK_INT(command("PTTL test%u:client:s7", n_tests), -1);
    sio_store_free(b.s); /* as if killed */
    CHECK_INT(take_lost(a.s, "bbbbbb", &l), SIO_STORE_MAX_LOST);
    check_there(a.s, "aaaaaa bbbbbb ");
    CHECK_INT(take_lost(a.s, "bbbbbb", &l), SIO_STORE_MAX_LOST);
    CHECK_INT(take_lost(a.s, "bbbbbb", &l), N - 2 * SIO_STORE_MAX_LOST);
    CHECK_INT(l.n_items, N);
    CHECK_INT(l.n_bad, 0);
    CHECK_INT(take_lost(a.s, "bbbbbb", &l), 0);
    check_there(a.s, "aaaaaa ");
    ttl = command("PTTL test%u:client:s7", n_tests);
    CHECK(ttl > 60000 - SOON_MS && ttl <= 60000);
    CHECK_INT(command("DBSIZE"), 3); /* instances, client:s7, conn:aaaaaa */
    sio_store_free(a.s);
}

static void
test_what_is_not_an_id_is_passed_over(void)
{
    instance a;
    list     l = {.n_items = 0};
    char     id[SIO_STORE_MAX_ID + 2];

    start(&a, SIO_VIEW("aaaaaa"));
    memset(id, 'x', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    CHECK_INT(command("SADD test%u:sessions:bbbbbb %s", n_tests, id), 1);
    CHECK_INT(take_lost(a.s, "bbbbbb", &l), 0);
    CHECK_INT(command("DBSIZE"), 0);
    sio_store_free(a.s);
}

static void
test_sessions_that_were_taken_too_late_stay(void)
{
    instance a;
    list     late = {.n_items = 0}, l = {.n_items = 0};

    start(&a, SIO_VIEW("aaaaaa"));
    add_sessions(&a, 10);
    redis_server_freeze(&server);
    sio_store_lost_take(a.s, a.tag, 1000, on_ids, &late);
    UNTIL_MS(late.o.n_calls == 1, SIO_REDIS_DEADLINE_MS + SOON_MS);
    CHECK_INT(late.o.rc, SIO_ERR_UNAVAILABLE);
    redis_server_thaw(&server);
    UNTIL(connected(a.s) && sio_store_get_counters(a.s)->pending == 0);
    CHECK(command("PTTL test%u:sessions:aaaaaa", n_tests) > 0);
    CHECK_INT(take_lost(a.s, "aaaaaa", &l), 10);
    sio_store_free(a.s);
}

static void
test_free_calls_nobody_back(void)
{
    list     tags = {.n_items = 0}, ids = {.n_items = 0};
    instance a;

    start(&a, SIO_VIEW("aaaaaa"));
    add_sessions(&a, 10);
    CHECK(sio_store_instances_list(a.s, on_tags, &tags) != NULL);
    CHECK(sio_store_lost_take(a.s, a.tag, 1, on_ids, &ids) != NULL);
    sio_store_free(a.s);
    CHECK_INT(tags.o.n_calls + ids.o.n_calls, 0);
}

/* ---- alone ---- */

static void
test_an_instance_alone_finds_nobody(void)
{
    instance a = {.s = new_memory_store(NULL), .tag = SIO_VIEW("aaaaaa")};
    list     l = {.n_items = 0};
    outcome  o = {0};

    sio_store_instance_touch(a.s, a.tag);
    sio_store_session_add(a.s, a.tag, SIO_VIEW("id"));
    check_there(a.s, "");
    CHECK_INT(claim_rc(a.s, "bbbbbb"), SIO_ERR_NOT_FOUND);
    CHECK_INT(check_rc(a.s, "bbbbbb"), SIO_ERR_NOT_FOUND);
    CHECK_INT(take_lost(a.s, "aaaaaa", &l), 0);
    CHECK(sio_store_lost_check(a.s, a.tag, on_put, &o) == NULL);
    sio_store_session_remove(a.s, a.tag, SIO_VIEW("id"));
    sio_store_instance_remove(a.s, a.tag);
    sio_store_free(a.s);
}

#define RUN_MEMORY(test) run("memory", #test, test, with_loop)

int
main(void)
{
    signal(SIGPIPE, SIG_IGN);
    redis_server_init(&server);
    RUN_REDIS(test_instances_touch_and_leave);
    RUN_REDIS(test_a_hundred_thousand_sessions_leave_nothing);
    RUN_REDIS(test_without_redis_nothing_is_told_and_all_is_unavailable);
    RUN_REDIS(test_of_two_claims_one_wins);
    RUN_REDIS(test_a_claim_that_comes_too_late_is_taken_back);
    RUN_REDIS(test_the_sessions_of_a_lost_instance_are_taken_in_bites);
    RUN_REDIS(test_what_is_not_an_id_is_passed_over);
    RUN_REDIS(test_sessions_that_were_taken_too_late_stay);
    RUN_REDIS(test_free_calls_nobody_back);
    RUN_MEMORY(test_an_instance_alone_finds_nobody);
    redis_server_fini(&server);
    return check_done();
}
