/*
 * tests/fuzz/fuzz_backend_command.c - protocol/backend_command.h: whatever a backend sends, it is
 * read as a command that can be done as it is, or refused with one line that says where.
 *
 * The first byte chooses the command that the path has named, or none.
 */
#include "protocol/backend_command.h"
#include "protocol/json.h"
#include "protocol/json_read.h"
#include "protocol/placeholder.h"
#include "protocol/utf8.h"
#include "tests/fuzz/must.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_rooms(const sio_backend_command_rooms *rooms)
{
    must(rooms->n <= SIO_BACKEND_MAX_ROOMS && rooms->names[rooms->n] == NULL);
    for (size_t i = 0; i < rooms->n; i++)
        must(rooms->names[i][0] != '\0' && sio_utf8_valid(sio_view_of(rooms->names[i])));
}

static void
check_json(sio_view part, sio_view whole)
{
    must_be_inside(part, whole);
    must(part.len == 0 || sio_json_validate(part, SIO_JSON_MAX_DEPTH) == SIO_OK);
}

static void
check_command(const sio_backend_command *c, sio_view json)
{
    must(c->kind < SIO_N_BACKEND_COMMANDS);
    must(c->nsp[0] == '/');
    must(c->has_to == (c->to.n > 0));
    check_rooms(&c->to);
    check_rooms(&c->except);
    check_rooms(&c->rooms);
    check_json(c->args, json);
    check_json(c->data, json);
    must(sio_utf8_valid(c->name));
    must(c->n_attachments <= SIO_BACKEND_MAX_ATTACHMENTS);
    must(c->n_attachments == 0 ||
         sio_placeholder_check(c->args, (unsigned)c->n_attachments) == SIO_OK);
    must(c->timeout_ms >= 1 && c->timeout_ms <= SIO_BACKEND_MAX_TIMEOUT_MS);
    must(c->limit >= 1 && c->limit <= SIO_BACKEND_MAX_LIMIT);
    must((c->kind == SIO_BACKEND_ACK) == (c->token != NULL));
    must((c->kind == SIO_BACKEND_SET) == (c->socket != NULL));
    must(c->id.len <= SIO_BACKEND_MAX_ID);
}

static void
check_error(int rc, const sio_backend_command_error *error)
{
    must(rc == SIO_BAD || rc == SIO_TOO_LARGE); /* and there is always enough memory */
    must(error->why[0] != '\0' && strlen(error->at) < sizeof error->at);
    for (const char *p = error->at; *p != '\0'; p++)
        must(*p >= 0x20 && *p < 0x7f);
}

static void
read_one(sio_view json, sio_backend_command_kind kind)
{
    sio_backend_command       c;
    sio_backend_command_error error;
    const int                 rc = sio_backend_command_read(&c, json, kind, "/", &error);

    if (rc == SIO_OK)
        check_command(&c, json);
    else
        check_error(rc, &error);
    must(rc != SIO_OK || kind == SIO_N_BACKEND_COMMANDS || c.kind == kind);
    sio_backend_command_fini(&c);
}

static void
read_batch(sio_view json)
{
    sio_backend_command_batch batch;
    sio_backend_command_error error;
    sio_json_iter             it;
    sio_view                  command;
    size_t                    n = 0;
    const int                 rc = sio_backend_command_batch_read(&batch, json, &error);

    if (rc != SIO_OK) {
        check_error(rc, &error);
        return;
    }
    sio_json_read_array_begin(&it, batch.commands);
    for (; sio_json_read_array_next(&it, &command); n++)
        read_one(command, SIO_N_BACKEND_COMMANDS);
    must(n == batch.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sio_view json;

    if (size == 0)
        return 0;
    json = (sio_view){(const char *)data + 1, size - 1};
    if (sio_json_validate(json, SIO_JSON_MAX_DEPTH) != SIO_OK)
        return 0;
    read_one(json, (sio_backend_command_kind)(data[0] % (SIO_N_BACKEND_COMMANDS + 1)));
    read_batch(json);
    return 0;
}
