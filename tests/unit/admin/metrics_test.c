/* tests/unit/admin/metrics_test.c - server/admin/metrics.h: what a server with clients tells. */
#include "server/admin/metrics.h"

#include "tests/unit/server/api_fixture.h"

static sio_buf text;

static void
write_metrics(bool open_metrics)
{
    sio_buf_clear(&text);
    sio_metrics_write(&io->env, open_metrics, &text);
    CHECK(!text.failed);
    sio_buf_add_char(&text, '\0');
}

static unsigned
count_of(const char *needle)
{
    unsigned n = 0;

    for (const char *p = text.data; (p = strstr(p, needle)) != NULL; p++)
        n++;
    return n;
}

static void
test_very_many_namespaces_are_51_values(void)
{
    char name[32];

    for (unsigned i = 0; i < 10000; i++) {
        snprintf(name, sizeof name, "/n%u", i);
        CHECK(sio_of(io, name) != NULL);
    }
    listen_now(io);
    write_metrics(false);
    CHECK_INT(count_of("\nsiobroker_sockets{namespace="), 51);
    CHECK_INT(count_of("{namespace=\"/\"} 0\n"), 1);
    CHECK_INT(count_of("{namespace=\"/n48\"} 0\n"), 1);
    CHECK_INT(count_of("{namespace=\"/n49\"}"), 0);
    CHECK_INT(count_of("{namespace=\"other\"} 0\n"), 1);
}

/* Whatever an application calls a namespace, the line stays one. */
static void
test_names_are_escaped(void)
{
    (void)sio_of(io, "/a\"b\\c\nd");
    (void)sio_of(io, "/\xff");
    listen_now(io);
    write_metrics(true);
    CHECK_INT(count_of("{namespace=\"/a\\\"b\\\\c\\nd\"} 0\n"), 1);
    CHECK_INT(count_of("{namespace=\"/\xef\xbf\xbd\"} 0\n"), 1);
}

static void
test_open_metrics_has_an_end(void)
{
    static const char end[] = "\n# EOF\n";

    listen_now(io);
    write_metrics(false);
    CHECK_INT(count_of("# EOF"), 0);
    CHECK_INT(count_of("# TYPE siobroker_accepted_total counter\n"), 1);
    write_metrics(true);
    CHECK_INT(count_of("# EOF"), 1);
    CHECK_VIEW(sio_view_of(text.data + strlen(text.data) - strlen(end)), end);
    CHECK_INT(count_of("# TYPE siobroker_accepted counter\n"), 1);
    CHECK_INT(count_of("\nsiobroker_accepted_total 0\n"), 1);
}

int
main(void)
{
    sio_buf_init(&text, SIZE_MAX);
    RUN_WITH_SERVER(test_very_many_namespaces_are_51_values);
    RUN_WITH_SERVER(test_names_are_escaped);
    RUN_WITH_SERVER(test_open_metrics_has_an_end);
    sio_buf_fini(&text);
    return check_done();
}
