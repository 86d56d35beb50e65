#include "protocol/backend_command.h"

#include <stdio.h>
#include <string.h>

#include "protocol/backend_reader.h"
#include "protocol/json_read.h"
#include "protocol/placeholder.h"

const char *const sio_backend_command_names[SIO_N_BACKEND_COMMANDS] = {
    [SIO_BACKEND_EMIT] = "emit",       [SIO_BACKEND_ASK] = "ask",
    [SIO_BACKEND_ACK] = "ack",         [SIO_BACKEND_JOIN] = "join",
    [SIO_BACKEND_LEAVE] = "leave",     [SIO_BACKEND_DISCONNECT] = "disconnect",
    [SIO_BACKEND_SOCKETS] = "sockets", [SIO_BACKEND_COUNT] = "count",
    [SIO_BACKEND_ROOMS] = "rooms",     [SIO_BACKEND_SET] = "set",
};

sio_backend_command_kind
sio_backend_command_find(sio_view name)
{
    unsigned kind = 0;

    while (kind < SIO_N_BACKEND_COMMANDS &&
           !sio_view_eq(name, sio_view_of(sio_backend_command_names[kind])))
        kind++;
    return (sio_backend_command_kind)kind;
}

/* --- The members. --- */

static int
read_do(sio_backend_reader *r, sio_view value)
{
    char     name[16];
    sio_buf  text;
    unsigned kind = SIO_N_BACKEND_COMMANDS;

    sio_buf_init(&text, sizeof name);
    if (sio_json_read_string(value, &text) == SIO_OK)
        kind = sio_backend_command_find(sio_buf_view(&text));
    sio_buf_fini(&text);
    if (kind == SIO_N_BACKEND_COMMANDS)
        return sio_backend_reader_bad(r, "must be emit, ask, ack, join, leave, disconnect, "
                                         "sockets, count, rooms or set");
    if (kind != r->c->kind)
        return sio_backend_reader_bad(r, "must be the command that the path names");
    return SIO_OK;
}

static int
read_namespace(sio_backend_reader *r, sio_view value)
{
    const int rc = sio_backend_reader_text(r, value, &r->c->nsp);

    if (rc == SIO_OK && r->c->nsp[0] != '/')
        return sio_backend_reader_bad(r, "must begin with \"/\"");
    return rc;
}

static int
read_to(sio_backend_reader *r, sio_view value)
{
    r->c->has_to = true;
    return sio_backend_reader_rooms(r, &r->c->to, "", value);
}

static int
read_users(sio_backend_reader *r, sio_view value)
{
    r->c->has_to = true;
    return sio_backend_reader_rooms(r, &r->c->to, "user:", value);
}

static int
read_except(sio_backend_reader *r, sio_view value)
{
    return sio_backend_reader_rooms(r, &r->c->except, "", value);
}

static int
read_room(sio_backend_reader *r, sio_view value)
{
    return sio_backend_reader_rooms(r, &r->c->rooms, "", value);
}

static int
read_name(sio_backend_reader *r, sio_view value)
{
    const int rc = sio_backend_reader_bytes(r, "", value, &r->c->name);

    return rc == SIO_BAD ? sio_backend_reader_bad(r, "must be a text") : rc;
}

static int
read_args(sio_backend_reader *r, sio_view value)
{
    if (sio_json_read_kind_of(value) != SIO_JSON_ARRAY)
        return sio_backend_reader_bad(r, "must be a list");
    r->c->args = value;
    return SIO_OK;
}

static int
read_attachments(sio_backend_reader *r, sio_view value)
{
    sio_backend_command *c = r->c;
    sio_json_iter        it;
    sio_view             element;

    if (sio_json_read_kind_of(value) != SIO_JSON_ARRAY)
        return sio_backend_reader_bad(r, "must be a list of texts in base64");
    sio_json_read_array_begin(&it, value);
    for (; sio_json_read_array_next(&it, &element); c->n_attachments++) {
        if (c->n_attachments == SIO_BACKEND_MAX_ATTACHMENTS)
            return sio_backend_reader_fail(r, SIO_TOO_LARGE, "must not be more than 10");
        const int rc = sio_backend_reader_attachment(r, element, &c->attachments[c->n_attachments]);

        if (rc == SIO_BAD)
            return sio_backend_reader_bad_element(r, c->n_attachments, "must be base64");
        if (rc != SIO_OK)
            return rc;
    }
    return SIO_OK;
}

static int
read_volatile(sio_backend_reader *r, sio_view value)
{
    return sio_backend_reader_bool(r, value, &r->c->is_volatile);
}

static int
read_local(sio_backend_reader *r, sio_view value)
{
    return sio_backend_reader_bool(r, value, &r->c->is_local);
}

static int
read_compress(sio_backend_reader *r, sio_view value)
{
    bool      compress = true;
    const int rc = sio_backend_reader_bool(r, value, &compress);

    r->c->no_compress = !compress;
    return rc;
}

static int
read_whole(sio_backend_reader *r, sio_view value)
{
    return sio_backend_reader_bool(r, value, &r->c->whole_answers);
}

static int
read_close(sio_backend_reader *r, sio_view value)
{
    return sio_backend_reader_bool(r, value, &r->c->closes);
}

static int
read_timeout(sio_backend_reader *r, sio_view value)
{
    size_t    ms = 0;
    const int rc = sio_backend_reader_number(r, value, SIO_BACKEND_MAX_TIMEOUT_MS,
                                             "must be a whole number of ms from 1 to 60000", &ms);

    r->c->timeout_ms = (unsigned)ms;
    return rc;
}

static int
read_limit(sio_backend_reader *r, sio_view value)
{
    return sio_backend_reader_number(r, value, SIO_BACKEND_MAX_LIMIT,
                                     "must be a whole number from 1 to 10000", &r->c->limit);
}

static int
read_prefix(sio_backend_reader *r, sio_view value)
{
    return sio_backend_reader_text(r, value, &r->c->prefix);
}

static int
read_ack(sio_backend_reader *r, sio_view value)
{
    return sio_backend_reader_text(r, value, &r->c->token);
}

static int
read_socket(sio_backend_reader *r, sio_view value)
{
    return sio_backend_reader_text(r, value, &r->c->socket);
}

static int
read_user(sio_backend_reader *r, sio_view value)
{
    int rc;

    r->c->sets_user = true;
    if (sio_json_read_kind_of(value) == SIO_JSON_NULL)
        return SIO_OK;
    rc = sio_backend_reader_c_string(r, "user:", value, &r->c->user);
    if (rc == SIO_BAD || (rc == SIO_OK && strlen(r->c->user) > SIO_BACKEND_MAX_ID))
        return sio_backend_reader_bad(r,
                                      "must be a text of 1 to 123 bytes without U+0000, or null");
    return rc;
}

static int
read_data(sio_backend_reader *r, sio_view value)
{
    const sio_json_kind kind = sio_json_read_kind_of(value);

    if ((kind != SIO_JSON_OBJECT && kind != SIO_JSON_NULL) || sio_json_read_has_nul(value))
        return sio_backend_reader_bad(r, "must be an object without U+0000, or null");
    r->c->data = value;
    return SIO_OK;
}

static int
read_expires(sio_backend_reader *r, sio_view value)
{
    size_t s = 0;
    int    rc;

    r->c->sets_expires = true;
    r->c->expires_s = UINT64_MAX;
    if (sio_json_read_kind_of(value) == SIO_JSON_NULL)
        return SIO_OK;
    rc = sio_backend_reader_number(r, value, SIO_BACKEND_MAX_EXPIRES_S,
                                   "must be a number of seconds since 1970, or null", &s);
    r->c->expires_s = s;
    return rc;
}

static bool
is_printable_ascii(sio_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < 0x20 || text.data[i] >= 0x7f)
            return false;
    return true;
}

static int
read_id(sio_backend_reader *r, sio_view value)
{
    const int rc = sio_backend_reader_bytes(r, "", value, &r->c->id);

    if (rc == SIO_BAD || (rc == SIO_OK && (r->c->id.len == 0 || r->c->id.len > SIO_BACKEND_MAX_ID ||
                                           !is_printable_ascii(r->c->id))))
        return sio_backend_reader_bad(r, "must be a text of 1 to 128 printable ASCII characters");
    return rc;
}

/* --- All of them. --- */

#define OF(kind)   (1u << SIO_BACKEND_##kind)
#define OF_ANY     ((1u << SIO_N_BACKEND_COMMANDS) - 1)
#define OF_CONTENT (OF(EMIT) | OF(ASK) | OF(ACK))
#define OF_MANY \
    (OF(EMIT) | OF(ASK) | OF(JOIN) | OF(LEAVE) | OF(DISCONNECT) | OF(SOCKETS) | OF(COUNT))
#define OF_QUESTION (OF(ASK) | OF(SOCKETS) | OF(COUNT) | OF(ROOMS))

static const struct {
    const char *key;
    unsigned    of;       /* which commands may have it */
    unsigned    required; /* which of them must */
    int (*read)(sio_backend_reader *r, sio_view value);
} members[] = {
    {"do", OF_ANY, 0, read_do},
    {"id", OF_ANY, 0, read_id},
    {"namespace", OF_ANY & ~OF(ACK), 0, read_namespace},
    {"to", OF_MANY, 0, read_to},
    {"users", OF_MANY, 0, read_users},
    {"except", OF_MANY, 0, read_except},
    {"local", OF_MANY, 0, read_local},
    {"name", OF(EMIT) | OF(ASK), OF(EMIT) | OF(ASK), read_name},
    {"args", OF_CONTENT, 0, read_args},
    {"attachments", OF_CONTENT, 0, read_attachments},
    {"volatile", OF(EMIT), 0, read_volatile},
    {"compress", OF(EMIT) | OF(ASK), 0, read_compress},
    {"whole", OF(ASK), 0, read_whole},
    {"timeout", OF_QUESTION, 0, read_timeout},
    {"ack", OF(ACK), OF(ACK), read_ack},
    {"room", OF(JOIN) | OF(LEAVE), OF(JOIN) | OF(LEAVE), read_room},
    {"close", OF(DISCONNECT), 0, read_close},
    {"limit", OF(SOCKETS) | OF(ROOMS), 0, read_limit},
    {"prefix", OF(ROOMS), 0, read_prefix},
    {"socket", OF(SET), OF(SET), read_socket},
    {"user", OF(SET), 0, read_user},
    {"data", OF(SET), 0, read_data},
    {"expires", OF(SET), 0, read_expires},
};

enum { N_MEMBERS = sizeof members / sizeof members[0] };

/* N_MEMBERS: there is none of that name. */
static unsigned
find_member(sio_view key)
{
    unsigned i = 0;

    while (i < N_MEMBERS && !sio_json_read_string_equals(key, sio_view_of(members[i].key)))
        i++;
    return i;
}

static int
read_member(sio_backend_reader *r, sio_view key, sio_view value, unsigned *seen)
{
    const unsigned i = find_member(key);

    sio_backend_reader_set_at(r->error, key);
    if (i == N_MEMBERS)
        return sio_backend_reader_bad(r, "is unknown");
    if ((members[i].of & 1u << r->c->kind) == 0)
        return sio_backend_reader_bad(r, "does not belong to this command");
    if ((*seen & 1u << i) != 0)
        return sio_backend_reader_bad(r, "is there twice");
    *seen |= 1u << i;
    return members[i].read(r, value);
}

/* After all members: what belongs together. */
static int
check_whole(sio_backend_reader *r, unsigned seen)
{
    const sio_backend_command *c = r->c;

    for (unsigned i = 0; i < N_MEMBERS; i++)
        if ((members[i].required & 1u << c->kind) != 0 && (seen & 1u << i) == 0) {
            snprintf(r->error->at, sizeof r->error->at, "%s", members[i].key);
            return sio_backend_reader_bad(r, "is missing");
        }
    r->error->at[0] = '\0';
    if (c->kind == SIO_BACKEND_SET && !c->sets_user && c->data.len == 0 && !c->sets_expires)
        return sio_backend_reader_bad(r, "must have \"user\", \"data\" or \"expires\"");
    if (c->n_attachments > 0 &&
        sio_placeholder_check(c->args, (unsigned)c->n_attachments) != SIO_OK) {
        snprintf(r->error->at, sizeof r->error->at, "args");
        return sio_backend_reader_bad(r, "has a placeholder without an attachment");
    }
    return SIO_OK;
}

/* Which command it is has to be known before its members are: the last "do" counts here. */
static int
read_kind(sio_backend_reader *r, sio_view json)
{
    sio_json_iter it;
    sio_view      key, value, name = {NULL, 0};
    sio_buf       text;

    sio_json_read_object_begin(&it, json);
    while (sio_json_read_object_next(&it, &key, &value))
        if (sio_json_read_string_equals(key, SIO_VIEW("do")))
            name = value;
    sio_backend_reader_set_at(r->error, SIO_VIEW("\"do\""));
    if (name.len == 0)
        return sio_backend_reader_bad(r, "is missing");
    sio_buf_init(&text, 16);
    if (sio_json_read_string(name, &text) == SIO_OK)
        r->c->kind = sio_backend_command_find(sio_buf_view(&text));
    sio_buf_fini(&text);
    return SIO_OK; /* read_do() says what is wrong with another */
}

int
sio_backend_command_read(sio_backend_command *c, sio_view json, sio_backend_command_kind kind,
                         const char *nsp, sio_backend_command_error *error)
{
    sio_backend_reader r;
    unsigned           seen = 0;
    int                rc = SIO_OK;
    sio_json_iter      it;
    sio_view           key, value;

    *c = (sio_backend_command){.kind = kind,
                               .nsp = nsp,
                               .prefix = "",
                               .timeout_ms = SIO_BACKEND_DEFAULT_TIMEOUT_MS,
                               .limit = SIO_BACKEND_DEFAULT_LIMIT};
    *error = (sio_backend_command_error){.why = ""};
    r = (sio_backend_reader){c, error};
    if (sio_json_read_kind_of(json) != SIO_JSON_OBJECT)
        return sio_backend_reader_bad(&r, "must be an object");
    if (!sio_backend_reader_reserve(c, json.len))
        return SIO_ERR_NOMEM;
    if (kind == SIO_N_BACKEND_COMMANDS && (rc = read_kind(&r, json)) != SIO_OK)
        return rc;
    if (c->kind == SIO_N_BACKEND_COMMANDS)
        return read_do(&r, SIO_VIEW("\"\""));
    sio_json_read_object_begin(&it, json);
    while (rc == SIO_OK && sio_json_read_object_next(&it, &key, &value))
        rc = read_member(&r, key, value, &seen);
    return rc == SIO_OK ? check_whole(&r, seen) : rc;
}

void
sio_backend_command_fini(sio_backend_command *c)
{
    sio_buf_fini(&c->texts);
}

/* --- Many of them. --- */

/* How many elements an array has, if not too many. */
static size_t
count_elements(sio_view array)
{
    sio_json_iter it;
    sio_view      element;
    size_t        n = 0;

    sio_json_read_array_begin(&it, array);
    while (n <= SIO_BACKEND_MAX_BATCH && sio_json_read_array_next(&it, &element))
        n++;
    return n;
}

static int
read_batch_member(sio_backend_reader *r, sio_backend_command_batch *b, sio_view key, sio_view value)
{
    sio_backend_reader_set_at(r->error, key);
    if (sio_json_read_string_equals(key, SIO_VIEW("stop on error")))
        return sio_backend_reader_bool(r, value, &b->stops_on_error);
    if (!sio_json_read_string_equals(key, SIO_VIEW("commands")))
        return sio_backend_reader_bad(r, "is unknown");
    if (sio_json_read_kind_of(value) != SIO_JSON_ARRAY)
        return sio_backend_reader_bad(r, "must be a list");
    b->commands = value;
    b->n = count_elements(value);
    if (b->n > SIO_BACKEND_MAX_BATCH)
        return sio_backend_reader_fail(r, SIO_TOO_LARGE, "must not be more than 1000");
    return SIO_OK;
}

int
sio_backend_command_batch_read(sio_backend_command_batch *b, sio_view json,
                               sio_backend_command_error *error)
{
    sio_backend_reader r;
    int                rc = SIO_OK;
    sio_json_iter      it;
    sio_view           key, value;

    *b = (sio_backend_command_batch){.n = 0};
    *error = (sio_backend_command_error){.why = ""};
    r = (sio_backend_reader){NULL, error};
    if (sio_json_read_kind_of(json) != SIO_JSON_OBJECT)
        return sio_backend_reader_bad(&r, "must be an object");
    sio_json_read_object_begin(&it, json);
    while (rc == SIO_OK && sio_json_read_object_next(&it, &key, &value))
        rc = read_batch_member(&r, b, key, value);
    if (rc != SIO_OK || b->commands.len > 0)
        return rc;
    sio_backend_reader_set_at(error, SIO_VIEW("\"commands\""));
    return sio_backend_reader_bad(&r, "is missing");
}
