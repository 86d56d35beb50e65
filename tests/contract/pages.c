/*
 * "--reach": pages of an application on the port of the clients.
 *
 *     /app/echo      tells what was asked, as JSON
 *     /app/files/    the same, for all that is below
 *     /app/later     says "later" when somebody asks for /app/now; at most one waits
 *     /app/now       "now"
 *     /app/large     as many bytes as its query "n" says
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/contract/contract.h"

static void
echo_page(sio_page *page, void *arg)
{
    size_t             n_path, n_body, n_type = 0;
    const char        *path = sio_page_path(page, &n_path), *body = sio_page_body(page, &n_body);
    const char        *type = sio_page_header(page, "Content-Type", &n_type);
    char              *query = sio_page_query(page, "q"), *field = sio_page_field(page, "f");
    char              *address = sio_page_address(page);
    sio_args          *args = sio_args_new();
    const sio_content *json;

    sio_args_add(args,
                 "{\"route\":%s,\"method\":%s,\"path\":%.*s,\"query\":%s,\"field\":%s,"
                 "\"type\":%.*s,\"body\":%.*s,\"address\":%s}",
                 (const char *)arg, sio_page_method(page), (int)n_path, path, query, field,
                 (int)n_type, type, (int)n_body, body, address);
    json = sio_args_content(args, "");
    sio_page_set_header(page, "Cache-Control", "no-store");
    if (json != NULL)
        sio_page_answer(page, 200, "application/json", json->args_json, json->args_len);
    else
        sio_page_answer(page, 400, "text/plain", "not a text", 10);
    sio_args_free(args);
    free(query);
    free(field);
    free(address);
}

static sio_page *waiting; /* for an answer */

static void
answer_waiting(const char *text)
{
    if (waiting != NULL)
        sio_page_answer(waiting, 200, "text/plain", text, strlen(text));
    waiting = NULL;
}

static void
page_later(sio_page *page, void *arg)
{
    (void)arg;
    answer_waiting("another has come");
    waiting = page;
}

static void
page_now(sio_page *page, void *arg)
{
    (void)arg;
    answer_waiting("later");
    sio_page_answer(page, 200, "text/plain", "now", 3);
}

static void
page_large(sio_page *page, void *arg)
{
    char        *n = sio_page_query(page, "n");
    const size_t len = n != NULL ? strtoul(n, NULL, 10) : 0;
    char        *text = malloc(len + 1);

    (void)arg;
    if (text != NULL)
        memset(text, 'x', len);
    sio_page_answer(page, 200, "text/plain", text, text != NULL ? len : 0);
    free(text);
    free(n);
}

void
serve_pages(sio_server *io)
{
    static char echo[] = "echo", files[] = "files";

    if (sio_route(io, "/app/echo", echo_page, echo) != 0 ||
        sio_route(io, "/app/files/*", echo_page, files) != 0 ||
        sio_route(io, "/app/later", page_later, NULL) != 0 ||
        sio_route(io, "/app/now", page_now, NULL) != 0 ||
        sio_route(io, "/app/large", page_large, NULL) != 0)
        fprintf(stderr, "contract-server: %s\n", sio_error(io));
}
