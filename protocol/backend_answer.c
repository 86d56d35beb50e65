#include "protocol/backend_answer.h"

#include <stdint.h>

#include "protocol/json.h"
#include "protocol/json_read.h"

/* --- Many. --- */

static size_t
split_list(sio_view list, size_t n, sio_view *answers)
{
    sio_json_iter it;
    sio_view      one;
    size_t        i = 0;

    sio_json_read_array_begin(&it, list);
    for (; sio_json_read_array_next(&it, &one); i++)
        if (i < n)
            answers[i] = sio_json_read_kind_of(one) == SIO_JSON_NULL ? SIO_VIEW("") : one;
    return i;
}

int
sio_backend_answer_split(sio_view body, size_t n, sio_view *answers)
{
    sio_json_field list = {.name = SIO_VIEW("answers")};

    body = sio_json_read_trim(body);
    for (size_t i = 0; i < n; i++)
        answers[i] = SIO_VIEW("");
    if (body.len == 0)
        return SIO_OK;
    if (sio_json_pick(body, SIO_BACKEND_ANSWER_MAX_DEPTH, &list, 1) != SIO_OK)
        return SIO_BAD;
    if (list.value.len > 0)
        return sio_json_read_kind_of(list.value) == SIO_JSON_ARRAY &&
                       split_list(list.value, n, answers) == n
                   ? SIO_OK
                   : SIO_BAD;
    if (n != 1) /* only one event may be answered without a list */
        return SIO_BAD;
    if (sio_json_read_kind_of(body) != SIO_JSON_NULL)
        answers[0] = body;
    return SIO_OK;
}

/* --- One. --- */

typedef bool (*is_kind_fn)(sio_view value);

static bool
is_bool(sio_view v)
{
    const sio_json_kind kind = sio_json_read_kind_of(v);

    return kind == SIO_JSON_TRUE || kind == SIO_JSON_FALSE;
}

static bool
is_object(sio_view v)
{
    return sio_json_read_kind_of(v) == SIO_JSON_OBJECT;
}

static bool
is_error(sio_view v)
{
    sio_json_field message = {.name = SIO_VIEW("message")};

    return sio_json_pick(v, SIO_BACKEND_ANSWER_MAX_DEPTH, &message, 1) == SIO_OK &&
           (message.value.len == 0 || sio_json_read_kind_of(message.value) == SIO_JSON_STRING) &&
           is_object(v);
}

/* What becomes a C string. */
static bool
is_text(sio_view v)
{
    return sio_json_read_kind_of(v) == SIO_JSON_STRING && !sio_json_read_has_nul(v);
}

/* As it is written, at least as long as what it says. */
static bool
is_user(sio_view v)
{
    return sio_json_read_kind_of(v) == SIO_JSON_NULL ||
           (is_text(v) && v.len > 2 && v.len <= SIO_BACKEND_ANSWER_MAX_USER + 2);
}

static bool
is_data(sio_view v)
{
    return sio_json_read_kind_of(v) == SIO_JSON_NULL || (is_object(v) && !sio_json_read_has_nul(v));
}

static bool
is_list_of(sio_view v, is_kind_fn is_kind, size_t max)
{
    sio_json_iter it;
    sio_view      one;
    size_t        n = 0;

    if (sio_json_read_kind_of(v) != SIO_JSON_ARRAY)
        return false;
    sio_json_read_array_begin(&it, v);
    while (sio_json_read_array_next(&it, &one))
        if (++n > max || !is_kind(one))
            return false;
    return true;
}

static bool
is_rooms(sio_view v)
{
    return is_text(v) || is_list_of(v, is_text, SIZE_MAX);
}

static bool
is_array(sio_view v)
{
    return sio_json_read_kind_of(v) == SIO_JSON_ARRAY;
}

static bool
is_string(sio_view v)
{
    return sio_json_read_kind_of(v) == SIO_JSON_STRING;
}

static bool
is_attachments(sio_view v)
{
    return is_list_of(v, is_string, SIO_BACKEND_ANSWER_MAX_ATTACHMENTS);
}

/* ["name", arg, ...] */
static bool
is_event(sio_view v)
{
    sio_json_iter it;
    sio_view      name;

    if (!is_array(v))
        return false;
    sio_json_read_array_begin(&it, v);
    return sio_json_read_array_next(&it, &name) && is_text(name);
}

static bool
is_events(sio_view v)
{
    return is_list_of(v, is_event, SIZE_MAX);
}

static bool
is_commands(sio_view v)
{
    return is_list_of(v, is_object, SIO_BACKEND_ANSWER_MAX_COMMANDS);
}

static bool
is_disconnect(sio_view v)
{
    return is_bool(v) || sio_json_read_string_equals(v, SIO_VIEW("close")) ||
           sio_json_read_string_equals(v, SIO_VIEW("reconnect"));
}

enum { ACCEPT, ERROR, USER, DATA, JOIN, LEAVE, ACK, ATTACHMENTS, EMIT, DO, DISCONNECT, N_MEMBERS };

static const struct {
    sio_view   name;
    is_kind_fn is_kind;
} members[N_MEMBERS] = {
    [ACCEPT] = {SIO_VIEW_INIT("accept"), is_bool},
    [ERROR] = {SIO_VIEW_INIT("error"), is_error},
    [USER] = {SIO_VIEW_INIT("user"), is_user},
    [DATA] = {SIO_VIEW_INIT("data"), is_data},
    [JOIN] = {SIO_VIEW_INIT("join"), is_rooms},
    [LEAVE] = {SIO_VIEW_INIT("leave"), is_rooms},
    [ACK] = {SIO_VIEW_INIT("ack"), is_array},
    [ATTACHMENTS] = {SIO_VIEW_INIT("attachments"), is_attachments},
    [EMIT] = {SIO_VIEW_INIT("emit"), is_events},
    [DO] = {SIO_VIEW_INIT("do"), is_commands},
    [DISCONNECT] = {SIO_VIEW_INIT("disconnect"), is_disconnect},
};

/* null is as good as nothing, but where it clears. */
static bool
is_nothing(size_t i, sio_view value)
{
    return value.len == 0 ||
           (i != USER && i != DATA && sio_json_read_kind_of(value) == SIO_JSON_NULL);
}

static void
read_error(sio_view error, sio_backend_answer *out)
{
    sio_json_field fields[] = {{.name = SIO_VIEW("message")}, {.name = SIO_VIEW("data")}};

    out->refuses = true;
    (void)sio_json_pick(error, SIO_BACKEND_ANSWER_MAX_DEPTH, fields, 2);
    out->message = fields[0].value;
    out->error_data = fields[1].value;
}

static void
fill_in(const sio_json_field *fields, sio_backend_answer *out)
{
    *out = (sio_backend_answer){
        .refuses = sio_json_read_kind_of(fields[ACCEPT].value) == SIO_JSON_FALSE,
        .user = fields[USER].value,
        .data = fields[DATA].value,
        .join = fields[JOIN].value,
        .leave = fields[LEAVE].value,
        .ack = fields[ACK].value,
        .attachments = fields[ATTACHMENTS].value,
        .emit = fields[EMIT].value,
        .commands = fields[DO].value,
    };
    out->closes = sio_json_read_string_equals(fields[DISCONNECT].value, SIO_VIEW("close"));
    out->hangs_up = sio_json_read_string_equals(fields[DISCONNECT].value, SIO_VIEW("reconnect"));
    out->disconnects =
        out->closes || sio_json_read_kind_of(fields[DISCONNECT].value) == SIO_JSON_TRUE;
    if (fields[ERROR].value.len > 0)
        read_error(fields[ERROR].value, out);
}

int
sio_backend_answer_read(sio_view json, sio_backend_answer *out)
{
    sio_json_field fields[N_MEMBERS];

    *out = (sio_backend_answer){.refuses = false};
    if (json.len == 0)
        return SIO_OK;
    for (size_t i = 0; i < N_MEMBERS; i++)
        fields[i] = (sio_json_field){.name = members[i].name};
    if (!is_object(json) ||
        sio_json_pick(json, SIO_BACKEND_ANSWER_MAX_DEPTH, fields, N_MEMBERS) != SIO_OK)
        return SIO_BAD;
    for (size_t i = 0; i < N_MEMBERS; i++) {
        if (is_nothing(i, fields[i].value))
            fields[i].value = SIO_VIEW("");
        else if (!members[i].is_kind(fields[i].value))
            return SIO_BAD;
    }
    fill_in(fields, out);
    return SIO_OK;
}

void
sio_backend_answer_read_refusal(sio_view body, sio_backend_answer *out)
{
    sio_view answer;

    *out = (sio_backend_answer){.refuses = false};
    if (sio_backend_answer_split(body, 1, &answer) == SIO_OK)
        (void)sio_backend_answer_read(answer, out);
    out->refuses = true;
}
