/*
 * protocol/query.c - form-encoded text: request queries and POST bodies.
 */
#include "protocol/query.h"

#include "protocol/hex.h"
#include "protocol/utf8.h"
#include "protocol/utf8_repair.h"

#include <stdlib.h>
#include <string.h>

/* Cut the part before the first `sep` off *rest, and drop the separator. */
static sio_view
cut(sio_view *rest, char sep)
{
    const char *const at = rest->len == 0 ? NULL : memchr(rest->data, sep, rest->len);
    sio_view          head = *rest;

    if (at == NULL) {
        *rest = (sio_view){NULL, 0};
        return head;
    }
    head.len = (size_t)(at - rest->data);
    *rest = (sio_view){at + 1, rest->len - head.len - 1};
    return head;
}

sio_view
sio_query_cut(sio_view target, sio_view *query)
{
    const char *mark = target.len > 0 ? memchr(target.data, '?', target.len) : NULL;

    *query = SIO_VIEW("");
    if (mark == NULL)
        return target;
    *query = (sio_view){mark + 1, (size_t)(sio_view_end(target) - mark - 1)};
    return (sio_view){target.data, (size_t)(mark - target.data)};
}

void
sio_query_begin(sio_query_iter *it, sio_view query)
{
    it->rest = query;
}

bool
sio_query_next(sio_query_iter *it, sio_view *raw_key, sio_view *raw_value)
{
    while (it->rest.len > 0) {
        sio_view pair = cut(&it->rest, '&');

        if (pair.len == 0)
            continue;
        *raw_key = cut(&pair, '=');
        *raw_value = pair;
        return true;
    }
    return false;
}

/* Decode the first byte of a non-empty text; the bytes it took. */
static size_t
decode_byte(sio_view raw, char *out)
{
    int high, low;

    *out = raw.data[0] == '+' ? ' ' : raw.data[0];
    if (raw.data[0] != '%' || raw.len < 3)
        return 1;
    high = sio_hex_value(raw.data[1]);
    low = sio_hex_value(raw.data[2]);
    if (high < 0 || low < 0)
        return 1;
    *out = (char)(unsigned char)(high << 4 | low);
    return 3;
}

bool
sio_query_decodes_to(sio_view raw, sio_view plain)
{
    size_t used = 0;

    for (size_t i = 0; i < plain.len; i++) {
        char c;

        if (used == raw.len)
            return false;
        used += decode_byte((sio_view){raw.data + used, raw.len - used}, &c);
        if (c != plain.data[i])
            return false;
    }
    return used == raw.len;
}

bool
sio_query_decode_short(sio_view raw, char *text, size_t size)
{
    size_t used = 0, n = 0;

    while (used < raw.len) {
        char c;

        used += decode_byte((sio_view){raw.data + used, raw.len - used}, &c);
        if (c == '\0' || n + 1 >= size) {
            text[0] = '\0';
            return false;
        }
        text[n++] = c;
    }
    text[n] = '\0';
    return true;
}

bool
sio_query_find(sio_view query, const char *key, sio_view *raw_value)
{
    const sio_view plain = sio_view_of(key);
    sio_query_iter it;
    sio_view       k, v;

    sio_query_begin(&it, query);
    while (sio_query_next(&it, &k, &v)) {
        if (sio_query_decodes_to(k, plain)) {
            *raw_value = v;
            return true;
        }
    }
    return false;
}

/* Append the decoded bytes, valid UTF-8 or not. Runs without '+' and '%' go in one piece. */
static void
decode_bytes(sio_view raw, sio_buf *out)
{
    size_t i = 0;

    while (i < raw.len) {
        const size_t start = i;
        char         c;

        while (i < raw.len && raw.data[i] != '+' && raw.data[i] != '%')
            i++;
        if (i > start)
            sio_buf_add(out, raw.data + start, i - start);
        if (i == raw.len)
            break;
        i += decode_byte((sio_view){raw.data + i, raw.len - i}, &c);
        sio_buf_add_char(out, c);
    }
}

void
sio_query_decode(sio_view raw, sio_buf *out)
{
    const size_t start = out->len;
    sio_view     decoded;
    sio_buf      copy;

    decode_bytes(raw, out);
    if (out->failed || out->len == start)
        return;
    decoded = (sio_view){out->data + start, out->len - start};
    if (sio_utf8_valid(decoded))
        return;
    /* The repaired text is longer than the broken one, so it cannot be made in place. */
    sio_buf_init(&copy, decoded.len);
    sio_buf_add_view(&copy, decoded);
    out->len = start;
    sio_utf8_repair(sio_buf_view(&copy), out);
    out->failed |= copy.failed;
    sio_buf_fini(&copy);
}

bool
sio_query_is_digits(sio_view text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    }
    return text.len > 0;
}

/* One pair on its way to JSON. */
typedef struct {
    sio_view key;       /* decoded, in the scratch buffer */
    sio_view raw_value; /* in the query */
    unsigned order;     /* position in the query */
    unsigned first;     /* position of the first pair with the same key */
} pair;

static int
compare_unsigned(unsigned a, unsigned b)
{
    return (a > b) - (a < b);
}

/* Equal keys next to each other, in the order of the query. */
static int
by_key(const void *pa, const void *pb)
{
    const pair  *a = pa, *b = pb;
    const size_t common = a->key.len < b->key.len ? a->key.len : b->key.len;
    int          rc = common == 0 ? 0 : memcmp(a->key.data, b->key.data, common);

    if (rc == 0 && a->key.len != b->key.len)
        rc = a->key.len < b->key.len ? -1 : 1;
    return rc != 0 ? rc : compare_unsigned(a->order, b->order);
}

/* Equal keys still together, the groups in the order of their first pairs. */
static int
by_first(const void *pa, const void *pb)
{
    const pair *a = pa, *b = pb;
    const int   rc = compare_unsigned(a->first, b->first);

    return rc != 0 ? rc : compare_unsigned(a->order, b->order);
}

/* Decode the keys of up to max pairs into *keys. Returns the number of pairs. */
static size_t
collect(sio_view query, size_t max, sio_buf *keys, pair *pairs)
{
    sio_query_iter it;
    sio_view       raw_key, raw_value;
    size_t         n = 0, end = 0;

    sio_query_begin(&it, query);
    while (n < max && sio_query_next(&it, &raw_key, &raw_value)) {
        sio_query_decode(raw_key, keys);
        pairs[n] = (pair){.raw_value = raw_value, .order = (unsigned)n};
        pairs[n++].key.len = keys->len - end;
        end = keys->len;
    }
    /* Only now: *keys moved while it grew. */
    end = 0;
    for (size_t i = 0; i < n; i++) {
        if (pairs[i].key.len > 0)
            pairs[i].key.data = keys->data + end;
        end += pairs[i].key.len;
    }
    return n;
}

static void
group_equal_keys(pair *pairs, size_t n)
{
    qsort(pairs, n, sizeof *pairs, by_key);
    for (size_t i = 0; i < n; i++) {
        const bool again = i > 0 && sio_view_eq(pairs[i].key, pairs[i - 1].key);

        pairs[i].first = again ? pairs[i - 1].first : pairs[i].order;
    }
    qsort(pairs, n, sizeof *pairs, by_first);
}

static void
add_decoded_json(sio_view raw, sio_buf *scratch, sio_buf *out)
{
    sio_buf_clear(scratch);
    sio_query_decode(raw, scratch);
    sio_buf_add_json_string(out, sio_buf_view(scratch), SIO_JSON_PLAIN);
    out->failed |= scratch->failed;
}

static void
print_grouped(const pair *pairs, size_t n, sio_buf *scratch, sio_buf *out)
{
    sio_buf_add_char(out, '{');
    for (size_t i = 0; i < n; i++) {
        const bool starts = i == 0 || pairs[i].first != pairs[i - 1].first;
        const bool ends = i + 1 == n || pairs[i].first != pairs[i + 1].first;

        if (i > 0)
            sio_buf_add_char(out, ',');
        if (starts) {
            sio_buf_add_json_string(out, pairs[i].key, SIO_JSON_PLAIN);
            sio_buf_add_str(out, ends ? ":" : ":[");
        }
        add_decoded_json(pairs[i].raw_value, scratch, out);
        if (ends && !starts)
            sio_buf_add_char(out, ']');
    }
    sio_buf_add_char(out, '}');
}

void
sio_query_to_json(sio_view query, unsigned max_pairs, sio_buf *out)
{
    pair         pairs[SIO_QUERY_MAX_PAIRS];
    const size_t max = max_pairs < SIO_QUERY_MAX_PAIRS ? max_pairs : SIO_QUERY_MAX_PAIRS;
    sio_buf      keys, scratch;
    size_t       n;

    sio_buf_init(&keys, SIZE_MAX); /* bounded by the query: at most three bytes for each of its */
    sio_buf_init(&scratch, SIZE_MAX);
    n = collect(query, max, &keys, pairs);
    if (keys.failed) {
        out->failed = true;
    } else {
        group_equal_keys(pairs, n);
        print_grouped(pairs, n, &scratch, out);
    }
    sio_buf_fini(&scratch);
    sio_buf_fini(&keys);
}
