'use strict';
// Names that scripts may require, and what is said of others.

const {failure} = builtin('modules_resolve');

// The file of lib/ that is behind each.
const names = {
    assert: 'assert', buffer: 'buffer', cluster: 'cluster', console: 'console', crypto: 'crypto',
    events: 'events', fs: 'fs', 'fs/promises': 'fs_promises', http: 'http', https: 'https',
    module: 'modules_module', os: 'os', path: 'path', process: 'process', querystring: 'querystring',
    stream: 'stream', string_decoder: 'string_decoder', sys: 'util', timers: 'timers_module',
    'timers/promises': 'timers_promises', url: 'url', util: 'util',
    tty: 'tty', 'socket.io': 'socketio',
    'socket.io/lib/stores/redis': 'redis_store', 'socket.io/lib/stores/memory': 'redis_store',
    redis: 'redis', 'socket.io/node_modules/redis': 'redis', ioredis: 'ioredis',
    '@socket.io/cluster-adapter': 'cluster_adapter',
    '@socket.io/redis-adapter': 'redis_adapter', 'socket.io-redis': 'redis_adapter',
};

// Those that are ours only where no package of that name is found.
const instead = { express: 'express' };

// What Node has and we have not.
const ofNode = ['async_hooks', 'child_process', 'constants', 'dgram',
    'diagnostics_channel', 'dns', 'dns/promises', 'domain', 'http2', 'inspector',
    'net', 'path/posix', 'perf_hooks', 'punycode', 'readline', 'readline/promises', 'repl',
    'stream/promises', 'stream/web', 'test', 'tls', 'trace_events',
    'util/types', 'v8', 'vm', 'wasi', 'worker_threads', 'zlib'];

// The file of lib/ behind a name, or undefined.
exports.find = function (name) {
    const bare = name.startsWith('node:') ? name.slice(5) : name;

    return Object.hasOwn(names, bare) ? names[bare] : undefined;
};
exports.findInstead = (name) => Object.hasOwn(instead, name) ? instead[name] : undefined;
exports.list = () => Object.keys({...names, ...instead}).sort();

// Why there is nothing of that name. stack: the files that require each other, the last one first.
exports.notFound = function (name, stack, isImport) {
    const bare = name.startsWith('node:') ? name.slice(5) : name;
    const isPath = /^[./]/.test(name);
    const wanted = isImport
        ? `Cannot find ${isPath ? 'module' : 'package'} '${name}' imported from ${stack[0]}`
        : [`Cannot find module '${name}'`, 'Require stack:', ...stack.map((file) => `- ${file}`)]
            .join('\n');
    const isOfNode = ofNode.includes(bare) || name.startsWith('node:');
    const hint = isOfNode
        ? `\n${stack[0]} needs the module "${bare}" of Node, and scripts have none here.\n` +
            'What needs it can run in Node, as a backend: see backends.md in the manual.'
        : isPath || name.startsWith('#') ? '' : `\nBuilt in are: ${exports.list().join(', ')}.`;
    const error = failure(isImport ? 'ERR_MODULE_NOT_FOUND' : 'MODULE_NOT_FOUND', wanted + hint);

    if (!isImport)
        error.requireStack = stack;
    return error;
};
