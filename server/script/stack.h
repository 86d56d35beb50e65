/*
 * server/script/stack.h - the "stack" of an error, as V8 writes it.
 *
 * QuickJS calls this for every error that is made (client-demo/quickjs.sh puts the call there, and
 * the declaration into quickjs.h): "Error: message", then a line for each frame, without those of
 * lib/, at most Error.stackTraceLimit. What scripts are compiled with begins with a line of ours
 * (lib/modules.js), which is not counted here.
 */
#ifndef SIO_SCRIPT_STACK_H
#define SIO_SCRIPT_STACK_H

#include <quickjs/quickjs.h>

/* frames: of QuickJS, a line each. Never an exception: JS_UNDEFINED when there is no memory. */
JSValue sio_stack_text(JSContext *context, JSValueConst error, const char *frames);

/*
 * Where the script is at this moment, in the call that runs: "app.js:12:7". To be freed with
 * free(); NULL: nowhere, or no memory.
 */
char *sio_stack_place(JSContext *context);

#endif
