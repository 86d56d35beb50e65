/*
 * Messages with a seal: two instances, whose stores are the test's, so that it sees all that they
 * say, and can change it, keep it back and say it again.
 */
#include "tests/unit/check.h"
#include "tests/unit/stub_store.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/cluster/module.h"
#include "server/cluster/outbox.h"
#include "server/config/config.h"

#define SECRET  "a-secret-of-the-cluster"
#define ANOTHER "another-secret-of-the-cluster"

enum { TIMEOUT_MS = 10000, MAX_SAID = 64 };

/* --- Two instances. --- */

typedef struct {
    bool   direct;
    size_t len;
    char   bytes[512];
} sentence;

typedef struct {
    sio_env     env;
    sio_cfg     cfg;
    sio_cluster cluster;
    stub_store  stub;
    uint64_t    now_ms;
    sentence    said[MAX_SAID]; /* by it, in turn */
    size_t      n_said, n_passed_on;
} instance;

static unsigned n_heard; /* casts that a module was told of */

static int
note_said(sio_store *self, sio_view tag, sio_view bytes)
{
    instance *i = SIO_CONTAINER(stub_of(self), instance, stub);
    sentence *s = &i->said[i->n_said++];

    CHECK(i->n_said < MAX_SAID && bytes.len <= sizeof s->bytes);
    s->direct = tag.len > 0;
    s->len = bytes.len;
    memcpy(s->bytes, bytes.data, bytes.len);
    return SIO_OK;
}

static void
on_heard(sio_peer *peer, const sio_cluster_message *m)
{
    (void)peer;
    (void)m;
    n_heard++;
}

static const char               kinds[] = {SIO_CM_CAST, SIO_CM_OWNS, 0};
static const sio_cluster_module module = {.kinds = kinds, .hear = on_heard, .hear_cast = on_heard};

static instance *
instance_begin(const char *secret, const char *cluster_name)
{
    static struct sio_store_instance_ops instances;
    static sio_store_ops                 ops;
    static char                          url[] = "redis://stub";
    instance                            *i = calloc(1, sizeof *i);

    i->env.cfg = &i->cfg;
    i->env.cluster = &i->cluster;
    i->env.store = &i->stub.store;
    stub_store_init(&i->stub);
    ops = *i->stub.store.ops;
    instances = *ops.instances;
    instances.publish = note_said;
    ops.instances = &instances;
    i->stub.store.ops = &ops;
    sio_env_init(&i->env);
    i->env.log.level = SIO_LOG_NONE;
    i->cfg.redis = url;
    i->cfg.cluster_secret = strdup(secret);
    i->cfg.cluster_name = strdup(cluster_name);
    i->cfg.instance_timeout_ms = TIMEOUT_MS;
    CHECK_INT(sio_cluster_init(&i->env), SIO_OK);
    sio_cluster_module_add(&i->env, &module);
    CHECK_INT(sio_cluster_join(&i->env), SIO_OK);
    i->stub.ears.up(i->stub.ears.arg);
    return i;
}

static void
instance_end(instance *i)
{
    sio_cluster_quit(&i->env);
    sio_cluster_fini(&i->env);
    sio_env_fini(&i->env);
    free(i->cfg.cluster_secret);
    free(i->cfg.cluster_name);
    free(i);
}

static void
hear(instance *i, const sentence *s)
{
    i->stub.ears.message(i->stub.ears.arg, s->direct, (sio_view){s->bytes, s->len});
}

/* All that each has said reaches the other, and what they answer. */
static void
let_talk(instance *a, instance *b)
{
    while (a->n_passed_on < a->n_said || b->n_passed_on < b->n_said) {
        if (a->n_passed_on < a->n_said)
            hear(b, &a->said[a->n_passed_on++]);
        if (b->n_passed_on < b->n_said)
            hear(a, &b->said[b->n_passed_on++]);
    }
}

static bool
knows(const instance *i, const instance *other)
{
    sio_hash_node *node = sio_hash_find(&i->cluster.peers, sio_view_of(other->env.tag));

    return node != NULL && SIO_CONTAINER(node, sio_peer, node)->is_proven;
}

/* Say something to all; what was said. */
static sentence
cast(instance *i)
{
    sio_cluster_message m = {.kind = SIO_CM_CAST};

    CHECK_INT(sio_outbox_cast(&i->env, &m), SIO_OK);
    return i->said[i->n_said - 1];
}

static void
meet(instance **a, instance **b)
{
    *a = instance_begin(SECRET, "sio");
    *b = instance_begin(SECRET, "sio");
    let_talk(*a, *b);
    CHECK(knows(*a, *b) && knows(*b, *a));
    n_heard = 0;
}

/* --- Tests. --- */

static void
test_those_with_one_secret_hear_each_other(void)
{
    instance *a, *b;
    sentence  s;

    meet(&a, &b);
    s = cast(a);
    CHECK(memmem(s.bytes, s.len, SECRET, strlen(SECRET)) == NULL);
    let_talk(a, b);
    CHECK_INT(n_heard, 1);
    CHECK_INT(b->env.stats.forged_messages + b->env.stats.replayed_messages, 0);
    instance_end(a);
    instance_end(b);
}

static void
test_whatever_is_changed_in_a_message_it_is_dropped(void)
{
    instance *a, *b;
    sentence  s, changed;

    meet(&a, &b);
    s = cast(a);
    for (size_t at = 0; at < s.len; at++)
        for (unsigned bit = 0; bit < 8; bit += 7) {
            changed = s;
            changed.bytes[at] = (char)((unsigned char)changed.bytes[at] ^ 1U << bit);
            hear(b, &changed);
        }
    for (size_t len = 0; len < s.len; len++) {
        changed = s;
        changed.len = len;
        hear(b, &changed);
    }
    changed = s;
    changed.direct = true; /* to another than it was said to */
    hear(b, &changed);
    CHECK_INT(b->env.stats.forged_messages, 3 * s.len + 1);
    CHECK_INT(n_heard, 0);
    hear(b, &s);
    CHECK_INT(n_heard, 1);
    instance_end(a);
    instance_end(b);
}

static void
test_what_was_heard_is_not_heard_again(void)
{
    instance *a, *b;
    sentence  first, second;

    meet(&a, &b);
    first = cast(a);
    second = cast(a);
    hear(b, &second);
    hear(b, &second);
    hear(b, &first); /* it comes late, and could be a replay */
    CHECK_INT(n_heard, 1);
    CHECK_INT(b->env.stats.replayed_messages, 2);
    instance_end(a);
    instance_end(b);
}

/* Everything that was ever said, to one that has begun since. */
static void
test_one_that_is_new_does_not_take_recorded_messages_for_news(void)
{
    instance *a, *b, *c;

    meet(&a, &b);
    (void)cast(a);
    c = instance_begin(SECRET, "sio");
    for (unsigned n = 0; n < 2; n++)
        for (size_t i = 0; i < a->n_said; i++)
            hear(c, &a->said[i]);
    CHECK(!knows(c, a));
    CHECK_INT(n_heard, 0);
    a->n_passed_on = a->n_said;
    let_talk(a, c); /* it lives, and says so */
    CHECK(knows(c, a));
    (void)cast(a);
    let_talk(a, c);
    CHECK_INT(n_heard, 1);
    instance_end(a);
    instance_end(b);
    instance_end(c);
}

static void
test_another_secret_another_cluster_or_none(void)
{
    const char *const others[][2] = {{ANOTHER, "sio"}, {SECRET, "ois"}, {"", "sio"}};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        instance *a = instance_begin(SECRET, "sio");
        instance *b = instance_begin(others[i][0], others[i][1]);

        n_heard = 0;
        let_talk(a, b);
        (void)cast(a);
        (void)cast(b);
        let_talk(a, b);
        CHECK_INT(n_heard, 0);
        CHECK(a->env.stats.forged_messages >= 2);
        CHECK_INT(a->env.stats.peers + b->env.stats.peers, 0);
        instance_end(a);
        instance_end(b);
    }
}

static void
test_secrets_are_changed_one_instance_after_the_other(void)
{
    const char *const steps[][2] = {
        {SECRET, SECRET " " ANOTHER},
        {SECRET " " ANOTHER, ANOTHER " " SECRET},
        {ANOTHER " " SECRET, ANOTHER},
    };

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        instance *a = instance_begin(steps[i][0], "sio");
        instance *b = instance_begin(steps[i][1], "sio");

        let_talk(a, b);
        CHECK(knows(a, b) && knows(b, a));
        CHECK_INT(a->env.stats.forged_messages + b->env.stats.forged_messages, 0);
        instance_end(a);
        instance_end(b);
    }
}

static void
test_messages_to_one_that_came_too_early_come_again(void)
{
    instance           *a = instance_begin(SECRET, "sio"), *b = instance_begin(SECRET, "sio");
    sio_cluster_message m = {.kind = SIO_CM_OWNS, .id = SIO_VIEW("id")};
    sio_peer           *peer = sio_peer_meet(&a->env, sio_view_of(b->env.tag));

    n_heard = 0;
    sio_peer_send(peer, &m);
    let_talk(a, b);
    CHECK_INT(n_heard, 1);
    instance_end(a);
    instance_end(b);
}

static void
test_its_own_beat_that_is_replayed_does_not_count(void)
{
    instance *a, *b;

    meet(&a, &b);
    for (size_t i = 0; i < a->n_said; i++)
        if (!a->said[i].direct)
            hear(a, &a->said[i]);
    CHECK_INT(a->env.stats.replayed_messages, 0);
    hear(a, &a->said[0]);
    CHECK_INT(a->env.stats.replayed_messages, 1);
    instance_end(a);
    instance_end(b);
}

int
main(void)
{
    RUN(test_those_with_one_secret_hear_each_other);
    RUN(test_whatever_is_changed_in_a_message_it_is_dropped);
    RUN(test_what_was_heard_is_not_heard_again);
    RUN(test_one_that_is_new_does_not_take_recorded_messages_for_news);
    RUN(test_another_secret_another_cluster_or_none);
    RUN(test_secrets_are_changed_one_instance_after_the_other);
    RUN(test_messages_to_one_that_came_too_early_come_again);
    RUN(test_its_own_beat_that_is_replayed_does_not_count);
    return check_done();
}
