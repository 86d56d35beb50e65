/*
 * protocol/forwarded.c - what proxies tell of the client whose request they pass on.
 */
#include "protocol/forwarded.h"

#include <arpa/inet.h>

static sio_view
slice(sio_view v, size_t from, size_t to)
{
    return (sio_view){v.data + from, to - from};
}

/* The index of the first c in v, or v.len. */
static size_t
find(sio_view v, char c)
{
    const char *found = v.len == 0 ? NULL : memchr(v.data, c, v.len);

    return found == NULL ? v.len : (size_t)(found - v.data);
}

/* --- Lists. --- */

/* Is v.data[i] behind an odd number of backslashes? */
static bool
is_escaped(sio_view v, size_t i)
{
    size_t n = 0;

    while (n < i && v.data[i - n - 1] == '\\')
        n++;
    return n % 2 == 1;
}

sio_view
sio_forwarded_last(sio_view *list)
{
    const sio_view whole = *list;
    size_t         start = whole.len;
    bool           quoted = false;

    for (; start > 0 && (quoted || whole.data[start - 1] != ','); start--)
        if (whole.data[start - 1] == '"' && !is_escaped(whole, start - 1))
            quoted = !quoted;
    list->len = start > 0 ? start - 1 : 0;
    return start == whole.len ? SIO_VIEW("") : sio_view_trim(slice(whole, start, whole.len));
}

/* --- Nodes. --- */

/* An address of that family into node. False, and node as it was, when text is none. */
static bool
read_address(sio_view text, int family, sio_forwarded_node *node)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}; /* ::ffff:0:0/96 */
    char                 copy[INET6_ADDRSTRLEN];
    uint8_t              bytes[16];

    if (text.len == 0 || text.len >= sizeof copy || find(text, '\0') < text.len)
        return false;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    if (inet_pton(family, copy, bytes) != 1)
        return false;
    if (family == AF_INET6 && memcmp(bytes, mapped, sizeof mapped) == 0) {
        memmove(bytes, bytes + sizeof mapped, 4);
        family = AF_INET;
    }
    node->n_bytes = family == AF_INET ? 4 : 16;
    memcpy(node->address, bytes, node->n_bytes);
    return true;
}

/* Nothing, or a colon and 1*5DIGIT below 2^16, or a colon and an obfuscated port, which is 0. */
static bool
read_port(sio_view text, uint16_t *port)
{
    uint32_t n = 0;

    if (text.len == 0)
        return true;
    if (text.data[0] != ':' || text.len == 1)
        return false;
    if (text.data[1] == '_')
        return text.len > 2;
    for (size_t i = 1; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || i > 5)
            return false;
        n = n * 10 + (uint32_t)(text.data[i] - '0');
    }
    *port = (uint16_t)n;
    return n <= UINT16_MAX;
}

static bool
read_bracketed(sio_view text, sio_forwarded_node *node)
{
    const size_t end = find(text, ']');

    return end < text.len && read_address(slice(text, 1, end), AF_INET6, node) &&
           read_port(slice(text, end + 1, text.len), &node->port);
}

static bool
read_ipv4(sio_view text, sio_forwarded_node *node)
{
    const size_t end = find(text, ':');

    return read_address(slice(text, 0, end), AF_INET, node) &&
           read_port(slice(text, end, text.len), &node->port);
}

sio_forwarded_node
sio_forwarded_node_read(sio_view text)
{
    static const sio_forwarded_node nobody = {.n_bytes = 0};
    sio_forwarded_node              node = nobody;
    bool                            ok;

    if (text.len == 0)
        return nobody;
    if (text.data[0] == '[')
        ok = read_bracketed(text, &node);
    else
        ok = read_address(text, AF_INET6, &node) || read_ipv4(text, &node);
    return ok ? node : nobody;
}

/* --- Elements of Forwarded. --- */

/* Cut a quoted string off *rest. *value is what stands between its quotes, escapes as they are. */
static bool
take_quoted(sio_view *rest, sio_view *value)
{
    size_t end = 1;

    while (end < rest->len && rest->data[end] != '"')
        end += rest->data[end] == '\\' ? 2 : 1;
    if (end >= rest->len)
        return false;
    *value = slice(*rest, 1, end);
    *rest = slice(*rest, end + 1, rest->len);
    return true;
}

static bool
take_plain(sio_view *rest, sio_view *value)
{
    const size_t end = find(*rest, ';');

    *value = sio_view_trim(slice(*rest, 0, end));
    *rest = slice(*rest, end, rest->len);
    return value->len > 0 && find(*value, '"') == value->len && find(*value, ' ') == value->len;
}

/* Cut "name=value", the blanks around it and the semicolon behind it off *rest. */
static bool
take_pair(sio_view *rest, sio_view *name, sio_view *value)
{
    const size_t equals = find(*rest, '=');

    if (equals == rest->len)
        return false;
    *name = sio_view_trim(slice(*rest, 0, equals));
    *rest = slice(*rest, equals + 1, rest->len);
    if (rest->len > 0 && rest->data[0] == '"' ? !take_quoted(rest, value)
                                              : !take_plain(rest, value))
        return false;
    *rest = sio_view_trim(*rest);
    if (rest->len == 0)
        return true;
    if (rest->data[0] != ';')
        return false;
    *rest = slice(*rest, 1, rest->len);
    return true;
}

sio_forwarded
sio_forwarded_read(sio_view element)
{
    static const sio_forwarded nothing = {.proto = SIO_VIEW_INIT("")};
    sio_forwarded              told = nothing;
    bool                       has_for = false, has_proto = false;
    sio_view                   name, value;

    while (element.len > 0) {
        if (!take_pair(&element, &name, &value))
            return nothing;
        if (sio_view_eq_nocase(name, SIO_VIEW("for"))) {
            if (has_for)
                return nothing;
            has_for = true;
            told.from = sio_forwarded_node_read(value);
        } else if (sio_view_eq_nocase(name, SIO_VIEW("proto"))) {
            if (has_proto)
                return nothing;
            has_proto = true;
            told.proto = value;
        }
    }
    return told;
}
