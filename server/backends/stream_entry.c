#include "server/backends/stream_entry.h"

#include <stdint.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/result.h"

enum { MAX_DEPTH = 2000 /* of JSON that was made here */ };

/* Append what a JSON string says. */
static bool
entry_add_text(sio_stream_entry *e, sio_view literal, size_t *len)
{
    const size_t before = e->text.len;
    const bool   ok = sio_json_read_string(literal, &e->text) == SIO_OK;

    *len = e->text.len - before;
    return ok;
}

bool
sio_stream_entry_make(sio_stream_entry *e, sio_view json)
{
    enum { TYPE, NSP, NAME, SOCKET, ID, N };
    static const char *const names[] = {"type", "ns", "name", NULL, "sid"};
    sio_json_field           picked[N] = {{.name = SIO_VIEW("type")},
                                          {.name = SIO_VIEW("namespace")},
                                          {.name = SIO_VIEW("name")},
                                          {.name = SIO_VIEW("socket")},
                                          {.name = SIO_VIEW("id")}};
    size_t                   len[N] = {0}, at = 0;

    *e = (sio_stream_entry){.n = 0};
    sio_buf_init(&e->text, SIZE_MAX);
    if (sio_json_pick(json, MAX_DEPTH, picked, SOCKET + 1) != SIO_OK ||
        sio_json_pick(picked[SOCKET].value, MAX_DEPTH, &picked[ID], 1) != SIO_OK)
        return false;
    for (size_t i = 0; i < N; i++)
        if (names[i] != NULL && picked[i].value.len > 0 &&
            !entry_add_text(e, picked[i].value, &len[i]))
            return false;
    if (len[ID] == 0 || e->text.failed)
        return false;
    e->fields[e->n++] = (sio_stream_field){SIO_VIEW("v"), SIO_VIEW("1")};
    for (size_t i = 0; i < N; at += len[i++]) /* the text does not move any more */
        if (names[i] != NULL && picked[i].value.len > 0)
            e->fields[e->n++] =
                (sio_stream_field){sio_view_of(names[i]), {e->text.data + at, len[i]}};
    e->socket = (sio_view){e->text.data + at - len[ID], len[ID]};
    e->fields[e->n++] = (sio_stream_field){SIO_VIEW("json"), json};
    return true;
}

void
sio_stream_entry_fini(sio_stream_entry *e)
{
    sio_buf_fini(&e->text);
}

unsigned
sio_stream_entry_partition(sio_view socket, unsigned n)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < socket.len; i++)
        hash = (hash ^ (unsigned char)socket.data[i]) * 16777619u;
    return hash % n;
}
