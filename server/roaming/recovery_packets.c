#include "server/roaming/recovery_packets.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "protocol/cluster_message.h"
#include "protocol/utf8.h"
#include "server/base/env.h"
#include "server/cluster/cluster.h"

enum { TAIL_LEN = 4 /* `,"` and `"]` around the offset that ends a packet */ };

void
sio_recovery_packets_add(const sio_env *env, const sio_logged_packet *p, sio_buf *list)
{
    const sio_view text = sio_frame_message(p->frame);
    char           offset[SIO_OFFSET_MAX + 1];
    size_t         tail_len;

    sio_recovery_print_offset(env, p->number, offset);
    tail_len = strlen(offset) + TAIL_LEN;
    sio_cluster_message_add_packet(list, (sio_view){text.data, text.len - tail_len},
                                   sio_frame_is_plain(p->frame));
    for (const sio_frame *f = sio_frame_next(p->frame); f != NULL; f = sio_frame_next(f))
        sio_cluster_message_add_packet(list, sio_frame_message(f), true);
}

/* The text of an event, as far as that can be told; it comes from Redis. */
static bool
is_text(sio_view text)
{
    return text.len > 0 && text.data[0] == '4' && sio_utf8_valid(text);
}

/* A frame of it with another offset; NULL: it is none, or no memory. */
static sio_frame *
frame_of(sio_env *env, sio_view packet)
{
    const sio_view offset = sio_recovery_next_offset(env);
    sio_view       text, bytes;
    sio_frame     *first, *next = NULL;
    bool           is_plain;

    if (!sio_cluster_message_next_packet(&packet, &text, &is_plain) || !is_text(text))
        return NULL;
    sio_buf_clear(&env->packet);
    sio_buf_add_view(&env->packet, text);
    sio_buf_add_str(&env->packet, ",\"");
    sio_buf_add_view(&env->packet, offset);
    sio_buf_add_str(&env->packet, "\"]");
    first = env->packet.failed ? NULL : sio_frame_new(sio_buf_view(&env->packet), false);
    while (first != NULL && sio_cluster_message_next_packet(&packet, &bytes, NULL)) {
        if ((next = sio_frame_new(bytes, true)) == NULL) {
            sio_frame_unref(first);
            return NULL;
        }
        sio_frame_append(first, next);
    }
    if (first != NULL && is_plain)
        sio_frame_keep_plain(first);
    return first;
}

void
sio_recovery_packets_add_again(const sio_recovery_state *state, sio_view packet)
{
    const sio_target  alone = {.has_room = true, .room = sio_view_of(state->id)};
    const sio_cast_id none = {.number = 0};
    sio_frame        *frame = frame_of(state->env, packet);

    sio_recovery_add(state->nsp, &alone, none, frame);
    sio_frame_unref(frame);
}

/* --- What an instance has heard of each. --- */

static void
add_heard(sio_buf *list, const char *tag, uint64_t number)
{
    char text[SIO_STORE_TAG_LEN + 24];

    snprintf(text, sizeof text, "%s%" PRIu64, tag, number);
    sio_cluster_message_add_packet(list, sio_view_of(text), false);
}

void
sio_recovery_packets_list_heard(const sio_env *env, sio_buf *list)
{
    const sio_cluster *c = env->cluster;

    add_heard(list, env->tag, c->n_casts);
    for (sio_link *l = c->peer_list.next; l != &c->peer_list; l = l->next) {
        const sio_peer *peer = SIO_CONTAINER(l, sio_peer, link);

        add_heard(list, peer->tag, peer->heard_cast);
    }
}

bool
sio_recovery_packets_was_heard(sio_view list, sio_cast_id cast)
{
    sio_view item;
    uint64_t number;

    while (sio_cluster_message_next_packet(&list, &item, NULL)) {
        if (item.len < SIO_STORE_TAG_LEN ||
            !sio_view_eq((sio_view){item.data, SIO_STORE_TAG_LEN}, cast.origin))
            continue;
        number = 0;
        for (size_t i = SIO_STORE_TAG_LEN; i < item.len; i++)
            number = number * 10 + (uint64_t)(item.data[i] - '0');
        return cast.number <= number;
    }
    return false;
}
