#include "protocol/node4_channel.h"

#include <string.h>

static const sio_view channel_words[] = {
    [SIO_NODE4_NO_TOPIC] = SIO_VIEW_INIT(""),
    [SIO_NODE4_EVENTS] = SIO_VIEW_INIT("#"),
    [SIO_NODE4_REQUESTS] = SIO_VIEW_INIT("-request#"),
    [SIO_NODE4_RESPONSES] = SIO_VIEW_INIT("-response#"),
};

static bool
begins_with(sio_view text, sio_view with)
{
    return text.len >= with.len && (with.len == 0 || memcmp(text.data, with.data, with.len) == 0);
}

static sio_view
behind(sio_view text, size_t n)
{
    return (sio_view){text.data + n, text.len - n};
}

sio_node4_topic
sio_node4_channel_of(sio_view key, sio_view channel, sio_view *rest)
{
    if (!begins_with(channel, key))
        return SIO_NODE4_NO_TOPIC;
    *rest = behind(channel, key.len);
    for (sio_node4_topic c = SIO_NODE4_EVENTS; c <= SIO_NODE4_RESPONSES; c++)
        if (begins_with(*rest, channel_words[c])) {
            *rest = behind(*rest, channel_words[c].len);
            return c;
        }
    return SIO_NODE4_NO_TOPIC;
}

bool
sio_node4_channel_is_about(sio_view rest, sio_view nsp, sio_view *room)
{
    const sio_view name = sio_node4_channel_name_of(nsp);

    if (!begins_with(rest, name) || rest.len == name.len || rest.data[name.len] != '#')
        return false;
    *room = behind(rest, name.len + 1);
    if (room->len > 0)
        room->len--; /* up to the last character, whichever it is (1.2) */
    return true;
}

void
sio_node4_channel_add(sio_buf *out, sio_view key, sio_node4_topic topic, sio_view nsp,
                      sio_view room)
{
    sio_buf_add_view(out, key);
    sio_buf_add_view(out, channel_words[topic]);
    sio_buf_add_view(out, sio_node4_channel_name_of(nsp));
    sio_buf_add_char(out, '#');
    if (room.len == 0)
        return;
    sio_buf_add_view(out, room);
    sio_buf_add_char(out, '#');
}

void
sio_node4_channel_add_pattern(sio_buf *out, sio_view key, sio_node4_topic topic)
{
    for (size_t i = 0; i < key.len; i++) {
        if (strchr("*?[]\\", key.data[i]) != NULL)
            sio_buf_add_char(out, '\\');
        sio_buf_add_char(out, key.data[i]);
    }
    sio_buf_add_view(out, channel_words[topic]);
    sio_buf_add_char(out, '*');
}
