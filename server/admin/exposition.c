#include "server/admin/exposition.h"

#include <stdio.h>
#include <string.h>

#include "protocol/utf8_repair.h"

void
sio_exposition_begin(sio_exposition *e, sio_buf *out, bool open_metrics)
{
    *e = (sio_exposition){.out = out, .open_metrics = open_metrics};
}

/* --- Families. --- */

static void
add_comment(sio_exposition *e, const char *word, const char *text)
{
    const bool is_whole_name = !e->open_metrics; /* "_total" belongs to the samples there */

    sio_buf_add_str(e->out, "# ");
    sio_buf_add_str(e->out, word);
    sio_buf_add_str(e->out, " ");
    sio_buf_add_str(e->out, e->prefix);
    sio_buf_add_str(e->out, e->name);
    sio_buf_add_str(e->out, is_whole_name ? e->suffix : "");
    sio_buf_add_str(e->out, " ");
    sio_buf_add_str(e->out, text);
    sio_buf_add_str(e->out, "\n");
}

/* Of a help that is ours; OpenMetrics has a double quote escaped (its ABNF: escaped-string). */
static void
add_help(sio_exposition *e, const char *help)
{
    char   text[200];
    size_t n = 0;

    for (; *help != '\0' && n + 3 < sizeof text; help++) {
        if (*help == '\\' || (*help == '"' && e->open_metrics))
            text[n++] = '\\';
        text[n++] = *help;
    }
    text[n] = '\0';
    add_comment(e, "HELP", text);
}

static void
begin_family(sio_exposition *e, const char *prefix, const char *name, sio_expose kind,
             const char *help)
{
    static const char *const types[] = {
        [SIO_EXPOSE_GAUGE] = "gauge",
        [SIO_EXPOSE_COUNTER] = "counter",
        [SIO_EXPOSE_HISTOGRAM] = "histogram",
    };

    e->prefix = prefix;
    e->name = name;
    e->suffix = kind == SIO_EXPOSE_COUNTER ? "_total" : "";
    add_help(e, help);
    add_comment(e, "TYPE", types[kind]);
}

void
sio_exposition_family(sio_exposition *e, const char *name, sio_expose kind, const char *help)
{
    begin_family(e, "siobroker_", name, kind, help);
}

void
sio_exposition_common_family(sio_exposition *e, const char *name, sio_expose kind, const char *help)
{
    begin_family(e, "", name, kind, help);
}

/* --- Samples. --- */

static void
add_escaped(sio_buf *out, sio_view valid_utf8)
{
    for (size_t i = 0; i < valid_utf8.len; i++) {
        const char c = valid_utf8.data[i];

        if (c == '\n') {
            sio_buf_add_str(out, "\\n");
            continue;
        }
        if (c == '\\' || c == '"')
            sio_buf_add_char(out, '\\');
        sio_buf_add_char(out, c);
    }
}

static void
add_label(sio_buf *out, const sio_label *label, bool is_first)
{
    sio_buf text;

    sio_buf_init(&text, SIZE_MAX);
    sio_utf8_repair(label->value, &text);
    sio_buf_add_str(out, is_first ? "" : ",");
    sio_buf_add_str(out, label->name);
    sio_buf_add_str(out, "=\"");
    add_escaped(out, sio_buf_view(&text));
    sio_buf_add_char(out, '"');
    out->failed = out->failed || text.failed;
    sio_buf_fini(&text);
}

/* The name and the labels of a sample, and the blank behind them. */
static void
begin_sample(sio_exposition *e, const char *suffix, const sio_label *labels, unsigned n_labels)
{
    sio_buf *out = e->out;
    bool     is_first = true;

    sio_buf_add_str(out, e->prefix);
    sio_buf_add_str(out, e->name);
    sio_buf_add_str(out, suffix);
    for (unsigned i = 0; i < n_labels; i++) {
        if (labels[i].name == NULL)
            continue;
        sio_buf_add_str(out, is_first ? "{" : "");
        add_label(out, &labels[i], is_first);
        is_first = false;
    }
    sio_buf_add_str(out, is_first ? " " : "} ");
}

static void
end_sample(sio_buf *out, uint64_t value)
{
    sio_buf_add_u64(out, value);
    sio_buf_add_char(out, '\n');
}

static void
end_sample_real(sio_buf *out, double value)
{
    char text[40];

    snprintf(text, sizeof text, "%.17g\n", value);
    sio_buf_add_str(out, text);
}

void
sio_exposition_number(sio_exposition *e, const sio_label *labels, unsigned n_labels, uint64_t value)
{
    begin_sample(e, e->suffix, labels, n_labels);
    end_sample(e->out, value);
}

void
sio_exposition_real(sio_exposition *e, const sio_label *labels, unsigned n_labels, double value)
{
    begin_sample(e, e->suffix, labels, n_labels);
    end_sample_real(e->out, value);
}

/* Of a bound, in both formats as OpenMetrics wants it: a scraper may change between them. */
static void
print_bound(char text[40], double bound)
{
    snprintf(text, 40, "%.9g", bound);
    if (strpbrk(text, ".e") == NULL)
        memcpy(text + strlen(text), ".0", sizeof ".0");
}

static void
add_bucket(sio_exposition *e, const sio_label *label, const char *bound, uint64_t count)
{
    const sio_label labels[] = {*label, {"le", sio_view_of(bound)}};

    begin_sample(e, "_bucket", labels, 2);
    end_sample(e->out, count);
}

void
sio_exposition_histogram(sio_exposition *e, const sio_label *label, const sio_histogram *h,
                         double unit)
{
    uint64_t bound = h->first, count = 0;
    char     text[40];

    for (unsigned i = 0; i < h->n_bounds; i++, bound *= h->factor) {
        count += h->counts[i];
        print_bound(text, (double)bound * unit);
        add_bucket(e, label, text, count);
    }
    count += h->counts[h->n_bounds];
    add_bucket(e, label, "+Inf", count);
    begin_sample(e, "_sum", label, 1);
    end_sample_real(e->out, (double)h->sum * unit);
    begin_sample(e, "_count", label, 1);
    end_sample(e->out, count);
}

void
sio_exposition_end(sio_exposition *e)
{
    if (e->open_metrics)
        sio_buf_add_str(e->out, "# EOF\n");
}
