#include "tests/fuzz/world/session_client.h"

#include <sanitizer/asan_interface.h>
#include <string.h>

#include "protocol/ws_frame.h"
#include "server/http/http_conn.h"
#include "server/server.h"
#include "tests/fuzz/must.h"

client *
client_of(sio_conn *c)
{
    return SIO_CONTAINER(c, client, conn);
}

/* --- The carrier. --- */

/* A peer that left while nobody read it: the rest of it is read now. */
static void
read_end(sio_task *task)
{
    client *p = SIO_CONTAINER(task, client, end);

    if ((p->conn.wants & SIO_CARRIER_READ) != 0)
        sio_conn_on_readable(&p->conn);
    if ((p->conn.wants & SIO_CARRIER_READ) != 0 && !p->conn.peer_done)
        sio_deferred_add(&p->conn.env->deferred, &p->end);
}

static int
client_attach(sio_conn *c)
{
    client *p = client_of(c);

    sio_task_init(&p->end, read_end);
    transcript_init(&p->transcript, (sio_http_limits){MAX_HEAD, MAX_HEADERS}, MAX_BODY);
    sio_buf_init(&p->unread, SIZE_MAX);
    return SIO_OK;
}

static void
client_detach(sio_conn *c)
{
    client *p = client_of(c);

    sio_task_cancel(&p->end);
    if (*p->place == p)
        *p->place = NULL;
    transcript_fini(&p->transcript);
    sio_buf_fini(&p->unread);
}

/* Behind what it reads, the server may not look at anything. */
static ptrdiff_t
client_read(sio_conn *c, char *bytes, size_t n)
{
    client      *p = client_of(c);
    const size_t n_read = p->unread.len;

    if (n_read == 0 && p->is_gone)
        return p->is_reset ? SIO_ERR_SYS : 0;
    if (n_read == 0)
        return SIO_PARTIAL;
    must(n_read <= n);
    ASAN_UNPOISON_MEMORY_REGION(bytes, n);
    memcpy(bytes, p->unread.data, n_read);
    ASAN_POISON_MEMORY_REGION(bytes + n_read, n - n_read);
    sio_buf_clear(&p->unread);
    return (ptrdiff_t)n_read;
}

static void
keep_id(session_ids *ids, transcript *t)
{
    if (t->id[0] != '\0' && ids->n < MAX_IDS)
        memcpy(ids->texts[ids->n++], t->id, sizeof t->id);
    t->id[0] = '\0';
    if (t->private_id[0] != '\0')
        memcpy(ids->private_id, t->private_id, sizeof t->private_id);
    if (t->offset[0] != '\0')
        memcpy(ids->offset, t->offset, sizeof t->offset);
    t->private_id[0] = t->offset[0] = '\0';
}

static void
hear(client *p, sio_view bytes)
{
    transcript_got(&p->transcript, bytes);
    keep_id(p->ids, &p->transcript);
}

/*
 * What a stalled peer is sent is as good as in its kernel: it has left the queue of its session,
 * and comes before all that any later connection brings. So it is heard at once, though the socket
 * seems to take nothing of it, and not again when it does.
 */
static ptrdiff_t
client_write(sio_conn *c, sio_view bytes)
{
    client      *p = client_of(c);
    const size_t n_heard = p->n_heard;

    must(c->state != SIO_CONN_LINGERING && bytes.len <= MAX_KEPT);
    if (p->failing || p->is_gone)
        return SIO_ERR_SYS;
    if (p->stalled && n_heard > 0)
        return 0;
    must(n_heard <= bytes.len);
    p->n_heard = p->stalled ? bytes.len : 0;
    hear(p, (sio_view){bytes.data + n_heard, bytes.len - n_heard});
    return p->stalled ? 0 : (ptrdiff_t)bytes.len;
}

static void
client_watch(sio_conn *c)
{
    client *p = client_of(c); /* while it is there, whoever acts for it looks at c->wants */

    if (p->is_gone && (c->wants & SIO_CARRIER_READ) != 0)
        sio_deferred_add(&c->env->deferred, &p->end);
}

/* Who has left waits for nothing: what it said last may not even have been read. */
static bool
client_end_output(sio_conn *c)
{
    const client *p = client_of(c);

    if (!p->is_gone)
        transcript_closed(&p->transcript, c->env->phase == SIO_STOPPING);
    return true;
}

static bool
client_peer_has_left(const sio_conn *c)
{
    const client *p = (const client *)((const char *)c - offsetof(client, conn));

    return p->left || p->is_gone;
}

static bool
client_has_unread(const sio_conn *c)
{
    const client *p = (const client *)((const char *)c - offsetof(client, conn));

    return p->unread.len > 0;
}

const sio_carrier client_carrier = {
    .name = "client",
    .conn_size = sizeof(client),
    .attach = client_attach,
    .detach = client_detach,
    .read = client_read,
    .write = client_write,
    .watch = client_watch,
    .end_output = client_end_output,
    .peer_has_left = client_peer_has_left,
    .has_unread = client_has_unread,
};

/* --- What peers do. --- */

client *
client_new_on(const sio_carrier *carrier, sio_server *server, session_ids *ids, client **place)
{
    const sio_address nobody = {.family = 0};
    sio_env          *env = sio_env_of(server);
    sio_conn         *c = sio_conn_adopt(env, carrier, -1, &nobody, &env->net->admitted);

    if (c == NULL)
        return *place = NULL;
    sio_holds_take(&env->holds);
    env->stats.connections++;
    *place = client_of(c);
    (*place)->ids = ids;
    (*place)->place = place;
    sio_http_conn_start(c);
    return *place;
}

client *
client_new(sio_server *server, session_ids *ids, client **place)
{
    return client_new_on(&client_carrier, server, ids, place);
}

void
client_gone(client *p, bool is_reset)
{
    *p->place = NULL;
    p->is_gone = true;
    p->is_reset = is_reset;
    if ((p->conn.wants & SIO_CARRIER_READ) != 0) {
        sio_buf_clear(&p->unread);
        sio_conn_on_readable(&p->conn);
    }
    if ((p->conn.wants & SIO_CARRIER_END) != 0)
        sio_conn_on_end(&p->conn);
    if ((p->conn.wants & SIO_CARRIER_WRITE) != 0)
        sio_conn_on_writable(&p->conn);
}

/* Is the server frozen? Then what the client does waits. */
static bool
client_waits(const client *p)
{
    return p->asleep != NULL && *p->asleep;
}

bool
client_deliver(client *p)
{
    if (p->unread.len == 0 || (p->conn.wants & SIO_CARRIER_READ) == 0 || client_waits(p))
        return false;
    sio_conn_on_readable(&p->conn);
    return true;
}

void
client_send(client *p, sio_view bytes)
{
    if (p->left || bytes.len == 0)
        return;
    if (p->conn.state == SIO_CONN_OPEN)
        transcript_sent(&p->transcript, bytes);
    sio_buf_add_view(&p->unread, bytes);
    client_deliver(p);
}

void
client_send_bytewise(client *p, sio_view bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        client_send(p, (sio_view){bytes.data + i, 1});
}

void
client_read_again(client *p)
{
    p->stalled = false;
    if ((p->conn.wants & SIO_CARRIER_WRITE) != 0)
        sio_conn_on_writable(&p->conn);
}

void
client_request(client *p, const char *method, sio_view rest, const char *headers)
{
    const char    *blank = memchr(rest.data, ' ', rest.len);
    const size_t   target_len = blank != NULL ? (size_t)(blank - rest.data) : rest.len;
    const sio_view body =
        blank != NULL ? (sio_view){blank + 1, rest.len - target_len - 1} : (sio_view){rest.data, 0};
    sio_buf text;

    sio_buf_init(&text, SIZE_MAX);
    sio_buf_add_str(&text, method);
    sio_buf_add(&text, rest.data, target_len);
    sio_buf_add_str(&text, " HTTP/1.1\r\nHost: h\r\n");
    sio_buf_add_str(&text, headers);
    if (blank != NULL) {
        sio_buf_add_str(&text, "Content-Length: ");
        sio_buf_add_u64(&text, body.len);
        sio_buf_add_str(&text, "\r\n");
    }
    sio_buf_add_str(&text, "\r\n");
    sio_buf_add_view(&text, body);
    client_send(p, sio_buf_view(&text));
    sio_buf_fini(&text);
}

void
client_message(client *p, uint8_t opcode, sio_view payload)
{
    uint8_t      header[SIO_WS_MAX_SERVER_HEADER];
    const size_t n = sio_ws_frame_encode_header(header, opcode, payload.len);
    sio_buf      bytes;

    header[1] |= 0x80; /* it has a mask: 0 */
    sio_buf_init(&bytes, SIZE_MAX);
    sio_buf_add(&bytes, header, n);
    sio_buf_add(&bytes, "\0\0\0\0", 4);
    sio_buf_add_view(&bytes, payload);
    client_send(p, sio_buf_view(&bytes));
    sio_buf_fini(&bytes);
}
