#include "server/adminui/ui_socket.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "protocol/json.h"
#include "protocol/json_member.h"
#include "protocol/json_read.h"
#include "store/clock.h"

/* Of a client that is told; never all of its session's id, which is a secret of its. */
enum { CLIENT_ID_LEN = 12 };

sio_view
sio_ui_socket_namespace(const sio_namespace *nsp)
{
    return nsp->name.len > 0 ? nsp->name : SIO_VIEW("/");
}

void
sio_ui_socket_add_time(sio_buf *out)
{
    const uint64_t ms = sio_epoch_ms();
    const time_t   s = (time_t)(ms / 1000);
    struct tm      tm;
    char           text[40];

    (void)gmtime_r(&s, &tm);
    const size_t n = strftime(text, sizeof text, "\"%Y-%m-%dT%H:%M:%S", &tm);

    snprintf(text + n, sizeof text - n, ".%03uZ\"", (unsigned)(ms % 1000));
    sio_buf_add_str(out, text);
}

static bool
is_kind(sio_view json, sio_json_kind kind)
{
    return sio_json_read_kind_of(json) == kind;
}

/*
 * The page does not ask whether headers, query and issued are there (section 9.4). The address is a
 * text for Node, and an object with it here.
 */
static void
add_handshake(sio_view handshake, sio_buf *out)
{
    enum { ADDRESS, HEADERS, QUERY, ISSUED, SECURE, TIME, URL, XDOMAIN, N };
    sio_json_field f[N] = {
        [ADDRESS] = {.name = SIO_VIEW("address")}, [HEADERS] = {.name = SIO_VIEW("headers")},
        [QUERY] = {.name = SIO_VIEW("query")},     [ISSUED] = {.name = SIO_VIEW("issued")},
        [SECURE] = {.name = SIO_VIEW("secure")},   [TIME] = {.name = SIO_VIEW("time")},
        [URL] = {.name = SIO_VIEW("url")},         [XDOMAIN] = {.name = SIO_VIEW("xdomain")}};
    sio_json_field address = {.name = SIO_VIEW("address")};

    (void)sio_json_pick(handshake, SIO_JSON_MAX_DEPTH, f, N);
    if (is_kind(f[ADDRESS].value, SIO_JSON_OBJECT))
        (void)sio_json_pick(f[ADDRESS].value, SIO_JSON_MAX_DEPTH, &address, 1);
    else
        address.value = f[ADDRESS].value;
    sio_json_member_name(out, "handshake");
    sio_buf_add_char(out, '{');
    sio_json_member_json(out, "address", address.value);
    sio_json_member_json(out, "headers",
                         is_kind(f[HEADERS].value, SIO_JSON_OBJECT) ? f[HEADERS].value
                                                                    : SIO_VIEW("{}"));
    sio_json_member_json(
        out, "query", is_kind(f[QUERY].value, SIO_JSON_OBJECT) ? f[QUERY].value : SIO_VIEW("{}"));
    sio_json_member_json(
        out, "issued", is_kind(f[ISSUED].value, SIO_JSON_NUMBER) ? f[ISSUED].value : SIO_VIEW("0"));
    sio_json_member_json(out, "secure", f[SECURE].value);
    sio_json_member_json(out, "time", f[TIME].value);
    sio_json_member_json(out, "url", f[URL].value);
    sio_json_member_json(out, "xdomain", f[XDOMAIN].value);
    sio_buf_add_char(out, '}');
}

/* All but what instrument() of Node, and describe.c, have put there. */
void
sio_ui_socket_add_data(sio_view data, sio_buf *out)
{
    sio_json_iter it;
    sio_view      key, value;
    bool          has_some = false;

    sio_json_member_name(out, "data");
    sio_buf_add_char(out, '{');
    if (is_kind(data, SIO_JSON_OBJECT)) {
        sio_json_read_object_begin(&it, data);
        while (sio_json_read_object_next(&it, &key, &value)) {
            if (sio_json_read_string_equals(key, SIO_VIEW("_admin")))
                continue;
            if (has_some)
                sio_buf_add_char(out, ',');
            sio_buf_add_view(out, key);
            sio_buf_add_char(out, ':');
            sio_buf_add_view(out, value);
            has_some = true;
        }
    }
    sio_buf_add_char(out, '}');
}

/* --- Here. --- */

static void
add_rooms(const sio_socket *socket, sio_buf *out)
{
    const char *room;

    sio_json_member_name(out, "rooms");
    sio_buf_add_char(out, '[');
    sio_buf_add_json_string(out, sio_socket_id(socket), SIO_JSON_PLAIN);
    for (size_t i = 0; (room = sio_room(socket, i)) != NULL; i++) {
        sio_buf_add_char(out, ',');
        sio_buf_add_json_string(out, sio_view_of(room), SIO_JSON_PLAIN);
    }
    sio_buf_add_char(out, ']');
}

void
sio_ui_socket_add(const sio_socket *socket, sio_buf *out)
{
    sio_buf_add_char(out, '{');
    sio_json_member_text(out, "id", sio_socket_id(socket));
    sio_json_member_text(out, "clientId", (sio_view){sio_session_id(socket), CLIENT_ID_LEN});
    sio_json_member_text(out, "transport", sio_view_of(sio_transport_name(socket)));
    sio_json_member_text(out, "nsp", sio_ui_socket_namespace(socket->nsp));
    sio_ui_socket_add_data(sio_view_of(sio_socket_data(socket)), out);
    add_handshake(sio_view_of(sio_handshake_json(socket)), out);
    add_rooms(socket, out);
    sio_buf_add_char(out, '}');
}

/* --- Anywhere. --- */

/* Node has the socket's own room among its rooms; sio_fetch() has not. */
static void
add_fetched_rooms(sio_view id, sio_view rooms, sio_buf *out)
{
    sio_json_iter it;
    sio_view      room;

    sio_json_member_name(out, "rooms");
    sio_buf_add_char(out, '[');
    sio_buf_add_view(out, id);
    sio_json_read_array_begin(&it, rooms);
    while (is_kind(rooms, SIO_JSON_ARRAY) && sio_json_read_array_next(&it, &room)) {
        if (sio_view_eq(room, id))
            continue;
        sio_buf_add_char(out, ',');
        sio_buf_add_view(out, room);
    }
    sio_buf_add_char(out, ']');
}

void
sio_ui_socket_add_fetched(sio_view fetched, sio_view nsp_name, sio_buf *out)
{
    enum { ID, ROOMS, HANDSHAKE, DATA, N };
    sio_json_field f[N] = {[ID] = {.name = SIO_VIEW("id")},
                           [ROOMS] = {.name = SIO_VIEW("rooms")},
                           [HANDSHAKE] = {.name = SIO_VIEW("handshake")},
                           [DATA] = {.name = SIO_VIEW("data")}};
    sio_json_field admin = {.name = SIO_VIEW("_admin")};
    sio_json_field of_client[] = {{.name = SIO_VIEW("clientId")}, {.name = SIO_VIEW("transport")}};

    (void)sio_json_pick(fetched, SIO_JSON_MAX_DEPTH, f, N);
    if (is_kind(f[DATA].value, SIO_JSON_OBJECT))
        (void)sio_json_pick(f[DATA].value, SIO_JSON_MAX_DEPTH, &admin, 1);
    if (is_kind(admin.value, SIO_JSON_OBJECT))
        (void)sio_json_pick(admin.value, SIO_JSON_MAX_DEPTH, of_client, 2);
    sio_buf_add_char(out, '{');
    sio_json_member_json(out, "id", f[ID].value);
    sio_json_member_json(out, "clientId", of_client[0].value);
    sio_json_member_json(out, "transport", of_client[1].value);
    sio_json_member_text(out, "nsp", nsp_name);
    sio_ui_socket_add_data(f[DATA].value, out);
    add_handshake(f[HANDSHAKE].value, out);
    add_fetched_rooms(f[ID].value, f[ROOMS].value, out);
    sio_buf_add_char(out, '}');
}
