'use strict';
// What V8 adds to Error. The text of a stack is of stack.c.

const USUAL_FRAMES = 10;

Error.stackTraceLimit = USUAL_FRAMES;

function framesOf(stack) {
    return stack.split('\n').filter((line) => line.startsWith('    at '));
}

// The frames below the topmost call of the function above, at most as many as are wanted.
function captured(above) {
    const limit = Error.stackTraceLimit;

    Error.stackTraceLimit = Infinity;
    const frames = framesOf(new Error().stack);

    Error.stackTraceLimit = limit;
    const name = typeof above === 'function' ? above.name : '';
    const i = name ? frames.findIndex((line) => line.startsWith(`    at ${name} (`) ||
        line.startsWith(`    at new ${name} (`)) : -1;

    return frames.slice(i + 1, i + 1 + (typeof limit === 'number' ? limit : USUAL_FRAMES));
}

function headOf(object) {
    const {name = 'Error', message = ''} = object;

    return name && message !== '' ? `${name}: ${message}` : String(name || message);
}

// A call as Error.prepareStackTrace() has it.
class CallSite {
    constructor(line) {
        const [, name, file, at, column] =
            /^ {4}at (?:(.*) \()?(.*?)(?::(\d+))?(?::(\d+))?\)?$/.exec(line);

        this.text = line.slice('    at '.length);
        this.place = {name: name || null, file, line: Number(at) || null,
            column: Number(column) || null};
    }
    getFileName() { return this.place.file; }
    getScriptNameOrSourceURL() { return this.place.file; }
    getLineNumber() { return this.place.line; }
    getColumnNumber() { return this.place.column; }
    getFunctionName() { return this.place.name; }
    getMethodName() { return null; }
    getTypeName() { return null; }
    getFunction() { return undefined; }
    getThis() { return undefined; }
    getEvalOrigin() { return undefined; }
    isNative() { return this.place.file === '<anonymous>'; }
    isToplevel() { return true; }
    isEval() { return false; }
    isConstructor() { return false; }
    isAsync() { return false; }
    toString() { return this.text; }
}

Object.defineProperty(Error, 'captureStackTrace', {
    value: function captureStackTrace(object, above) {
        const frames = captured(above);
        const stack = typeof Error.prepareStackTrace === 'function'
            ? Error.prepareStackTrace(object, frames.map((line) => new CallSite(line)))
            : [headOf(object), ...frames].join('\n');

        Object.defineProperty(object, 'stack', {value: stack, writable: true, configurable: true});
    },
    writable: true, configurable: true,
});
