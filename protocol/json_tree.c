#include "protocol/json_tree.h"

#include <stdbool.h>
#include <string.h>

#include "protocol/json_read.h"
#include "protocol/json_scan.h"

/* An array or object that is open. */
typedef struct {
    cJSON      *item;
    const char *begin;
    bool        has_nul; /* in a key */
} container;

/* A walk over the text and the tree side by side. */
typedef struct {
    scan      s;
    cJSON    *item; /* what stands at s, or stood there last; NULL: nothing yet */
    unsigned  depth;
    container open[CJSON_NESTING_LIMIT];
} walk;

/* item stands for its text. */
static bool
make_raw(cJSON *item, const char *begin, const char *end)
{
    const size_t len = (size_t)(end - begin);
    char        *text = cJSON_malloc(len + 1);

    if (text == NULL)
        return false;
    memcpy(text, begin, len);
    text[len] = '\0';
    cJSON_Delete(item->child);
    cJSON_free(item->valuestring);
    item->child = NULL;
    item->valuestring = text;
    item->type = cJSON_Raw;
    return true;
}

/* Valid JSON never meets the ends of the tree, nor of open[]; nothing else may, either. */
static bool
open_container(walk *w)
{
    if (w->item == NULL || w->depth == CJSON_NESTING_LIMIT)
        return false;
    w->open[w->depth++] = (container){.item = w->item, .begin = w->s.p++};
    w->item = w->item->child;
    return true;
}

static bool
close_container(walk *w)
{
    const container *c;

    if (w->depth == 0)
        return false;
    c = &w->open[--w->depth];
    w->s.p++;
    w->item = c->item;
    return !c->has_nul || make_raw(c->item, c->begin, w->s.p);
}

static bool
pass_string(walk *w)
{
    const char *const begin = w->s.p;
    const char       *end;
    bool              has_nul;

    skip_string(&w->s);
    end = w->s.p;
    has_nul = sio_json_read_has_nul((sio_view){begin, (size_t)(end - begin)});
    skip_space(&w->s);
    if (!has_nul)
        return true;
    if (peek(&w->s) != ':')
        return w->item != NULL && make_raw(w->item, begin, end);
    if (w->depth == 0)
        return false;
    w->open[w->depth - 1].has_nul = true; /* a key */
    return true;
}

static bool
pass_comma(walk *w)
{
    if (w->item == NULL)
        return false;
    w->item = w->item->next;
    w->s.p++;
    return true;
}

/* One token. False: no memory, or no tree of this text. */
static bool
step(walk *w)
{
    switch (peek(&w->s)) {
    case '[':
    case '{':
        return open_container(w);
    case ']':
    case '}':
        return close_container(w);
    case '"':
        return pass_string(w);
    case ',':
        return pass_comma(w);
    default: /* part of another value, a colon, or white space */
        w->s.p++;
        return true;
    }
}

cJSON *
sio_json_tree(sio_view json)
{
    cJSON *const tree = cJSON_ParseWithLength(json.data, json.len);
    walk         w; /* open[] is written before it is read: no need to clear it */

    if (tree == NULL || !sio_json_read_has_nul(json))
        return tree;
    w.s = scan_of(json);
    w.item = tree;
    w.depth = 0;
    while (w.s.p != w.s.end)
        if (!step(&w)) {
            cJSON_Delete(tree);
            return NULL;
        }
    return tree;
}
