#include "protocol/node4_response.h"

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/placeholder.h"
#include "protocol/whole_number.h"

enum { TYPE, REQUEST_ID, COUNT, PACKET, SOCKETS, DATA, N_FIELDS };

/* What type says; without one it is a list. */
static int
read_kind(const sio_json_field *fields, sio_node4_response *a)
{
    size_t type;

    if (fields[TYPE].value.len == 0) {
        a->kind = SIO_NODE4_SOCKET_LIST;
        a->value = fields[SOCKETS].value;
        return sio_json_read_kind_of(a->value) == SIO_JSON_ARRAY ? SIO_OK : SIO_DROPPED;
    }
    if (sio_whole_number(fields[TYPE].value, 9, &type) != SIO_OK)
        return SIO_DROPPED;
    switch (type) {
    case 6:
        a->kind = SIO_NODE4_VALUE;
        a->value = fields[DATA].value;
        return SIO_OK;
    case 8:
        a->kind = SIO_NODE4_CLIENT_COUNT;
        return sio_whole_number(fields[COUNT].value, UINT32_MAX, &a->count) == SIO_OK ? SIO_OK
                                                                                      : SIO_BAD;
    case 9:
        a->kind = SIO_NODE4_CLIENT_ACK;
        a->value = fields[PACKET].value;
        return SIO_OK;
    default:
        return SIO_DROPPED;
    }
}

/* JSON is read where it is: nothing of it is changed. */
static int
read_text(sio_node4_reader *r, sio_view bytes, sio_view *text)
{
    int rc;

    if (bytes.len > 0 && bytes.data[0] == '{') {
        sio_buf_clear(&r->sid);
        r->message.n_attachments = 0;
        *text = bytes;
        return SIO_OK;
    }
    rc = sio_node4_event_read_message(r, bytes, '{');
    *text = sio_buf_view(&r->message.text);
    return rc;
}

int
sio_node4_response_read(sio_node4_reader *r, sio_view bytes, sio_node4_response *a)
{
    sio_json_field fields[N_FIELDS] = {
        [TYPE] = {.name = SIO_VIEW("type")},         [REQUEST_ID] = {.name = SIO_VIEW("requestId")},
        [COUNT] = {.name = SIO_VIEW("clientCount")}, [PACKET] = {.name = SIO_VIEW("packet")},
        [SOCKETS] = {.name = SIO_VIEW("sockets")},   [DATA] = {.name = SIO_VIEW("data")}};
    sio_view text;
    int      rc = read_text(r, bytes, &text);

    *a = (sio_node4_response){.kind = SIO_NODE4_VALUE};
    if (rc != SIO_OK)
        return rc;
    if (sio_json_read_kind_of(text) != SIO_JSON_OBJECT ||
        sio_json_pick(text, SIO_JSON_MAX_DEPTH, fields, N_FIELDS) != SIO_OK)
        return SIO_BAD;
    if (sio_json_read_string(fields[REQUEST_ID].value, &r->sid) != SIO_OK)
        return SIO_DROPPED;
    a->request_id = sio_buf_view(&r->sid);
    a->attachments = r->message.attachments;
    a->n_attachments = r->message.n_attachments;
    if ((rc = read_kind(fields, a)) != SIO_OK)
        return rc;
    if (a->n_attachments > 0 && sio_placeholder_check(a->value, a->n_attachments) != SIO_OK)
        return SIO_BAD;
    return sio_node4_reader_has_failed(r) ? SIO_TOO_LARGE : SIO_OK;
}
