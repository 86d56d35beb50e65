#include "server/backends/curl_client.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/result.h"
#include "server/backends/curl_library.h"
#include "server/backends/tls_files.h"

/* A slot: the handle is made once, with what is the same for all calls. */
typedef struct {
    sio_http_call      base;
    sio_link           link; /* in one of the lists of the client */
    sio_curl_client   *client;
    CURL              *easy;
    struct curl_slist  headers[1 + SIO_HTTP_CALL_MAX_HEADERS];
    size_t             n_header_bytes; /* of the answer */
    sio_buf            head;           /* likewise, if it is kept */
    sio_buf            answer;
    CURLcode           result;
    sio_http_answer_fn fn;
    void              *arg;
    char               error[CURL_ERROR_SIZE];
} curl_call;

struct sio_curl_client {
    sio_curl_library        curl;
    sio_http_client_options options;
    CURLM                  *multi;
    sio_http_loop           loop;
    sio_tls_files           files;
    sio_timer               timer; /* what libcurl waits for */
    sio_task                ended_task;
    sio_link                idle, running, ended;
    unsigned                n_calls; /* made so far */
};

/* --- What has ended. --- */

static void
note_end(sio_curl_client *c, CURL *easy, CURLcode result)
{
    curl_call *call = NULL;

    (void)c->curl.easy_getinfo(easy, CURLINFO_PRIVATE, (char **)(void *)&call);
    (void)c->curl.multi_remove_handle(c->multi, easy);
    call->result = result;
    sio_link_remove(&call->link);
    sio_link_append(&c->ended, &call->link);
    sio_deferred_add(c->loop.deferred, &c->ended_task);
}

static void
collect_ended(sio_curl_client *c)
{
    const CURLMsg *message;
    int            n_left;

    while ((message = c->curl.multi_info_read(c->multi, &n_left)) != NULL)
        if (message->msg == CURLMSG_DONE)
            note_end(c, message->easy_handle, message->data.result);
}

/* Has a byte of the request been given to the system? */
static bool
was_sent(const curl_call *call)
{
    long n = 0;

    (void)call->client->curl.easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &n);
    return n > 0;
}

static sio_http_outcome
outcome_of(const curl_call *call)
{
    switch (call->result) {
    case CURLE_OK:
        return SIO_HTTP_ANSWERED;
    case CURLE_WRITE_ERROR: /* what our functions below say */
        return SIO_HTTP_TOO_LARGE;
    default:
        return was_sent(call) ? SIO_HTTP_LOST : SIO_HTTP_UNSENT;
    }
}

static unsigned
retry_after_of(const curl_call *call)
{
    curl_off_t s = 0;

    (void)call->client->curl.easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &s);
    return s <= 0 ? 0 : s > 86400 ? 86400 : (unsigned)s;
}

static const char *
why_of(const curl_call *call, sio_http_outcome outcome)
{
    if (outcome == SIO_HTTP_TOO_LARGE)
        return "the answer is too large";
    return call->error[0] != '\0' ? call->error : call->client->curl.easy_strerror(call->result);
}

/* The slot is free before fn is told, as that may make the next call with it. */
static void
tell_end(curl_call *call)
{
    sio_curl_client       *c = call->client;
    const sio_http_outcome outcome = outcome_of(call);
    sio_http_answer        answer = {.outcome = outcome};
    sio_buf                head = call->head, body = call->answer;
    char                   why[CURL_ERROR_SIZE] = "";
    long                   status = 0;

    if (outcome == SIO_HTTP_ANSWERED || outcome == SIO_HTTP_TOO_LARGE) {
        (void)c->curl.easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
        answer.status = (unsigned)status;
        answer.retry_after_s = retry_after_of(call);
    }
    if (outcome == SIO_HTTP_ANSWERED) {
        answer.head = sio_buf_view(&head);
        answer.body = sio_buf_view(&body);
    } else {
        snprintf(why, sizeof why, "%s", why_of(call, outcome));
    }
    answer.why = why;
    sio_buf_init(&call->head, SIO_HTTP_CALL_MAX_HEADER_BYTES);
    sio_buf_init(&call->answer, c->options.max_answer_bytes);
    sio_link_remove(&call->link);
    sio_link_append(&c->idle, &call->link);
    call->fn(call->arg, &answer);
    sio_buf_fini(&head);
    sio_buf_fini(&body);
}

static void
tell_ends(sio_task *task)
{
    sio_curl_client *c = SIO_CONTAINER(task, sio_curl_client, ended_task);

    while (!sio_link_empty(&c->ended))
        tell_end(SIO_CONTAINER(c->ended.next, curl_call, link));
}

/* --- What libcurl wants of the loop, and is told by it. --- */

static void
on_http_socket(evutil_socket_t fd, short what, void *arg)
{
    sio_curl_client *c = arg;
    const int        events = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
                       ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
    int n_running;

    sio_deferred_note_turn(c->loop.deferred);
    (void)c->curl.multi_socket_action(c->multi, fd, events, &n_running);
    collect_ended(c);
}

static void
on_http_timer(sio_timer *timer)
{
    sio_curl_client *c = SIO_CONTAINER(timer, sio_curl_client, timer);
    int              n_running;

    (void)c->curl.multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &n_running);
    collect_ended(c);
}

/* -1 is for ever (CURLMOPT_TIMERFUNCTION). */
static int
set_http_timer(CURLM *multi, long delay_ms, void *arg)
{
    sio_curl_client *c = arg;

    (void)multi;
    if (delay_ms < 0)
        sio_timer_cancel(c->loop.timers, &c->timer);
    else
        sio_timer_set(c->loop.timers, &c->timer,
                      delay_ms < (long)SIO_TIMER_MAX_DELAY_MS ? (unsigned)delay_ms
                                                              : SIO_TIMER_MAX_DELAY_MS);
    return 0;
}

/* *event: of that socket, or NULL: it is new. -1: no memory; then libcurl ends all calls. */
static int
watch_socket(sio_curl_client *c, curl_socket_t fd, struct event *event, short what)
{
    const bool is_new = event == NULL;

    if (is_new && (event = event_new(c->loop.base, fd, what, on_http_socket, c)) == NULL)
        return -1;
    if (!is_new) {
        (void)event_del(event);
        (void)event_assign(event, c->loop.base, fd, what, on_http_socket, c);
    }
    if (event_add(event, NULL) == 0 &&
        (!is_new || c->curl.multi_assign(c->multi, fd, event) == CURLM_OK))
        return 0;
    if (is_new) /* the other one is libcurl's until it removes it */
        event_free(event);
    return -1;
}

static int
on_socket_wanted(CURL *easy, curl_socket_t fd, int what, void *arg, void *of_socket)
{
    sio_curl_client *c = arg;
    struct event    *event = of_socket;

    (void)easy;
    if (what != CURL_POLL_REMOVE)
        return watch_socket(c, fd, event,
                            (short)(EV_PERSIST | ((what & CURL_POLL_IN) != 0 ? EV_READ : 0) |
                                    ((what & CURL_POLL_OUT) != 0 ? EV_WRITE : 0)));
    if (event != NULL)
        event_free(event);
    return 0;
}

/* --- An answer. --- */

static size_t
add_to_answer(char *bytes, size_t size, size_t n, void *arg)
{
    curl_call *call = arg;

    sio_buf_add(&call->answer, bytes, size * n);
    return call->answer.failed ? 0 : size * n;
}

/* libcurl calls for each line, with its end, and with that of interim answers, too. */
static size_t
take_header(char *bytes, size_t size, size_t n, void *arg) // NOLINT(*-non-const-parameter): curl's
{
    curl_call     *call = arg;
    const sio_view line = sio_view_trim((sio_view){bytes, size * n});

    call->n_header_bytes += size * n;
    if (call->n_header_bytes > SIO_HTTP_CALL_MAX_HEADER_BYTES)
        return 0;
    if (!call->client->options.keeps_head || line.len == 0)
        return size * n;
    if (line.len >= 5 && memcmp(line.data, "HTTP/", 5) == 0)
        sio_buf_clear(&call->head);
    sio_buf_add_view(&call->head, line);
    sio_buf_add_str(&call->head, "\r\n");
    return call->head.failed ? 0 : size * n;
}

/* --- A call. --- */

/* The contents, which stay where they are; none: libcurl's own default. */
static bool
set_file(const curl_call *call, CURLoption option, const sio_buf *file)
{
    struct curl_blob blob = {.data = file->data, .len = file->len, .flags = CURL_BLOB_NOCOPY};

    return file->len == 0 || call->client->curl.easy_setopt(call->easy, option, &blob) == CURLE_OK;
}

/* What is the same for all. */
static bool
prepare_handle(curl_call *call)
{
    const sio_curl_library        *curl = &call->client->curl;
    const sio_http_client_options *o = &call->client->options;
    CURL                          *easy = call->easy;
    unsigned                       rc = CURLE_OK; /* all of them */

    rc |= curl->easy_setopt(easy, CURLOPT_PRIVATE, (char *)call);
    rc |= curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, call->error);
    rc |= curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    rc |= curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
    rc |= curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    rc |= curl->easy_setopt(easy, CURLOPT_PROXY, ""); /* not even that of the environment */
    rc |= curl->easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    rc |= curl->easy_setopt(easy, CURLOPT_USERAGENT, "siobroker/" SIO_VERSION);
    rc |= curl->easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)SIO_HTTP_CALL_MAX_IDLE_S);
    rc |= curl->easy_setopt(easy, CURLOPT_FRESH_CONNECT, o->is_sent_once ? 1L : 0L);
    rc |= curl->easy_setopt(easy, CURLOPT_FORBID_REUSE, o->is_sent_once ? 1L : 0L);
    rc |= curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_timeout_ms);
    rc |= curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)o->timeout_ms);
    rc |= curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, add_to_answer);
    rc |= curl->easy_setopt(easy, CURLOPT_WRITEDATA, call);
    rc |= curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    rc |= curl->easy_setopt(easy, CURLOPT_HEADERDATA, call);
    rc |= curl->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, o->trusts_all ? 0L : 1L);
    rc |= curl->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, o->trusts_all ? 0L : 2L);
    return rc == CURLE_OK && set_file(call, CURLOPT_CAINFO_BLOB, &call->client->files.ca) &&
           set_file(call, CURLOPT_SSLCERT_BLOB, &call->client->files.certificate) &&
           set_file(call, CURLOPT_SSLKEY_BLOB, &call->client->files.key);
}

/* In `running`, libcurl has it; in `ended`, not any more, and to take it out again is allowed. */
static void
cancel_curl_call(sio_http_call *base)
{
    curl_call       *call = SIO_CONTAINER(base, curl_call, base);
    sio_curl_client *c = call->client;

    (void)c->curl.multi_remove_handle(c->multi, call->easy);
    sio_link_remove(&call->link);
    sio_link_append(&c->idle, &call->link);
}

static void
free_call(curl_call *call)
{
    sio_link_remove(&call->link);
    call->client->n_calls--;
    call->client->curl.easy_cleanup(call->easy);
    sio_buf_fini(&call->head);
    sio_buf_fini(&call->answer);
    free(call);
}

static curl_call *
new_call(sio_curl_client *c)
{
    curl_call *call = calloc(1, sizeof *call);

    if (call == NULL)
        return NULL;
    sio_link_init(&call->link);
    call->base.cancel = cancel_curl_call;
    call->client = c;
    c->n_calls++;
    sio_buf_init(&call->head, SIO_HTTP_CALL_MAX_HEADER_BYTES);
    sio_buf_init(&call->answer, c->options.max_answer_bytes);
    if ((call->easy = c->curl.easy_init()) == NULL || !prepare_handle(call)) {
        free_call(call);
        return NULL;
    }
    sio_link_append(&c->idle, &call->link);
    return call;
}

/* "Expect:" takes away what libcurl would add to a long body; most servers ignore it. */
static bool
set_headers(curl_call *call, const sio_http_post *post)
{
    static char no_expect[] = "Expect:";

    if (post->n_headers > SIO_HTTP_CALL_MAX_HEADERS)
        return false;
    call->headers[0] = (struct curl_slist){.data = no_expect};
    for (size_t i = 0; i < post->n_headers; i++) {
        char *line;

        /* libcurl only reads, but says so nowhere in its types. */
        memcpy(&line, &post->headers[i], sizeof line);
        call->headers[i].next = &call->headers[i + 1];
        call->headers[i + 1] = (struct curl_slist){.data = line};
    }
    return call->client->curl.easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers) ==
           CURLE_OK;
}

/* What is no GET or HEAD is a POST with another name. This replaces what the last call has set. */
static bool
set_method(curl_call *call, const char *method)
{
    const sio_curl_library *curl = &call->client->curl;
    const bool              is_bodiless = sio_http_call_is_bodiless(method);
    CURLcode                rc;

    if (!is_bodiless)
        rc = curl->easy_setopt(call->easy, CURLOPT_POST, 1L);
    else if (method[0] == 'G')
        rc = curl->easy_setopt(call->easy, CURLOPT_HTTPGET, 1L);
    else
        rc = curl->easy_setopt(call->easy, CURLOPT_NOBODY, 1L);
    return rc == CURLE_OK && curl->easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST,
                                               is_bodiless ? NULL : method) == CURLE_OK;
}

static bool
set_body(curl_call *call, const sio_http_post *post)
{
    const sio_curl_library *curl = &call->client->curl;
    const sio_view          body = post->body;

    if (sio_http_call_is_bodiless(post->method))
        return true;
    return curl->easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len) ==
               CURLE_OK &&
           curl->easy_setopt(call->easy, CURLOPT_POSTFIELDS, body.len > 0 ? body.data : "") ==
               CURLE_OK;
}

/* The last one used, which is in the cache; or a new one. NULL: no room, or no memory. */
static curl_call *
take_call(sio_curl_client *c)
{
    if (!sio_link_empty(&c->idle))
        return SIO_CONTAINER(c->idle.prev, curl_call, link);
    return c->n_calls < c->options.max_calls ? new_call(c) : NULL;
}

sio_http_call *
sio_curl_client_post(sio_curl_client *c, const sio_http_post *post, sio_http_answer_fn fn,
                     void *arg)
{
    curl_call *call = take_call(c);

    if (call == NULL)
        return NULL;
    sio_buf_clear(&call->head);
    sio_buf_clear(&call->answer);
    call->n_header_bytes = 0;
    call->error[0] = '\0';
    call->fn = fn;
    call->arg = arg;
    if (c->curl.easy_setopt(call->easy, CURLOPT_URL, post->url) != CURLE_OK ||
        !set_method(call, post->method) || !set_headers(call, post) || !set_body(call, post) ||
        c->curl.multi_add_handle(c->multi, call->easy) != CURLM_OK)
        return NULL;
    sio_link_remove(&call->link);
    sio_link_append(&c->running, &call->link);
    return &call->base;
}

/* --- The client. --- */

static bool
prepare_multi(sio_curl_client *c)
{
    int rc = CURLM_OK; /* all of them */

    rc |= c->curl.multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
    rc |= c->curl.multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    rc |= c->curl.multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, set_http_timer);
    rc |= c->curl.multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    /* By default it follows the number of calls under way, and closes what would be used next. */
    rc |= c->curl.multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)c->options.max_calls);
    return rc == CURLM_OK;
}

int
sio_curl_client_new(sio_curl_client **out, const sio_http_loop *loop,
                    const sio_http_client_options *options, sio_buf *error)
{
    const sio_http_client_options *o = options;
    sio_curl_client               *c = calloc(1, sizeof *c);
    int                            rc = SIO_ERR_NOMEM;

    if (c == NULL || (rc = sio_curl_library_begin(&c->curl, error)) != SIO_OK) {
        free(c);
        return rc;
    }
    c->options = *options;
    c->loop = *loop;
    c->timer.fire = on_http_timer;
    sio_task_init(&c->ended_task, tell_ends);
    sio_link_init(&c->idle);
    sio_link_init(&c->running);
    sio_link_init(&c->ended);
    rc = sio_tls_files_read(&c->files, o->ca_file, o->certificate, o->key, error);
    if (rc == SIO_OK && ((c->multi = c->curl.multi_init()) == NULL || !prepare_multi(c))) {
        sio_buf_add_str(error, "out of memory");
        rc = SIO_ERR_NOMEM;
    }
    if (rc == SIO_OK)
        *out = c;
    else
        sio_curl_client_free(c);
    return rc;
}

static void
free_calls(sio_link *list)
{
    while (!sio_link_empty(list))
        free_call(SIO_CONTAINER(list->next, curl_call, link));
}

void
sio_curl_client_free(sio_curl_client *c)
{
    if (c == NULL)
        return;
    while (!sio_link_empty(&c->running))
        cancel_curl_call(&SIO_CONTAINER(c->running.next, curl_call, link)->base);
    free_calls(&c->ended);
    free_calls(&c->idle);
    if (c->multi != NULL)
        (void)c->curl.multi_cleanup(c->multi);
    sio_timer_cancel(c->loop.timers, &c->timer);
    sio_task_cancel(&c->ended_task);
    sio_curl_library_end(&c->curl);
    sio_tls_files_fini(&c->files);
    free(c);
}
