#include "server/base/log_json.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "protocol/utf8.h"

static const char tail[] = "...\"}\n"; /* has its place, whatever is cut */

enum {
    MAX_UNIT = 12,  /* bytes of one character: two escapes of UTF-16 */
    MAX_NAME = 512, /* of the id of a session, which may be what a stranger calls one */
    N_TAIL = sizeof tail - 1
};

typedef struct {
    char  *text;
    size_t len, max;
} json_line;

static void
json_line_add_bytes(json_line *l, const char *bytes, size_t n)
{
    memcpy(l->text + l->len, bytes, n);
    l->len += n;
}

static void
add_plain(json_line *l, const char *text)
{
    json_line_add_bytes(l, text, strlen(text));
}

/* One unit of UTF-16: \u00e9 */
static void
add_escape(json_line *l, unsigned unit)
{
    static const char digits[] = "0123456789abcdef";
    const char        escape[] = {'\\',
                                  'u',
                                  digits[unit >> 12 & 15],
                                  digits[unit >> 8 & 15],
                                  digits[unit >> 4 & 15],
                                  digits[unit & 15]};

    json_line_add_bytes(l, escape, sizeof escape);
}

static uint32_t
scalar_of(const char *p, int len)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t                   scalar = (unsigned char)p[0] & masks[len];

    for (int i = 1; i < len; i++)
        scalar = scalar << 6 | ((unsigned char)p[i] & 0x3f);
    return scalar;
}

static void
add_scalar(json_line *l, uint32_t scalar)
{
    if (scalar >= 0x10000) {
        add_escape(l, 0xd800 + ((scalar - 0x10000) >> 10));
        add_escape(l, 0xdc00 + ((scalar - 0x10000) & 0x3ff));
    } else if (scalar < 0x20 || scalar >= 0x7f) {
        add_escape(l, scalar);
    } else {
        if (scalar == '"' || scalar == '\\')
            add_plain(l, "\\");
        json_line_add_bytes(l, &(char){(char)scalar}, 1);
    }
}

/* As much of text as fits before `end`. Was it all? */
static bool
json_line_add_text(json_line *l, const char *text, size_t end)
{
    const char *const stop = text + strlen(text);

    while (text < stop) {
        const int n = sio_utf8_step(text, stop);

        if (l->len + MAX_UNIT > end)
            return false;
        add_scalar(l, n > 0 ? scalar_of(text, n) : 0xfffd);
        text += n > 0 ? n : -n;
    }
    return true;
}

/* `,"NAME":"TEXT"` */
static void
add_member(json_line *l, const char *name, const char *text)
{
    add_plain(l, ",\"");
    add_plain(l, name);
    add_plain(l, "\":\"");
    (void)json_line_add_text(l, text, l->len + MAX_NAME);
    add_plain(l, "\"");
}

size_t
sio_log_json_make(char *out, size_t size, const sio_log_fields *fields)
{
    json_line l = {.max = size - N_TAIL};

    l.text = out;
    add_plain(&l, "{\"time\":\"");
    add_plain(&l, fields->time);
    add_plain(&l, "\"");
    add_member(&l, "level", fields->level);
    add_member(&l, "event", fields->event);
    add_member(&l, "instance", fields->instance);
    if (fields->session != NULL)
        add_member(&l, "session", fields->session);
    add_plain(&l, ",\"msg\":\"");
    add_plain(&l, json_line_add_text(&l, fields->text, l.max) ? tail + 3 : tail);
    return l.len;
}
