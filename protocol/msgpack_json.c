#include "protocol/msgpack_json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/json_read.h"
#include "protocol/json_scan.h"
#include "protocol/placeholder.h"

/* --- From MessagePack: one value. --- */

/* Days since 1970 as a date of the Gregorian calendar (after Howard Hinnant, "days"). */
static void
date_of(int64_t days, int64_t *year, int *month, int *day)
{
    const int64_t shifted = days + 719468; /* since 1 March of the year 0 */
    const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    const int64_t day_of_era = shifted - era * 146097;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t shifted_month = (5 * day_of_year + 2) / 153;

    *day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    *month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

/* As toISOString(): years that do not have four digits have six and a sign. */
static void
json_add_time(sio_buf *json, int64_t ms)
{
    enum { DAY_MS = 24 * 60 * 60 * 1000 };
    const int64_t days = (ms >= 0 ? ms : ms - DAY_MS + 1) / DAY_MS;
    const int     in_day = (int)(ms - days * DAY_MS);
    int64_t       year;
    int           month, day;
    char          text[64];

    date_of(days, &year, &month, &day);
    snprintf(text, sizeof text,
             year >= 0 && year <= 9999 ? "\"%04" PRId64 "-%02d-%02dT%02d:%02d:%02d.%03dZ\""
                                       : "\"%+07" PRId64 "-%02d-%02dT%02d:%02d:%02d.%03dZ\"",
             year, month, day, in_day / 3600000, in_day / 60000 % 60, in_day / 1000 % 60,
             in_day % 1000);
    sio_buf_add_str(json, text);
}

/* With as few digits as bring back the same number. */
void
sio_msgpack_json_add_number(sio_buf *json, double number)
{
    char text[40] = "";

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    sio_buf_add_str(json, strcmp(text, "-0") == 0 ? "0" : text);
}

static void
json_add_negative(sio_buf *json, int64_t n)
{
    sio_buf_add_char(json, '-');
    sio_buf_add_u64(json, 0 - (uint64_t)n);
}

/* False: there are too many. */
static bool
json_add_bytes(sio_msgpack_json *out, sio_view bytes)
{
    if (out->n_attachments == SIO_MSGPACK_MAX_ATTACHMENTS)
        return false;
    sio_buf_add_str(&out->text, "{\"_placeholder\":true,\"num\":");
    sio_buf_add_u64(&out->text, out->n_attachments);
    sio_buf_add_char(&out->text, '}');
    out->attachments[out->n_attachments++] = bytes;
    return true;
}

/* A value that is no list. False: too many attachments. */
static bool
json_add_scalar(sio_msgpack_json *out, const sio_msgpack_value *v)
{
    switch (v->kind) {
    case SIO_MSGPACK_FALSE:
    case SIO_MSGPACK_TRUE:
        sio_buf_add_str(&out->text, v->kind == SIO_MSGPACK_TRUE ? "true" : "false");
        return true;
    case SIO_MSGPACK_WHOLE:
        sio_buf_add_u64(&out->text, v->whole);
        return true;
    case SIO_MSGPACK_NEGATIVE:
        json_add_negative(&out->text, v->negative);
        return true;
    case SIO_MSGPACK_FLOAT:
        if (isfinite(v->number))
            sio_msgpack_json_add_number(&out->text, v->number);
        else
            sio_buf_add_str(&out->text, "null");
        return true;
    case SIO_MSGPACK_TIME:
        json_add_time(&out->text, v->negative);
        return true;
    case SIO_MSGPACK_TEXT:
        sio_buf_add_json_string(&out->text, v->bytes, SIO_JSON_PLAIN);
        return true;
    case SIO_MSGPACK_BYTES:
        return json_add_bytes(out, v->bytes);
    default: /* nil and undefined */
        sio_buf_add_str(&out->text, "null");
        return true;
    }
}

/* --- From MessagePack: lists. --- */

typedef struct {
    uint32_t n_left; /* elements, or keys */
    bool     is_map, has_some;
} open_list;

typedef struct {
    sio_msgpack_reader r;
    sio_msgpack_json  *out;
    unsigned           depth;
    open_list          lists[SIO_MSGPACK_MAX_DEPTH];
} converter;

/* A key of JavaScript: a text, or a number, which becomes one. msgpack-js has texts alone. */
static bool
read_key(converter *c, sio_msgpack_value *key)
{
    if (!sio_msgpack_read(&c->r, key))
        return false;
    return key->kind == SIO_MSGPACK_TEXT ||
           (c->r.dialect == SIO_MSGPACK_STANDARD &&
            (key->kind == SIO_MSGPACK_WHOLE || key->kind == SIO_MSGPACK_NEGATIVE));
}

static void
json_add_key(sio_buf *json, const sio_msgpack_value *key)
{
    if (key->kind == SIO_MSGPACK_TEXT) {
        sio_buf_add_json_string(json, key->bytes, SIO_JSON_PLAIN);
    } else {
        sio_buf_add_char(json, '"');
        if (key->kind == SIO_MSGPACK_WHOLE)
            sio_buf_add_u64(json, key->whole);
        else
            json_add_negative(json, key->negative);
        sio_buf_add_char(json, '"');
    }
    sio_buf_add_char(json, ':');
}

static int
open_value(converter *c, const sio_msgpack_value *v)
{
    const bool is_map = v->kind == SIO_MSGPACK_MAP;

    if (!is_map && v->kind != SIO_MSGPACK_ARRAY)
        return json_add_scalar(c->out, v) ? SIO_OK : SIO_TOO_LARGE;
    if (c->depth == SIO_MSGPACK_MAX_DEPTH)
        return SIO_TOO_LARGE;
    sio_buf_add_char(&c->out->text, is_map ? '{' : '[');
    c->lists[c->depth++] = (open_list){.n_left = v->n, .is_map = is_map};
    return SIO_OK;
}

static void
close_lists(converter *c)
{
    while (c->depth > 0 && c->lists[c->depth - 1].n_left == 0)
        sio_buf_add_char(&c->out->text, c->lists[--c->depth].is_map ? '}' : ']');
}

/* The next one of the list that is open. */
static int
convert_element(converter *c)
{
    open_list        *list = &c->lists[c->depth - 1];
    const bool        is_map = list->is_map;
    sio_msgpack_value key, v;

    if ((is_map && !read_key(c, &key)) || !sio_msgpack_read(&c->r, &v))
        return SIO_BAD;
    list->n_left--;
    if (is_map && v.kind == SIO_MSGPACK_UNDEFINED)
        return SIO_OK;
    if (list->has_some)
        sio_buf_add_char(&c->out->text, ',');
    list->has_some = true;
    if (is_map)
        json_add_key(&c->out->text, &key);
    return open_value(c, &v);
}

static int
convert(sio_view message, sio_msgpack_dialect dialect, sio_msgpack_json *out)
{
    converter         c = {.r = {message.data, sio_view_end(message), dialect}, .out = out};
    sio_msgpack_value v;
    int               rc;

    sio_buf_clear(&out->text);
    out->n_attachments = 0;
    if (!sio_msgpack_read(&c.r, &v))
        return SIO_BAD;
    rc = open_value(&c, &v);
    for (close_lists(&c); rc == SIO_OK && c.depth > 0; close_lists(&c))
        rc = out->text.failed ? SIO_TOO_LARGE : convert_element(&c);
    if (rc != SIO_OK)
        return rc;
    if (c.r.p != c.r.end)
        return SIO_BAD;
    return out->text.failed ? SIO_TOO_LARGE : SIO_OK;
}

/* Nearly every message of msgpack-js ends in c4, which the standard does not allow there. */
int
sio_msgpack_json_read(sio_view message, sio_msgpack_json *out)
{
    const int rc = convert(message, SIO_MSGPACK_STANDARD, out);

    return rc == SIO_BAD ? convert(message, SIO_MSGPACK_JS, out) : rc;
}

/* --- To MessagePack. --- */

/* The text, a token at a time; what is a placeholder counts as one. */
typedef struct {
    scan                 s;
    sio_placeholder_iter it;
    sio_placeholder      next; /* text.len 0: there is none */
    unsigned             n_attachments;
} tokens;

/* What has the number of no attachment only looks like a placeholder. */
static void
find_next_placeholder(tokens *t)
{
    do {
        if (!sio_placeholder_next(&t->it, &t->next))
            t->next = (sio_placeholder){.text = SIO_VIEW("")};
    } while (t->next.text.len > 0 && t->next.attachment >= t->n_attachments);
}

static void
tokens_begin(tokens *t, sio_view json, unsigned n_attachments)
{
    *t = (tokens){.s = scan_of(json), .n_attachments = n_attachments};
    if (n_attachments == 0)
        return;
    sio_placeholder_begin(&t->it, json);
    find_next_placeholder(t);
}

static bool
is_between(int c)
{
    return c == ',' || c == ':' || is_space(c);
}

static bool
is_end_of_word(int c)
{
    return c == END || is_between(c) || c == ']' || c == '}';
}

/* Its first byte tells what it is; 0 is a placeholder, of the attachment *number. END: no more. */
static int
next_token(tokens *t, sio_view *text, unsigned *number)
{
    int first;

    while (is_between(peek(&t->s)))
        t->s.p++;
    *text = (sio_view){t->s.p, 0};
    first = peek(&t->s);
    if (t->next.text.len > 0 && t->s.p == t->next.text.data) {
        *number = t->next.attachment;
        t->s.p += t->next.text.len;
        find_next_placeholder(t);
        return 0;
    }
    if (first == '"')
        skip_string(&t->s);
    else if (first == '[' || first == ']' || first == '{' || first == '}')
        t->s.p++;
    else
        while (!is_end_of_word(peek(&t->s)))
            t->s.p++;
    text->len = (size_t)(t->s.p - text->data);
    return first;
}

/*
 * How many tokens are directly in each list, in the order in which lists begin: MessagePack says
 * that first. counts: an uint32_t each.
 */
static int
count_elements(tokens *t, sio_buf *counts)
{
    size_t   open[SIO_MSGPACK_MAX_VALUE_DEPTH];
    unsigned depth = 0, number;
    uint32_t zero = 0;
    sio_view text;

    for (int c; (c = next_token(t, &text, &number)) != END;) {
        if (c == ']' || c == '}') {
            depth -= depth > 0;
            continue;
        }
        if (depth > 0)
            ((uint32_t *)(void *)counts->data)[open[depth - 1]]++;
        if (c != '[' && c != '{')
            continue;
        if (depth == SIO_MSGPACK_MAX_VALUE_DEPTH)
            return SIO_TOO_DEEP;
        open[depth++] = counts->len / sizeof zero;
        sio_buf_add(counts, &zero, sizeof zero);
        if (counts->failed)
            return SIO_TOO_LARGE;
    }
    return SIO_OK;
}

static void
write_text(sio_view literal, sio_buf *scratch, sio_buf *out)
{
    sio_buf_clear(scratch);
    (void)sio_json_read_string(literal, scratch);
    if (scratch->failed)
        out->failed = true;
    else
        sio_msgpack_add_text(out, sio_buf_view(scratch));
}

/* The text of a number is followed by what ends it, or is the whole value. */
static void
write_number(sio_view text, sio_buf *out)
{
    char short_copy[64], *copy = text.len < sizeof short_copy ? short_copy : malloc(text.len + 1);

    if (copy == NULL) {
        out->failed = true;
        return;
    }
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    sio_msgpack_add_number(out, strtod(copy, NULL));
    if (copy != short_copy)
        free(copy);
}

static void
write_word(int c, sio_view text, sio_buf *out)
{
    if (c == 'n')
        sio_msgpack_add_nil(out);
    else if (c == 't' || c == 'f')
        sio_msgpack_add_bool(out, c == 't');
    else
        write_number(text, out);
}

static void
write_tokens(tokens *t, const sio_view *attachments, const sio_buf *counts, sio_buf *out)
{
    const uint32_t *count = (const void *)counts->data;
    unsigned        number = 0;
    sio_buf         scratch;
    sio_view        text;

    sio_buf_init(&scratch, SIZE_MAX);
    for (int c; (c = next_token(t, &text, &number)) != END;) {
        if (c == 0)
            sio_msgpack_add_bytes(out, attachments[number]);
        else if (c == '"')
            write_text(text, &scratch, out);
        else if (c == '[')
            sio_msgpack_add_array(out, *count++);
        else if (c == '{')
            sio_msgpack_add_map(out, *count++ / 2);
        else if (c != ']' && c != '}')
            write_word(c, text, out);
    }
    sio_buf_fini(&scratch);
}

int
sio_msgpack_json_write(sio_view json, const sio_view *attachments, unsigned n, sio_buf *out)
{
    sio_buf counts;
    tokens  t;
    int     rc;

    sio_buf_init(&counts, SIZE_MAX);
    tokens_begin(&t, json, n);
    rc = count_elements(&t, &counts);
    if (rc == SIO_OK) {
        tokens_begin(&t, json, n);
        write_tokens(&t, attachments, &counts, out);
        rc = out->failed ? SIO_TOO_LARGE : SIO_OK;
    }
    sio_buf_fini(&counts);
    return rc;
}
