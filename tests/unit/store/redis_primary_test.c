/*
 * tests/unit/store/redis_primary_test.c - in which order the places are tried where the primary may
 * be, and who is told when.
 */
#include "store/redis_primary.h"
#include "tests/unit/check.h"

#include <stdio.h>

static sio_redis_primary         primary;
static sio_redis_primary_watcher watcher;
static unsigned                  n_told;

static void
on_changed(void *arg)
{
    CHECK(arg == &watcher);
    n_told++;
}

static void
begin(void)
{
    sio_redis_primary_init(&primary);
    watcher = (sio_redis_primary_watcher){.changed = on_changed, .arg = &watcher};
    sio_redis_primary_watch(&primary, &watcher);
    n_told = 0;
}

static sio_redis_place
place_of(char name)
{
    sio_redis_place place = {.port = 1};

    place.host[0] = name;
    return place;
}

static void
add(char name)
{
    const sio_redis_place place = place_of(name);

    sio_redis_primary_add(&primary, &place);
}

static void
announce(char name)
{
    const sio_redis_place place = place_of(name);

    sio_redis_primary_announce(&primary, &place);
}

static void
check_order(const char *names)
{
    char seen[SIO_REDIS_MAX_PLACES + 1] = "";

    for (unsigned i = 0; i < primary.n_places; i++)
        seen[i] = primary.places[i].host[0];
    CHECK_VIEW(sio_view_of(seen), names);
}

static void
test_the_first_is_told_and_the_others_are_kept(void)
{
    begin();
    add('a');
    CHECK_INT(n_told, 1);
    add('b');
    add('a');
    add('b');
    CHECK_INT(n_told, 1);
    check_order("ab");
}

static void
test_what_is_announced_comes_first(void)
{
    begin();
    add('a');
    announce('b');
    check_order("ba");
    announce('a');
    check_order("ab");
    announce('a');
    check_order("ab");
    CHECK_INT(n_told, 4);
}

static void
test_what_is_found_comes_first_quietly(void)
{
    begin();
    add('a');
    add('b');
    add('c');
    sio_redis_primary_confirm(&primary, &primary.places[2]);
    check_order("cab");
    CHECK_INT(n_told, 1);
}

/* One that invents places can not make the others forgotten that were found. */
static void
test_places_are_limited(void)
{
    begin();
    for (char c = 'a'; c <= 'z'; c++)
        add(c);
    check_order("abcdefgz");
    announce('X');
    check_order("Xabcdefg");
    sio_redis_primary_confirm(&primary, &primary.places[7]);
    check_order("gXabcdef");
}

static void
test_a_fault_is_told_while_there_is_no_place(void)
{
    begin();
    sio_redis_primary_fail(&primary, "nobody knows");
    CHECK_INT(n_told, 1);
    CHECK_VIEW(sio_view_of(primary.fault), "nobody knows");
    add('a');
    CHECK_INT(n_told, 2);
    sio_redis_primary_fail(&primary, "nobody knows");
    CHECK_INT(n_told, 2);
}

static void
test_who_watches_no_more_is_not_told(void)
{
    begin();
    sio_redis_primary_unwatch(&watcher);
    sio_redis_primary_unwatch(&watcher);
    add('a');
    CHECK_INT(n_told, 0);
}

int
main(void)
{
    RUN(test_the_first_is_told_and_the_others_are_kept);
    RUN(test_what_is_announced_comes_first);
    RUN(test_what_is_found_comes_first_quietly);
    RUN(test_places_are_limited);
    RUN(test_a_fault_is_told_while_there_is_no_place);
    RUN(test_who_watches_no_more_is_not_told);
    return check_done();
}
