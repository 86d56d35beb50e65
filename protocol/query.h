/*
 * protocol/query.h - form-encoded text: request queries and POST bodies.
 *
 * Called by server/ for handshake queries, "?disconnect", "jsonp" and "d="
 * bodies, and by tests/fuzz/. Pure: no I/O, no globals; allocates only through
 * sio_buf.
 *
 * "Raw" below is text as it was sent, "decoded" is text after sio_query_decode.
 */
#ifndef SIO_PROTOCOL_QUERY_H
#define SIO_PROTOCOL_QUERY_H

#include "protocol/buf.h"
#include "protocol/view.h"

#include <stdbool.h>

/* The path of a request's target, up to its '?'; *query is what follows that, or empty. */
sio_view sio_query_cut(sio_view target, sio_view *query);

typedef struct {
    sio_view rest; /* not yet visited */
} sio_query_iter;

/* Visit the pairs of query, a text without its '?'. */
void sio_query_begin(sio_query_iter *it, sio_view query);

/*
 * Take the next pair; false, with the results untouched, when there is none.
 * Both results are views into the query. Empty pairs ("&&") are skipped; "key"
 * has an empty value; "=value" has an empty key; the value is all that follows
 * the first '='.
 */
bool sio_query_next(sio_query_iter *it, sio_view *raw_key, sio_view *raw_value);

/*
 * The value of the first pair whose decoded key is `key` (plain text). False,
 * with *raw_value untouched, when there is none. One pass, no allocation.
 */
bool sio_query_find(sio_view query, const char *key, sio_view *raw_value);

/* Does raw decode to plain? One pass, no allocation. */
bool sio_query_decodes_to(sio_view raw, sio_view plain);

/*
 * Decode into text[0..size), size > 0, NUL-terminated; bytes that are not UTF-8 stay. False, and
 * text is "", when that does not fit or has a NUL in it.
 */
bool sio_query_decode_short(sio_view raw, char *text, size_t size);

/*
 * Append the decoded text to *out: '+' is a space and %XX is a byte; a '%'
 * without two hex digits stays as it is. Bytes that are not UTF-8 after that
 * become U+FFFD, so what is appended is always valid UTF-8. Failure is
 * out->failed.
 */
void sio_query_decode(sio_view raw, sio_buf *out);

/* One or more decimal digits and nothing else: is the decoded text a usable "jsonp" or "i"? */
bool sio_query_is_digits(sio_view text);

/* Pairs that sio_query_to_json looks at; the limit of Node's querystring.parse. */
enum { SIO_QUERY_MAX_PAIRS = 1000 };

/*
 * Append the query as a JSON object of strings, as Node's querystring.parse
 * gives it: a key that occurs more than once has an array of its values; keys
 * are in the order of their first appearance. Only the first max_pairs pairs
 * count (at most SIO_QUERY_MAX_PAIRS). Failure is out->failed.
 *
 * One difference: Node damages raw (not escaped) characters above U+007F when
 * the same key or value also has an escape that is not UTF-8; here they stay.
 *
 * Cost: two sorts of n pairs, and scratch memory for the decoded text of the
 * keys (at most three times the query). Hostile keys cannot make it quadratic,
 * as there is no hash to collide in. Uses about 40 KB of stack.
 */
void sio_query_to_json(sio_view query, unsigned max_pairs, sio_buf *out);

#endif
