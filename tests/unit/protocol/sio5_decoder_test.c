/*
 * The vectors of several messages in 9.4 to 9.7, and the bounds of waiting.
 */
#include "protocol/sio5_decoder.h"

#include "protocol/placeholder.h"
#include "tests/unit/check.h"
#include "tests/unit/protocol/sio5_vectors.h"

enum { MAX_MESSAGES = 4 };

#define T(text)                                            \
    {                                                      \
        SIO_EIO_MESSAGE, SIO_EIO_TEXT, SIO_VIEW_INIT(text) \
    }
#define B(bytes)                                              \
    {                                                         \
        SIO_EIO_MESSAGE, SIO_EIO_BINARY, SIO_VIEW_INIT(bytes) \
    }
#define B64(base64)                                            \
    {                                                          \
        SIO_EIO_MESSAGE, SIO_EIO_BASE64, SIO_VIEW_INIT(base64) \
    }

/* rc is that of the last message, or of the first that is refused. args: binary in base64. */
static const struct {
    const char    *row;
    sio5_revision  revision;
    unsigned       n;
    sio_eio_packet messages[MAX_MESSAGES];
    int            rc;
    const char    *args;
} rows[] = {
    {"9.4.74",
     SIO5_REVISION_5,
     2,
     {T("51-[\"a\"," P0 "]"), B("\x01\x02")},
     .rc = SIO_OK,
     .args = "\"AQI=\""},
    {"9.4.75",
     SIO5_REVISION_5,
     3,
     {T("52-/admin,3[\"a\"," P1 "," P0 "]"), B("\x01"), B("\x02")},
     .rc = SIO_OK,
     .args = "\"Ag==\",\"AQ==\""},
    {"9.4.76",
     SIO5_REVISION_5,
     2,
     {T("61-15[" P0 "]"), B("\x07")},
     .rc = SIO_OK,
     .args = "\"Bw==\""},
    {"9.4.77",
     SIO5_REVISION_5,
     2,
     {T("51-[\"a\",{\"_placeholder\":true,\"num\":5}]"), B("\x01")},
     .rc = SIO_BAD},
    {"9.4.78",
     SIO5_REVISION_5,
     2,
     {T("51-[\"a\",{\"_placeholder\":true,\"num\":-1}]"), B("\x01")},
     .rc = SIO_BAD},
    {"9.4.79",
     SIO5_REVISION_5,
     2,
     {T("51-[\"a\",{\"_placeholder\":true,\"num\":\"splice\"}]"), B("\x01")},
     .rc = SIO_BAD},
    {"9.4.86", SIO5_REVISION_5, 1, {T("510-[\"a\"]")}, .rc = SIO_PARTIAL},
    {"9.4.87", SIO5_REVISION_5, 2, {T("51-[\"a\"," P0 "]"), T("2[\"x\"]")}, .rc = SIO_BAD},
    {"9.4.88", SIO5_REVISION_5, 1, {B("\x01")}, .rc = SIO_BAD},
    {"9.5.45",
     SIO5_REVISION_4,
     2,
     {T("51-[\"a\"," P0 "]"), B("\x01\x02")},
     .rc = SIO_OK,
     .args = "\"AQI=\""},
    {"9.5.46",
     SIO5_REVISION_4,
     3,
     {T("52-/admin,3[\"a\"," P1 "," P0 "]"), B("\x01"), B("\x02")},
     .rc = SIO_OK,
     .args = "\"Ag==\",\"AQ==\""},
    {"9.5.47",
     SIO5_REVISION_4,
     2,
     {T("61-15[" P0 "]"), B("\x07")},
     .rc = SIO_OK,
     .args = "\"Bw==\""},
    {"9.5.52",
     SIO5_REVISION_4,
     2,
     {T("51-[\"a\",{\"_placeholder\":true,\"num\":9}]"), B("\x01")},
     .rc = SIO_BAD},
    {"9.5.53", SIO5_REVISION_4, 2, {T("51-[\"a\"]"), T("2[\"x\"]")}, .rc = SIO_BAD},
    {"9.5.54", SIO5_REVISION_4, 1, {B("\x01")}, .rc = SIO_BAD},
    {"9.6.11",
     SIO5_REVISION_4,
     2,
     {T("51-[\"a\",{\"_placeholder\":true,\"num\":9}]"), B("\x01")},
     .rc = SIO_BAD}, /* original: undefined */
    {"9.6.12",
     SIO5_REVISION_4,
     2,
     {T("51-[\"a\"]"), T("2[\"x\"]")},
     .rc = SIO_BAD}, /* original: takes the second */
    {"9.7.41",
     SIO5_REVISION_3,
     2,
     {T("51-[\"a\"," P0 "]"), B("\x01\x02")},
     .rc = SIO_OK,
     .args = "\"AQI=\""},
    {"9.7.42",
     SIO5_REVISION_3,
     3,
     {T("52-/admin,3[\"a\"," P1 "," P0 "]"), B("\x01"), B("\x02")},
     .rc = SIO_OK,
     .args = "\"Ag==\",\"AQ==\""},
    {"9.7.45",
     SIO5_REVISION_3,
     2,
     {T("31-15[" P0 "]"), B("\x07")},
     .rc = SIO_OK,
     .args = "\"Bw==\""},
    {"9.7.48",
     SIO5_REVISION_3,
     2,
     {T("51-[\"a\",{\"_placeholder\":true,\"num\":9}]"), B("\x01")},
     .rc = SIO_BAD}, /* original: undefined */
    {"9.7.49", SIO5_REVISION_3, 1, {B("\x01")}, .rc = SIO_BAD},

    /* Beyond the vectors. */
    {"base64",
     SIO5_REVISION_5,
     3,
     {T("52-[\"a\"," P1 "," P0 "]"), B64("AQI"), B("\x03")},
     .rc = SIO_OK,
     .args = "\"Aw==\",\"AQI=\""},
    {"empty attachments",
     SIO5_REVISION_5,
     3,
     {T("52-[\"a\"," P0 "," P1 "]"), B(""), B64("")},
     .rc = SIO_OK,
     .args = "\"\",\"\""},
    {"attachment that nobody names",
     SIO5_REVISION_5,
     2,
     {T("51-[\"a\"]"), B("\x01")},
     .rc = SIO_OK},
    {"only one of two", SIO5_REVISION_5, 2, {T("52-[\"a\"]"), B("\x01")}, .rc = SIO_PARTIAL},
    {"one too many", SIO5_REVISION_5, 3, {T("51-[\"a\"]"), B("\x01"), B("\x02")}, .rc = SIO_BAD},
    {"again",
     SIO5_REVISION_5,
     4,
     {T("51-[\"a\"," P0 "]"), B("\x01"), T("51-[\"b\"," P0 "]"), B("\x02")},
     .rc = SIO_OK,
     .args = "\"Ag==\""},
    {"text after a whole one",
     SIO5_REVISION_5,
     3,
     {T("51-[\"a\"," P0 "]"), B("\x01"), T("2[\"b\",1]")},
     .rc = SIO_OK,
     .args = "1"},
    {"count of 0", SIO5_REVISION_4, 1, {T("50-[\"a\",1]")}, .rc = SIO_OK, .args = "1"},
    {"base64 of nothing",
     SIO5_REVISION_5,
     2,
     {T("51-[\"a\"," P0 "]"), B64("*")},
     .rc = SIO_OK,
     .args = "\"\""},
};

#define N_ROWS (sizeof rows / sizeof rows[0])

/* The same message in memory of its own, which ends where it ends. Free data.data by *bytes. */
static sio_eio_packet
copy_of(const sio_eio_packet *m, char **bytes)
{
    sio_eio_packet copy = *m;

    *bytes = malloc(m->data.len + 1);
    if (*bytes == NULL)
        abort();
    memcpy(*bytes + 1, m->data.data, m->data.len);
    copy.data.data = *bytes + 1;
    return copy;
}

static void
check_args(const sio5_packet *p, const char *want)
{
    sio_buf args;

    sio_buf_init(&args, SIZE_MAX);
    sio_placeholder_to_base64(p->args, p->attachments, p->n_attachments, &args);
    CHECK_VIEW(sio_buf_view(&args), want);
    sio_buf_fini(&args);
}

/*
 * Add the messages of a row until one is refused. Only a packet that did not wait
 * views its message, so another message is freed before the result is looked at.
 */
static int
add_messages(sio5_decoder *d, size_t row)
{
    int rc = SIO_PARTIAL;

    for (unsigned k = 0; k < rows[row].n && (rc == SIO_PARTIAL || rc == SIO_OK); k++) {
        const bool           was_waiting = sio5_decoder_is_waiting(d);
        char                *bytes;
        const sio_eio_packet m = copy_of(&rows[row].messages[k], &bytes);
        sio5_packet          p;

        rc = sio5_decoder_add(d, &m, &p);
        if (was_waiting) {
            free(bytes);
            bytes = NULL;
        }
        if (rc == SIO_OK && k + 1 == rows[row].n)
            check_args(&p, rows[row].args);
        free(bytes);
    }
    return rc;
}

static void
test_vectors(void)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        const sio5_rules rules = sio5_rules_of(rows[i].revision);
        sio5_decoder     d;

        check_row = rows[i].row;
        sio5_decoder_init(&d, &rules);
        CHECK_INT(add_messages(&d, i), rows[i].rc);
        CHECK_INT(sio5_decoder_is_waiting(&d), rows[i].rc == SIO_PARTIAL);
        sio5_decoder_fini(&d);
    }
}

static void
test_all_fields_outlive_their_message(void)
{
    static const sio_eio_packet text = T("51-/a?q=1,7[\"e\"," P0 "]"), bytes = B("\x01\x02");
    const sio5_rules            rules = sio5_rules_of(SIO5_REVISION_4);
    char                       *memory;
    const sio_eio_packet        first = copy_of(&text, &memory);
    sio5_decoder                d;
    sio5_packet                 p;

    sio5_decoder_init(&d, &rules);
    CHECK_INT(sio5_decoder_add(&d, &first, &p), SIO_PARTIAL);
    free(memory);
    if (CHECK_INT(sio5_decoder_add(&d, &bytes, &p), SIO_OK)) {
        CHECK_VIEW(p.nsp, "/a");
        CHECK_VIEW(p.query, "q=1");
        CHECK_VIEW(p.id, "7");
        CHECK_VIEW(p.name, "\"e\"");
        CHECK_VIEW(p.args, P0);
        CHECK_INT(p.n_attachments, 1);
        CHECK_VIEW(p.attachments[0], "\x01\x02");
    }
    sio5_decoder_fini(&d);
}

/* One packet with two attachments of 300 bytes, when so many bytes may wait. */
static int
add_600_bytes(size_t max_waiting_bytes, sio_eio_form form)
{
    static const sio_eio_packet text = T("52-[\"a\"," P0 "," P1 "]");
    const sio5_rules rules = {SIO5_REVISION_5, MAX_DEPTH, MAX_ATTACHMENTS, max_waiting_bytes};
    sio_eio_packet   bytes = {.type = SIO_EIO_MESSAGE, .form = form};
    char             letters[400]; /* are base64 too, of 300 bytes */
    sio5_decoder     d;
    sio5_packet      p;
    int              rc;

    memset(letters, 'A', sizeof letters);
    bytes.data = (sio_view){letters, form == SIO_EIO_BASE64 ? 400 : 300};
    sio5_decoder_init(&d, &rules);
    rc = sio5_decoder_add(&d, &text, &p);
    for (int i = 0; i < 2 && rc == SIO_PARTIAL; i++)
        rc = sio5_decoder_add(&d, &bytes, &p);
    CHECK(!sio5_decoder_is_waiting(&d));
    sio5_decoder_fini(&d);
    return rc;
}

static void
test_waiting_bytes_are_bounded(void)
{
    const size_t all = 600 + sizeof "52-[\"a\"," P0 "," P1 "]" - 1;

    CHECK_INT(add_600_bytes(all, SIO_EIO_BINARY), SIO_OK);
    CHECK_INT(add_600_bytes(all, SIO_EIO_BASE64), SIO_OK);
    CHECK_INT(add_600_bytes(all - 1, SIO_EIO_BINARY), SIO_TOO_LARGE);
    CHECK_INT(add_600_bytes(all - 1, SIO_EIO_BASE64), SIO_TOO_LARGE);
    CHECK_INT(add_600_bytes(400, SIO_EIO_BINARY), SIO_TOO_LARGE);
    CHECK_INT(add_600_bytes(10, SIO_EIO_BINARY), SIO_TOO_LARGE);
}

/* What is nested too deep takes its attachments along, so that what follows is understood. */
static void
test_too_deep_is_over_with_its_attachments(void)
{
    static const sio_eio_packet plain = T("2[\"a\",[[[[[[[[1]]]]]]]]]"), next = T("2[\"b\",1]"),
                                text = T("52-/a,[\"a\",[[[[[[[[" P0 "," P1 "]]]]]]]]]"),
                                bytes = B("\x01");
    const sio5_rules rules = sio5_rules_of(SIO5_REVISION_5);
    sio5_decoder     d;
    sio5_packet      p;

    sio5_decoder_init(&d, &rules);
    CHECK_INT(sio5_decoder_add(&d, &plain, &p), SIO_TOO_DEEP);
    CHECK_INT(sio5_decoder_add(&d, &text, &p), SIO_PARTIAL);
    CHECK_INT(sio5_decoder_add(&d, &bytes, &p), SIO_PARTIAL);
    CHECK_INT(sio5_decoder_add(&d, &bytes, &p), SIO_TOO_DEEP);
    CHECK_VIEW(p.nsp, "/a");
    CHECK_INT(p.n_attachments, 2);
    CHECK_INT(sio5_decoder_add(&d, &next, &p), SIO_OK);
    CHECK_VIEW(p.args, "1");
    CHECK_INT(sio5_decoder_add(&d, &bytes, &p), SIO_BAD);
    sio5_decoder_fini(&d);
}

static void
test_after_a_refusal_it_is_idle_again(void)
{
    static const sio_eio_packet text = T("51-[\"a\"," P0 "]"), bytes = B("\x01");
    const sio5_rules            rules = sio5_rules_of(SIO5_REVISION_5);
    sio5_decoder                d;
    sio5_packet                 p;

    sio5_decoder_init(&d, &rules);
    CHECK_INT(sio5_decoder_add(&d, &text, &p), SIO_PARTIAL);
    CHECK_INT(sio5_decoder_add(&d, &text, &p), SIO_BAD);
    CHECK_INT(sio5_decoder_add(&d, &bytes, &p), SIO_BAD);
    CHECK_INT(sio5_decoder_add(&d, &text, &p), SIO_PARTIAL);
    CHECK_INT(sio5_decoder_add(&d, &bytes, &p), SIO_OK);
    sio5_decoder_fini(&d);
}

int
main(void)
{
    RUN(test_vectors);
    RUN(test_all_fields_outlive_their_message);
    RUN(test_waiting_bytes_are_bounded);
    RUN(test_too_deep_is_over_with_its_attachments);
    RUN(test_after_a_refusal_it_is_idle_again);
    return check_done();
}
