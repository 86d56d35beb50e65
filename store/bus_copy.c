#include "store/bus_copy.h"

#include <string.h>

#include "protocol/result.h"

static void
add_length(sio_buf *out, size_t len)
{
    const uint32_t n = (uint32_t)len;

    sio_buf_add(out, &n, sizeof n);
}

void
sio_bus_copy_encode(const sio_stored_client *c, sio_buf *out)
{
    for (sio_link *l = c->values.next; l != &c->values; l = l->next) {
        const sio_stored_value *v = SIO_CONTAINER(l, sio_stored_value, link);

        add_length(out, v->key.len);
        add_length(out, v->text.len);
        sio_buf_add_view(out, v->key);
        sio_buf_add_view(out, v->text);
    }
}

/* The first value, off the rest. False: there is none, or less of it than it says. */
static bool
next_value(sio_view *rest, sio_view *key, sio_view *text)
{
    uint32_t lens[2];

    if (rest->len < sizeof lens)
        return false;
    memcpy(lens, rest->data, sizeof lens);
    rest->data += sizeof lens;
    rest->len -= sizeof lens;
    if (lens[0] > rest->len || lens[1] > rest->len - lens[0])
        return false;
    *key = (sio_view){rest->data, lens[0]};
    *text = (sio_view){rest->data + lens[0], lens[1]};
    rest->data += lens[0] + lens[1];
    rest->len -= lens[0] + lens[1];
    return true;
}

int
sio_bus_copy_apply(sio_clients *t, sio_view id, sio_view copy)
{
    const sio_store_client_limits none = {.max_keys = SIZE_MAX, .max_bytes = SIZE_MAX};
    sio_view                      key, text;
    int                           rc = SIO_OK;

    while (rc == SIO_OK && copy.len > 0)
        rc = next_value(&copy, &key, &text) ? sio_clients_set(t, id, key, text, &none) : SIO_BAD;
    return rc;
}
