#include "server/socketio/ack_group.h"

#include "protocol/json_read.h"
#include "protocol/placeholder.h"
#include "server/socketio/acks.h"
#include "server/socketio/broadcast.h"

void
sio_ack_group_init(sio_ack_group *ask)
{
    sio_link_init(&ask->acks);
}

bool
sio_ack_group_is_over(const sio_ack_group *ask)
{
    return sio_link_empty(&ask->acks);
}

void
sio_ack_group_stop(sio_ack_group *ask)
{
    while (!sio_link_empty(&ask->acks))
        sio_acks_free(SIO_CONTAINER(ask->acks.next, sio_awaited_ack, in_ask));
}

void
sio_ack_answer_add(const sio_ack_answer *a, sio_buf *json)
{
    if (a->first.len == 0)
        sio_buf_add_str(json, "null");
    else
        sio_placeholder_to_base64(a->first, a->attachments, a->n_attachments, json);
}

static void
take_answer(sio_ack_group *ask, sio_view args, const sio_view *attachments, size_t n_attachments)
{
    sio_ack_answer answer = {SIO_VIEW(""), attachments, (unsigned)n_attachments};
    sio_json_iter  it;

    sio_json_read_array_begin(&it, args);
    if (ask->is_whole)
        answer.first = args.len > 0 ? args : SIO_VIEW("[]");
    else if (!sio_json_read_array_next(&it, &answer.first))
        answer.first = SIO_VIEW("");
    ask->answered(ask, &answer);
}

static void
on_ack(sio_socket *socket, const char *args_json, size_t len, void *arg)
{
    sio_ack_group   *ask = arg;
    size_t           n;
    const sio_bytes *attachments = sio_ack_attachments(socket, &n);

    if (args_json != NULL)
        take_answer(ask, (sio_view){args_json, len}, attachments, n);
    if (sio_ack_group_is_over(ask))
        ask->ended(ask);
}

static void
ask_one(sio_socket *socket, void *arg)
{
    sio_ack_group     *ask = arg;
    const sio_ack_wish wish = {.fn = on_ack, .arg = ask, .is_kept = true};
    sio_awaited_ack   *ack = sio_acks_await(socket, ask->id, &wish);

    ask->n_asked++;
    if (ack != NULL)
        sio_link_append(&ask->acks, &ack->in_ask);
}

void
sio_ack_group_begin(sio_ack_group *ask, sio_namespace *nsp, const sio_target *target,
                    bool is_volatile, const sio_packet *p)
{
    sio_packet asking = *p;

    ask->id = sio_acks_next_id(nsp->env);
    ask->is_whole = p->whole_answers;
    sio_rooms_walk(nsp, target, ask_one, ask);
    asking.has_id = true;
    asking.id = ask->id;
    sio_broadcast_send(nsp, target, is_volatile, &asking);
}
