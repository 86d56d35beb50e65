/*
 * siobroker.h - the application interface of siobroker, a Socket.IO broker in C.
 *
 * The words are those of Socket.IO, so that an application for Node reads the same in C:
 *
 *     io.sockets.on('connection', function (socket) {
 *         socket.emit('server', {server: 'Server1'});
 *     });
 *
 * is
 *
 *     static void
 *     greet(sio_socket *socket, void *arg)
 *     {
 *         (void)arg;
 *         sio_emit(socket, "server", "[{\"server\":\"Server1\"}]");
 *     }
 *     ...
 *     sio_on_connection(sio_sockets(io), greet, NULL);
 *
 * Everything runs on one event loop, in one thread: callbacks come from inside sio_run() (or from
 * the loop that the program brought) and nothing here may be called from another thread. A callback
 * may end any session, its own too: a socket given to a callback stays valid until that returns.
 * A socket that has left is gone after that; until then sending to it does nothing and returns 0.
 *
 * Texts are UTF-8. Arguments are JSON, nested at most 2,000 deep; what clients send is nested at
 * most "max json depth". Nothing passed in is kept after the call unless it says so. Pointers are
 * not NULL unless it says what that means; each arg is handed to its callback, whatever it is.
 * Times are in ms, and at most 30 days: longer ones are taken as that.
 *
 * A function that can fail returns -1 or NULL, and has done nothing then; sio_error() says why. Who
 * sets a server up need not look for want of memory each time: if one of these calls has found
 * none, sio_listen() and sio_join_cluster() fail.
 *
 * U+0000 ends a C string. So what is handed out as one has none, not even as \u0000 where it is
 * JSON: a client that says one in the query of its request or of a namespace, or in its auth
 * object, is refused, and neither names of rooms nor keys of data can have any. What comes with a
 * length (messages, arguments, answers, attachments) is as it came.
 *
 * Clients of socket.io 0.9 to 4.x are all the same here. What the old ones can not do: a client of
 * 0.9 gets each attachment as a string in base64, in its place in the arguments, and sends none; it
 * knows nothing of the auth object, nor of why a namespace has refused it.
 *
 *     a server      Server; Settings, and the command line; Running; Timers, and other threads;
 *                   Counters and log; The end, and errors
 *     its places    Namespaces; Pages of the application; Requests to other servers
 *     a client      Who may connect; A guard; What clients send; Acknowledging what clients send;
 *                   Sending to one client; With lengths; Arguments made one by one; One client;
 *                   Rooms; Data of a client
 *     many          Many sockets; Questions to many; What many are to do; Several instances
 */
#ifndef SIOBROKER_H
#define SIOBROKER_H

#include <stdbool.h>
#include <stddef.h>

/* Compilers warn where the NULL behind the texts is missing, or a format does not fit. */
#ifdef __GNUC__
#define SIO_TEXTS             __attribute__((sentinel))
#define SIO_FORMAT(at, first) __attribute__((format(printf, at, first)))
#else
#define SIO_TEXTS
#define SIO_FORMAT(at, first)
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct event_base; /* libevent */
struct cJSON;

typedef struct sio_server    sio_server;
typedef struct sio_namespace sio_namespace;
typedef struct sio_socket    sio_socket; /* one client in one namespace */
typedef struct sio_event     sio_event;  /* what a client sent; valid during the callback */
typedef struct sio_ack_later sio_ack_later;

/*
 * Bytes beside JSON, called attachments. In the arguments {"_placeholder":true,"num":i} stands for
 * the i-th of them (from 0). Where there are none such an object means nothing.
 */
#ifndef SIO_BYTES
#define SIO_BYTES
struct sio_bytes {
    const char *data;
    size_t      len;
};
#endif
typedef struct sio_bytes sio_bytes;

/* --- Server. --- */

/*
 * A new server with the default settings, on base (borrowed), or with NULL on a loop of its own.
 * NULL: out of memory, or the system has no random numbers.
 */
sio_server *sio_server_new(struct event_base *base);

/* --- Settings, and the command line. --- */

/*
 * Change a setting before sio_listen(); afterwards that is refused. key is a socket.io 0.9 option
 * name ("heartbeat interval") or one of ours ("redis"); value is JSON ("25", "\"*:*\"",
 * "[\"websocket\"]"). Returns 0, or -1 and then sio_error() tells what is allowed.
 */
int sio_set(sio_server *io, const char *key, const char *value);

/* The same for all in a JSON file. Returns 0, or -1 and then sio_error() names file and key. */
int sio_set_file(sio_server *io, const char *path);

/*
 * Read a command line with the options of the program siobroker (--port, --config, --help, ...)
 * into the settings. version is what --version prints after the name. Returns -1 to go on;
 * otherwise all is said already (help on standard output, mistakes on standard error) and the
 * result is the exit status. Before sio_listen(), once at a time in a process.
 */
int sio_options(sio_server *io, int argc, char *const argv[], const char *version);

/*
 * An option that a program has beside those of siobroker. A list ends with one without a name. Its
 * name and its letter must be free; at most 40 of them.
 */
typedef struct {
    const char *name;   /* without the dashes */
    char        letter; /* for the short form; 0: none */
    const char *value;  /* what --help calls the value that it takes, in capitals; NULL: none */
    const char *help;   /* lines with line ends between them; none at the end */
} sio_own_option;

/* A program on this library, as its command line shows it. All texts live as long as the server. */
typedef struct {
    const char           *name;    /* in --help, --version and errors; and the default of "name" */
    const char           *version; /* what --version prints after the name */
    const char           *about;   /* the line under "Usage:"; NULL: that of siobroker */
    const sio_own_option *options; /* NULL: none */
    /*
     * One of these options was given, value NULL if it takes none: called in the order of the
     * command line, once that is known to be well formed. Returns NULL, or what is wrong.
     */
    const char *(*take)(const sio_own_option *option, const char *value, void *arg);
    void *arg;
} sio_program;

/* As sio_options(), for a program with a name and options of its own. */
int sio_program_options(sio_server *io, int argc, char *const argv[], const sio_program *program);

/*
 * Become several processes, if the setting "workers" says so: this one stays as their master, and
 * each of the others has a server of its own with the same settings, on its own loop. Call it after
 * the settings, before anything else: what *io was told before (callbacks, timers) is not in the
 * new servers, and no thread may run.
 *
 *     1    here a server is to be prepared, to listen and to run: *io, which is a new one in a
 *          worker. Without workers it comes at once.
 *     0    the master, in the end: it was stopped, and so are the workers
 *     -1   the master: it could not begin, or a worker has failed; sio_error(*io) tells
 *
 * To its application a worker is what an instance of a cluster is (see "Several instances"), with
 * or without Redis: clients of all workers get what is broadcast, and a request of a client may
 * come to any of them. Signals are for the master, which hears SIGTERM and so on as sio_run() does
 * and tells its workers. A worker that ends is replaced: *io is prepared anew in its successor, so
 * what prepares it must not need what it has given up (see "user" at sio_listen()). sio_listen()
 * refuses a server with "workers" for which this was not called. A server on a loop that the
 * program has brought can have none.
 */
int sio_fork_workers(sio_server **io);

/*
 * A whole program: a server with that command line, which begin prepares before it listens, and
 * which runs until it is stopped. With "workers" that is done in each of them, as by
 * sio_fork_workers(). begin returns 0, or -1 when something has failed; then what
 * sio_error() tells is written to standard error, as when the server can not listen. Returns the
 * exit status.
 */
int sio_program_main(int argc, char *const argv[], const sio_program *program,
                     int (*begin)(sio_server *io));

/*
 * Read the settings again while the server listens: all that was given to sio_options(),
 * sio_set_file() and sio_set(), in that order, with what the files say now. Everything or nothing:
 * 0, or -1 and then sio_error() tells why, and all stays as it was. server/manual/operations.md
 * says which settings change at once, for new clients, or only by a restart (a warning in the log
 * names these). SIGHUP does it where this server catches signals. Not from a callback of the server
 * but a timer.
 */
int sio_reload(sio_server *io);

/* Call fn whenever the settings have changed in that way; sio_get() tells what they are. */
void sio_on_reload(sio_server *io, void (*fn)(void *arg), void *arg);

/* The value of a setting as JSON, to be freed by the caller; NULL: no such key, or no memory. */
char *sio_get(const sio_server *io, const char *key);

/*
 * Has an option of the command line set it? For a program that has settings from elsewhere, too,
 * over which the command line is to win. False for a key that there is not.
 */
bool sio_is_option(const sio_server *io, const char *key);

/* The setting "name", what this instance is called. Valid until settings are set or read again. */
const char *sio_name(const sio_server *io);

/* --- Running. --- */

/*
 * Accept connections, as the settings say. From here on a thread writes the log, so a program that
 * forks into the background does it before. Returns 0, or -1 and then sio_error() tells why; after
 * other settings it may be tried again. Once it has succeeded, or after sio_stop(), it always
 * fails.
 *
 * With "user" the whole process has become that user when this returns, all its threads. With
 * "sandbox" this thread, and those that it starts from now on, can not write or execute files any
 * more; so what the application writes is opened before.
 */
int sio_listen(sio_server *io);

/*
 * The same, but no connection is accepted: for a worker that sends to the clients of the other
 * instances ("redis"), asks about them, acknowledges by tokens, or takes wills over. What is sent
 * before Redis is connected is lost: see sio_on_ready(). Settings about listening do not matter.
 */
int sio_join_cluster(sio_server *io);

/*
 * Call fn once, from the loop, when the server has begun: it is known whether Redis can be reached
 * (after a second at most), and from here on what is sent to the other instances is not lost for
 * want of a connection that is about to come. NULL: nobody.
 */
void sio_on_ready(sio_server *io, void (*fn)(void *arg), void *arg);

/*
 * The port that is listened on, of interest after the setting "port": 0. Of several listeners that
 * of the first one; 0: all are unix sockets.
 */
unsigned sio_port(const sio_server *io);

/*
 * Run the loop until this server has stopped. On a loop of its own SIGTERM, SIGINT and SIGALRM stop
 * it, from sio_listen() on until it is freed; SIGUSR1 writes the counters to the log, SIGHUP
 * (unless it was ignored before, as by nohup) reads the settings again. SIGUSR2 starts the program
 * anew, as it was started, and hands over what the server listens on; when the new one serves, this
 * one drains and stops. That needs sio_options() or sio_program_options(). A program that brings
 * its loop decides about these itself. SIGPIPE is ignored from sio_listen() on, with
 * any loop, unless the program handles it. Returns 0, or -1.
 */
int sio_run(sio_server *io);

/*
 * Call fn for each of these signals before the server does what they ask for; true: fn has dealt
 * with it, and the server does nothing. It catches them from here on, rather than from sio_listen()
 * on, unless the loop is the program's. Returns 0, or -1: no memory. fn NULL: nobody is asked.
 */
int sio_on_signal(sio_server *io, bool (*fn)(int number, void *arg), void *arg);

/* The loop that it runs on: the one that it was given, or its own, which lives as long as it. */
struct event_base *sio_loop(const sio_server *io);

/*
 * Stop, for good: accept nothing more, end the sessions, send what waits, then let sio_run()
 * return; a loop that the program runs by other means goes on. With "drain delay" or "drain time"
 * the server drains first. Called again, it goes on to its next step at once: from draining to
 * stopping, and then it waits for nobody.
 */
void sio_stop(sio_server *io);

/*
 * Drain: be not ready for "drain delay", while all goes on; then accept nothing more, and let the
 * sessions end, one after the other, within "drain time". The server is still there after that,
 * without clients, and waits for sio_stop(). Nothing happens before sio_listen(), or when it drains
 * or stops already.
 */
void sio_drain(sio_server *io);

/* Serve as before. 0, or -1: sessions end already, or it is to stop, or does not drain at all. */
int sio_undrain(sio_server *io);

/* --- Timers, and other threads. --- */

typedef struct sio_timeout sio_timeout;

/*
 * Call fn once, delay_ms from now (at most 30 days), never in this call. NULL when out of memory.
 * What is still set when the server is freed is forgotten.
 */
sio_timeout *sio_after(sio_server *io, unsigned delay_ms, void (*fn)(void *arg), void *arg);

/* fn will not be called. Only before it was called: then the timeout is gone. NULL is allowed. */
void sio_cancel(sio_timeout *timeout);

/*
 * Call fn from the loop, soon. The only function here that any thread may call: from
 * sio_server_new() on until sio_server_free() is called, which calls what still waits. In the order
 * of one thread. Returns 0, or -1: out of memory, or 65,536 wait already; sio_error() does not tell
 * of it, as that belongs to the thread of the loop. Nothing is called before sio_listen() or
 * sio_join_cluster().
 */
int sio_post(sio_server *io, void (*fn)(void *arg), void *arg);

/* --- Counters and log. --- */

/*
 * The counters of the server as a JSON object, to be freed by the caller; NULL: no memory. Their
 * names are in server/manual/limits.md, beside the limits that they belong to.
 */
char *sio_counters(const sio_server *io);

/*
 * Write one line to the log, which is standard error, at level 0 error, 1 warn, 2 info or 3 debug.
 * After sio_listen() this waits for no reader: when one is too slow for 256 KiB, lines are lost,
 * and the log says how many. sio_server_free() writes what is left, for 200 ms at most.
 */
void sio_log_line(const sio_server *io, int level, const char *text);

/* --- The end, and errors. --- */

/*
 * Free the server and everything in it. Sessions that are left end in this call, and on_disconnect
 * is told so. Not from one of its callbacks. NULL is allowed.
 */
void sio_server_free(sio_server *io);

/*
 * Why the last call failed that has returned -1, or NULL for want of something, as one line for a
 * person: of this server, its namespaces and its sockets. "": none has. sio_set(), sio_set_file(),
 * sio_listen(), sio_join_cluster() and sio_reload() forget it when they succeed; the others do not
 * touch it. Valid until the next call.
 */
const char *sio_error(const sio_server *io);

/* --- Namespaces: they live as long as the server, unless sio_of_match() says otherwise. --- */

/*
 * The namespace called name ("/chat"), made if it is not there yet; "" or "/" is the default one.
 * NULL: out of memory.
 */
sio_namespace *sio_of(sio_server *io, const char *name);

/* The same if it is there, else NULL: for names that come from outside. */
sio_namespace *sio_find_namespace(sio_server *io, const char *name);

/* The default namespace, as io.sockets. */
sio_namespace *sio_sockets(sio_server *io);

/*
 * Namespaces that are made as clients ask for them: for each name that no namespace has, match is
 * asked in the order of these calls, with what the client says about itself (as
 * sio_decision_auth()), and decides in the call. What is returned is their parent: nobody is in it.
 * A child has the callbacks that its parent has when it is made; those for events, of sio_use() and
 * of sio_use_events() may also be added later, and are asked before its own. A broadcast to the
 * parent is one to each child that is here; nothing else that takes an sio_to is possible with it.
 *
 * A child is there as long as a client is in it, wants to join, or may come back, or something that
 * was asked through it is awaited; so do not keep a pointer to it longer. sio_of() finds it, too.
 * There are at most "max dynamic namespaces"; clients are refused others (counter
 * "refused_namespaces"). NULL: out of memory.
 */
typedef bool (*sio_match_fn)(const char *name, const char *auth_json, void *arg);

sio_namespace *sio_of_match(sio_server *io, sio_match_fn match, void *arg);

/* "" for the default one; of a child the one that the client asked for. As long as it. */
const char *sio_namespace_name(const sio_namespace *nsp);

/* A client has joined the namespace. One callback for a namespace; the last one set counts. */
void sio_on_connection(sio_namespace *nsp, void (*fn)(sio_socket *socket, void *arg), void *arg);

/*
 * It leaves, for one of the reasons in server/manual/c-api.md. It can not be sent to any more; its
 * rooms are still known during the call, so this is "disconnecting" and "disconnect" in one.
 */
void sio_on_disconnect(sio_namespace *nsp,
                       void (*fn)(sio_socket *socket, const char *reason, void *arg), void *arg);

/*
 * --- Pages of the application, on the port of the clients. ---
 *
 *     static void
 *     hello(sio_page *page, void *arg)
 *     {
 *         (void)arg;
 *         sio_page_answer(page, 200, NULL, "<h1>Hello</h1>", 14);
 *     }
 *     ...
 *     sio_route(io, "/hello", hello, NULL);
 *
 * For a few small pages and calls by HTTP/1.1, with GET, HEAD and POST: other methods get 405. What
 * is large, or has to be read from a disk or another server, is better served by a web server in
 * front, as the loop waits for each of these functions.
 *
 * An application that is a web server itself takes all the rest, with any method:
 * sio_route_rest().
 */
typedef struct sio_page sio_page; /* a request, and the answer that it gets */

typedef void (*sio_route_fn)(sio_page *page, void *arg);

/*
 * Let fn answer the requests for path: one path, or, when its last segment is an asterisk, all that
 * begin with what stands before that. The path itself comes first, then the longest such beginning,
 * and the broker before all of them. Paths are compared byte by byte: %20 stays so. Set again, it
 * is replaced; fn NULL: it is nobody's again, as at first.
 *
 * Returns 0, or -1: it is no path, it begins like the settings "resource" or "engine echo" (make
 * these before), there are 1,000 others, or no memory.
 */
int sio_route(sio_server *io, const char *path, sio_route_fn fn, void *arg);

/*
 * Let fn answer all requests that are neither the broker's nor of a path of sio_route(), whatever
 * their method: also HEAD and OPTIONS are told apart then. Its answers have the headers that it
 * sets, and beside these only Date and those about the connection and the length. fn NULL: such
 * requests are greeted by the broker, as at first.
 */
void sio_route_rest(sio_server *io, sio_route_fn fn, void *arg);

/*
 * What was asked, for as long as fn runs; views are valid as long. To a path of sio_route() a HEAD
 * is a GET whose answer is not sent. Bodies have at most "maxPayload" bytes; longer ones get 413.
 */
const char *sio_page_method(const sio_page *page);              /* "GET", "POST"; see above */
const char *sio_page_path(const sio_page *page, size_t *len);   /* not decoded, without the query */
const char *sio_page_target(const sio_page *page, size_t *len); /* as sent, with the query */
unsigned    sio_page_http_minor(const sio_page *page);          /* 1 of HTTP/1.1 */
bool        sio_page_is_secure(const sio_page *page); /* by TLS with us, or with a trusted proxy */
const char *sio_page_body(const sio_page *page, size_t *len); /* "" when there is none */

/* The first header of that name, whatever the case of its letters. NULL: there is none. */
const char *sio_page_header(const sio_page *page, const char *name, size_t *len);

/* The i-th header (from 0), in the order sent; false: there are fewer. */
bool sio_page_header_at(const sio_page *page, size_t i, sio_bytes *name, sio_bytes *value);

/*
 * A parameter of the query, a field of a body that is a form (application/x-www-form-urlencoded),
 * both decoded, and the address of the client, as of sio_handshake_address(). The caller frees
 * them. NULL: there is none, it has U+0000 in it, or no memory.
 */
char *sio_page_query(const sio_page *page, const char *name);
char *sio_page_field(const sio_page *page, const char *name);
char *sio_page_address(const sio_page *page);

/*
 * One more header of the answer, copied. Not those about the connection (but "Connection: close",
 * which ends it), the type and the length, nor Date, which the server sends. That one is wrong is
 * found by sio_page_answer() or sio_page_begin().
 */
void sio_page_set_header(sio_page *page, const char *name, const char *value);

/* The text behind the status, copied, in place of the usual one. As a header it may be wrong. */
void sio_page_set_reason(sio_page *page, const char *reason);

/*
 * Answer it, exactly once: in fn, or later, when the client may be gone already, and even the
 * server may have been freed. The page is gone then. content_type NULL: text/html in UTF-8; "": the
 * answer says none. The
 * statuses 204 and 304 are sent without type and body. Without an answer the client gets 504 after
 * 60 s.
 *
 * Returns 0, or -1 and the client gets 500: the status is none of 200 to 599, a header is wrong,
 * all of them are longer than 16 KiB, the body is longer than 16 MiB, or there is no memory.
 */
int sio_page_answer(sio_page *page, unsigned status, const char *content_type, const void *body,
                    size_t len);

/*
 * The same in parts, of any length in all: begin, write as often as there is something, end, which
 * is when the page is gone. Once begun it may take as long as it likes. len is the length of all
 * parts; SIO_PAGE_ANY_LENGTH: it is not known yet. Returns 0, or -1 as sio_page_answer(), also for
 * the statuses 204 and 304, and when it has begun already: then writing does nothing, and the page
 * is to be ended.
 */
#define SIO_PAGE_ANY_LENGTH ((size_t)-1)

int sio_page_begin(sio_page *page, unsigned status, const char *content_type, size_t len);

/*
 * One part. Returns 0; 1: it is taken, but waits for the client, so write the next ones when
 * sio_page_on_drain() says so; or -1: the client is gone, it is more than len, more than 16 MiB
 * wait (then the connection ends), or the answer has not begun.
 */
int sio_page_write(sio_page *page, const void *bytes, size_t len);

/* That was all. If it was less than len, the connection ends, so that the client knows. */
void sio_page_end(sio_page *page);

/*
 * Call fn when the client goes before it has its answer, or has waited too long for one: the page
 * is still to be answered or ended, which may be done in the call. NULL: nobody.
 */
void sio_page_on_gone(sio_page *page, void (*fn)(void *arg), void *arg);

/* Call fn whenever all that waited has left. It may write, and end. NULL: nobody. */
void sio_page_on_drain(sio_page *page, void (*fn)(void *arg), void *arg);

/* --- Requests to other servers. --- */

/*
 * What is asked; all is copied. The client says Host, User-Agent and Accept, unless a header does,
 * and whatever is about the length and the connection, which no header may say.
 */
typedef struct {
    const char        *url;     /* http:// or https://, at most 2,000 printable ASCII characters */
    const char        *method;  /* NULL: "GET" */
    const char *const *headers; /* "Name: value"; at most 48 */
    size_t             n_headers;
    const void        *body; /* not for GET and HEAD, which have none */
    size_t             body_len;
} sio_outgoing_request;

/* Valid during the callback. */
typedef struct {
    unsigned    status; /* 0: there is no whole answer */
    const char *why;    /* ... one line about that; else NULL */
    sio_bytes   head;   /* the status line and the headers, each with CRLF at its end */
    sio_bytes   body;
} sio_outgoing_answer;

typedef void (*sio_outgoing_fn)(const sio_outgoing_answer *answer, void *arg);

typedef struct sio_outgoing sio_outgoing; /* a request under way */

/*
 * Ask another server, by HTTP/1.1, without following redirects. fn is called once, later; not when
 * it is cancelled first, or the server is freed. Connecting may take 10 s, all of it 5 minutes, the
 * head of the answer 64 KiB and its body 16 MiB: then there is no whole answer. https:// needs
 * libcurl, and trusts whom "outgoing ca" names, or else the system.
 *
 * NULL: something of it is not allowed, 64 of its kind are under way (http:// and https://, with
 * and without a body), or there is no libcurl or no memory.
 */
sio_outgoing *sio_outgoing_send(sio_server *io, const sio_outgoing_request *request,
                                sio_outgoing_fn fn, void *arg);

/* fn is not called any more. Not from fn, nor after it. */
void sio_outgoing_cancel(sio_outgoing *outgoing);

/* --- Who may connect. --- */

typedef enum {
    SIO_ACCEPT,
    SIO_REFUSE, /* the client is told, and does not come back by itself */
    SIO_FAIL,   /* likewise: something is wrong */
    SIO_AWAY /* nobody can decide now; the client comes back by itself, and is asked about again */
} sio_verdict;
typedef struct sio_decision sio_decision; /* a client that waits for a verdict */

/*
 * Asked for each client: give the decision to sio_decide(), in the call or at any time later.
 * handshake_json (as of sio_handshake_json()) is valid during the call, until the verdict.
 */
typedef void (*sio_authorize_fn)(sio_decision *decision, const char *handshake_json, void *arg);

/*
 * Asked at every handshake, before there is a session. Refused: 403; failed: 500, but 403 for
 * clients of 1.0 and later. Away: 503; but a client of 0.9 does not repeat its first handshake by
 * itself, so it is better turned away from the default namespace.
 */
void sio_authorization(sio_server *io, sio_authorize_fn fn, void *arg);

/*
 * Asked when a client wants to join the namespace, as middleware is; the client is told when it may
 * not. Packets that it sends meanwhile wait.
 *
 * Away: the connection of the client is closed, as if the server had died, so it connects anew
 * after its usual delay. One that is in another namespace already stays there, and is told that
 * this one has failed: Error("backend unavailable") with the data {"retry":true}. (Clients of 1.x
 * and 2.x get the data alone, those of 0.9 an error without words.) A client of 0.9 comes back only
 * when it was connected, so it is told that it is before its connection is closed.
 */
void sio_namespace_authorization(sio_namespace *nsp, sio_authorize_fn fn, void *arg);

/*
 * Ask one more, after those that were added before, if these have accepted: nsp.use() of socket.io.
 * sio_namespace_authorization() is asked before all of them. Returns 0, or -1 when out of memory.
 */
int sio_use(sio_namespace *nsp, sio_authorize_fn fn, void *arg);

/*
 * What the client says about itself as it joins, a JSON object; "{}": nothing. Until the verdict.
 */
const char *sio_decision_auth(const sio_decision *decision);

/*
 * For the authorization of a namespace: the id that the socket will have (as sio_id(); one that
 * comes back in time keeps its own), and the transport of the client now. Until the verdict. "": it
 * is gone, or it is a handshake that is asked about.
 */
const char *sio_decision_id(const sio_decision *decision);
const char *sio_decision_transport(const sio_decision *decision);

/*
 * The verdict, exactly once; the decision is gone afterwards. The client may be gone already, even
 * the server may have been freed.
 */
void sio_decide(sio_decision *decision, sio_verdict verdict);

/*
 * The verdict SIO_ACCEPT of sio_authorization(), with a handshake that the client has from now on
 * in place of its own, as sio_handshake_json() tells it, also where it comes to another instance:
 * what the application has found out, beside what was there. A JSON object without U+0000, copied;
 * one that is longer than "max stored bytes" is left out, and the client keeps the one that it had.
 * Returns 0, or -1 when it is no such object; the client is accepted all the same. About a
 * namespace it is the verdict alone.
 */
int sio_decide_handshake(sio_decision *decision, const char *handshake_json);

/*
 * The verdict SIO_REFUSE with an error for the client, which is Error(message), with data_json as
 * its `data` unless that is NULL; for socket.io 1.x and 2.x just the data, or else the message.
 * Returns 0, or -1 when data_json is not JSON and therefore left out.
 */
int sio_decide_error(sio_decision *decision, const char *message, const char *data_json);

/*
 * --- A guard: it stands before all namespaces, whatever the application has set there. ---
 *
 * One for a server, the last one set. The setting "jwt" makes a guard of its own, in place of any
 * other. All functions may be NULL.
 */
typedef struct {
    /*
     * Asked about each client that wants to join a namespace, as sio_namespace_authorization() but
     * before that, and about those that come back as well. Whom it accepts the application is asked
     * about next.
     */
    sio_authorize_fn admit;

    /* A client has joined; before sio_on_connection(). Must not end its session in this call. */
    void (*joined)(sio_socket *socket, void *arg);

    /* May anybody hear of this event? False: it is dropped, and never acknowledged. */
    bool (*hears)(sio_socket *socket, const sio_event *event, void *arg);

    /* Free what sio_decide_pass() has been given: its socket has left, or has never been there. */
    void (*free_pass)(void *pass, void *arg);
} sio_guard;

/* guard is borrowed as long as it is set; NULL: none. Set one while there are no clients. */
void sio_set_guard(sio_server *io, const sio_guard *guard, void *arg);

/*
 * The verdict SIO_ACCEPT of a guard, with something of its own about the client, which counts as
 * n_bytes kept for it. Returns true, and pass belongs to the server; or false: the client is gone
 * already, and pass is the caller's.
 */
bool sio_decide_pass(sio_decision *decision, void *pass, size_t n_bytes);

/* What it was, for who is asked next, until the verdict; and of a socket. NULL: there is none. */
void *sio_decision_pass(const sio_decision *decision);
void *sio_socket_pass(const sio_socket *socket);

/* The namespace that a decision is about; NULL: the client is gone, or it is a handshake. */
sio_namespace *sio_decision_namespace(const sio_decision *decision);

/* --- What clients send. --- */

typedef void (*sio_event_fn)(sio_socket *socket, const sio_event *event, void *arg);

/*
 * A client has emitted the event called name in the namespace. One callback for a name; the last
 * one set counts, and NULL is none. Events on the blacklist (setting "blacklist") never arrive.
 * Returns 0, or -1 when out of memory.
 */
int sio_on(sio_namespace *nsp, const char *name, sio_event_fn fn, void *arg);

/*
 * A client has sent a text message, or a JSON message; for clients that know no messages, the event
 * "message" with a text or another argument, if there is no sio_on() for that.
 */
void sio_on_message(sio_namespace *nsp, sio_event_fn fn, void *arg);
void sio_on_json(sio_namespace *nsp, sio_event_fn fn, void *arg);

/*
 * A client has emitted an event, whatever its name: called before the callback of that name, as
 * socket.onAny() of socket.io. A text or JSON message comes as the event "message" with one
 * argument. If the socket leaves in the call, nobody else is told. One callback for a namespace;
 * the last one set counts.
 */
void sio_on_any(sio_namespace *nsp, sio_event_fn fn, void *arg);

/*
 * May the others be told of an event? Called after sio_on_any() and before them, in the order of
 * these calls, until one says no: socket.use() of socket.io, for all sockets of the namespace. Then
 * it is dropped, and not acknowledged. Events come as to sio_on_any(). It is decided in the call.
 * Returns 0, or -1 when out of memory.
 */
typedef bool (*sio_filter_fn)(sio_socket *socket, const sio_event *event, void *arg);

int sio_use_events(sio_namespace *nsp, sio_filter_fn fn, void *arg);

/* In sio_on_any(): will another callback be told of this event as well? */
bool sio_event_has_handler(const sio_socket *socket, const sio_event *event);

/*
 * The name of an event, *len bytes: not NUL-terminated, and U+0000 may be in it. "message" for a
 * message. NULL when out of memory.
 */
const char *sio_event_name(const sio_event *event, size_t *len);

/*
 * The arguments as the text of a JSON array, as it arrived; "[]" when there are none. A client that
 * sent something else than an array has sent one argument. Not NUL-terminated.
 */
const char *sio_event_args(const sio_event *event, size_t *len);

/*
 * The i-th argument (from 0) as a C string that belongs to the event. NULL: it is no string, has
 * U+0000 in it, or there is none; or no memory.
 */
const char *sio_event_text(const sio_event *event, size_t i);

/* The same if it has 1 to max_bytes bytes, else NULL: what an application can take of a client. */
const char *sio_event_text_within(const sio_event *event, size_t i, size_t max_bytes);

/* The i-th argument (from 0) as JSON text, or NULL when there are fewer. Not NUL-terminated. */
const char *sio_event_arg(const sio_event *event, size_t i, size_t *len);

/*
 * The arguments as a tree (an array), made at the first call; belongs to the event. NULL: no
 * memory, or half of a surrogate pair is in it, which cJSON can not read. Nor can it hold U+0000: a
 * string that has one, or an object with such a key, is a cJSON_Raw in the tree. It is no string
 * for cJSON_IsString(), and whole when it is sent on.
 */
const struct cJSON *sio_event_tree(const sio_event *event);

/* The attachments that came with the arguments, as many as *n tells. They live as the event. */
const sio_bytes *sio_event_attachments(const sio_event *event, size_t *n);

/*
 * The text of a message, or the JSON text of a JSON message. Not NUL-terminated, and U+0000 may be
 * in the text of a message.
 */
const char *sio_event_data(const sio_event *event, size_t *len);

/* --- Acknowledging what clients send. --- */

/* Does the client wait for an acknowledgement with data? */
bool sio_event_wants_ack(const sio_event *event);

/*
 * Acknowledge now; args_json as in sio_emit(). Nothing happens when the client did not ask or has
 * left the namespace.
 * Returns 0, or -1 when args_json is not a JSON array.
 */
int sio_ack(sio_socket *socket, const sio_event *event, const char *args_json);

/* The same with n attachments; -1 also when a placeholder has none. */
int sio_ack_binary(sio_socket *socket, const sio_event *event, const char *args_json,
                   const sio_bytes *attachments, size_t n);

/*
 * Acknowledge later: the result belongs to the caller until it is given to sio_ack_now(), which may
 * happen after the client has left, but not after sio_server_free(). NULL when the client did not
 * ask, or out of memory.
 */
sio_ack_later *sio_ack_keep(sio_socket *socket, const sio_event *event);

/* Acknowledge and free; args_json NULL: an acknowledgement without data. Returns as sio_ack(). */
int sio_ack_now(sio_ack_later *ack, const char *args_json);
int sio_ack_now_binary(sio_ack_later *ack, const char *args_json, const sio_bytes *attachments,
                       size_t n);

/* Free without acknowledging. NULL is allowed. */
void sio_ack_drop(sio_ack_later *ack);

/*
 * Acknowledge later, from anywhere: write a text into token that any instance of the cluster may
 * give to sio_ack_by_token(). It consists of letters, digits, '-', '_' and one '.', and can not be
 * guessed. It is good once, for timeout_ms (at most 30 days), while the socket is there, and until
 * a thousand later ones of the socket wait as well (counter "acks_given_up"). Returns 0, or -1: the
 * client did not ask or has left, or there is no memory.
 */
enum { SIO_ACK_TOKEN_SIZE = 24 };

int sio_ack_token(sio_socket *socket, const sio_event *event, unsigned timeout_ms,
                  char token[SIO_ACK_TOKEN_SIZE]);

typedef enum {
    SIO_ACK_DONE,    /* the client is sent it */
    SIO_ACK_UNKNOWN, /* no such token; or used before, too old, or its client has left */
    SIO_ACK_FAILED,  /* nothing has happened: Redis is away, or too much waits for that instance */
    SIO_ACK_UNSURE   /* the other instance has not answered: it may happen, or not */
} sio_ack_result;

typedef void (*sio_ack_result_fn)(sio_ack_result result, void *arg);

/*
 * Acknowledge by such a token; arguments as of sio_ack_binary(). fn (NULL: nobody) is told once,
 * and never in this call, what came of it. UNSURE comes after twice the "instance timeout", or when
 * the server is freed before. Returns 0, or -1 and nothing happens: args_json is not a JSON
 * array, a placeholder has no attachment, or there is no memory.
 */
int sio_ack_by_token(sio_server *io, const char *token, const char *args_json,
                     const sio_bytes *attachments, size_t n, sio_ack_result_fn fn, void *arg);

/* --- Sending to one client. --- */

/*
 * Send an event to one client. args_json is a JSON array of the arguments; NULL: none.
 * Returns 0, or -1 when args_json is not a JSON array.
 */
int sio_emit(sio_socket *socket, const char *event, const char *args_json);

/* The same, but dropped when the client can not take it at once. */
int sio_emit_volatile(sio_socket *socket, const char *event, const char *args_json);

/*
 * The same, asking for an acknowledgement: fn gets the client's arguments as the text of a JSON
 * array (not NUL-terminated, valid during the call). It is called exactly once, and never in this
 * call: args_json is NULL when the client leaves first, or when a thousand later ones of the socket
 * wait as well. -1 also, and then it is not called, when the client has left, or there is no
 * memory.
 */
typedef void (*sio_ack_fn)(sio_socket *socket, const char *args_json, size_t len, void *arg);
int sio_emit_ack(sio_socket *socket, const char *event, const char *args_json, sio_ack_fn fn,
                 void *arg);

/*
 * The same, and args_json is NULL also when there is no answer timeout_ms from now. No later one
 * pushes it out: -1 also when a thousand of these wait for the client.
 */
int sio_emit_ack_within(sio_socket *socket, const char *event, const char *args_json,
                        unsigned timeout_ms, sio_ack_fn fn, void *arg);

/* In an sio_ack_fn: the attachments of the acknowledgement, as many as *n tells. */
const sio_bytes *sio_ack_attachments(const sio_socket *socket, size_t *n);

/*
 * Send an event with n attachments. fn NULL: no acknowledgement is asked for. Returns as
 * sio_emit_ack(), and -1 when a placeholder has no attachment.
 */
int sio_emit_binary(sio_socket *socket, const char *event, const char *args_json,
                    const sio_bytes *attachments, size_t n, sio_ack_fn fn, void *arg);

/*
 * Send a text message, len bytes of UTF-8; or a JSON message. Clients that know no messages get it
 * as the event "message". Return 0, or -1 when not valid.
 */
int sio_send(sio_socket *socket, const char *text, size_t len);
int sio_send_json(sio_socket *socket, const char *json);

/* Text and JSON messages with an acknowledgement of their arrival. */
int sio_send_ack(sio_socket *socket, const char *text, size_t len, sio_ack_fn fn, void *arg);
int sio_send_json_ack(sio_socket *socket, const char *json, sio_ack_fn fn, void *arg);

/*
 * The same with arguments as a tree: a cJSON array, borrowed, which is printed once; NULL: none.
 * fn NULL: no acknowledgement is asked for. Return 0, or -1 when args is no array or out of memory.
 */
int sio_emit_tree(sio_socket *socket, const char *event, const struct cJSON *args, sio_ack_fn fn,
                  void *arg);
int sio_ack_tree(sio_socket *socket, const sio_event *event, const struct cJSON *args);

/*
 * --- With lengths. ---
 *
 * Everything that the functions above take, for texts that are not C strings: what came from a
 * client can be sent on as it is, without a copy, and with its U+0000. All lengths count, none is
 * looked for.
 */
typedef struct {
    const char      *event; /* its name; of acknowledgements it does not matter */
    size_t           event_len;
    const char      *args_json; /* a JSON array; of length 0: none */
    size_t           args_len;
    const sio_bytes *attachments;
    size_t           n_attachments;
    bool             is_volatile;
    bool             no_compress; /* compress(false): see below */
} sio_content;

/*
 * no_compress: a websocket gets it as it is. A poll is answered without compression if that holds
 * for all that is in the answer, as in engine.io.
 */

/* What an event holds. It lives as the event. Returns 0, or -1 when out of memory. */
int sio_event_content(const sio_event *event, sio_content *content);

/*
 * Send content to one client. fn NULL: no acknowledgement is asked for; timeout_ms 0: as
 * sio_emit_ack(), else as sio_emit_ack_within(). Return as those, and -1 when a placeholder has no
 * attachment, or content is NULL: so a mistake in making it may be found here alone.
 */
int sio_emit_n(sio_socket *socket, const sio_content *content, unsigned timeout_ms, sio_ack_fn fn,
               void *arg);
int sio_send_json_n(sio_socket *socket, const char *json, size_t len, sio_ack_fn fn, void *arg);

/* As sio_ack(), sio_ack_now() and sio_ack_by_token(). */
int sio_ack_n(sio_socket *socket, const sio_event *event, const sio_content *content);
int sio_ack_now_n(sio_ack_later *ack, const sio_content *content);
int sio_ack_by_token_n(sio_server *io, const char *token, const sio_content *content,
                       sio_ack_result_fn fn, void *arg);

/*
 * --- Arguments made one by one. ---
 *
 *     sio_args *args = sio_args_new();
 *
 *     sio_args_text(args, name);
 *     sio_args_int(args, 3);
 *     sio_emit_n(socket, sio_args_content(args, "greeting"), 0, NULL, NULL);
 *     sio_args_free(args);
 *
 * Whatever a text holds, it is one argument. Nothing has to be checked before the end: args that
 * are NULL, a text that is not UTF-8, JSON that is none, and being out of memory are all found by
 * sio_args_content(), which then gives NULL. All that is added is copied.
 */
typedef struct sio_args sio_args;

/* NULL when out of memory, which all the others allow. */
sio_args *sio_args_new(void);
void      sio_args_free(sio_args *args);

/* Begin again, without arguments. */
void sio_args_clear(sio_args *args);

void sio_args_text(sio_args *args, const char *text); /* NULL: null */
void sio_args_text_n(sio_args *args, const char *text, size_t len);
void sio_args_int(sio_args *args, long long value);
void sio_args_double(sio_args *args, double value); /* that is no number: null */
void sio_args_bool(sio_args *args, bool value);
void sio_args_null(sio_args *args);
void sio_args_json(sio_args *args, const char *json, size_t len); /* any value */
void sio_args_bytes(sio_args *args, const void *bytes, size_t len);

/*
 * Add what a format says: JSON values with commas between them, where %s is a text (whole, with its
 * quotes; NULL: null), and whole numbers are as of printf(): %d and %u, with l, ll or z. "%.*s"
 * takes a length before the text, and "%%" is a percent sign.
 *
 *     sio_args_add(args, "{\"name\":%s,\"age\":%d},true", name, age);
 *
 * Another conversion, or what is no JSON in the end, is found by sio_args_content().
 */
void sio_args_add(sio_args *args, const char *format, ...) SIO_FORMAT(2, 3);

/*
 * The arguments so far, with the name of an event (borrowed): for the functions that end with _n.
 * Valid until args are changed or freed. NULL: something was wrong.
 */
const sio_content *sio_args_content(sio_args *args, const char *event);

/* Send an event whose arguments are texts; NULL ends them. Returns as sio_emit_n(). */
int sio_emit_texts(sio_socket *socket, const char *event, ...) SIO_TEXTS;

/*
 * Send an event, or acknowledge one, with arguments made as by sio_args_add(). Return as
 * sio_emit_n() and sio_ack_n().
 */
int sio_emitf(sio_socket *socket, const char *event, const char *format, ...) SIO_FORMAT(3, 4);
int sio_ackf(sio_socket *socket, const sio_event *event, const char *format, ...) SIO_FORMAT(3, 4);

/* --- One client. --- */

/* The server of a namespace, and the namespace of a socket. */
sio_server    *sio_server_of(const sio_namespace *nsp);
sio_namespace *sio_namespace_of(const sio_socket *socket);

/*
 * Disconnect the client from the namespace of the socket, reason "booted" or, for one that knows
 * them, "server namespace disconnect". From the default namespace, or with close, from all: its
 * session ends, and the client does not come back by itself.
 */
void sio_disconnect(sio_socket *socket, bool close);

/*
 * Close the connection of the client, without a word, as if the server had died: its session ends,
 * for that reason (which is copied by nobody: a literal), and the client comes back by itself.
 */
void sio_hang_up(sio_socket *socket, const char *reason);

/*
 * Do not hear the client any more (paused), or go on. What it sends meanwhile, events and
 * acknowledgements and goodbyes alike, waits in order: a websocket is not read, so that TCP holds
 * its sender back, and the POST of a client that polls is not answered. Sending to it goes on. The
 * client counts as alive however silent it is, so one that has lost its connection without a word
 * stays until it is heard again: do not forget it. One whose connection has ended leaves, as soon
 * as what it had said before was heard, or after "slow consumer timeout".
 *
 * All sockets of a client share its connection: it is heard when none of them is paused. Already in
 * the callback nothing more is heard, and after the last pause the first thing not before the turn
 * of the loop ends. What is kept is bounded by the lengths of two POSTs ("maxPayload", "destroy
 * buffer size"); a client whose websocket is at another instance than its session can send more,
 * and is disconnected then, reason "overloaded". Counters "paused" and "overloaded".
 *
 * Returns 0, or -1 when out of memory. Nothing happens when it has left, which ends the pause.
 */
int sio_pause(sio_socket *socket, bool paused);

/* The transport that carries the session: "websocket", "xhr-polling", ... */
const char *sio_transport_name(const sio_socket *socket);

/*
 * The handshake as a JSON object: headers, address, time, query, url, xdomain, secure (did the
 * client use TLS? a proxy has to tell: see "trust proxy"), and tls for those who speak it with the
 * server: see "tls client". As long as the socket.
 */
const char *sio_handshake_json(const sio_socket *socket);

/*
 * A parameter of the query of such a handshake, decoded; one that came more than once as a JSON
 * array of strings. NULL when it did not come, holds a NUL byte, or there is no memory. The caller
 * frees it.
 */
char *sio_handshake_query(const char *handshake_json, const char *name);

/*
 * A header of its request (name in lower case; one that came more than once as a JSON array), and
 * the address of the client. NULL when there is none, or no memory. The caller frees them.
 */
char *sio_handshake_header(const char *handshake_json, const char *name);
char *sio_handshake_address(const char *handshake_json);

/*
 * A text in an auth object, as of sio_auth_json() or sio_decision_auth(). NULL when there is none
 * of that name, it is no text, or no memory. The caller frees it.
 */
char *sio_auth_text(const char *auth_json, const char *name);

/* What the client said about itself as it joined, as sio_decision_auth(). As long as the socket. */
const char *sio_auth_json(const sio_socket *socket);

/*
 * Has the client come back in time after it had lost its connection (setting
 * "maxDisconnectionDuration")? Then its id, its rooms and its data are those it had, and what was
 * sent to it meanwhile is on its way. This is another socket nevertheless: the one before has left,
 * with its user data, and sio_on_connection() tells of this one.
 */
bool sio_recovered(const sio_socket *socket);

/* A pointer of the application's own for this socket; NULL at first. */
void *sio_user_data(const sio_socket *socket);
void  sio_set_user_data(sio_socket *socket, void *data);

/*
 * From now on those pointers of the namespace belong to the server, which frees each by fn, never
 * with NULL: when another is set, and when its socket is gone, after all callbacks about it. NULL:
 * they are the application's, as at first.
 */
void sio_free_user_data_with(sio_namespace *nsp, void (*fn)(void *data));

/*
 * A JSON value of the application's own that all instances see in sio_fetch(), as socket.data of
 * socket.io: copied, at most "max stored bytes", and kept when the client comes back in time. NULL:
 * none any more. Returns 0, or -1 and all is as before: it is not JSON, is too long, has U+0000
 * somewhere, the client has left, or there is no memory.
 */
int sio_set_socket_data(sio_socket *socket, const char *json);

/* The same; "{}" when there is none. Valid until it is set, or as long as the socket. */
const char *sio_socket_data(const sio_socket *socket);

/* The socket with that id in the namespace, or NULL when it is not there (any more). */
sio_socket *sio_find(const sio_namespace *nsp, const char *id);

/*
 * What the client has for socket.id: with 0.9 the id of its session, 20 characters; with 1.x
 * and 2.x the same after the name of the namespace and '#', but for the default one; with 3.x
 * and 4.x 20 characters of the socket's own. Valid as long as the socket.
 */
const char *sio_id(const sio_socket *socket);

/*
 * The id of its session, which is the same for all sockets of the client, whatever generation it
 * is: 20 characters, a secret between it and us. Valid as long as the socket.
 */
const char *sio_session_id(const sio_socket *socket);

/*
 * --- Rooms: of a namespace, made by the first who joins, gone with the last who leaves. ---
 *
 * Each socket is also alone in a room that has its id for a name, for as long as it is there.
 * Joining or leaving that one does nothing, and sio_room() does not list it.
 */

/* Returns 0, or -1 when out of memory or the session is in too many rooms ("max rooms"). */
int sio_join(sio_socket *socket, const char *room);

/* Nothing happens when the socket is not in the room. */
void sio_leave(sio_socket *socket, const char *room);

bool sio_in_room(const sio_socket *socket, const char *room);

/*
 * The i-th room (from 0) of the socket, in the order of joining; NULL when there are fewer. Valid
 * until the socket leaves the room.
 */
const char *sio_room(const sio_socket *socket, size_t i);

/*
 * Rooms of this instance are made, joined, left and deleted: "create-room", "join-room",
 * "leave-room" and "delete-room" of the adapter of socket.io. id is that of the socket, or NULL. It
 * is done already when fn is called, which may send and ask, but neither move nor disconnect
 * sockets: put that off with sio_after(). One callback for a namespace; the last one set counts.
 */
typedef enum { SIO_ROOM_CREATED, SIO_ROOM_JOINED, SIO_ROOM_LEFT, SIO_ROOM_DELETED } sio_room_event;

typedef void (*sio_room_fn)(sio_namespace *nsp, sio_room_event what, const char *room,
                            const char *id, void *arg);

void sio_on_room(sio_namespace *nsp, sio_room_fn fn, void *arg);

/*
 * Call fn for each socket of this instance in the namespace, or with room not NULL for each such
 * member of the room; sio_fetch() lists those of all instances. fn may do anything, also end
 * sessions. Returns 0, or -1 when out of memory.
 */
int sio_each(sio_namespace *nsp, const char *room, void (*fn)(sio_socket *socket, void *arg),
             void *arg);

/* --- Data of a client: texts by key, in the store, the same for all its namespaces. --- */

typedef enum {
    SIO_DATA_OK,     /* set: it is stored; get, has, del: the key is, or was, there */
    SIO_DATA_ABSENT, /* get, has, del: there is no such key */
    SIO_DATA_FULL,   /* set: over "max stored keys" or "max stored bytes"; the old value stays */
    SIO_DATA_FAILED  /* the store does not answer, or no memory; a set or del may happen or not.
                        get: another program has put a NUL into the value */
} sio_data_result;

/* value: after a get with SIO_DATA_OK, valid during the call; otherwise NULL. */
typedef void (*sio_data_fn)(sio_socket *socket, sio_data_result result, const char *value,
                            void *arg);

/*
 * Each calls fn once: before it returns, or later. But fn is not called after its socket has left,
 * and then nothing is begun either, so what arg points to should belong to the socket. fn may be
 * NULL. When the session is over its data live on for "client store expiration", or as long as the
 * client may come back (see sio_recovered()), if that is longer.
 *
 * With the setting "redis" other programs find them in the hash <cluster>:client:<session id>;
 * beside Node ("dialect": "node-0.9") its name is the session id alone.
 */
void sio_data_set(sio_socket *socket, const char *key, const char *value, sio_data_fn fn,
                  void *arg);
void sio_data_get(sio_socket *socket, const char *key, sio_data_fn fn, void *arg);
void sio_data_has(sio_socket *socket, const char *key, sio_data_fn fn, void *arg);
void sio_data_del(sio_socket *socket, const char *key, sio_data_fn fn, void *arg);

/*
 * --- Many sockets: of all instances that share a Redis. ---
 *
 * To NULL means everyone in the namespace. Redis keeps nothing: an instance that has lost its
 * connection at that moment does not hear of it. Before sio_listen() or sio_join_cluster() nobody
 * can be reached: then all of these return -1.
 */

/*
 * Who gets a broadcast, or is meant otherwise: everyone in the namespace, but for what these say.
 * Lists of rooms end with NULL; who is in several rooms gets it once.
 */
typedef struct {
    const char        *room;          /* only its members; NULL: everyone */
    const sio_socket  *except;        /* not to this one; NULL: no exception */
    bool               is_volatile;   /* of broadcasts */
    bool               is_local;      /* only to clients of this instance */
    const char *const *rooms;         /* the members of any of these, and of room; NULL: no more */
    const char *const *except_rooms;  /* not to their members; NULL: no exception */
    bool               no_compress;   /* compress(false), as of sio_content */
    bool               whole_answers; /* of acknowledgements: the array of all arguments of each */
} sio_to;

/*
 * Send an event to many. Encoded once for each revision of the protocol among them. Returns as
 * sio_emit(); -1 also when there is no memory to tell the other instances.
 */
int sio_broadcast(sio_namespace *nsp, const sio_to *to, const char *event, const char *args_json);

int sio_broadcast_tree(sio_namespace *nsp, const sio_to *to, const char *event,
                       const struct cJSON *args);

/* The same with n attachments; returns as sio_emit_binary(). */
int sio_broadcast_binary(sio_namespace *nsp, const sio_to *to, const char *event,
                         const char *args_json, const sio_bytes *attachments, size_t n);

/* The same with lengths; returns as sio_emit_n(). */
int sio_broadcast_n(sio_namespace *nsp, const sio_to *to, const sio_content *content);

/* The same with texts, as sio_emit_texts(), and with a format, as sio_emitf(). */
int sio_broadcast_texts(sio_namespace *nsp, const sio_to *to, const char *event, ...) SIO_TEXTS;
int sio_broadcastf(sio_namespace *nsp, const sio_to *to, const char *event, const char *format, ...)
    SIO_FORMAT(4, 5);

/* --- Questions to many. --- */

/*
 * What came of a question to many: valid during the call. Nothing is missing when n_answered is
 * n_asked and n_reached is n_instances. Answers of more than 64 MB in all, of more than 4 MB from
 * another instance, and those that it can not send (half of "max instance backlog"), are left out.
 */
typedef struct {
    const char *json; /* the answers, in the order they came, as a JSON array; not NUL-terminated */
    size_t      len;
    size_t      n_answered;
    size_t      n_asked;
    size_t      n_instances; /* that are known, or this one alone if it is only about that */
    size_t      n_reached;   /* of these, how many n_asked counts */
} sio_answers;

typedef void (*sio_answers_fn)(sio_namespace *nsp, const sio_answers *answers, void *arg);

/*
 * Broadcast, and ask each for an acknowledgement: an answer is the first argument of a client,
 * attachments are in it as strings in base64. fn is called exactly once, and never in this call:
 * when all who are still there have answered, or timeout_ms from now, or when the server is freed,
 * with what has come. An instance that is lost is not waited for. Beside Node ("dialect":
 * "node-0.9") it is about this instance alone. Returns as sio_emit(); -1: fn will not be called.
 */
int sio_broadcast_ack(sio_namespace *nsp, const sio_to *to, const char *event,
                      const char *args_json, unsigned timeout_ms, sio_answers_fn fn, void *arg);

/* The same with arguments as a tree, with attachments, and with lengths. */
int sio_broadcast_ack_tree(sio_namespace *nsp, const sio_to *to, const char *event,
                           const struct cJSON *args, unsigned timeout_ms, sio_answers_fn fn,
                           void *arg);
int sio_broadcast_ack_binary(sio_namespace *nsp, const sio_to *to, const char *event,
                             const char *args_json, const sio_bytes *attachments, size_t n,
                             unsigned timeout_ms, sio_answers_fn fn, void *arg);
int sio_broadcast_ack_n(sio_namespace *nsp, const sio_to *to, const sio_content *content,
                        unsigned timeout_ms, sio_answers_fn fn, void *arg);

/*
 * List sockets: the answers are objects, one for each.
 *
 *     {"id":"...",             as sio_id()
 *      "server":"Server1",     the setting "name" of its instance
 *      "connected":1700000000000,   when it joined the namespace, in ms since 1970
 *      "rooms":["r"],          as sio_room()
 *      "handshake":{...},      as sio_handshake_json()
 *      "auth":{...},           as sio_auth_json()
 *      "data":{...}}           as sio_socket_data()
 *
 * fn is called once, as above, never in this call: when all instances have answered, or timeout_ms
 * from now. Returns 0, or -1 when out of memory, and then it is not called.
 */
int sio_fetch(sio_namespace *nsp, const sio_to *to, unsigned timeout_ms, sio_answers_fn fn,
              void *arg);

/*
 * Count sockets: as sio_fetch(), but the other instances tell numbers alone, so it costs little
 * however many there are. Answers as sio_fetch() does.
 */
typedef struct {
    size_t n_sockets;
    size_t n_instances, n_reached; /* as of sio_answers */
} sio_count_result;

typedef void (*sio_count_fn)(sio_namespace *nsp, const sio_count_result *count, void *arg);

int sio_count(sio_namespace *nsp, const sio_to *to, unsigned timeout_ms, sio_count_fn fn,
              void *arg);

/*
 * List rooms of all instances with the number of sockets in each, without those that are alone in
 * the room of their id: the first ones by name (as strcmp() orders) whose names begin with prefix
 * (NULL: any), at most limit or 10,000 of them. Answers as sio_fetch() does.
 */
typedef struct {
    const char *name;
    size_t      n_sockets;
} sio_room_size;

typedef struct {
    const sio_room_size *rooms; /* valid during the call, as their names */
    size_t               n_rooms;
    bool                 has_more; /* than limit; or an instance had to leave some out */
    size_t               n_instances, n_reached; /* as of sio_answers */
} sio_room_list;

typedef void (*sio_rooms_fn)(sio_namespace *nsp, const sio_room_list *list, void *arg);

int sio_rooms(sio_namespace *nsp, const char *prefix, size_t limit, unsigned timeout_ms,
              sio_rooms_fn fn, void *arg);

/* --- What many are to do. --- */

/*
 * Let each join a room, leave one, or disconnect, as sio_join(), sio_leave() and sio_disconnect();
 * or set its data, as sio_set_socket_data(). When this returns it is done here; other instances do
 * it when they hear of it, as they hear a broadcast. Beside Node 0.9 it is about this instance
 * alone.
 * Return 0, or -1 when out of memory or not all that are here could do it.
 */
int sio_each_join(sio_namespace *nsp, const sio_to *to, const char *room);
int sio_each_leave(sio_namespace *nsp, const sio_to *to, const char *room);
int sio_each_disconnect(sio_namespace *nsp, const sio_to *to, bool close);
int sio_each_set_data(sio_namespace *nsp, const sio_to *to, const char *json);

/* --- Several instances. --- */

/*
 * A session of another instance has ended because that instance is lost: fn gets its id and the
 * reason "instance lost", which is valid during the call. Each session is told once, to one of the
 * instances that are left. One callback for a server; the last one set counts.
 */
void sio_on_lost(sio_server *io, void (*fn)(const char *id, const char *reason, void *arg),
                 void       *arg);

/*
 * Say something to the application on the other instances: serverSideEmit() of socket.io. Those
 * that have the namespace and a callback of that name there are told; this instance is not. The
 * names "connect", "connection" and "new_namespace" are reserved, and all that begin with
 * "siobroker:". args_json (a JSON array, or NULL: none) has at most 1 MiB. Nobody is told beside
 * Node 0.9. Returns as sio_broadcast().
 */
int sio_server_side_emit(sio_namespace *nsp, const char *event, const char *args_json);

/* args_json is the text of a JSON array: not NUL-terminated, valid during the call. */
typedef void (*sio_server_side_fn)(sio_namespace *nsp, const char *args_json, size_t len,
                                   void *arg);

/*
 * The same, asking for answers: serverSideEmitWithAck() of socket.io. The answers are JSON values,
 * one of each instance that has one; fn is called as by sio_broadcast_ack(). n_asked counts the
 * instances that had taken the question (see below) and have finished with it, with an answer or
 * not. One that is not done in time, or is lost, is missing in n_reached. n_instances and n_reached
 * count this one as well, which is not asked.
 */
int sio_server_side_emit_ack(sio_namespace *nsp, const char *event, const char *args_json,
                             unsigned timeout_ms, sio_answers_fn fn, void *arg);

/*
 * In an sio_server_side_fn: take the question, if another instance waits for an answer. It belongs
 * to the caller until it is given to sio_server_side_answer(), in the call or at any time later.
 * NULL: nobody waits, it is taken already, or 10,000 others have not been answered yet.
 */
typedef struct sio_server_question sio_server_question;

sio_server_question *sio_server_side_question(sio_namespace *nsp);

/*
 * Answer it with a JSON value, at most 4 MiB; NULL: this instance has no answer. Nothing happens
 * when nobody waits any more; even the server may have been freed. Returns 0, or -1 when json is
 * not JSON, and then this instance has no answer either.
 */
int sio_server_side_answer(sio_server_question *question, const char *json);

/*
 * One callback for a name; the last one set counts. Returns 0, or -1 when the name is reserved, or
 * out of memory.
 */
int sio_on_server_side(sio_namespace *nsp, const char *event, sio_server_side_fn fn, void *arg);

/*
 * Leave a will: a text, under an id of 1 to 64 bytes (that of a socket, say), which another
 * instance is told of if this one is lost, or stops, before the will is revoked with text NULL. Set
 * again, it is replaced. It is kept in Redis, and at most "max stored bytes" long; without Redis
 * nobody is told. Redis is sent it in the next turn of the loop, so a process that is killed before
 * that leaves the old one. An instance that finds itself declared lost has no wills any more:
 * others have got them. Returns 0, or -1 when id or text are too long, or out of memory.
 */
int sio_set_will(sio_server *io, const char *id, const char *text);

/*
 * An instance has left a will. Each goes to one of the instances that have set this, and is then a
 * will of that instance, until it is revoked: so it is not lost if that is lost, too. It comes
 * once, or once more after such a second loss. id and will are valid during the call. Set it before
 * sio_listen().
 */
void sio_on_will(sio_server *io, void (*fn)(const char *id, const char *will, void *arg),
                 void       *arg);

#ifdef __cplusplus
}
#endif

#endif
