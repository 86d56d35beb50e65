/* What callers of the HTTP API may make a broker keep, in a broker that keeps as much already. */
#include "server/backends/api_steps.h"
#include "tests/unit/server/api_fixture.h"

enum { FULL = 64 * 1024 * 1024 };

#define KEY "0123456789abcdef0123456789abcdef"

static void
listen_with_api(void)
{
    CHECK_INT(sio_set(io, "api",
                      "{\"listen\":[\"127.0.0.1:0\"],"
                      "\"keys\":[{\"name\":\"all\",\"key\":\"" KEY "\"}]}"),
              0);
    listen_now(io);
}

/* A request to the API on a connection of its own; the answer is still to come. */
static void
post(client *c, const char *command, const char *body)
{
    char text[1000];

    open_connection_to(c, io->backends.side.listeners[0].listener.port);
    snprintf(text, sizeof text,
             "POST /v1/%s HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer " KEY
             "\r\nContent-Length: %zu\r\n\r\n%s",
             command, strlen(body), body);
    write_all(c, text, strlen(text));
}

static int
status_of(client *c, const char *command, const char *body)
{
    int status;

    post(c, command, body);
    status = answer_of(c);
    hang_up(c);
    return status;
}

static void
test_requests_that_wait_are_bounded_in_bytes(void)
{
    sio_backends *b = &io->backends;
    client        person, waiting, other;

    listen_with_api();
    enter5(&person, io);
    post(&waiting, "ask", "{\"name\":\"question\",\"timeout\":60000}");
    UNTIL(b->n_request_bytes > 0);
    CHECK(b->n_request_bytes > sizeof(sio_api_step)); /* what it becomes counts as well */
    b->n_request_bytes += FULL;
    CHECK_INT(status_of(&other, "emit", "{\"name\":\"news\"}"), 503);
    CHECK(strstr(other.text, "\"code\":\"busy\"") != NULL);
    hang_up(&waiting); /* which makes no room */
    CHECK_INT(status_of(&other, "emit", "{\"name\":\"news\"}"), 503);
    b->n_request_bytes -= FULL;
    CHECK_INT(status_of(&other, "emit", "{\"name\":\"news\"}"), 200);
    hang_up(&person); /* who was asked */
    UNTIL(b->n_request_bytes == 0);
}

/* However long it is. */
static void
test_one_request_is_always_taken(void)
{
    client c;

    listen_with_api();
    for (unsigned i = 0; i < 3; i++)
        CHECK_INT(status_of(&c, "batch", "{\"commands\":[{\"do\":\"count\"},{},{\"do\":1}]}"), 200);
    CHECK_INT(io->backends.n_request_bytes, 0);
}

static void
test_results_of_batches_are_bounded_in_bytes(void)
{
    static const char batch[] = "{\"commands\":[{\"do\":\"sockets\"},{\"do\":\"count\"}]}";
    sio_backends     *b = &io->backends;
    char              data[3001];
    client            person, c;

    listen_with_api();
    enter5(&person, io);
    memset(data, ' ', sizeof data);
    data[0] = '{';
    data[sizeof data - 2] = '}';
    data[sizeof data - 1] = '\0';
    CHECK_INT(sio_set_socket_data(sio_find(sio_sockets(io), person.id), data), 0);
    b->n_result_bytes = FULL;
    CHECK_INT(status_of(&c, "batch", batch), 200);
    CHECK(strstr(c.text, "\"code\":\"too_large\"") != NULL);
    CHECK(strstr(c.text, "{\"sockets\":1,\"instances\":1,\"reached\":1}") !=
          NULL); /* it is small */
    CHECK_INT(io->env.stats.api_results_cut, 1);
    CHECK_INT(b->n_result_bytes, FULL);
    b->n_result_bytes = 0;
    CHECK_INT(status_of(&c, "batch", batch), 200);
    CHECK(strstr(c.text, "\"code\"") == NULL);
    CHECK_INT(io->env.stats.api_results_cut, 1);
    CHECK_INT(b->n_result_bytes, 0);
    CHECK_INT(status_of(&c, "sockets", "{}"), 200); /* of its own it is told at once */
    hang_up(&person);
}

int
main(void)
{
    RUN_WITH_SERVER(test_requests_that_wait_are_bounded_in_bytes);
    RUN_WITH_SERVER(test_one_request_is_always_taken);
    RUN_WITH_SERVER(test_results_of_batches_are_bounded_in_bytes);
    return check_done();
}
