#include "protocol/node09_envelope.h"

#include "protocol/json.h"
#include "protocol/json_read.h"

/* --- Channels. --- */

/*
 * The channels that bear an id end with ':', and a '*' more makes a pattern of their names. The
 * order of the first eight is the one in which Node subscribes them.
 */
#define PERMANENT "handshake", "connect", "open", "join", "leave", "close", "dispatch", "disconnect"

static const char *const channels_16[] = {PERMANENT, NULL};
static const char *const patterns_16[] = {"dispatch:*",        "message:*",          "disconnect:*",
                                          "heartbeat-clear:*", "disconnect-force:*", NULL};
static const char *const channels_17[] = {PERMANENT,
                                          "dispatch-remote",
                                          "message-remote",
                                          "disconnect-remote",
                                          "heartbeat-clear",
                                          "disconnect-force",
                                          NULL};
static const char *const patterns_17[] = {NULL};

sio_node09_subscriptions
sio_node09_envelope_subscriptions_of(sio_node09_version version)
{
    if (version == SIO_NODE09_17)
        return (sio_node09_subscriptions){channels_17, patterns_17};
    return (sio_node09_subscriptions){channels_16, patterns_16};
}

/* Is that kind sent on a channel for each session? */
static bool
is_addressed(sio_node09_version version, sio_node09_kind kind)
{
    return version == SIO_NODE09_16 && kind >= SIO_NODE09_SEND;
}

/* The name of the channel, without the id and the ':' before it. */
static sio_view
name_of(sio_node09_version version, sio_node09_kind kind)
{
    const char *pattern;

    if (!is_addressed(version, kind))
        return sio_view_of(channels_17[kind]); /* begins with the list of 0.9.16 */
    pattern = patterns_16[kind - SIO_NODE09_SEND];
    return (sio_view){pattern, strlen(pattern) - 2};
}

void
sio_node09_envelope_add_channel(sio_node09_version version, sio_node09_kind kind, sio_view id,
                                sio_buf *out)
{
    sio_buf_add_view(out, name_of(version, kind));
    if (is_addressed(version, kind)) {
        sio_buf_add_char(out, ':');
        sio_buf_add_view(out, id);
    }
}

/* The kind of messages on that channel, and the id in its name, if one belongs there. */
static bool
parse_channel(sio_node09_version version, sio_view channel, sio_node09_message *out)
{
    const char *colon = channel.len > 0 ? memchr(channel.data, ':', channel.len) : NULL;
    sio_view    name = channel;

    out->id = (sio_view){NULL, 0};
    if (colon != NULL) {
        name.len = (size_t)(colon - channel.data);
        out->id = (sio_view){colon + 1, channel.len - name.len - 1};
    }
    for (int kind = 0; kind < SIO_NODE09_N_KINDS; kind++) {
        out->kind = (sio_node09_kind)kind;
        if (is_addressed(version, out->kind) == (colon != NULL) &&
            sio_view_eq(name, name_of(version, out->kind)))
            return colon == NULL || out->id.len > 0;
    }
    return false;
}

/* --- Decoding. --- */

/* The contents of a string without escapes; empty for one with, and for other values. */
static sio_view
plain_text(sio_view value)
{
    if (sio_json_read_kind_of(value) != SIO_JSON_STRING ||
        memchr(value.data, '\\', value.len) != NULL)
        return (sio_view){NULL, 0};
    return (sio_view){value.data + 1, value.len - 2};
}

static void
take_args(sio_json_iter *it, sio_node09_message *out)
{
    sio_view value;

    for (size_t i = 0; i < SIO_NODE09_MAX_ARGS; i++) {
        out->args[i] = (sio_view){NULL, 0};
        if (sio_json_read_array_next(it, &value) && sio_json_read_kind_of(value) != SIO_JSON_NULL)
            out->args[i] = value;
    }
}

int
sio_node09_envelope_decode(sio_node09_version version, sio_view channel, sio_view text,
                           unsigned max_depth, sio_node09_message *out)
{
    sio_json_field f[] = {{.name = SIO_VIEW("nodeId")}, {.name = SIO_VIEW("args")}};
    sio_json_iter  it;
    sio_view       id;
    int            rc;

    if (!parse_channel(version, channel, out))
        return SIO_BAD;
    if ((rc = sio_json_pick(text, max_depth, f, sizeof f / sizeof f[0])) != SIO_OK)
        return rc;
    if (sio_json_read_kind_of(f[1].value) != SIO_JSON_ARRAY)
        return SIO_BAD;
    out->node_id =
        sio_json_read_kind_of(f[0].value) == SIO_JSON_NUMBER ? f[0].value : plain_text(f[0].value);
    sio_json_read_array_begin(&it, f[1].value);
    if (!is_addressed(version, out->kind) && out->kind != SIO_NODE09_DISPATCH) {
        if (!sio_json_read_array_next(&it, &id) || (out->id = plain_text(id)).len == 0)
            return SIO_BAD;
    }
    take_args(&it, out);
    return SIO_OK;
}

/* --- Encoding. --- */

static void
add_head(sio_buf *out, uint32_t node_id)
{
    sio_buf_add_str(out, "{\"nodeId\":");
    sio_buf_add_u64(out, node_id);
    sio_buf_add_str(out, ",\"args\":[");
}

bool
sio_node09_envelope_is_from(sio_view text, uint32_t node_id)
{
    char    bytes[40];
    sio_buf head = {.data = bytes, .cap = sizeof bytes, .max = sizeof bytes};

    add_head(&head, node_id);
    return text.len >= head.len && memcmp(text.data, head.data, head.len) == 0;
}

void
sio_node09_envelope_begin(sio_node09_version version, sio_node09_kind kind, sio_view id,
                          uint32_t node_id, sio_buf *out)
{
    add_head(out, node_id);
    if (!is_addressed(version, kind) && kind != SIO_NODE09_DISPATCH)
        sio_node09_envelope_add_text(out, id);
}

/* Nothing but the beginning of the arguments ends with an open bracket. */
static void
separate(sio_buf *out)
{
    if (out->len > 0 && out->data[out->len - 1] != '[')
        sio_buf_add_char(out, ',');
}

void
sio_node09_envelope_add_text(sio_buf *out, sio_view text)
{
    separate(out);
    sio_buf_add_json_string(out, text, SIO_JSON_PLAIN);
}

void
sio_node09_envelope_add_json(sio_buf *out, sio_view json)
{
    separate(out);
    sio_buf_add_view(out, json);
}

void
sio_node09_envelope_end(sio_buf *out)
{
    sio_buf_add_str(out, "]}");
}

/* --- Handshake records. --- */

bool
sio_node09_envelope_is_issued(sio_view record)
{
    sio_json_iter it;
    sio_view      key, value;

    sio_json_read_object_begin(&it, record);
    while (sio_json_read_object_next(&it, &key, &value))
        if (sio_json_read_string_equals(key, SIO_VIEW("issued")))
            return true;
    return false;
}

void
sio_node09_envelope_add_used_record(sio_buf *out, sio_view record)
{
    sio_json_iter it;
    sio_view      key, value;
    char          between = '{';

    separate(out);
    sio_json_read_object_begin(&it, record);
    while (sio_json_read_object_next(&it, &key, &value)) {
        if (sio_json_read_string_equals(key, SIO_VIEW("issued")))
            continue;
        sio_buf_add_char(out, between);
        sio_buf_add_view(out, key);
        sio_buf_add_char(out, ':');
        sio_buf_add_view(out, value);
        between = ',';
    }
    sio_buf_add_str(out, between == '{' ? "{}" : "}");
}
