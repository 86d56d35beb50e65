'use strict';
// The global `process`.

const EventEmitter = builtin('events');
const {nextTick} = builtin('timers');
const beganUs = native.nowUs();
const process = module.exports = new EventEmitter();

function writer(descriptor) {
    return {fd: descriptor, isTTY: false, write(text) { native.write(descriptor, String(text)); return true; }};
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
        process.emit('exit', status === undefined ? process.exitCode || 0 : status);
        native.exit(status === undefined ? process.exitCode || 0 : status);
    },
    hrtime(since) {
        const us = native.nowUs() - (since ? since[0] * 1e6 + since[1] / 1e3 : 0);
        return [Math.floor(us / 1e6), (us % 1e6) * 1000];
    },
});
process.hrtime.bigint = () => BigInt(native.nowUs()) * 1000n;
