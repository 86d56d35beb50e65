#include "protocol/backend_reader.h"

#include <stdio.h>
#include <string.h>

#include "protocol/base64.h"
#include "protocol/json_read.h"
#include "protocol/whole_number.h"

/* --- What is wrong. --- */

int
sio_backend_reader_fail(sio_backend_reader *r, int rc, const char *why)
{
    r->error->why = why;
    return rc;
}

int
sio_backend_reader_bad(sio_backend_reader *r, const char *why)
{
    return sio_backend_reader_fail(r, SIO_BAD, why);
}

int
sio_backend_reader_bad_element(sio_backend_reader *r, size_t i, const char *why)
{
    const size_t len = strlen(r->error->at);

    snprintf(r->error->at + len, sizeof r->error->at - len, "[%zu]", i);
    return sio_backend_reader_bad(r, why);
}

void
sio_backend_reader_set_at(sio_backend_command_error *error, sio_view key)
{
    const sio_view name = key.len >= 2 ? (sio_view){key.data + 1, key.len - 2} : key;
    size_t         n = 0;

    for (; n < name.len && n < sizeof error->at - 1; n++)
        error->at[n] = name.data[n] >= 0x20 && name.data[n] < 0x7f ? name.data[n] : '?';
    error->at[n] = '\0';
}

/* --- Texts. --- */

/*
 * What a literal becomes is shorter than it; only "user:" is added. base64 is decoded behind its
 * text.
 */
bool
sio_backend_reader_reserve(sio_backend_command *c, size_t json_len)
{
    const size_t most = 2 * json_len + 1 + (SIO_BACKEND_MAX_ROOMS + 1) * sizeof "user:";

    sio_buf_init(&c->texts, most);
    return sio_buf_reserve(&c->texts, most);
}

int
sio_backend_reader_bytes(sio_backend_reader *r, const char *before, sio_view literal, sio_view *out)
{
    sio_buf     *texts = &r->c->texts;
    const size_t begin = texts->len;

    sio_buf_add_str(texts, before);
    if (sio_json_read_string(literal, texts) == SIO_BAD)
        return SIO_BAD;
    *out = (sio_view){texts->data + begin, texts->len - begin};
    sio_buf_add_char(texts, '\0');
    return texts->failed ? SIO_ERR_NOMEM : SIO_OK;
}

int
sio_backend_reader_c_string(sio_backend_reader *r, const char *before, sio_view literal,
                            const char **out)
{
    sio_view  text;
    const int rc = sio_backend_reader_bytes(r, before, literal, &text);

    if (rc != SIO_OK)
        return rc;
    if (text.len == strlen(before) || sio_view_has_nul(text))
        return SIO_BAD;
    *out = text.data;
    return SIO_OK;
}

int
sio_backend_reader_text(sio_backend_reader *r, sio_view value, const char **out)
{
    const int rc = sio_backend_reader_c_string(r, "", value, out);

    if (rc == SIO_BAD)
        return sio_backend_reader_bad(r, "must be a text, not empty and without U+0000");
    return rc;
}

/* --- Lists. --- */

int
sio_backend_reader_rooms(sio_backend_reader *r, sio_backend_command_rooms *list, const char *before,
                         sio_view value)
{
    static const char why[] = "must be a text, or a list of them, none empty or with U+0000";
    const bool        is_list = sio_json_read_kind_of(value) == SIO_JSON_ARRAY;
    sio_json_iter     it;
    sio_view          element = value;
    size_t            n = 0;
    int               rc;

    if (is_list)
        sio_json_read_array_begin(&it, value);
    for (; is_list ? sio_json_read_array_next(&it, &element) : n == 0; n++) {
        if (list->n == SIO_BACKEND_MAX_ROOMS)
            return sio_backend_reader_fail(r, SIO_TOO_LARGE, "must not name more than 100 in all");
        rc = sio_backend_reader_c_string(r, before, element, &list->names[list->n]);
        if (rc == SIO_BAD && is_list)
            return sio_backend_reader_bad_element(r, n, why);
        if (rc != SIO_OK)
            return rc == SIO_BAD ? sio_backend_reader_bad(r, why) : rc;
        list->n++;
    }
    if (n == 0)
        return sio_backend_reader_bad(r, "must not be an empty list: leave it out for everyone");
    return SIO_OK;
}

static bool
is_base64(sio_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=",
                   text.data[i]) == NULL ||
            text.data[i] == '\0' || (text.data[i] == '=' && i + 2 < text.len))
            return false;
    return true;
}

int
sio_backend_reader_attachment(sio_backend_reader *r, sio_view literal, sio_view *out)
{
    sio_buf *texts = &r->c->texts;
    sio_buf  bytes;
    sio_view text;
    int      rc = sio_backend_reader_bytes(r, "", literal, &text);

    if (rc != SIO_OK)
        return rc;
    if (!is_base64(text))
        return SIO_BAD;
    sio_buf_init(&bytes, text.len);
    sio_base64_decode(text, &bytes);
    *out = (sio_view){texts->data + texts->len, bytes.len};
    sio_buf_add_view(texts, sio_buf_view(&bytes));
    rc = bytes.failed || texts->failed ? SIO_ERR_NOMEM : SIO_OK;
    sio_buf_fini(&bytes);
    return rc;
}

int
sio_backend_reader_bool(sio_backend_reader *r, sio_view value, bool *out)
{
    const sio_json_kind kind = sio_json_read_kind_of(value);

    if (kind != SIO_JSON_TRUE && kind != SIO_JSON_FALSE)
        return sio_backend_reader_bad(r, "must be true or false");
    *out = kind == SIO_JSON_TRUE;
    return SIO_OK;
}

int
sio_backend_reader_number(sio_backend_reader *r, sio_view value, size_t max, const char *why,
                          size_t *out)
{
    if (sio_json_read_kind_of(value) != SIO_JSON_NUMBER ||
        sio_whole_number(value, max, out) != SIO_OK || *out == 0)
        return sio_backend_reader_bad(r, why);
    return SIO_OK;
}
