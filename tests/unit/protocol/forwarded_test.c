#include "protocol/forwarded.h"
#include "tests/unit/check.h"

#include <arpa/inet.h>

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

/* "address port" of a node, or "none". */
static sio_view
shown(const sio_forwarded_node *node)
{
    static char text[100];
    char        address[INET6_ADDRSTRLEN];

    if (node->n_bytes == 0)
        return SIO_VIEW("none");
    inet_ntop(node->n_bytes == 4 ? AF_INET : AF_INET6, node->address, address, sizeof address);
    snprintf(text, sizeof text, "%s %u", address, node->port);
    return sio_view_of(text);
}

static void
test_nodes(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"203.0.113.9", "203.0.113.9 0"},
        {"203.0.113.9:4711", "203.0.113.9 4711"},
        {"203.0.113.9:65535", "203.0.113.9 65535"},
        {"203.0.113.9:_hidden", "203.0.113.9 0"},
        {"2001:db8::17", "2001:db8::17 0"},
        {"2001:DB8:0:0:0:0:0:0017", "2001:db8::17 0"},
        {"::1", "::1 0"},
        {"::", ":: 0"},
        {"[2001:db8::17]", "2001:db8::17 0"},
        {"[2001:db8::17]:4711", "2001:db8::17 4711"},
        {"[2001:db8::17]:_x.Y-1", "2001:db8::17 0"},
        {"::ffff:203.0.113.9", "203.0.113.9 0"},
        {"[::ffff:cb00:7109]:80", "203.0.113.9 80"},
        {"64:ff9b::203.0.113.9", "64:ff9b::cb00:7109 0"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 0"},
        {"", "none"},
        {"unknown", "none"},
        {"unknown:4711", "none"},
        {"_hidden", "none"},
        {"_hidden:80", "none"},
        {"localhost", "none"},
        {"client.example:80", "none"},
        {"203.0.113", "none"},
        {"203.0.113.256", "none"},
        {"203.0.113.09", "none"}, /* 9, or in octal nothing? */
        {"0xcb.0.113.9", "none"},
        {"3405803785", "none"},
        {"203.0.113.9 ", "none"},
        {"203.0.113.9:", "none"},
        {"203.0.113.9:_", "none"},
        {"203.0.113.9:65536", "none"},
        {"203.0.113.9:000080", "none"},
        {"203.0.113.9:80x", "none"},
        {"203.0.113.9:+80", "none"},
        {"203.0.113.9:80:80", "none"},
        {"[203.0.113.9]", "none"},
        {"[203.0.113.9]:80", "none"},
        {"[2001:db8::17", "none"},
        {"2001:db8::17]", "none"},
        {"[]", "none"},
        {"[", "none"},
        {"[2001:db8::17]4711", "none"},
        {"[2001:db8::17]:", "none"},
        {"[fe80::1%eth0]", "none"},
        {"fe80::1%eth0", "none"},
        {"1::2::3", "none"},
        {"1:2:3:4:5:6:7:8:9", "none"},
        {"::ffff:ffff:ffff:ffff:ffff:255.255.255.255.255", "none"},
        {"203.0.113.9\r", "none"},
        {"<script>", "none"},
        {"unix:", "none"},
        {"\"203.0.113.9\"", "none"},
    };

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        const sio_forwarded_node node = sio_forwarded_node_read(sio_view_of(rows[i].text));

        check_row = rows[i].text;
        CHECK_VIEW(shown(&node), rows[i].want);
        CHECK(node.n_bytes > 0 || node.port == 0);
    }
}

static void
test_a_nul_ends_no_address(void)
{
    CHECK_INT(sio_forwarded_node_read(SIO_VIEW("203.0.113.9\0x")).n_bytes, 0);
    CHECK_INT(sio_forwarded_node_read(SIO_VIEW("[::1\0]:80")).n_bytes, 0);
    CHECK_INT(sio_forwarded_node_read(SIO_VIEW("203.0.113.9:80\0")).n_bytes, 0);
}

/* All elements, from the last one on, as "[c][b][a]". */
static void
test_lists_are_read_from_their_end(void)
{
    static const struct {
        const char *list, *want;
    } rows[] = {
        {"", "[]"},
        {"a", "[a]"},
        {"a,b", "[b][a]"},
        {" a , b\t,\tc ", "[c][b][a]"},
        {"a,", "[][a]"},
        {",", "[]"},
        {",,a", "[a][]"},
        {"a b, c", "[c][a b]"},
        {"for=\"a,b\", c", "[c][for=\"a,b\"]"},
        {"c, for=\"a,b\"", "[for=\"a,b\"][c]"},
        {"a=\"\\\",\", b", "[b][a=\"\\\",\"]"},
        {"b, a=\"\\\\\", c", "[c][a=\"\\\\\"][b]"},
        /* What a client leaves open can not swallow what the proxy adds. */
        {"for=x;a=\", for=y", "[for=y][for=x;a=\"]"},
        {"for=x;a=\", for=\"[::1]:80\";b=c", "[for=\"[::1]:80\";b=c][for=x;a=\"]"},
        {"a=\"\\, for=\"y\"", "[for=\"y\"][a=\"\\]"},
        {"\", y", "[y][\"]"},
    };

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        sio_view list = sio_view_of(rows[i].list);
        char     got[200] = "";

        check_row = rows[i].list;
        do {
            const sio_view element = sio_forwarded_last(&list);
            const size_t   len = strlen(got);

            snprintf(got + len, sizeof got - len, "[%.*s]", (int)element.len, element.data);
        } while (list.len > 0);
        CHECK_VIEW(sio_view_of(got), rows[i].want);
    }
}

static void
test_elements_of_forwarded(void)
{
    static const struct {
        const char *element, *from, *proto;
    } rows[] = {
        {"for=\"[2001:db8::17]:4711\";proto=https;by=203.0.113.43", "2001:db8::17 4711", "https"},
        {"for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60 0", "http"},
        {"For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17 4711", ""},
        {"for=192.0.2.60; proto=http ;by=203.0.113.43", "192.0.2.60 0", "http"},
        {"PROTO=HTTPS;FOR=192.0.2.60", "192.0.2.60 0", "HTTPS"},
        {"proto=\"https\"", "none", "https"},
        {"for=\"192.0.2.60:_port\"", "192.0.2.60 0", ""},
        {"for=\"192.0.2.60:80\"", "192.0.2.60 80", ""},
        {"for=192.0.2.60:80", "192.0.2.60 80", ""},
        {"for=[2001:db8::17]:80;proto=https", "2001:db8::17 80", "https"},
        {"for=unknown;proto=https", "none", "https"},
        {"for=_hidden;proto=https", "none", "https"},
        {"for=\"_gazonk\"", "none", ""},
        {"by=\"a;b\\\"c\";for=192.0.2.60", "192.0.2.60 0", ""},
        {"secret=x;for=192.0.2.60;", "192.0.2.60 0", ""},
        {"for=\"\"", "none", ""},
        {"for=\"192.0.2.\\60\"", "none", ""}, /* an escape, even one that changes nothing */
        {"", "none", ""},
        {"192.0.2.60", "none", ""},
        {"for", "none", ""},
        {"for=", "none", ""},
        {"for=;proto=https", "none", ""},
        {"for=192.0.2.60;for=192.0.2.61", "none", ""},
        {"for=192.0.2.60;proto=https;proto=http", "none", ""},
        {"for=\"192.0.2.60", "none", ""},
        {"for=\"192.0.2.60\\", "none", ""},
        {"for=\"192.0.2.60\"x;proto=https", "none", ""},
        {"for=\"192.0.2.60\" proto=https", "none", ""},
        {"for=192.0.2.60 proto=https", "none", ""},
        {"for=192.0.2.60;x", "none", ""},
        {"proto=ht\"tps\"", "none", ""},
    };

    for (size_t i = 0; i < N_ROWS(rows); i++) {
        const sio_forwarded told = sio_forwarded_read(sio_view_of(rows[i].element));

        check_row = rows[i].element;
        CHECK_VIEW(shown(&told.from), rows[i].from);
        CHECK_VIEW(told.proto, rows[i].proto);
    }
}

int
main(void)
{
    RUN(test_nodes);
    RUN(test_a_nul_ends_no_address);
    RUN(test_lists_are_read_from_their_end);
    RUN(test_elements_of_forwarded);
    return check_done();
}
