/*
 * tests/fuzz/fuzz_backend_answer.c - protocol/backend_answer.h: whatever a backend says, as many
 * answers come out as there were events, and all that is handed on lies within what it said and is
 * of the kind that is promised.
 */
#include "tests/fuzz/must.h"

#include <stdint.h>

#include "protocol/backend_answer.h"
#include "protocol/json.h"
#include "protocol/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { N = 3 };

static void
check_value(sio_view value, sio_view whole, sio_json_kind kind, sio_json_kind other)
{
    if (value.len == 0)
        return;
    must_be_inside(value, whole);
    must(sio_json_validate(value, SIO_BACKEND_ANSWER_MAX_DEPTH) == SIO_OK);
    must(sio_json_read_kind_of(value) == kind || sio_json_read_kind_of(value) == other);
}

static void
check_answer(const sio_backend_answer *a, sio_view whole)
{
    check_value(a->message, whole, SIO_JSON_STRING, SIO_JSON_STRING);
    check_value(a->user, whole, SIO_JSON_STRING, SIO_JSON_NULL);
    check_value(a->data, whole, SIO_JSON_OBJECT, SIO_JSON_NULL);
    check_value(a->join, whole, SIO_JSON_STRING, SIO_JSON_ARRAY);
    check_value(a->leave, whole, SIO_JSON_STRING, SIO_JSON_ARRAY);
    check_value(a->ack, whole, SIO_JSON_ARRAY, SIO_JSON_ARRAY);
    check_value(a->attachments, whole, SIO_JSON_ARRAY, SIO_JSON_ARRAY);
    check_value(a->emit, whole, SIO_JSON_ARRAY, SIO_JSON_ARRAY);
    check_value(a->commands, whole, SIO_JSON_ARRAY, SIO_JSON_ARRAY);
    must_be_inside(a->error_data, whole);
    must(!a->closes || a->disconnects);
    must(!a->hangs_up || !a->disconnects);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_view     body = {(const char *)data, size};
    sio_view           answers[N];
    sio_backend_answer a;

    for (size_t n = 1; n <= N; n++) {
        if (sio_backend_answer_split(body, n, answers) != SIO_OK)
            continue;
        for (size_t i = 0; i < n; i++) {
            must_be_inside(answers[i], body);
            if (sio_backend_answer_read(answers[i], &a) == SIO_OK)
                check_answer(&a, body);
        }
    }
    sio_backend_answer_read_refusal(body, &a);
    must(a.refuses);
    check_answer(&a, body);
    return 0;
}
