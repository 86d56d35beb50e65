#include "server/admin/status_page.h"

#include <string.h>

#include "protocol/base64.h"
#include "server/admin/admin_reply.h"
#include "server/base/digest.h"

/* The file, as it is when this is compiled. */
__asm__(".section .rodata\n"
        "status_html_begin:\n"
        ".incbin \"server/admin/status.html\"\n"
        "status_html_end:\n"
        ".byte 0\n"
        ".previous\n");

extern const char status_html_begin[], status_html_end[];

/* What is between two tags, which are there once. Empty: they are not. */
static sio_view
between(sio_view page, const char *begin, const char *end)
{
    const char *from = memmem(page.data, page.len, begin, strlen(begin));
    const char *to;

    if (from == NULL)
        return SIO_VIEW("");
    from += strlen(begin);
    to = memmem(from, page.len - (size_t)(from - page.data), end, strlen(end));
    return to != NULL ? (sio_view){from, (size_t)(to - from)} : SIO_VIEW("");
}

/* Rule: Content Security Policy Level 3, 2.3.1 (hash-source). */
static void
add_source(const char *directive, sio_view text, sio_buf *out)
{
    uint8_t digest[SIO_SHA256_BYTES];

    if (!sio_digest_sha256(text, digest)) {
        out->failed = true;
        return;
    }
    sio_buf_add_str(out, directive);
    sio_buf_add_str(out, " 'sha256-");
    sio_base64_encode((sio_view){(const char *)digest, sizeof digest}, out);
    sio_buf_add_str(out, "'; ");
}

void
sio_status_page_policy(sio_view page, sio_buf *out)
{
    sio_buf_add_str(out, "default-src 'none'; connect-src 'self'; img-src data:; ");
    add_source("script-src", between(page, "<script>", "</script>"), out);
    add_source("style-src", between(page, "<style>", "</style>"), out);
    sio_buf_add_str(out, "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
}

void
sio_status_page_serve(sio_exchange *x, const sio_admin_request *r)
{
    /* cppcheck-suppress comparePointers ; both are labels in the one page above */
    const sio_view page = {status_html_begin, (size_t)(status_html_end - status_html_begin)};
    sio_buf        body, policy;

    (void)r;
    sio_buf_init(&body, SIZE_MAX);
    sio_buf_init(&policy, SIZE_MAX);
    sio_buf_add_view(&body, page);
    sio_status_page_policy(page, &policy);
    body.failed = body.failed || policy.failed;
    sio_admin_reply_with(x, 200, "text/html; charset=utf-8", &body, "Content-Security-Policy",
                         sio_buf_view(&policy));
    sio_buf_fini(&policy);
    sio_buf_fini(&body);
}
