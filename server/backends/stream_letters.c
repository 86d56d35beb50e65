#include "server/backends/stream_letters.h"

#include <stdio.h>
#include <string.h>

#include "server/backends/api_error.h"
#include "store/streams.h"

bool
sio_stream_letters_is_name(sio_view name)
{
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.data[i];
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!is_letter && (c < '0' || c > '9') && (c == '\0' || strchr("_-.:", c) == NULL))
            return false;
    }
    return name.len > 0 && name.len <= SIO_STREAM_MAX_REPLY;
}

static void
write_reply(sio_env *env, const sio_stream_letter *letter, sio_view json)
{
    const sio_stream_field fields[] = {{SIO_VIEW("v"), SIO_VIEW("1")},
                                       {SIO_VIEW("entry"), letter->entry},
                                       {SIO_VIEW("json"), json}};
    const sio_stream_life  life = {.max_entries = SIO_STREAM_REPLIES_MAX,
                                   .ttl_ms = SIO_STREAM_REPLIES_MS};
    char                   stream[SIO_STREAM_MAX_REPLY + sizeof "replies:"];

    snprintf(stream, sizeof stream, "replies:%.*s", (int)letter->reply.len, letter->reply.data);
    (void)sio_store_stream_add(env->store, sio_view_of(stream), fields, 3, &life, NULL, NULL);
}

void
sio_stream_letters_reply(sio_env *env, const sio_stream_letter *letter, const sio_outcome *outcome)
{
    sio_buf error;

    if (letter->reply.len == 0)
        return;
    if (outcome->code == NULL && outcome->json.len <= SIO_STREAM_REPLY_BYTES) {
        write_reply(env, letter, outcome->json);
        return;
    }
    sio_buf_init(&error, SIZE_MAX);
    if (outcome->code != NULL)
        sio_api_error_add(&error, outcome->code, "", outcome->at, outcome->why);
    else
        sio_api_error_add(&error, "too_large", "", "", "it was done, but its result is too long");
    if (!error.failed)
        write_reply(env, letter, sio_buf_view(&error));
    sio_buf_fini(&error);
}

void
sio_stream_letters_bury(sio_env *env, const sio_stream_letter *letter, const sio_outcome *outcome)
{
    const sio_view         json = {letter->json.data, letter->json.len < SIO_STREAM_DEAD_BYTES
                                                          ? letter->json.len
                                                          : SIO_STREAM_DEAD_BYTES};
    const sio_stream_field fields[] = {{SIO_VIEW("v"), SIO_VIEW("1")},
                                       {SIO_VIEW("entry"), letter->entry},
                                       {SIO_VIEW("error"), sio_view_of(outcome->code)},
                                       {SIO_VIEW("at"), sio_view_of(outcome->at)},
                                       {SIO_VIEW("message"), sio_view_of(outcome->why)},
                                       {SIO_VIEW("json"), json}};
    const sio_stream_life  life = {.max_entries = SIO_STREAM_DEAD_MAX};

    env->stats.stream_dead++;
    sio_log_limit_write(&env->log_limits, SIO_LOG_FAILURE, NULL,
                        "the command in entry %.*s of the stream is not done: %s%s%s: %s",
                        (int)letter->entry.len, letter->entry.data, outcome->code,
                        outcome->at[0] != '\0' ? ", " : "", outcome->at, outcome->why);
    (void)sio_store_stream_add(env->store, SIO_VIEW("commands:dead"), fields, 6, &life, NULL, NULL);
}
