#include "server/adminui/ui_list.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json_read.h"
#include "server/adminui/admin_ui.h"
#include "server/adminui/ui_socket.h"
#include "server/config/config.h"
#include "server/socketio/io.h"
#include "server/socketio/rooms.h"

enum { MAX_NAMESPACES = 50, COUNT_MS = 2000, FETCH_MS = 5000, MAX_LIST_BYTES = 16 << 20 };

/* One namespace after the other is counted, then listed. */
typedef struct {
    sio_env *env;
    char    *id;    /* of the page's socket */
    sio_buf  names; /* of the namespaces, each with its NUL */
    size_t   at;    /* in names: the next one */
    size_t   n;     /* sockets so far */
    sio_buf  list;
} listing;

static void
listing_free(listing *l)
{
    free(l->id);
    sio_buf_fini(&l->names);
    sio_buf_fini(&l->list);
    free(l);
}

/* --- Its end. --- */

static void
add_local(sio_socket *socket, void *arg)
{
    listing     *l = arg;
    const size_t before = l->list.len;

    if (l->n >= l->env->cfg->admin_ui.max_sockets)
        return;
    if (l->n > 0)
        sio_buf_add_char(&l->list, ',');
    sio_ui_socket_add(socket, &l->list);
    if (l->list.len > MAX_LIST_BYTES)
        l->list.len = before;
    else
        l->n++;
}

/* There are too many: those that are here, as far as the limit goes. */
static void
list_local(listing *l)
{
    const sio_target everyone = {.has_room = false};

    sio_buf_clear(&l->list);
    sio_buf_add_char(&l->list, '[');
    sio_buf_add_char(&l->list, '[');
    l->n = 0;
    for (const char *name = l->names.data; name < l->names.data + l->names.len;
         name += strlen(name) + 1) {
        sio_namespace *nsp = sio_find_namespace(sio_env_server(l->env), name);

        if (nsp != NULL)
            sio_rooms_walk(nsp, &everyone, add_local, l);
    }
}

static void
listing_end(listing *l)
{
    sio_socket *socket =
        l->env->admin_ui->env != NULL ? sio_find(l->env->admin_ui->nsp, l->id) : NULL;

    sio_buf_add_str(&l->list, "]]");
    sio_buf_add_char(&l->list, '\0');
    if (l->list.failed || (socket != NULL && sio_emit(socket, "all_sockets", l->list.data) != 0))
        l->env->stats.admin_ui_dropped++;
    listing_free(l);
}

/* --- The next namespace. --- */

static void listing_next(listing *l);

static void
on_ui_fetched(sio_namespace *nsp, const sio_answers *answers, void *arg)
{
    listing      *l = arg;
    sio_json_iter it;
    sio_view      fetched;

    sio_json_read_array_begin(&it, (sio_view){answers->json, answers->len});
    while (sio_json_read_array_next(&it, &fetched) && l->list.len < MAX_LIST_BYTES) {
        if (l->n++ > 0)
            sio_buf_add_char(&l->list, ',');
        sio_ui_socket_add_fetched(fetched, sio_ui_socket_namespace(nsp), &l->list);
    }
    listing_next(l);
}

static void
on_ui_counted(sio_namespace *nsp, const sio_count_result *count, void *arg)
{
    listing *l = arg;

    if (l->n + count->n_sockets > l->env->cfg->admin_ui.max_sockets) {
        list_local(l);
        listing_end(l);
    } else if (count->n_sockets == 0) {
        listing_next(l);
    } else if (sio_fetch(nsp, NULL, FETCH_MS, on_ui_fetched, l) != 0) {
        listing_end(l);
    }
}

static void
listing_next(listing *l)
{
    sio_namespace *nsp = NULL;

    while (nsp == NULL && l->at < l->names.len) {
        const char *name = l->names.data + l->at;

        l->at += strlen(name) + 1;
        nsp = sio_find_namespace(sio_env_server(l->env), name);
    }
    if (nsp == NULL || sio_count(nsp, NULL, COUNT_MS, on_ui_counted, l) != 0)
        listing_end(l);
}

/* --- Its beginning. --- */

static void
add_names(const sio_io *io, sio_buf *names)
{
    size_t n = 0;

    for (sio_hash_node *node = NULL;
         n < MAX_NAMESPACES && (node = sio_hash_next(&io->namespaces, node)) != NULL; n++) {
        sio_buf_add_view(names, SIO_CONTAINER(node, sio_namespace, node)->name);
        sio_buf_add_char(names, '\0');
    }
}

void
sio_ui_list_begin(sio_socket *socket)
{
    sio_env *env = sio_env_of(sio_server_of(sio_namespace_of(socket)));
    listing *l = calloc(1, sizeof *l);

    if (l == NULL) {
        env->stats.admin_ui_dropped++;
        return;
    }
    l->env = env;
    sio_buf_init(&l->names, SIZE_MAX);
    sio_buf_init(&l->list, SIZE_MAX);
    sio_buf_add_str(&l->list, "[[");
    add_names(env->io, &l->names);
    if ((l->id = strdup(sio_id(socket))) == NULL || l->names.failed) {
        env->stats.admin_ui_dropped++;
        listing_free(l);
        return;
    }
    listing_next(l);
}
