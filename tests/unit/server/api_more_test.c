/*
 * tests/unit/server/api_more_test.c - what socket.io 4 has beside events, by siobroker.h:
 * middleware of both kinds, namespaces made as clients ask for them, what happens to rooms,
 * compress(false); and work from other threads.
 */
#include "tests/unit/server/api_fixture.h"

#include <pthread.h>

static char none[] = "", one[] = "1", two[] = "2", three[] = "3";

static void
on_disconnect(sio_socket *socket, const char *reason, void *arg)
{
    (void)reason;
    (void)arg;
    note("left:%s", sio_namespace_name(sio_namespace_of(socket)));
}

static void
on_event(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t      len;
    const char *args = sio_event_args(event, &len);

    (void)socket;
    note("%s:%.*s", (const char *)arg, (int)len, args);
}

/* --- Middleware for connections. --- */

static sio_decision *kept;

/* Those with an 'x' in the auth object are refused by whoever finds it. */
static void
guard(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)handshake_json;
    note("guard%s", (const char *)arg);
    if (strchr(sio_decision_auth(decision), ((const char *)arg)[0]) != NULL)
        sio_decide_error(decision, arg, NULL);
    else
        sio_decide(decision, SIO_ACCEPT);
}

static void
guard_later(sio_decision *decision, const char *handshake_json, void *arg)
{
    (void)handshake_json;
    (void)arg;
    note("later:%zu", strlen(sio_decision_id(decision)));
    kept = decision;
}

static void
greet(sio_socket *socket, void *arg)
{
    (void)arg;
    note("in:%s", sio_namespace_name(sio_namespace_of(socket)));
}

static void
test_all_guards_are_asked_in_order(void)
{
    sio_namespace *nsp = sio_of(io, "/g");
    client         c;

    CHECK_INT(sio_use(nsp, guard, two), 0);
    CHECK_INT(sio_use(nsp, guard_later, NULL), 0);
    CHECK_INT(sio_use(nsp, guard, three), 0);
    sio_namespace_authorization(nsp, guard, one);
    sio_on_connection(nsp, greet, NULL);
    listen_now(io);
    enter5(&c, io);
    say(&c, "40/g,{\"a\":2}");
    CHECK_HEARD(&c, "44/g,{\"message\":\"2\"}");
    CHECK_NOTED("guard1 guard2");
    say(&c, "40/g,{\"a\":3}");
    UNTIL(kept != NULL);
    CHECK_NOTED("guard1 guard2 later:20");
    sio_decide(kept, SIO_ACCEPT);
    kept = NULL;
    CHECK_HEARD(&c, "44/g,{\"message\":\"3\"}");
    CHECK_NOTED("guard3");
    say(&c, "40/g,");
    UNTIL(kept != NULL);
    sio_decide(kept, SIO_ACCEPT);
    kept = NULL;
    heard(&c);
    CHECK(strncmp(c.text, "40/g,{\"sid\":", 12) == 0);
    CHECK_NOTED("guard1 guard2 later:20 guard3 in:/g");
    hang_up(&c);
}

/* --- Middleware for events. --- */

static bool
filter(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t         n_name, n_args;
    const char    *name = sio_event_name(event, &n_name), *args = sio_event_args(event, &n_args);
    const sio_view text = {args, n_args};

    (void)socket;
    note("%s:%.*s", (const char *)arg, (int)n_name, name);
    return memchr(text.data, ((const char *)arg)[0], text.len) == NULL;
}

static bool
filter_and_leave(sio_socket *socket, const sio_event *event, void *arg)
{
    (void)event;
    (void)arg;
    sio_disconnect(socket, true);
    return true;
}

static void
test_events_pass_all_filters_or_are_dropped(void)
{
    sio_namespace *nsp = sio_sockets(io);
    client         c;

    sio_on(nsp, "a", on_event, none);
    sio_on_any(nsp, on_event, none);
    CHECK_INT(sio_use_events(nsp, filter, one), 0);
    CHECK_INT(sio_use_events(nsp, filter, two), 0);
    listen_now(io);
    enter5(&c, io);
    say(&c, "42[\"a\",3]");
    CHECK_QUIET5(&c);
    CHECK_NOTED(":[3] 1:a 2:a :[3]"); /* sio_on_any() first, as in socket.io */
    say(&c, "427[\"a\",1]");
    say(&c, "42[\"a\",2]");
    CHECK_QUIET5(&c);
    CHECK_NOTED(":[1] 1:a :[2] 1:a 2:a");
    CHECK_INT(sio_use_events(nsp, filter_and_leave, NULL), 0);
    say(&c, "42[\"a\",4]");
    UNTIL(is_ended(&c));
    CHECK_NOTED(":[4] 1:a 2:a");
    hang_up(&c);
}

static void
on_message(sio_socket *socket, const sio_event *event, void *arg)
{
    size_t      len;
    const char *data = sio_event_data(event, &len);

    (void)socket;
    (void)arg;
    note("message:%.*s", (int)len, data);
}

/* They are events for a filter, as clients of socket.io 1 and later send them. */
static void
test_messages_are_filtered_too(void)
{
    client c;

    sio_on_message(sio_sockets(io), on_message, NULL);
    CHECK_INT(sio_use_events(sio_sockets(io), filter, one), 0);
    listen_now(io);
    enter(&c, io);
    say(&c, "3:::hi");
    say(&c, "3:::a 1");
    CHECK_QUIET(&c); /* which is a message itself: "99::" */
    CHECK(strstr(noted().data, "1:message message:hi 1:message") != NULL);
    hang_up(&c);
}

/* --- Namespaces that clients ask for. --- */

static bool
is_room_of(const char *name, const char *auth_json, void *arg)
{
    note("match:%s:%s", name, auth_json);
    return strncmp(name, arg, strlen(arg)) == 0;
}

static sio_namespace *
serve_children(void)
{
    static char    prefix[] = "/room-", other[] = "/other-";
    sio_namespace *parent = sio_of_match(io, is_room_of, prefix);

    CHECK(sio_of_match(io, is_room_of, other) != NULL);
    sio_on_connection(parent, greet, NULL);
    sio_on_disconnect(parent, on_disconnect, NULL);
    sio_on(parent, "a", on_event, none);
    return parent;
}

static void
test_namespaces_are_made_as_clients_ask(void)
{
    sio_namespace *parent = serve_children();
    client         old, five;

    listen_now(io);
    CHECK_VIEW(sio_view_of(sio_namespace_name(parent)), "/_0");
    enter5(&five, io);
    enter(&old, io);
    say(&five, "40/room-1,{\"a\":1}");
    heard(&five);
    CHECK(strncmp(five.text, "40/room-1,{\"sid\":", 17) == 0);
    CHECK_NOTED("match:/room-1:{\"a\":1} in:/room-1");
    say(&old, "1::/room-1");
    CHECK_HEARD(&old, "1::/room-1");
    CHECK_NOTED("in:/room-1"); /* it is there already */
    say(&five, "42/room-1,[\"a\",7]");
    say(&five, "40/wrong,");
    CHECK_HEARD(&five, "44/wrong,{\"message\":\"Invalid namespace\"}");
    CHECK_NOTED(":[7] match:/wrong:{} match:/wrong:{}");
    CHECK_INT(sio_broadcast(parent, NULL, "b", "[1]"), 0);
    CHECK_HEARD(&five, "42/room-1,[\"b\",1]");
    CHECK_HEARD(&old, "5::/room-1:{\"name\":\"b\",\"args\":[1]}");
    CHECK_INT(sio_each_join(parent, NULL, "r"), -1);
    CHECK_VIEW(sio_view_of(sio_error(io)), "a parent can only broadcast to its children");
    hang_up(&old);
    UNTIL(notes[0] != '\0');
    CHECK(sio_find_namespace(io, "/room-1") != NULL);
    hang_up(&five);
    UNTIL(sio_find_namespace(io, "/room-1") == NULL);
    CHECK_NOTED("left:/room-1 left:/room-1");
}

/* What still asks through it keeps it. */
static void
note_count(sio_namespace *nsp, const sio_count_result *count, void *arg)
{
    (void)arg;
    note("%s:%zu", sio_namespace_name(nsp), count->n_sockets);
}

static void
keep_ack(sio_socket *socket, const sio_event *event, void *arg)
{
    *(sio_ack_later **)arg = sio_ack_keep(socket, event);
    CHECK_INT(sio_count(sio_namespace_of(socket), NULL, 1000, note_count, NULL), 0);
    sio_disconnect(socket, true);
}

static void
test_a_namespace_stays_while_something_is_awaited_through_it(void)
{
    sio_ack_later *later = NULL;
    client         c;

    sio_on(serve_children(), "q", keep_ack, &later);
    listen_now(io);
    enter5(&c, io);
    join5(&c, "/room-2");
    noted();
    say(&c, "42/room-2,5[\"q\"]");
    UNTIL(is_ended(&c));
    UNTIL(strstr(notes, "/room-2:1") != NULL);
    CHECK_NOTED("left:/room-2 /room-2:1");
    CHECK(sio_find_namespace(io, "/room-2") != NULL);
    CHECK_INT(sio_ack_now(later, NULL), 0);
    UNTIL(sio_find_namespace(io, "/room-2") == NULL);
    hang_up(&c);
}

static bool
is_anything(const char *name, const char *auth_json, void *arg)
{
    (void)name;
    (void)auth_json;
    (void)arg;
    return true;
}

static void
test_namespaces_that_clients_ask_for_are_bounded(void)
{
    static const struct {
        const char *says, *hears;
    } rows[] = {
        {"40/c,", "44/c,{\"message\":\"Invalid namespace\"}"},
        {"41/a,", "43/b,1[]"},
    };
    client c;

    CHECK_INT(sio_set(io, "max dynamic namespaces", "2"), 0);
    CHECK(sio_of_match(io, is_anything, NULL) != NULL);
    listen_now(io);
    enter5(&c, io);
    join5(&c, "/a");
    join5(&c, "/b");
    say(&c, rows[0].says);
    CHECK_HEARD(&c, rows[0].hears);
    CHECK_INT(io->env.stats.refused_namespaces, 1);
    say(&c, rows[1].says);
    UNTIL(sio_find_namespace(io, "/a") == NULL);
    join5(&c, "/c");
    CHECK_INT(io->env.stats.refused_namespaces, 1);
    hang_up(&c);
}

/* Guards and filters of the parent come first, also those added when the child is there. */
static void
test_a_child_has_the_middleware_of_its_parent(void)
{
    sio_namespace *parent = serve_children();
    client         c;

    CHECK_INT(sio_use(parent, guard, one), 0);
    listen_now(io);
    enter5(&c, io);
    join5(&c, "/room-3");
    CHECK_NOTED("match:/room-3:{} guard1 in:/room-3");
    CHECK_INT(sio_use_events(sio_of(io, "/room-3"), filter, two), 0);
    CHECK_INT(sio_use_events(parent, filter, one), 0);
    say(&c, "42/room-3,[\"a\",3]");
    say(&c, "42/room-3,[\"a\",1]");
    CHECK_HEARD((say(&c, "40/no,"), &c), "44/no,{\"message\":\"Invalid namespace\"}");
    CHECK_NOTED("1:a 2:a :[3] 1:a match:/no:{} match:/no:{}");
    sio_on_disconnect(sio_of(io, "/room-3"), NULL, NULL);
    hang_up(&c);
}

/* --- Texts. --- */

static void
answer_with_texts(sio_socket *socket, const sio_event *event, void *arg)
{
    const sio_to all = {.room = NULL};
    const char  *first = sio_event_text(event, 0);

    (void)arg;
    CHECK(sio_event_text(event, 1) == NULL && sio_event_text(event, 2) == NULL);
    CHECK(sio_event_text(event, 3) == NULL && sio_event_text(event, SIZE_MAX) == NULL);
    CHECK_INT(sio_emit_texts(socket, "t", first, "", NULL), 0);
    CHECK_INT(sio_broadcast_texts(sio_namespace_of(socket), &all, "b", "x", first, NULL), 0);
    CHECK_INT(sio_emit_texts(socket, "none", NULL), 0);
    CHECK_INT(sio_emit_texts(socket, "bad", "\xff", NULL), -1);
}

/* A quote in one does not end it. */
static void
test_texts_are_sent_and_read_as_they_are(void)
{
    client c;

    sio_on(sio_sockets(io), "a", answer_with_texts, NULL);
    listen_now(io);
    enter5(&c, io);
    say(&c, "42[\"a\",\"1\\\",2\",3,\"\\u0000\"]");
    CHECK_HEARD(&c, "42[\"t\",\"1\\\",2\",\"\"]");
    CHECK_HEARD(&c, "42[\"b\",\"x\",\"1\\\",2\"]");
    CHECK_HEARD(&c, "42[\"none\"]");
    CHECK_QUIET5(&c);
    hang_up(&c);
}

/* --- Rooms. --- */

static void
note_room(sio_namespace *nsp, sio_room_event what, const char *room, const char *id, void *arg)
{
    static const char *const names[] = {"create", "join", "leave", "delete"};

    (void)nsp;
    (void)arg;
    note("%s:%s%s", names[what], room, id != NULL ? ":id" : "");
}

static void
test_what_happens_to_rooms_is_told(void)
{
    client c, d;

    sio_on_room(sio_sockets(io), note_room, NULL);
    listen_now(io);
    enter5(&c, io);
    enter5(&d, io);
    CHECK_NOTED("");
    CHECK_INT(sio_join(socket_of(&c, ""), "r"), 0);
    CHECK_INT(sio_join(socket_of(&c, ""), "r"), 0);
    CHECK_INT(sio_join(socket_of(&d, ""), "r"), 0);
    CHECK_NOTED("create:r join:r:id join:r:id");
    sio_leave(socket_of(&c, ""), "r");
    sio_leave(socket_of(&c, ""), "r");
    CHECK_NOTED("leave:r:id");
    sio_disconnect(socket_of(&d, ""), true);
    CHECK_NOTED("leave:r:id delete:r");
    hang_up(&c);
    hang_up(&d);
}

/* --- What an application keeps for a socket. --- */

static void
note_freed(void *data)
{
    note("free:%s", (const char *)data);
}

static void
note_left(sio_socket *socket, const char *reason, void *arg)
{
    (void)reason;
    (void)arg;
    note("left:%s", (const char *)sio_user_data(socket));
}

static void
test_user_data_may_belong_to_the_server(void)
{
    sio_namespace *nsp = sio_of(io, "/");
    client         c, d;

    CHECK(nsp == sio_sockets(io) && sio_find_namespace(io, "/") == nsp);
    sio_free_user_data_with(nsp, note_freed);
    sio_on_disconnect(nsp, note_left, NULL);
    listen_now(io);
    enter5(&c, io);
    enter5(&d, io);
    sio_set_user_data(socket_of(&c, ""), one);
    sio_set_user_data(socket_of(&c, ""), one); /* the same */
    CHECK_NOTED("");
    sio_set_user_data(socket_of(&c, ""), NULL);
    sio_set_user_data(socket_of(&c, ""), two);
    sio_set_user_data(socket_of(&c, ""), three);
    CHECK_NOTED("free:1 free:2");
    hang_up(&c);
    UNTIL(strlen(notes) >= strlen("left:3 free:3"));
    CHECK_NOTED("left:3 free:3");
    sio_set_user_data(socket_of(&d, ""), one);
    replace_server();
    CHECK_NOTED("left:1 free:1");
    hang_up(&d);
}

/* --- What is said to other instances, by one that is alone. --- */

static void
note_server_side(sio_namespace *nsp, const char *args_json, size_t len, void *arg)
{
    (void)nsp;
    (void)arg;
    note("%.*s", (int)len, args_json);
}

static void
test_the_application_says_nothing_to_itself(void)
{
    sio_namespace *nsp = sio_sockets(io);
    static char    large[1024 * 1024 + 16];

    CHECK_INT(sio_on_server_side(nsp, "a", note_server_side, NULL), 0);
    CHECK_INT(sio_server_side_emit(nsp, "a", NULL), -1); /* it does not listen yet */
    listen_now(io);
    CHECK_INT(sio_server_side_emit(nsp, "a", "[1]"), 0);
    CHECK_INT(sio_server_side_emit(nsp, "a", "{}"), -1);
    CHECK_INT(sio_server_side_emit(nsp, "connection", NULL), -1);
    CHECK_VIEW(sio_view_of(sio_error(io)), "the name of the event is reserved");
    CHECK_INT(sio_server_side_emit(nsp, "siobroker:expires", "[\"\",\"id\",1]"), -1);
    CHECK_VIEW(sio_view_of(sio_error(io)), "the name of the event is reserved");
    CHECK_INT(sio_server_side_emit_ack(nsp, "siobroker:", NULL, 1, NULL, NULL), -1);
    CHECK_VIEW(sio_view_of(sio_error(io)), "the name of the event is reserved");
    CHECK_INT(sio_on_server_side(nsp, "siobroker:expires", note_server_side, NULL), -1);
    CHECK_VIEW(sio_view_of(sio_error(io)), "the name of the event is reserved");
    CHECK_INT(sio_on_server_side(nsp, "siobroker", note_server_side, NULL), 0);
    memset(large, ' ', sizeof large - 1);
    CHECK_INT(sio_server_side_emit(nsp, "a", large), -1);
    CHECK_VIEW(sio_view_of(sio_error(io)), "the arguments are longer than 1 MiB");
    CHECK_NOTED("");
}

/* --- Other threads. --- */

enum { N_THREADS = 4, N_POSTS = 1000 };

static pthread_t loop_thread;
static int       n_posted;

static void
count_post(void *arg)
{
    CHECK(pthread_equal(pthread_self(), loop_thread));
    CHECK(arg == io);
    n_posted++;
}

static void *
post_many(void *arg)
{
    for (int i = 0; i < N_POSTS; i++)
        if (sio_post(arg, count_post, arg) != 0)
            return NULL;
    return arg;
}

static void
test_other_threads_have_work_done(void)
{
    pthread_t threads[N_THREADS];

    loop_thread = pthread_self();
    n_posted = 0;
    CHECK_INT(sio_post(io, count_post, io), 0);
    turn_loop();
    CHECK_INT(n_posted, 0); /* it has not begun */
    listen_now(io);
    for (int i = 0; i < N_THREADS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, post_many, io), 0);
    UNTIL(n_posted == N_THREADS * N_POSTS + 1);
    for (int i = 0; i < N_THREADS; i++) {
        void *result = NULL;

        CHECK_INT(pthread_join(threads[i], &result), 0);
        CHECK(result == io);
    }
}

static void
note_post(void *arg)
{
    note("%s", (const char *)arg);
}

static void
post_again(void *arg)
{
    CHECK_INT(sio_post(io, note_post, arg), 0);
}

/* Whatever arg points to can be freed there. */
static void
test_what_was_posted_is_done_when_the_server_is_freed(void)
{
    CHECK_INT(sio_post(io, note_post, one), 0);
    CHECK_INT(sio_post(io, post_again, two), 0);
    CHECK_INT(sio_post(io, note_post, three), 0);
    CHECK_NOTED("");
    replace_server();
    CHECK_NOTED("1 3 2");
}

static void
test_what_is_posted_is_bounded(void)
{
    for (int i = 0; i < 65536; i++)
        if (sio_post(io, count_post, io) != 0)
            CHECK(false);
    CHECK_INT(sio_post(io, count_post, io), -1);
}

int
main(void)
{
    loop_thread = pthread_self();
    RUN_WITH_SERVER(test_all_guards_are_asked_in_order);
    RUN_WITH_SERVER(test_events_pass_all_filters_or_are_dropped);
    RUN_WITH_SERVER(test_messages_are_filtered_too);
    RUN_WITH_SERVER(test_namespaces_are_made_as_clients_ask);
    RUN_WITH_SERVER(test_a_namespace_stays_while_something_is_awaited_through_it);
    RUN_WITH_SERVER(test_namespaces_that_clients_ask_for_are_bounded);
    RUN_WITH_SERVER(test_a_child_has_the_middleware_of_its_parent);
    RUN_WITH_SERVER(test_texts_are_sent_and_read_as_they_are);
    RUN_WITH_SERVER(test_what_happens_to_rooms_is_told);
    RUN_WITH_SERVER(test_user_data_may_belong_to_the_server);
    RUN_WITH_SERVER(test_the_application_says_nothing_to_itself);
    RUN_WITH_SERVER(test_other_threads_have_work_done);
    RUN_WITH_SERVER(test_what_was_posted_is_done_when_the_server_is_freed);
    RUN_WITH_SERVER(test_what_is_posted_is_bounded);
    return check_done();
}
