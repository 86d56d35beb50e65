#include "server/backends/api_error.h"

#include <string.h>

#include "protocol/json_member.h"

static const struct {
    const char *code;
    unsigned    status;
} errors[] = {
    {"bad_json", 400},
    {"bad_command", 400},
    {"bad_request", 400},
    {"unauthorized", 401},
    {"forbidden", 403},
    {"not_found", 404},
    {"unknown_namespace", 404},
    {"ack_unknown", 404},
    {"socket_unknown", 404},
    {"wrong_method", 405},
    {"too_slow", 408},
    {"in_progress", 409},
    {"length_required", 411},
    {"too_large", 413},
    {"not_json", 415},
    {"key_reused", 422},
    {"rate_limited", 429},
    {"out_of_memory", 503},
    {"cluster_unavailable", 503},
    {"incomplete", 503},
    {"busy", 503},
    {"no_answer", 504},
};

enum { N_ERRORS = sizeof errors / sizeof errors[0] };

unsigned
sio_api_error_status(const char *code)
{
    for (size_t i = 0; i < N_ERRORS; i++)
        if (strcmp(errors[i].code, code) == 0)
            return errors[i].status;
    return 500;
}

/* 414 and 431 are too large as well; what else there is (417, 501, 505) is a bad request. */
const char *
sio_api_error_of_status(unsigned status)
{
    if (status == 408)
        return "too_slow";
    return status == 413 || status == 414 || status == 431 ? "too_large" : "bad_request";
}

const char *
sio_api_error_of_verdict(sio_idempotency_verdict verdict, const char **why)
{
    switch (verdict) {
    case SIO_IDEMPOTENCY_IN_PROGRESS:
        *why = "a request with this id is being done";
        return "in_progress";
    case SIO_IDEMPOTENCY_REUSED:
        *why = "this id was that of another request";
        return "key_reused";
    case SIO_IDEMPOTENCY_FULL:
        *why = "too many requests with ids";
        return "rate_limited";
    default:
        *why = "Redis is away, so nothing was done; try again";
        return "cluster_unavailable";
    }
}

void
sio_api_error_add(sio_buf *json, const char *code, const char *before, const char *at,
                  const char *why)
{
    sio_buf place;

    sio_buf_init(&place, SIZE_MAX);
    sio_buf_add_str(&place, before);
    sio_buf_add_str(&place, before[0] != '\0' && at[0] != '\0' ? "." : "");
    sio_buf_add_str(&place, at);
    sio_buf_add_str(json, "{\"error\":{");
    sio_json_member_text(json, "code", sio_view_of(code));
    if (place.len > 0)
        sio_json_member_text(json, "at", sio_buf_view(&place));
    sio_json_member_text(json, "message", sio_view_of(why));
    sio_buf_add_str(json, "}}");
    json->failed = json->failed || place.failed;
    sio_buf_fini(&place);
}
