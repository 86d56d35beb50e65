#include "tests/fuzz/world/cluster_seat.h"

#include <stdio.h>
#include <string.h>

#include "protocol/buf.h"
#include "protocol/ws_frame.h"
#include "server/server.h"
#include "tests/fuzz/must.h"
#include "tests/fuzz/world/session_script.h"

enum { PACKET_LEN = MARK_LEN + 16 };

static void
on_heard(void *arg, sio_view text)
{
    static const char     gone[] = "The instance that had this session is gone.";
    static const char     unknown[] = "\"Session ID unknown\"";
    seat                 *at = arg;
    const session_record *heard = promise_heard(at->promise, text);

    if (heard != NULL)
        at->heard = heard;
    if (at->message == 0 || at->is_confirmed)
        return;
    if (sio_view_eq(text, sio_view_of(gone)) ||
        memmem(text.data, text.len, unknown, strlen(unknown)) != NULL)
        promise_must_keep(at->promise, seat_may_lose_message(at) || at->promise->word_is_late);
    at->is_confirmed = sio_view_eq(text, SIO_VIEW("1")) || sio_view_eq(text, SIO_VIEW("ok"));
    if (!at->is_confirmed) /* it was refused */
        at->message = 0;
}

client *
seat_client(world *w, node *n, unsigned place)
{
    seat   *at = &n->seats[place];
    client *p;

    if (at->client != NULL || n->server->env.phase == SIO_STOPPING)
        return at->client;
    *at = (seat){.promise = &w->promise};
    if ((p = client_new(n->server, &w->ids, &at->client)) != NULL) {
        p->asleep = &n->frozen;
        p->transcript.heard = on_heard;
        p->transcript.heard_arg = at;
    }
    return p;
}

/* --- Messages that are marked. --- */

static bool
is_of_engine(sio_view path)
{
    return memmem(path.data, path.len, "EIO=", 4) != NULL;
}

void
seat_path_of(const session_record *r, char path[PATH_LEN])
{
    if (r->revision == 0)
        snprintf(path, PATH_LEN, "/socket.io/1/xhr-polling/%s", r->id);
    else
        snprintf(path, PATH_LEN, "/socket.io/?EIO=%u&transport=polling&sid=%s", r->revision, r->id);
}

/* The session in that path, if it will be certain what became of a POST that is sent now. */
static const session_record *
session_of_post(const world *w, const client *p, sio_view path)
{
    char text[PATH_LEN];

    if (p->conn.state != SIO_CONN_OPEN || p->failing || p->left || p->transcript.sent.len > 0 ||
        p->unread.len > 0 || p->transcript.phase != IN_HEAD)
        return NULL;
    for (unsigned i = 0; i < w->promise.n_sessions; i++) {
        const session_record *r = &w->promise.sessions[i];

        seat_path_of(r, text);
        if (!r->is_over && sio_view_eq(path, sio_view_of(text)))
            return world_knows_home(sio_env_server(p->conn.env), r) ? r : NULL;
    }
    return NULL;
}

/* A message with that mark, as the client says it. */
static void
write_marked(const char *mark, bool is_engine, char text[PACKET_LEN])
{
    snprintf(text, PACKET_LEN, is_engine ? "42[\"any\",\"%s\"]" : "3:::%s", mark);
}

static void
write_post(const char *mark, sio_view path, sio_buf *text)
{
    char packet[PACKET_LEN];

    write_marked(mark, is_of_engine(path), packet);
    sio_buf_add_view(text, path);
    sio_buf_add_char(text, ' ');
    if (memmem(path.data, path.len, "EIO=3", 5) != NULL) {
        sio_buf_add_u64(text, strlen(packet));
        sio_buf_add_char(text, ':');
    }
    sio_buf_add_str(text, packet);
}

void
seat_post_marked(world *w, seat *at, sio_view path)
{
    const session_record *r = session_of_post(w, at->client, path);
    char                  mark[MARK_LEN];
    const unsigned        number = promise_mark_message(&w->promise, mark);
    sio_buf               text;

    sio_buf_init(&text, SIZE_MAX);
    write_post(mark, path, &text);
    if (r != NULL) {
        at->session = r;
        at->message = number;
        at->is_early = !world_home_knows(w, r);
    }
    client_request(at->client, "POST ", sio_buf_view(&text), "");
    sio_buf_fini(&text);
}

static void
frame_marked(world *w, seat *at)
{
    char           mark[MARK_LEN], text[PACKET_LEN];
    const unsigned number = promise_mark_message(&w->promise, mark);

    promise_in_order(&w->promise, number, at->last_framed);
    at->last_framed = number;
    write_marked(mark, at->is_engine, text);
    client_message(at->client, SIO_WS_TEXT, sio_view_of(text));
}

/* "?disconnect": nobody says whether it was heard, so the session ends soon. */
static void
note_disconnect(world *w, const node *n, const client *p, sio_view path)
{
    static const char     end[] = "/?disconnect";
    const size_t          end_len = sizeof end - 1;
    const session_record *r;

    if (n->frozen || n->server->env.phase == SIO_STOPPING || path.len < end_len ||
        memcmp(path.data + path.len - end_len, end, end_len) != 0)
        return;
    if ((r = session_of_post(w, p, (sio_view){path.data, path.len - end_len})) != NULL)
        w->promise.sessions[r - w->promise.sessions].is_unwanted = true;
}

/* --- Scripts. --- */

void
seat_act(world *w, node *n, char letter, unsigned place, sio_view text)
{
    client *p = seat_client(w, n, place);
    seat   *at = &n->seats[place];

    if (p == NULL)
        return;
    w->promise.has_engine = w->promise.has_engine || is_of_engine(text);
    if (letter == 'g')
        note_disconnect(w, n, p, text);
    if (memmem(text.data, text.len, "\"pid\"", 5) != NULL)
        w->promise.is_void = true; /* who comes back may ask for events again */
    if (letter == 'u' || letter == '^')
        at->is_engine = is_of_engine(text);
    if (letter == 'e' && p->transcript.phase == IN_FRAMES)
        frame_marked(w, at);
    else if (letter == 'e')
        seat_post_marked(w, at, text);
    else if (n->frozen && (letter == 'c' || letter == 'r'))
        p->left = true;
    else if (!n->frozen || letter != 'w')
        script_act(p, letter == 'n' ? 'm' : letter, text); /* 'm' is taken */
}
