/*
 * tests/fuzz/fuzz_sio09_target.c - protocol/sio09_target.h: the parts of a target
 * make up the target again, and the protocol segment is judged as strtod() would.
 */
#include "tests/fuzz/must.h"
#include "protocol/sio09_target.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* resource + path ["?" query] is all of the target. */
static void
check_pieces(const sio09_target *t, sio_view target, sio_view resource)
{
    const size_t mark = resource.len + t->path.len;

    must(sio_view_eq((sio_view){target.data, resource.len}, resource));
    must(t->path.data == target.data + resource.len);
    must(t->path.len == 0 || memchr(t->path.data, '?', t->path.len) == NULL);
    must(target.len == mark || target.data[mark] == '?');
    must(target.len == mark ? t->query.len == 0 : t->query.len == target.len - mark - 1);
    must_be_inside(t->query, target);
}

static void
check_segment(sio_view segment, sio_view path)
{
    must_be_inside(segment, path);
    must(segment.len == 0 || memchr(segment.data, '/', segment.len) == NULL);
}

/*
 * Few enough digits that a double holds them exactly, and only characters that mean the same to
 * strtod and to JavaScript. Where 1e-999 is 0 for strtod, it is "other" here.
 */
static void
check_protocol(const sio09_target *t)
{
    char        text[16], *end;
    sio_view    segment = {t->path.data + 1, 0};
    double      value;
    const char *slash = memchr(segment.data, '/', t->path.len - 1);

    segment.len = slash == NULL ? t->path.len - 1 : (size_t)(slash - segment.data);
    if (segment.len == 0 || segment.len >= sizeof text)
        return;
    memcpy(text, segment.data, segment.len);
    text[segment.len] = '\0';
    if (strspn(text, "0123456789.eE+-") != segment.len)
        return;
    value = strtod(text, &end);
    if (*end != '\0')
        must(t->protocol == SIO09_PROTOCOL_NONE);
    else if (value > 0.0 || value < 0.0)
        must(t->protocol == (value > 1.0 || value < 1.0 ? SIO09_PROTOCOL_OTHER : SIO09_PROTOCOL_1));
    else
        must(t->protocol != SIO09_PROTOCOL_1);
}

static bool
was_parsed(const sio09_target *t)
{
    return t->protocol != SIO09_PROTOCOL_NONE || t->transport.len > 0 || t->id.len > 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_view target = {(const char *)data, size}, resource = SIO_VIEW("/s");
    sio09_target   t;

    sio09_target_parse(target, resource, &t);
    must(t.matched || !was_parsed(&t));
    if (!t.matched)
        return 0;
    check_pieces(&t, target, resource);
    check_segment(t.transport, t.path);
    check_segment(t.id, t.path);
    must(!was_parsed(&t) || (t.path.len > 1 && t.path.data[0] == '/' && t.path.data[1] != '/'));
    if (was_parsed(&t))
        check_protocol(&t);
    return 0;
}
