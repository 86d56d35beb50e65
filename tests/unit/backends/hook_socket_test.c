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
begin(sio_hash *table, char auth[LONG])
{
    sio_hook_socket *s;

    memset(auth, 'x', LONG);
    auth[0] = auth[LONG - 2] = '"';
    auth[LONG - 1] = '\0';
    if (!CHECK_INT(sio_hash_init(table), SIO_OK))
        return NULL;
    s = sio_hook_socket_new(&env, table, "/", "id", NULL, 1);
    return CHECK(s != NULL) ? sio_hook_event_connect(s, "websocket", handshake, auth, NULL, false)
                            : NULL;
}

static void
end(sio_hash *table, sio_hook_event *e)
{
    if (e != NULL)
        sio_hook_socket_free(e->of);
    sio_hash_fini(table);
}

static void
test_all_that_an_event_keeps_counts(void)
{
    char            auth[LONG];
    char           *long_handshake = malloc(LONG);
    sio_hash        table;
    sio_hook_event *e = begin(&table, auth);

    if (CHECK(e != NULL && long_handshake != NULL)) {
        CHECK(e->queued.n_bytes > LONG);
        memset(long_handshake, ' ', LONG);
        long_handshake[LONG - 1] = '\0';
        sio_hook_event_keep_handshake(e, long_handshake);
        CHECK(e->queued.n_bytes > 2 * LONG);
    }
    free(long_handshake);
    end(&table, e);
}

/* What would wait for nobody is not kept; its timer goes on. */
static void
test_an_event_without_a_place_is_empty(void)
{
    char            auth[LONG];
    sio_hash        table;
    sio_hook_event *e = begin(&table, auth);

    if (CHECK(e != NULL)) {
        sio_hook_event_keep_handshake(e, handshake);
        sio_hook_event_empty(e);
        CHECK_INT(e->json.cap, 0);
        CHECK(e->json.data == NULL && e->handshake == NULL);
        CHECK(e->of != NULL && !sio_link_empty(&e->of->events));
    }
    end(&table, e);
}

int
main(void)
{
    RUN(test_all_that_an_event_keeps_counts);
    RUN(test_an_event_without_a_place_is_empty);
    return check_done();
}
