#include "server/backends/hook_socket.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "tests/unit/check.h"

#define LONG ((size_t)50000)

static const char handshake[] = "{\"query\":{\"a\":\"1\"},\"headers\":{},\"url\":\"/\"}";

static sio_env env;

/* A socket that asks to connect, and says much. The caller frees it. */
static sio_hook_event *
begin(sio_hook_sockets *all, char auth[LONG])
{
    sio_hook_socket *s;

    memset(auth, 'x', LONG);
    auth[0] = auth[LONG - 2] = '"';
    auth[LONG - 1] = '\0';
    if (!CHECK_INT(sio_hook_sockets_init(all, &env, NULL), SIO_OK))
        return NULL;
    s = sio_hook_socket_new(all, "/", "id", NULL, 1);
    return CHECK(s != NULL) ? sio_hook_event_connect(s, "websocket", handshake, auth, NULL, false)
                            : NULL;
}

static void
end(sio_hook_sockets *all, sio_hook_event *e)
{
    if (e != NULL)
        sio_hook_socket_free(e->of);
    sio_hook_sockets_fini(all);
}

static void
test_all_that_an_event_keeps_counts(void)
{
    char             auth[LONG];
    char            *long_handshake = malloc(LONG);
    sio_hook_sockets all;
    sio_hook_event  *e = begin(&all, auth);

    if (CHECK(e != NULL && long_handshake != NULL)) {
        CHECK(e->queued.n_bytes > LONG);
        memset(long_handshake, ' ', LONG);
        long_handshake[LONG - 1] = '\0';
        sio_hook_event_keep_handshake(e, long_handshake);
        CHECK(e->queued.n_bytes > 2 * LONG);
    }
    free(long_handshake);
    end(&all, e);
}

/* What would wait for nobody is not kept; its timer goes on. */
static void
test_an_event_without_a_place_is_empty(void)
{
    char             auth[LONG];
    sio_hook_sockets all;
    sio_hook_event  *e = begin(&all, auth);

    if (CHECK(e != NULL)) {
        sio_hook_event_keep_handshake(e, handshake);
        sio_hook_event_empty(e);
        CHECK_INT(e->json.cap, 0);
        CHECK(e->json.data == NULL && e->handshake == NULL);
        CHECK(e->of != NULL && !sio_link_empty(&e->of->events));
    }
    end(&all, e);
}

/* Its names are one text in the table: "/a" and "b" are not "/" and "ab". */
static void
test_it_is_found_by_namespace_and_id(void)
{
    sio_hook_sockets all;
    sio_hook_socket *one, *other;

    CHECK_INT(sio_hook_sockets_init(&all, &env, NULL), SIO_OK);
    one = sio_hook_socket_new(&all, "/a", "b", "{\"address\":{\"address\":\"192.0.2.1\"}}", 2);
    other = sio_hook_socket_new(&all, "/", "ab", NULL, 2);
    if (CHECK(one != NULL && other != NULL)) {
        CHECK(sio_hook_socket_find(&all, "/a", "b") == one);
        CHECK(sio_hook_socket_find(&all, "/", "ab") == other);
        CHECK(sio_hook_socket_find(&all, "/a", "") == NULL);
        CHECK(sio_hook_socket_find(&all, "/ab", "") == NULL);
        CHECK_VIEW(sio_view_of(sio_hook_socket_nsp_name(one)), "/a");
        CHECK_VIEW(sio_view_of(one->id), "b");
        CHECK_VIEW(sio_view_of(one->address), "192.0.2.1");
        CHECK(other->address == NULL && other->state == NULL);
        sio_hook_socket_set_state(other, SIO_VIEW(",\"user\":\"7\""));
        CHECK_VIEW(sio_view_of(other->state), ",\"user\":\"7\"");
        sio_hook_socket_set_state(other, SIO_VIEW(""));
        CHECK(other->state == NULL);
    }
    sio_hook_socket_free(one);
    sio_hook_socket_free(other);
    sio_hook_sockets_fini(&all);
}

/* `{"id":"` and 26 characters. */
static sio_view
id_of(const sio_hook_event *e)
{
    return (sio_view){e->json.data + strlen("{\"id\":\""), 26};
}

static void
test_events_have_ids_of_their_own(void)
{
    char             auth[LONG];
    sio_hook_sockets all, others;
    sio_hook_event  *first = begin(&all, auth), *foreign = begin(&others, auth), *e;

    if (CHECK(first != NULL && foreign != NULL)) {
        CHECK(!sio_view_eq(id_of(first), id_of(foreign)));
        CHECK(first->json.data[strlen("{\"id\":\"") + 26] == '"');
        for (unsigned i = 0; i < 100; i++) {
            e = sio_hook_event_connect(first->of, "websocket", handshake, NULL, NULL, false);
            CHECK(e != NULL && !sio_view_eq(id_of(e), id_of(first)));
            CHECK(e != NULL && memcmp(id_of(e).data, id_of(first).data, 26) > 0);
        }
    }
    end(&all, first);
    end(&others, foreign);
}

int
main(void)
{
    RUN(test_all_that_an_event_keeps_counts);
    RUN(test_an_event_without_a_place_is_empty);
    RUN(test_it_is_found_by_namespace_and_id);
    RUN(test_events_have_ids_of_their_own);
    return check_done();
}
