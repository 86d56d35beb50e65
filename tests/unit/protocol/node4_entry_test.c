/*
 * What servers with the streams adapter say: the vectors of section 13 of the specification, read,
 * and written again; and what has to be refused.
 */
#include "protocol/node4_entry.h"

#include "protocol/hex.h"
#include "tests/unit/check.h"
#include "tests/unit/protocol/node4_streams_vectors.h"

enum { MAX_BYTES = 1 << 20 };

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

typedef struct {
    sio_buf                   bytes, message, out, packed;
    sio_node4_reader          r;
    sio_node4_cluster_message m;
} fixture;

static void
fixture_begin(fixture *f)
{
    sio_buf_init(&f->bytes, SIZE_MAX);
    sio_buf_init(&f->message, MAX_BYTES);
    sio_buf_init(&f->out, SIZE_MAX);
    sio_buf_init(&f->packed, SIZE_MAX);
    sio_node4_reader_init(&f->r, MAX_BYTES);
}

static void
fixture_end(fixture *f)
{
    sio_buf_fini(&f->bytes);
    sio_buf_fini(&f->message);
    sio_buf_fini(&f->out);
    sio_buf_fini(&f->packed);
    sio_node4_reader_fini(&f->r);
}

static int
read_fields(fixture *f, const char *uid, const char *nsp, const char *type, const char *data)
{
    sio_node4_entry e = {.uid = SIO_VIEW("")};

    sio_node4_entry_set(&e, SIO_VIEW("data"), sio_view_of(data));
    sio_node4_entry_set(&e, SIO_VIEW("more"), SIO_VIEW("of the future"));
    sio_node4_entry_set(&e, SIO_VIEW("type"), sio_view_of(type));
    sio_node4_entry_set(&e, SIO_VIEW("nsp"), sio_view_of(nsp));
    sio_node4_entry_set(&e, SIO_VIEW("uid"), sio_view_of(uid));
    return sio_node4_entry_read(&f->r, &e, SIO_VIEW("me"), &f->message, &f->m);
}

/* Let `data` be written again. In MessagePack our packet names its namespace, which is ignored. */
static void
write_again(fixture *f)
{
    const sio_node4_request *q = &f->m.q;

    sio_buf_clear(&f->out);
    if (f->m.kind == SIO_NODE4_CLUSTER_EVENT)
        sio_node4_entry_add_event(&f->out, &q->event);
    else
        sio_node4_cluster_add_move_data(&f->out, q->kind, &q->event, q->moved, q->close);
}

static void
test_entries(void)
{
    fixture f;

    fixture_begin(&f);
    for (size_t i = 0; i < N_OF(node4_streams_entries); i++) {
        const node4_streams_entry *v = &node4_streams_entries[i];
        char                       row[16], again[4096];

        snprintf(row, sizeof row, "%d", v->row);
        check_row = row;
        CHECK_INT(read_fields(&f, v->uid, "/", v->type, v->data), SIO_OK);
        CHECK_VIEW(sio_node4_entry_type(f.m.q.kind), v->type);
        write_again(&f);
        if (v->data[0] == '{' && v->row < 127) {
            CHECK_VIEW(sio_buf_view(&f.out), v->data);
            continue;
        }
        /* cppcheck-suppress constStatement ; it takes the arguments for an expression */
        snprintf(again, sizeof again, "%.*s", (int)f.out.len, f.out.data);
        CHECK_INT(read_fields(&f, v->uid, "/", v->type, again), SIO_OK);
        CHECK_INT(f.m.kind, SIO_NODE4_CLUSTER_EVENT);
        if (v->data[0] != '{') {
            CHECK_INT(f.m.q.event.n_attachments, 1);
            CHECK_VIEW(f.m.q.event.attachments[0], "\1\2\3");
        }
    }
    check_row = NULL;
    fixture_end(&f);
}

static void
from_hex(fixture *f, const char *hex)
{
    sio_buf_clear(&f->bytes);
    for (; hex[0] != '\0'; hex += 2)
        sio_buf_add_char(&f->bytes, (char)(16 * sio_hex_value(hex[0]) + sio_hex_value(hex[1])));
}

static sio_view
id_of(const fixture *f)
{
    const sio_view id = f->m.q.request_id;

    return id.len > 2 ? (sio_view){id.data + 1, id.len - 2} : SIO_VIEW("");
}

/* As JSON, which becomes MessagePack. */
static void
write_message(fixture *f, sio_view uid)
{
    const sio_node4_request  *q = &f->m.q;
    const sio_node4_response *a = &f->m.answer;

    sio_buf_clear(&f->out);
    if (f->m.kind == SIO_NODE4_CLUSTER_ANSWER && a->kind == SIO_NODE4_CLIENT_COUNT) {
        sio_node4_cluster_add_count(&f->out, uid, SIO_VIEW(""), q->request_id, a->count);
    } else if (f->m.kind == SIO_NODE4_CLUSTER_ANSWER && a->kind == SIO_NODE4_CLIENT_ACK) {
        CHECK(sio_node4_cluster_add_ack(&f->out, uid, SIO_VIEW(""), q->request_id, a->value, NULL,
                                        0));
    } else if (f->m.kind == SIO_NODE4_CLUSTER_ANSWER) {
        sio_node4_request asked = {.kind = a->kind == SIO_NODE4_VALUE ? SIO_NODE4_SERVER_SIDE
                                                                      : SIO_NODE4_FETCH,
                                   .request_id = q->request_id};

        sio_node4_cluster_begin_answer(&f->out, &asked);
        sio_buf_add_str(&f->out, a->kind == SIO_NODE4_VALUE ? ",\"packet\":" : ",\"sockets\":");
        sio_buf_add_view(&f->out, a->value);
        sio_node4_cluster_end_answer(&f->out, uid, SIO_VIEW(""));
    } else if (q->kind == SIO_NODE4_ASK) {
        sio_node4_cluster_add_event(&f->out, uid, id_of(f), &q->event);
    } else if (q->kind == SIO_NODE4_FETCH) {
        sio_node4_cluster_add_fetch(&f->out, uid, id_of(f), &q->event);
    } else {
        sio_node4_cluster_add_server_side(&f->out, uid, SIO_VIEW(""), id_of(f), q->name,
                                          q->event.args);
    }
}

static void
test_messages_are_written_as_they_were_read(void)
{
    fixture f;

    fixture_begin(&f);
    for (size_t i = 0; i < N_OF(node4_streams_messages); i++) {
        const node4_streams_message *v = &node4_streams_messages[i];
        char                         row[16];
        sio_view                     uid;

        snprintf(row, sizeof row, "%d", v->row);
        check_row = row;
        from_hex(&f, v->hex);
        CHECK_INT(sio_node4_cluster_read(&f.r, sio_buf_view(&f.bytes), SIO_VIEW("me"), &f.m),
                  SIO_OK);
        uid = (sio_view){f.m.q.asker.data + 1, f.m.q.asker.len - 2};
        write_message(&f, uid);
        sio_buf_clear(&f.packed);
        CHECK_INT(sio_node4_entry_pack(sio_buf_view(&f.out), &f.packed), SIO_OK);
        CHECK(sio_view_eq(sio_buf_view(&f.packed), sio_buf_view(&f.bytes)));
    }
    check_row = NULL;
    fixture_end(&f);
}

static void
test_what_is_nested_too_deep_is_not_packed(void)
{
    fixture f;

    fixture_begin(&f);
    sio_buf_add_str(&f.out, "{\"a\":");
    for (int i = 0; i < 64; i++)
        sio_buf_add_char(&f.out, '[');
    for (int i = 0; i < 64; i++)
        sio_buf_add_char(&f.out, ']');
    sio_buf_add_char(&f.out, '}');
    CHECK_INT(sio_node4_entry_pack(sio_buf_view(&f.out), &f.packed), SIO_TOO_DEEP);
    CHECK_INT(f.packed.len, 0);
    fixture_end(&f);
}

static void
test_what_is_refused(void)
{
    static const struct {
        const char *uid, *nsp, *type, *data;
        int         rc;
    } rows[] = {
        {"me", "/", "3", "{}", SIO_DROPPED},
        {"x", "/", "", "{}", SIO_DROPPED},
        {"x", "/", "x", "{}", SIO_DROPPED},
        {"x", "/", "3.", "{}", SIO_DROPPED},
        {"x", "/", "333", "{}", SIO_DROPPED},
        {"x", "/", "1", "", SIO_DROPPED},
        {"x", "/", "2", "", SIO_DROPPED},
        {"x", "/", "13", "", SIO_DROPPED},
        {"x", "/", "3", "", SIO_BAD},
        {"x", "/", "3", "{}", SIO_BAD},
        {"x", "/", "3", "{", SIO_BAD},
        {"x", "/", "3", "?", SIO_BAD},
        {"x", "/", "3", "gqZw", SIO_BAD},
        {"x", "/", "5", "{\"opts\":{}}", SIO_BAD},
        {"x", "/", "9", "{\"packet\":[\"error\"]}", SIO_BAD},
        {"x", "/", "6", "{},\"data\":{\"opts\":{}}", SIO_BAD},
        {"\377", "/", "6", "{\"opts\":{}}", SIO_BAD},
        {"x", "\377", "6", "{\"opts\":{}}", SIO_BAD},
        {"x", "/", "6", "{\"opts\":{}}", SIO_OK},
    };
    fixture f;

    fixture_begin(&f);
    for (size_t i = 0; i < N_OF(rows); i++) {
        check_row = rows[i].data;
        CHECK_INT(read_fields(&f, rows[i].uid, rows[i].nsp, rows[i].type, rows[i].data),
                  rows[i].rc);
    }
    check_row = NULL;
    fixture_end(&f);
}

int
main(void)
{
    RUN(test_entries);
    RUN(test_messages_are_written_as_they_were_read);
    RUN(test_what_is_nested_too_deep_is_not_packed);
    RUN(test_what_is_refused);
    return check_done();
}
