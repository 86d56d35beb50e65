#include "server/socketio/room_list.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/json_read.h"
#include "server/socketio/rooms.h"

/* --- Those of this instance. --- */

typedef struct {
    sio_view name;
    size_t   n_members;
} entry;

/* The first ones so far: a heap, the last of them on top. */
typedef struct {
    sio_view prefix;
    entry   *entries;
    size_t   n, max;
} selection;

static bool
comes_before(const entry *a, const entry *b)
{
    const size_t n = a->name.len < b->name.len ? a->name.len : b->name.len;
    const int    order = n > 0 ? memcmp(a->name.data, b->name.data, n) : 0;

    return order != 0 ? order < 0 : a->name.len < b->name.len;
}

static void
swap(entry *a, entry *b)
{
    const entry t = *a;

    *a = *b;
    *b = t;
}

static void
sift_up(entry *e, size_t i)
{
    for (; i > 0 && comes_before(&e[(i - 1) / 2], &e[i]); i = (i - 1) / 2)
        swap(&e[(i - 1) / 2], &e[i]);
}

static void
sift_down(entry *e, size_t n)
{
    for (size_t i = 0, child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && comes_before(&e[child], &e[child + 1]))
            child++;
        if (!comes_before(&e[i], &e[child]))
            return;
        swap(&e[i], &e[child]);
    }
}

static void
select_room(sio_view name, size_t n_members, void *arg)
{
    selection  *s = arg;
    const entry e = {name, n_members};

    if (name.len < s->prefix.len ||
        (s->prefix.len > 0 && memcmp(name.data, s->prefix.data, s->prefix.len) != 0))
        return;
    if (s->n < s->max) {
        s->entries[s->n] = e;
        sift_up(s->entries, s->n++);
    } else if (comes_before(&e, &s->entries[0])) {
        s->entries[0] = e;
        sift_down(s->entries, s->n);
    }
}

/* 0 or -1. */
static int
describe(const entry *e, void (*fn)(sio_view json, void *arg), void *arg)
{
    int     rc = -1;
    sio_buf json;

    sio_buf_init(&json, SIZE_MAX);
    sio_buf_add_char(&json, '[');
    sio_buf_add_json_string(&json, e->name, SIO_JSON_PLAIN);
    sio_buf_add_char(&json, ',');
    sio_buf_add_u64(&json, e->n_members);
    sio_buf_add_char(&json, ']');
    if (!json.failed) {
        fn(sio_buf_view(&json), arg);
        rc = 0;
    }
    sio_buf_fini(&json);
    return rc;
}

int
sio_room_list_walk(const sio_namespace *nsp, sio_view prefix, size_t max_rooms,
                   void (*fn)(sio_view json, void *arg), void *arg)
{
    const size_t n_rooms = nsp->rooms.n_items;
    selection    s = {.prefix = prefix, .max = max_rooms < n_rooms ? max_rooms : n_rooms};
    int          rc = 0;

    if (s.max == 0)
        return 0;
    if ((s.entries = calloc(s.max, sizeof *s.entries)) == NULL)
        return -1;
    sio_rooms_each(nsp, select_room, &s);
    for (size_t i = 0; rc == 0 && i < s.n; i++)
        rc = describe(&s.entries[i], fn, arg);
    free(s.entries);
    return rc;
}

/* --- Those of all. --- */

/* Digits that make a number; others are as good as 0. */
static size_t
size_of(sio_view digits)
{
    size_t n = 0;

    for (size_t i = 0; i < digits.len && i < 10; i++)
        if (digits.data[i] >= '0' && digits.data[i] <= '9')
            n = n * 10 + (size_t)(digits.data[i] - '0');
    return n;
}

/* ["name",size], as somebody says. False: it is not one, or there is no memory. */
static bool
read_size(sio_view json, sio_room_size *out)
{
    sio_json_iter it;
    sio_view      name, size;
    sio_buf       text;

    sio_json_read_array_begin(&it, json);
    if (!sio_json_read_array_next(&it, &name) || !sio_json_read_array_next(&it, &size) ||
        sio_json_read_kind_of(name) != SIO_JSON_STRING || sio_json_read_has_nul(name))
        return false;
    sio_buf_init(&text, SIZE_MAX);
    (void)sio_json_read_string(name, &text);
    sio_buf_add_char(&text, '\0');
    if (text.failed) {
        sio_buf_fini(&text);
        return false;
    }
    *out = (sio_room_size){.name = text.data, .n_sockets = size_of(size)};
    return true;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const sio_room_size *)a)->name, ((const sio_room_size *)b)->name);
}

static void
free_name(const sio_room_size *room)
{
    free((char *)(uintptr_t)room->name); /* which it owns, though it is shown as const */
}

/* How many are left when those of one name have become one. */
static size_t
sum_up(sio_room_size *rooms, size_t n)
{
    size_t n_names = 0;

    for (size_t i = 0; i < n; i++) {
        if (n_names > 0 && strcmp(rooms[n_names - 1].name, rooms[i].name) == 0) {
            rooms[n_names - 1].n_sockets += rooms[i].n_sockets;
            free_name(&rooms[i]);
        } else {
            rooms[n_names++] = rooms[i];
        }
    }
    return n_names;
}

/* Behind the last one is one without a name, for sio_room_list_free(). */
sio_room_size *
sio_room_list_merge(sio_view sizes, size_t n, size_t *n_rooms)
{
    sio_room_size *rooms = n > 0 ? calloc(n + 1, sizeof *rooms) : NULL;
    size_t         n_read = 0;
    sio_json_iter  it;
    sio_view       size;

    *n_rooms = 0;
    if (rooms == NULL)
        return NULL;
    sio_json_read_array_begin(&it, sizes);
    while (n_read < n && sio_json_read_array_next(&it, &size))
        n_read += read_size(size, &rooms[n_read]);
    qsort(rooms, n_read, sizeof *rooms, by_name);
    *n_rooms = sum_up(rooms, n_read);
    rooms[*n_rooms].name = NULL;
    return rooms;
}

void
sio_room_list_free(sio_room_size *rooms)
{
    for (sio_room_size *r = rooms; r != NULL && r->name != NULL; r++)
        free_name(r);
    free(rooms);
}
