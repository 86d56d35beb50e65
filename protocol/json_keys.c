#include "protocol/json_keys.h"

#include "protocol/json_read.h"

/* The texts of all keys, one behind the other, and where each ends. */
typedef struct {
    sio_buf texts;
    size_t  ends[SIO_JSON_KEYS_MAX];
    size_t  n;
} key_list;

static sio_view
key_at(const key_list *keys, size_t i)
{
    const size_t begin = i > 0 ? keys->ends[i - 1] : 0;

    if (keys->texts.data == NULL) /* all are empty */
        return (sio_view){NULL, 0};
    return (sio_view){keys->texts.data + begin, keys->ends[i] - begin};
}

static bool
is_repeated(const key_list *keys, size_t i)
{
    for (size_t earlier = 0; earlier < i; earlier++)
        if (sio_view_eq(key_at(keys, earlier), key_at(keys, i)))
            return true;
    return false;
}

static int
check_keys(key_list *keys, sio_view object)
{
    sio_json_iter it;
    sio_view      key, value;

    sio_json_read_object_begin(&it, object);
    while (sio_json_read_object_next(&it, &key, &value)) {
        if (keys->n == SIO_JSON_KEYS_MAX)
            return SIO_TOO_LARGE;
        (void)sio_json_read_string(key, &keys->texts);
        if (keys->texts.failed)
            return SIO_ERR_NOMEM;
        keys->ends[keys->n++] = keys->texts.len;
        if (is_repeated(keys, keys->n - 1))
            return SIO_BAD;
    }
    return SIO_OK;
}

int
sio_json_keys_check(sio_view object)
{
    key_list keys = {.n = 0};
    int      rc;

    sio_buf_init(&keys.texts, SIZE_MAX);
    rc = check_keys(&keys, object);
    sio_buf_fini(&keys.texts);
    return rc;
}
