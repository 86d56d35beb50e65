/* server/base/log_line.c - see log_line.h. */
#include "server/base/log_line.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "server/base/log_json.h"

static const struct {
    const char *word;
    const char *name; /* the same, padded to one width */
    const char *color;
    const char *priority; /* of syslog */
} levels[] = {{"error", "error", "\033[31m", "<3>"},
              {"warn", "warn ", "\033[33m", "<4>"},
              {"info", "info ", "\033[36m", "<6>"},
              {"debug", "debug", "\033[90m", "<7>"}};

static const char cut_end[] = "...\n";

/* A line being put together; it never grows past `max`, the rest is cut off. */
typedef struct {
    char  *text;
    size_t len, max;
    bool   cut;
} line;

static void
log_line_add(line *l, const char *bytes, size_t n)
{
    if (l->cut || n > l->max - l->len) {
        l->cut = true;
        return;
    }
    memcpy(l->text + l->len, bytes, n);
    l->len += n;
}

static void
line_add_text(line *l, const char *text)
{
    log_line_add(l, text, strlen(text));
}

/* Only printable ASCII is shown as it is: anything else could move the cursor or begin a line. */
static void
add_escaped(line *l, const char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;
        const char          hex[4] = {'\\', 'x', digits[c >> 4], digits[c & 15]};

        if (c >= 0x20 && c < 0x7f)
            log_line_add(l, text, 1);
        else
            log_line_add(l, hex, sizeof hex);
    }
}

enum { TIMESTAMP_SIZE = 40 };

static void
write_timestamp(char out[TIMESTAMP_SIZE])
{
    struct timespec now;
    struct tm       utc;
    size_t          n;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    n = strftime(out, TIMESTAMP_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(out + n, TIMESTAMP_SIZE - n, ".%03uZ", (unsigned)(now.tv_nsec / 1000000) % 1000);
}

static void
add_timestamp(line *l)
{
    char text[TIMESTAMP_SIZE];

    write_timestamp(text);
    line_add_text(l, text);
    line_add_text(l, " ");
}

static void
add_head(line *l, const sio_log_style *style, int level, const char *session_id)
{
    if (style->timestamps)
        add_timestamp(l);
    if (style->colors)
        line_add_text(l, levels[level].color);
    if (!style->is_journal)
        line_add_text(l, levels[level].name);
    if (style->colors)
        line_add_text(l, "\033[0m");
    line_add_text(l, style->is_journal ? levels[level].priority : " ");
    if (session_id != NULL) {
        line_add_text(l, "session ");
        add_escaped(l, session_id);
        line_add_text(l, ": ");
    }
}

/* The line end has its place, and "..." before it, whatever had to be cut. */
static size_t
log_line_finish(line *l)
{
    const char  *end = l->cut ? cut_end : "\n";
    const size_t n = strlen(end);

    memcpy(l->text + l->len, end, n);
    return l->len + n;
}

static size_t
make_text(char out[SIO_LOG_MAX_LINE], const sio_log_style *style, int level, const char *session_id,
          const char *text)
{
    line l = {.max = SIO_LOG_MAX_LINE - strlen(cut_end)};

    l.text = out;
    add_head(&l, style, level, session_id);
    add_escaped(&l, text);
    return log_line_finish(&l);
}

/* A journal takes the level from before the object. */
static size_t
make_json(char out[SIO_LOG_MAX_LINE], const sio_log_style *style, sio_log_fields fields, int level)
{
    const size_t n = style->is_journal ? strlen(levels[level].priority) : 0;
    char         now[TIMESTAMP_SIZE];

    write_timestamp(now);
    fields.time = now;
    fields.level = levels[level].word;
    fields.instance = style->instance;
    memcpy(out, levels[level].priority, n);
    return n + sio_log_json_make(out + n, SIO_LOG_MAX_LINE - n, &fields);
}

size_t
sio_log_line_vmake(char out[SIO_LOG_MAX_LINE], const sio_log_style *style, int level,
                   sio_log_event event, const char *session_id, const char *fmt, va_list args)
{
    char text[SIO_LOG_MAX_LINE + 1]; /* what does not fit here does not fit into a line either */

    if (vsnprintf(text, sizeof text, fmt, args) < 0)
        text[0] = '\0';
    if (!style->is_json)
        return make_text(out, style, level, session_id, text);
    sio_log_fields fields = {
        .event = sio_log_event_word(event), .session = session_id, .text = text};

    return make_json(out, style, fields, level);
}

size_t
sio_log_line_make(char out[SIO_LOG_MAX_LINE], const sio_log_style *style, int level,
                  sio_log_event event, const char *session_id, const char *fmt, ...)
{
    va_list args;
    size_t  len;

    va_start(args, fmt);
    len = sio_log_line_vmake(out, style, level, event, session_id, fmt, args);
    va_end(args);
    return len;
}
