#include "tests/fuzz/world/cluster_forge.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static uint64_t *
forged_number(sio_cluster_message *m, char key)
{
    switch (key) {
    case 's':
        return &m->seq;
    case 'a':
        return &m->ack;
    case 'c':
        return &m->channel;
    case 'l':
        return &m->count;
    case 'g':
        return &m->flags;
    case 'T':
        return &m->type;
    case 'R':
        return &m->revision;
    case 'V':
        return &m->verdict;
    default:
        return NULL;
    }
}

static sio_view *
forged_text(sio_cluster_message *m, char key)
{
    static const struct {
        char   key;
        size_t offset;
    } texts[] = {
        {'f', offsetof(sio_cluster_message, from)},
        {'i', offsetof(sio_cluster_message, id)},
        {'o', offsetof(sio_cluster_message, origin)},
        {'t', offsetof(sio_cluster_message, transport)},
        {'y', offsetof(sio_cluster_message, reason)},
        {'b', offsetof(sio_cluster_message, body)},
        {'n', offsetof(sio_cluster_message, nsp)},
        {'r', offsetof(sio_cluster_message, room)},
        {'x', offsetof(sio_cluster_message, except)},
        {'e', offsetof(sio_cluster_message, name)},
        {'v', offsetof(sio_cluster_message, args)},
        {'d', offsetof(sio_cluster_message, data)},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].key == key)
            return (sio_view *)(void *)((char *)m + texts[i].offset);
    return NULL;
}

static void
forge_field(forgery *f, char key, sio_view value)
{
    uint64_t *number = forged_number(&f->message, key);
    sio_view *text = forged_text(&f->message, key);
    char      digits[24] = "";

    f->message.has_room = f->message.has_room || key == 'r';
    if (number != NULL) {
        memcpy(digits, value.data, value.len < 20 ? value.len : 20);
        *number = strtoull(digits, NULL, 10) & SIO_CLUSTER_NUMBER_MAX;
    } else if (text != NULL) {
        *text = value;
    } else if (key == 'p' || key == 'P') {
        sio_cluster_message_add_packet(&f->packets, value, key == 'P');
    }
}

void
forge_message(forgery *f, sio_view text)
{
    const char *at = text.data, *const end = text.data + text.len, *blank;

    if (at < end)
        f->message.kind = (uint8_t)*at++;
    for (; at < end; at = blank + 1) {
        if ((blank = memchr(at, ' ', (size_t)(end - at))) == NULL)
            blank = end;
        if (blank - at >= 2 && at[1] == '=')
            forge_field(f, at[0], (sio_view){at + 2, (size_t)(blank - at) - 2});
    }
    f->message.packets = sio_buf_view(&f->packets);
}
