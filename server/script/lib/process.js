'use strict';
// The global `process`.

const EventEmitter = builtin('events');
const {nextTick} = builtin('timers');
const beganUs = native.nowUs();
const process = module.exports = new EventEmitter();

function writer(descriptor) {
    return Object.assign(new EventEmitter(), {fd: descriptor, isTTY: false, writable: true,
        columns: 80,
        write(chunk, encoding, done = encoding) {
            const isText = !(chunk instanceof Uint8Array);

            native.write(descriptor, isText ? String(chunk) : chunk);
            if (typeof done === 'function')
                nextTick(done);
            return true;
        },
        end(chunk) { return chunk === undefined || this.write(chunk); },
    });
}

Object.assign(process, {
    title: 'siobroker',
    argv: ['siobroker'],
    execArgv: [],
    env: native.env(),
    pid: native.pid(),
    platform: 'linux',
    version: 'v20.0.0',
    versions: {node: '20.0.0', siobroker: native.version()},
    exitCode: undefined,
    stdout: writer(1),
    stderr: writer(2),
    nextTick,
    cwd: () => native.cwd(),
    uptime: () => (native.nowUs() - beganUs) / 1e6,
    memoryUsage: () => native.memory(),
    umask: () => 0o22,
    exit(status) {
        if (status !== undefined)
            process.exitCode = status;
        native.exit(tellExit());
    },
    reallyExit(status) { native.exit(Number(status) || 0); },
    abort() { native.exit(134); },
    hrtime(since) {
        const us = native.nowUs() - (since ? since[0] * 1e6 + since[1] / 1e3 : 0);
        return [Math.floor(us / 1e6), (us % 1e6) * 1000];
    },
});
if (native.worker() !== undefined)
    process.env.SIOBROKER_WORKER = String(native.worker());
process.hrtime.bigint = () => BigInt(native.nowUs()) * 1000n;

// --- The end, and signals. ---

function statusOf() {
    return Number(process.exitCode) || 0;
}

// process.on('exit'), once. It may change the status.
function tellExit() {
    if (!process._isExiting) {
        Object.defineProperty(process, '_isExiting', {value: true});
        process.emit('exit', statusOf());
    }
    return statusOf();
}

native.hook('idle', () => { process.emit('beforeExit', statusOf()); });
native.hook('exit', function (status) {
    if (status !== 0 && process.exitCode === undefined)
        process.exitCode = status;
    return tellExit();
});
native.hook('signal', (name, number) => process.emit(name, name, number));
Object.defineProperty(process, '_tellExit', {value: tellExit});
