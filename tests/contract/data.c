/*
 * tests/contract/data.c - data stored for a client: values are stored as their JSON text.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/contract/contract.h"

/* An acknowledgement that waits for the store; in a list that begins in the socket's user data. */
typedef struct waiting {
    struct waiting *next;
    sio_ack_later  *ack; /* NULL: the client did not ask */
} waiting;

static waiting *
wait_for_store(sio_socket *socket, const sio_event *event)
{
    waiting *w = calloc(1, sizeof *w);

    if (w == NULL)
        return NULL;
    w->ack = sio_ack_keep(socket, event);
    w->next = sio_user_data(socket);
    sio_set_user_data(socket, w);
    return w;
}

/* Take w out of the list and free it; its acknowledgement is the caller's. */
static sio_ack_later *
stop_waiting(sio_socket *socket, waiting *w)
{
    sio_ack_later *ack = w->ack;
    waiting       *first = sio_user_data(socket);

    for (waiting **at = &first; *at != NULL; at = &(*at)->next)
        if (*at == w) {
            *at = w->next;
            break;
        }
    sio_set_user_data(socket, first);
    free(w);
    return ack;
}

void
stop_all_waiting(sio_socket *socket)
{
    waiting *w;

    while ((w = sio_user_data(socket)) != NULL)
        sio_ack_drop(stop_waiting(socket, w));
}

static void
acknowledge_stored(sio_socket *socket, sio_data_result result, const char *value, void *arg)
{
    sio_ack_later *ack = stop_waiting(socket, arg);

    (void)value;
    if (ack != NULL && result == SIO_DATA_OK)
        sio_ack_now(ack, NULL);
    else
        sio_ack_drop(ack);
}

static void
acknowledge_value(sio_socket *socket, sio_data_result result, const char *value, void *arg)
{
    sio_ack_later *ack = stop_waiting(socket, arg);
    char          *args = NULL;

    if (result == SIO_DATA_OK)
        args = array_of(value, strlen(value));
    else if (result == SIO_DATA_ABSENT)
        args = strdup("[null]");
    if (ack != NULL && args != NULL)
        sio_ack_now(ack, args);
    else
        sio_ack_drop(ack);
    free(args);
}

static void
on_set(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *key = string_arg(event, 0);
    size_t      len;
    const char *json = sio_event_arg(event, 1, &len);
    char       *value = key != NULL && json != NULL ? strndup(json, len) : NULL;
    waiting    *w = value != NULL ? wait_for_store(socket, event) : NULL;

    (void)arg;
    if (w != NULL)
        sio_data_set(socket, key, value, acknowledge_stored, w);
    free(value);
}

static void
on_get(sio_socket *socket, const sio_event *event, void *arg)
{
    const char *key = string_arg(event, 0);
    waiting    *w = key != NULL ? wait_for_store(socket, event) : NULL;

    (void)arg;
    if (w != NULL)
        sio_data_get(socket, key, acknowledge_value, w);
}

void
serve_data(sio_namespace *nsp, app *a)
{
    sio_on(nsp, "set", on_set, a);
    sio_on(nsp, "get", on_get, a);
}
