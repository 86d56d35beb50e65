/*
 * Searches that wait for the word of who has a session: an instance with one peer, and a store in
 * which there is no handshake.
 */
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/config/config.h"
#include "server/engine/engine.h"
#include "server/roaming/directory.h"
#include "server/roaming/foreign.h"
#include "server/roaming/roaming.h"
#include "tests/unit/stub_store.h"

#define PEER "peer-1"

typedef struct {
    sio_env     env;
    sio_cfg     cfg;
    sio_engine  engine;
    sio_cluster cluster;
    sio_roaming roaming;
    stub_store  stub;
    sio_peer   *peer;
} instance;

static instance *
instance_begin(void)
{
    instance *i = calloc(1, sizeof *i);

    i->env.cfg = &i->cfg;
    i->env.engine = &i->engine;
    i->env.cluster = &i->cluster;
    i->env.roaming = &i->roaming;
    i->env.store = &i->stub.store;
    stub_store_init(&i->stub);
    sio_env_init(&i->env);
    i->env.log.level = SIO_LOG_NONE;
    CHECK_INT(sio_hash_init(&i->engine.sessions), SIO_OK);
    CHECK_INT(sio_cluster_init(&i->env), SIO_OK);
    CHECK_INT(sio_roaming_init(&i->env), SIO_OK);
    sio_cluster_module_add(&i->env, &sio_directory_module);
    i->peer = sio_peer_meet(&i->env, SIO_VIEW(PEER));
    CHECK(i->peer != NULL);
    return i;
}

static void
instance_end(instance *i)
{
    CHECK_INT(i->roaming.waiting.n_items, 0);
    sio_cluster_quit(&i->env);
    sio_roaming_fini(&i->env);
    sio_cluster_fini(&i->env);
    sio_hash_fini(&i->engine.sessions);
    sio_env_fini(&i->env);
    free(i);
}

/* --- Searches, each with a letter; and how they end. --- */

typedef struct {
    sio_search search;
    char       letter;
} seeker;

static char   ends[64];
static size_t n_ends;

static void
note_end(sio_search *search, const char *how)
{
    n_ends +=
        (size_t)snprintf(ends + n_ends, sizeof ends - n_ends, "%s%c:%s", n_ends > 0 ? " " : "",
                         SIO_CONTAINER(search, seeker, search)->letter, how);
}

static sio_view
ends_so_far(void)
{
    const size_t n = n_ends;

    n_ends = 0;
    return (sio_view){ends, n};
}

static void
on_here(sio_search *search, sio_session *session, bool is_new)
{
    (void)session;
    (void)is_new;
    note_end(search, "here");
}

static void
on_elsewhere(sio_search *search, sio_peer *peer)
{
    note_end(search, peer->tag);
}

static void
on_unknown(sio_search *search)
{
    note_end(search, "unknown");
}

static const sio_search_ops ops = {
    .here = on_here, .elsewhere = on_elsewhere, .unknown = on_unknown};

/* The id of a handshake that was made here. */
static sio_view
id_of(const instance *i, unsigned n, char text[SIO_SESSION_ID_MAX + 1])
{
    snprintf(text, SIO_SESSION_ID_MAX + 1, "%s%014u", i->env.tag, n);
    return sio_view_of(text);
}

static void
look_for(instance *i, seeker *s, char letter, unsigned n, sio_purpose purpose)
{
    char text[SIO_SESSION_ID_MAX + 1];

    s->letter = letter;
    sio_directory_locate(&s->search, &i->env, id_of(i, n, text), purpose, &ops);
}

static void
hear_owner(instance *i, unsigned n)
{
    char                      text[SIO_SESSION_ID_MAX + 1];
    const sio_cluster_message m = {.kind = SIO_CM_OWNS, .id = id_of(i, n, text)};

    sio_cluster_module_hear(i->peer, false, &m);
}

/* --- Tests. --- */

static void
test_a_word_ends_all_that_wait_for_it_and_no_others(void)
{
    instance *i = instance_begin();
    seeker    s[4];

    look_for(i, &s[0], 'a', 1, SIO_FOR_POLL);
    look_for(i, &s[1], 'b', 2, SIO_FOR_POLL);
    look_for(i, &s[2], 'c', 1, SIO_FOR_POST);
    look_for(i, &s[3], 'd', 1, SIO_FOR_STREAM);
    CHECK_VIEW(ends_so_far(), "");
    hear_owner(i, 1);
    CHECK_VIEW(ends_so_far(), "a:peer-1 c:peer-1 d:peer-1");
    hear_owner(i, 1); /* again */
    hear_owner(i, 3); /* of what nobody looks for */
    CHECK_VIEW(ends_so_far(), "");
    look_for(i, &s[0], 'e', 1, SIO_FOR_POLL); /* it is known now */
    CHECK_VIEW(ends_so_far(), "e:peer-1");
    sio_directory_cancel(&s[1].search);
    instance_end(i);
}

static void
test_one_that_is_given_up_leaves_the_others_waiting(void)
{
    instance *i = instance_begin();
    seeker    s[4];

    for (unsigned n = 0; n < 4; n++)
        look_for(i, &s[n], (char)('a' + n), 1, SIO_FOR_POLL);
    sio_directory_cancel(&s[0].search); /* the first, and one in between */
    sio_directory_cancel(&s[2].search);
    hear_owner(i, 1);
    CHECK_VIEW(ends_so_far(), "b:peer-1 d:peer-1");
    instance_end(i);
}

static void
test_without_a_word_they_end_after_a_second(void)
{
    instance *i = instance_begin();
    seeker    s[3];

    look_for(i, &s[0], 'a', 1, SIO_FOR_POLL);
    look_for(i, &s[1], 'b', 1, SIO_FOR_POLL);
    sio_timer_wheel_advance(&i->env.timers, 500);
    look_for(i, &s[2], 'c', 1, SIO_FOR_POLL);
    sio_timer_wheel_advance(&i->env.timers, 1100);
    CHECK_VIEW(ends_so_far(), "a:unknown b:unknown");
    hear_owner(i, 1);
    CHECK_VIEW(ends_so_far(), "c:peer-1");
    instance_end(i);
}

/* Nor is anybody asked, and least of all the store. */
static void
test_an_id_that_no_instance_makes_is_unknown_at_once(void)
{
    static const char *const ids[] = {"",
                                      "x",
                                      "1234567890123456789",
                                      PEER,
                                      PEER "aaaaaaaaaaaaa",
                                      PEER "aaaaaaaaaaaaaaa",
                                      PEER "aaaaaaaaaaaaa.",
                                      "peer-2aaaaaaaaaaaa\n\n",
                                      "ten\ntimes\nas\nlong\nas\nany\nthat\nthere\nis"};
    enum { N = sizeof ids / sizeof ids[0] };
    instance *i = instance_begin();
    seeker    s = {.letter = 'a'};

    i->stub.handshake = "{}";
    for (size_t n = 0; n < N; n++) {
        check_row = ids[n];
        sio_directory_locate(&s.search, &i->env, sio_view_of(ids[n]), SIO_FOR_STREAM, &ops);
        CHECK_VIEW(ends_so_far(), "a:unknown");
        CHECK(sio_directory_whereabouts(&i->env, sio_view_of(ids[n])) == NULL);
    }
    CHECK_INT(i->env.stats.unknown_sessions, N);
    instance_end(i);
}

/* --- Somebody else has made the handshake. --- */

static unsigned n_asked;

static bool
take_nothing(sio_env *env, sio_view id, sio_buf *handshake)
{
    (void)env;
    (void)id;
    (void)handshake;
    n_asked++;
    return false;
}

static unsigned
delay_of_post(sio_env *env, sio_view id)
{
    (void)env;
    (void)id;
    return 100;
}

static void
test_the_word_of_somebody_else_is_not_for_posts(void)
{
    static const sio_foreign foreign = {.take = take_nothing, .delay_ms = delay_of_post};
    instance                *i = instance_begin();
    char                     text[SIO_SESSION_ID_MAX + 1];
    seeker                   s[4];

    i->roaming.foreign = &foreign;
    look_for(i, &s[0], 'a', 1, SIO_FOR_POST);
    look_for(i, &s[1], 'b', 1, SIO_FOR_POLL);
    look_for(i, &s[2], 'c', 1, SIO_FOR_STREAM);
    look_for(i, &s[3], 'd', 2, SIO_FOR_POLL);
    n_asked = 0;
    sio_directory_resume(&i->env, id_of(i, 1, text));
    CHECK_INT(n_asked, 2); /* in vain, so they wait again */
    CHECK_VIEW(ends_so_far(), "");
    sio_directory_resume(&i->env, id_of(i, 3, text));
    CHECK_INT(n_asked, 2);
    sio_timer_wheel_advance(&i->env.timers, 200);
    CHECK_VIEW(ends_so_far(), "a:unknown");
    hear_owner(i, 1);
    CHECK_VIEW(ends_so_far(), "b:peer-1 c:peer-1");
    sio_directory_cancel(&s[3].search);
    instance_end(i);
}

/* --- Many. --- */

static void
on_counted(sio_search *search, sio_peer *peer)
{
    (void)search;
    (void)peer;
    n_asked++;
}

/* Each word finds its own; a walk over all, for each, would make 450 million comparisons. */
static void
test_a_storm_of_handshakes(void)
{
    enum { N = 30000, MAX_S = 10 };
    static const sio_search_ops counted = {.elsewhere = on_counted, .unknown = on_unknown};
    instance                   *i = instance_begin();
    seeker                     *s = calloc(N, sizeof *s);
    const clock_t               start = clock();
    char                        text[SIO_SESSION_ID_MAX + 1];

    n_asked = 0;
    for (unsigned n = 0; n < N; n++)
        sio_directory_locate(&s[n].search, &i->env, id_of(i, n, text), SIO_FOR_POLL, &counted);
    for (unsigned n = N; n-- > 0;)
        hear_owner(i, n);
    CHECK_INT(n_asked, N);
    CHECK((clock() - start) / CLOCKS_PER_SEC < MAX_S);
    free(s);
    instance_end(i);
}

int
main(void)
{
    RUN(test_a_word_ends_all_that_wait_for_it_and_no_others);
    RUN(test_one_that_is_given_up_leaves_the_others_waiting);
    RUN(test_without_a_word_they_end_after_a_second);
    RUN(test_an_id_that_no_instance_makes_is_unknown_at_once);
    RUN(test_the_word_of_somebody_else_is_not_for_posts);
    RUN(test_a_storm_of_handshakes);
    return check_done();
}
