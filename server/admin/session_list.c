#include "server/admin/session_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/query.h"
#include "protocol/result.h"
#include "protocol/whole_number.h"
#include "server/admin/admin_reply.h"
#include "server/base/env.h"
#include "server/engine/engine.h"
#include "server/engine/session.h"
#include "server/net/address.h"
#include "server/socketio/client.h"
#include "server/socketio/namespace.h"

enum { STEPS_OF_A_TURN = 1000, USUAL_LIMIT = 100, MAX_LIMIT = 1000, SUBJECT_MAX = 256 };

/* What is shown of a session, as it was when it was looked at. */
typedef struct {
    char     id[SIO_SESSION_ID_MAX + 1];
    char     address[SIO_ADDRESS_TEXT_MAX];
    char     subject[SUBJECT_MAX]; /* "": it has shown no certificate */
    uint64_t made_ms;
    size_t   n_queued_bytes;
    uint32_t n_queued;
    uint8_t  carried_by;
    uint8_t  speaks;
} session_row;

typedef int (*row_order)(const void *a, const void *b);

/* A walk that is under way. Rows gather until there are twice as many as are wanted. */
typedef struct {
    sio_exchange *x;
    sio_timer     timer; /* of the next turn */
    size_t        cursor;
    row_order     order;
    size_t        limit;
    char          address[SIO_ADDRESS_TEXT_MAX]; /* "": any */
    size_t        n_rows;
    session_row   rows[];
} listing;

/* --- Orders: what comes first is less. --- */

static int
compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int
most_queued_first(const void *a, const void *b)
{
    return compare(((const session_row *)b)->n_queued_bytes,
                   ((const session_row *)a)->n_queued_bytes);
}

static int
oldest_first(const void *a, const void *b)
{
    return compare(((const session_row *)a)->made_ms, ((const session_row *)b)->made_ms);
}

static int
by_id(const void *a, const void *b)
{
    return strcmp(((const session_row *)a)->id, ((const session_row *)b)->id);
}

/* --- Looking at one. --- */

/* An echo has no client of Socket.IO, and no handshake. */
static const sio_client *
client_of(sio_session *s)
{
    return s->dialect->session_size >= sizeof(sio_client) ? sio_client_of(s) : NULL;
}

/* The text of a JSON string without escapes, as addresses are. */
static sio_view
unquoted(sio_view json)
{
    return json.len >= 2 ? (sio_view){json.data + 1, json.len - 2} : SIO_VIEW("");
}

/* Where its handshake came from, as the record of that says. */
static void
find_address(sio_session *s, char text[SIO_ADDRESS_TEXT_MAX])
{
    const sio_client *client = client_of(s);
    sio_json_field    outer = {.name = SIO_VIEW_INIT("address")};
    sio_json_field    inner = {.name = SIO_VIEW_INIT("address")};

    text[0] = '\0';
    if (client == NULL ||
        sio_json_pick(sio_view_of(client->handshake), SIO_JSON_MAX_DEPTH, &outer, 1) != SIO_OK)
        return;
    if (sio_json_pick(outer.value, SIO_JSON_MAX_DEPTH, &inner, 1) != SIO_OK)
        return;
    snprintf(text, SIO_ADDRESS_TEXT_MAX, "%.*s", (int)unquoted(inner.value).len,
             unquoted(inner.value).data);
}

/* Of the certificate that the client has shown, if somebody vouches for it. */
static void
find_subject(sio_session *s, char text[SUBJECT_MAX])
{
    const sio_client *client = client_of(s);
    sio_json_field    tls = {.name = SIO_VIEW_INIT("tls")};
    sio_json_field    certificate = {.name = SIO_VIEW_INIT("certificate")};
    sio_json_field    told[] = {{.name = SIO_VIEW_INIT("verified")},
                                {.name = SIO_VIEW_INIT("subject")}};
    sio_buf           subject;

    text[0] = '\0';
    if (client == NULL ||
        sio_json_pick(sio_view_of(client->handshake), SIO_JSON_MAX_DEPTH, &tls, 1) != SIO_OK ||
        sio_json_pick(tls.value, SIO_JSON_MAX_DEPTH, &certificate, 1) != SIO_OK ||
        sio_json_pick(certificate.value, SIO_JSON_MAX_DEPTH, told, 2) != SIO_OK ||
        !sio_view_eq(told[0].value, SIO_VIEW("true")))
        return;
    sio_buf_init(&subject, SIZE_MAX); /* it is short: net/tls_peer.h */
    (void)sio_json_read_string(told[1].value, &subject);
    snprintf(text, SUBJECT_MAX, "%.*s", (int)subject.len, subject.len > 0 ? subject.data : "");
    sio_buf_fini(&subject);
}

static void
cut(listing *l)
{
    qsort(l->rows, l->n_rows, sizeof l->rows[0], l->order);
    if (l->n_rows > l->limit)
        l->n_rows = l->limit;
}

static void
look_at(sio_hash_node *node, void *arg)
{
    listing     *l = arg;
    sio_session *s = SIO_CONTAINER(node, sio_session, node);
    session_row *row = &l->rows[l->n_rows];

    if (s->ended)
        return;
    find_address(s, row->address);
    if (l->address[0] != '\0' && strcmp(l->address, row->address) != 0)
        return;
    find_subject(s, row->subject);
    memcpy(row->id, s->id, sizeof row->id);
    row->made_ms = s->made_ms;
    row->n_queued_bytes = s->mailbox.queue.n_bytes;
    row->n_queued = s->mailbox.queue.n_frames;
    row->carried_by = s->carried_by;
    row->speaks = (uint8_t)s->dialect->speaks;
    if (++l->n_rows == 2 * l->limit)
        cut(l);
}

/* --- The answer. --- */

/* One may have been seen twice, when the table has grown meanwhile. */
static void
drop_doubles(listing *l)
{
    size_t n = 0;

    qsort(l->rows, l->n_rows, sizeof l->rows[0], by_id);
    for (size_t i = 0; i < l->n_rows; i++)
        if (n == 0 || strcmp(l->rows[n - 1].id, l->rows[i].id) != 0)
            l->rows[n++] = l->rows[i];
    l->n_rows = n;
}

static void
add_string(sio_buf *out, const char *name, const char *value)
{
    sio_buf_add_str(out, name);
    sio_buf_add_json_string(out, sio_view_of(value), SIO_JSON_PLAIN);
}

static void
add_row(sio_buf *out, const session_row *row, uint64_t now_ms)
{
    char age[40];

    snprintf(age, sizeof age, ",\"age\":%.3f", (double)(now_ms - row->made_ms) / 1000);
    add_string(out, "{\"id\":", row->id);
    add_string(out, ",\"transport\":", sio_measures_carried_by[row->carried_by]);
    add_string(out, ",\"revision\":", sio_measures_speaks[row->speaks]);
    add_string(out, ",\"address\":", row->address);
    if (row->subject[0] != '\0')
        add_string(out, ",\"certificate\":", row->subject);
    sio_buf_add_str(out, age);
    sio_buf_add_str(out, ",\"queued_bytes\":");
    sio_buf_add_u64(out, row->n_queued_bytes);
    sio_buf_add_str(out, ",\"queued_packets\":");
    sio_buf_add_u64(out, row->n_queued);
    sio_buf_add_char(out, '}');
}

static void
finish_listing(listing *l)
{
    sio_exchange  *x = l->x;
    const uint64_t now_ms = sio_timer_wheel_now_ms(&x->env->timers);
    sio_buf        body;

    drop_doubles(l);
    cut(l);
    sio_buf_init(&body, SIZE_MAX);
    sio_buf_add_str(&body, "{\"total\":");
    sio_buf_add_u64(&body, x->env->stats.sessions);
    sio_buf_add_str(&body, ",\"sessions\":[");
    for (size_t i = 0; i < l->n_rows; i++) {
        sio_buf_add_str(&body, i > 0 ? "," : "");
        add_row(&body, &l->rows[i], now_ms);
    }
    sio_buf_add_str(&body, "]}\n");
    free(l);
    sio_admin_reply(x, 200, "application/json", &body);
    sio_buf_fini(&body);
}

/* --- The walk. --- */

static void
on_listing_turn(sio_timer *timer)
{
    listing *l = SIO_CONTAINER(timer, listing, timer);
    sio_env *env = l->x->env;

    l->cursor = sio_hash_scan(&env->engine->sessions, l->cursor, STEPS_OF_A_TURN, look_at, l);
    if (l->cursor == 0)
        finish_listing(l);
    else
        sio_timer_set(&env->timers, &l->timer, 0);
}

static void
on_listing_abandoned(sio_exchange *x, const char *reason)
{
    listing *l = x->owner;

    (void)reason;
    sio_timer_cancel(&x->env->timers, &l->timer);
    free(l);
}

/* False: it says something else than it may. */
static bool
read_query(sio_view query, listing *wanted)
{
    sio_view text;

    if (sio_query_find(query, "limit", &text) &&
        (sio_whole_number(text, MAX_LIMIT, &wanted->limit) != SIO_OK || wanted->limit == 0))
        return false;
    if (sio_query_find(query, "sort", &text)) {
        if (sio_view_eq(text, SIO_VIEW("queued")))
            wanted->order = most_queued_first;
        else if (!sio_view_eq(text, SIO_VIEW("oldest")))
            return false;
    }
    return !sio_query_find(query, "address", &text) ||
           (sio_query_decode_short(text, wanted->address, sizeof wanted->address) &&
            wanted->address[0] != '\0');
}

void
sio_session_list_serve(sio_exchange *x, const sio_admin_request *r)
{
    listing  wanted = {.limit = USUAL_LIMIT, .order = oldest_first};
    listing *l;

    if (!read_query(r->query, &wanted)) {
        sio_admin_reply_refuse(x, 400,
                               "limit must be 1 to 1000, sort queued or oldest, and address "
                               "an address");
        return;
    }
    if ((l = malloc(sizeof *l + 2 * wanted.limit * sizeof l->rows[0])) == NULL) {
        sio_admin_reply_refuse(x, 503, "out of memory");
        return;
    }
    *l = wanted;
    l->x = x;
    l->timer.fire = on_listing_turn;
    x->owner = l;
    x->abandoned = on_listing_abandoned;
    sio_timer_set(&x->env->timers, &l->timer, 0);
}

/* --- Ending one. --- */

/* As an application disconnects a client, whose first socket stands for all; one may have none. */
static void
end_session(sio_session *s)
{
    const sio_client *client = client_of(s);

    if (client != NULL && !sio_link_empty(&client->sockets))
        sio_disconnect(SIO_CONTAINER(client->sockets.next, sio_socket, in_session), true);
    else
        sio_session_end(s, "booted", true);
}

void
sio_session_list_end_one(sio_exchange *x, const sio_admin_request *r)
{
    sio_session *s = sio_session_find(x->env, r->rest);
    sio_buf      body;

    if (s == NULL || s->ended) {
        sio_admin_reply_refuse(x, 404, "this session does not live here");
        return;
    }
    sio_buf_init(&body, SIZE_MAX);
    sio_buf_add_str(&body, "{\"ended\":");
    sio_buf_add_json_string(&body, s->node.key, SIO_JSON_PLAIN);
    sio_buf_add_str(&body, "}\n");
    end_session(s);
    sio_admin_reply(x, 200, "application/json", &body);
    sio_buf_fini(&body);
}
