/*
 * server/script/interpreter.h - one runtime of QuickJS beside one server: calls, limits, errors.
 *
 * Everything that runs JavaScript goes through sio_interpreter_call(), which knows what is running
 * and since when, and runs what is put off (process.nextTick, promises) before it returns. It is
 * only used from the thread of the loop.
 */
#ifndef SIO_SCRIPT_INTERPRETER_H
#define SIO_SCRIPT_INTERPRETER_H

#include <quickjs/quickjs.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/buf.h"
#include "protocol/list.h"
#include "server/script/memory.h"
#include "server/script/output.h"
#include "server/siobroker.h"

typedef struct sio_interpreter sio_interpreter;

struct sio_interpreter {
    sio_server  *io;
    sio_memory   memory;
    JSRuntime   *runtime;
    JSContext   *context;
    JSValue      hooks; /* functions of lib/ that C calls: an object */
    JSClassID    timer_class, socket_class, decision_class, ack_class; /* native_*.c */
    JSClassID    question_class, redis_class, page_class, outgoing_class;
    sio_timeout *alarm; /* of the timers of lib/; NULL: none */
    sio_link     sockets, decisions, acks, guards, listeners, connections, pages, outgoing;
    sio_link     rejections; /* promises that nobody has caught yet */
    sio_buf      scratch;    /* of one call */
    sio_output   out, err;   /* process.stdout and process.stderr */
    unsigned     depth;      /* of sio_interpreter_call() */
    const char  *doing;      /* for the line about a handler that does not end; NULL: nothing */
    sio_view     event;      /* the name of the one that is handled, or empty */
    uint64_t     began_ms;   /* when the outermost call did */
    uint64_t     warn_at_ms; /* when that line is due */
    unsigned     warn_after_ms;
    unsigned     n_waiting; /* timers and whatever else a script without a server goes on for */
    bool         wants_to_listen, is_listening;
    bool         is_closed;      /* the script has closed its server */
    bool         has_ticks;      /* lib/timers.js has a queue to run */
    bool         is_exiting;     /* process.on("exit"): what that puts off does not run */
    bool         is_interrupted; /* what ran has been ended by a signal */
    bool         has_ended;      /* nothing of the script runs any more */
    int          status;         /* that the program ends with */
    int          worker;         /* the number of this process, of several; -1: there is one */
};

/* Limits of a script. */
typedef struct {
    size_t   max_memory_bytes;
    unsigned warn_after_ms;
} sio_interpreter_limits;

/* NULL: no memory. The server outlives it. */
sio_interpreter *sio_interpreter_new(sio_server *io, const sio_interpreter_limits *limits);

/* NULL is allowed. */
void sio_interpreter_free(sio_interpreter *in);

/* The one that a context belongs to. */
sio_interpreter *sio_interpreter_of(JSContext *context);

/*
 * What QuickJS throws that nobody has caught, from a function that C has called by itself: it is
 * told, and ends the script unless that handles it.
 */
void sio_interpreter_report(sio_interpreter *in);

/* Somebody has seen that this promise was rejected. */
void sio_interpreter_forget_rejection(sio_interpreter *in, JSValueConst promise);

/*
 * Call fn with arguments (borrowed; neither is freed), and then what it has put off. what says in
 * two words what runs, and is borrowed during the call. An exception that nobody catches ends the
 * script, as in Node, and gives JS_UNDEFINED. After the end of the script nothing is called.
 */
JSValue sio_interpreter_call(sio_interpreter *in, const char *what, JSValueConst fn,
                             JSValueConst self, int n_args, JSValueConst *args);

/* The same with a function of `hooks`. */
JSValue sio_interpreter_call_hook(sio_interpreter *in, const char *what, const char *hook,
                                  JSValueConst self, int n_args, JSValueConst *args);

/* End the script with this status: the server stops, its clients are told. */
void sio_interpreter_end(sio_interpreter *in, int status);

/* Why a function of siobroker.h has failed, as an exception. Returns JS_EXCEPTION. */
JSValue sio_interpreter_throw(JSContext *context);

/* JSON text, which may be cut out of a larger one. JS_EXCEPTION: no memory. */
JSValue sio_interpreter_json(sio_interpreter *in, const char *text, size_t len);

#endif
