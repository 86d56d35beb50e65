'use strict';
// require(), as in Node: files, folders, node_modules, and the modules that are built in.

const path = builtin('path');
const cache = Object.create(null);
const FOLDER = 0o040000;

// Names that scripts may require, and the file of lib/ that is behind each.
const names = {
    assert: 'assert', buffer: 'buffer', crypto: 'crypto', events: 'events', fs: 'fs', os: 'os',
    path: 'path', querystring: 'querystring', string_decoder: 'string_decoder',
    timers: 'timers_module', url: 'url', util: 'util', process: 'process', console: 'console',
    'fs/promises': 'fs_promises', 'socket.io': 'socketio',
    'socket.io/lib/stores/redis': 'redis_store', 'socket.io/lib/stores/memory': 'redis_store',
    redis: 'redis', 'socket.io/node_modules/redis': 'redis', ioredis: 'redis',
    '@socket.io/redis-adapter': 'redis_adapter', 'socket.io-redis': 'redis_adapter',
};

function kindOf(file) {
    const is = native.stat(file);

    if (is === undefined)
        return 'none';
    return (is.mode & 0o170000) === FOLDER ? 'folder' : 'file';
}

function asFile(file) {
    for (const ending of ['', '.js', '.cjs', '.json'])
        if (kindOf(file + ending) === 'file')
            return native.realPath(file + ending);
    return null;
}

function packageOf(folder) {
    const file = folder + '/package.json';

    if (kindOf(file) !== 'file')
        return null;
    try {
        return JSON.parse(native.readText(file));
    } catch (error) {
        error.message = `${file}: ${error.message}`;
        throw error;
    }
}

// What "exports" of a package says about a part of it, for require().
function exported(rules, part) {
    if (typeof rules === 'string' || Array.isArray(rules))
        return part === '.' ? [].concat(rules)[0] : null;
    if (!Object.keys(rules).some((key) => key.startsWith('.')))
        return part === '.' ? chosen(rules) : null;
    return chosen(rules[part]);
}

function chosen(rule) {
    if (typeof rule === 'string' || !rule)
        return rule;
    if (Array.isArray(rule))
        return chosen(rule[0]);
    for (const condition of Object.keys(rule))
        if (['node', 'require', 'default'].includes(condition) && chosen(rule[condition]))
            return chosen(rule[condition]);
    return null;
}

function asFolder(folder) {
    if (kindOf(folder) !== 'folder')
        return null;
    const about = packageOf(folder);
    const main = about && (about.exports ? exported(about.exports, '.') : about.main);

    return (main && (asFile(path.join(folder, main)) || asFile(path.join(folder, main, 'index')))) ||
        asFile(path.join(folder, 'index'));
}

function foldersUp(from) {
    const found = [];

    for (let at = from; ; at = path.dirname(at)) {
        if (path.basename(at) !== 'node_modules')
            found.push(path.join(at, 'node_modules'));
        if (at === '/')
            return found;
    }
}

function asPackage(name, from) {
    const [, main, part] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.*))?$/.exec(name) || [];

    for (const folder of main ? foldersUp(from) : []) {
        const about = part && packageOf(path.join(folder, main));
        const rule = about && about.exports && exported(about.exports, './' + part);
        const file = rule ? asFile(path.join(folder, main, rule))
            : asFile(path.join(folder, name)) || asFolder(path.join(folder, name));

        if (file)
            return file;
    }
    return null;
}

function notFound(name, parent) {
    const error = new Error(`Cannot find module '${name}'\nRequire stack:\n- ${parent}\n` +
        `Built in are: ${Object.keys(names).join(', ')}`);

    error.code = 'MODULE_NOT_FOUND';
    return error;
}

function resolve(name, parent, folder) {
    const bare = name.replace(/^node:/, '');

    if (Object.hasOwn(names, bare))
        return 'siobroker:' + names[bare];
    const isPath = /^(\.\.?(\/|$)|\/)/.test(name);
    const file = isPath ? path.resolve(folder, name) : null;
    const found = isPath ? (!name.endsWith('/') && asFile(file)) || asFolder(file)
        : asPackage(name, folder);

    if (!found)
        throw notFound(name, parent);
    return found;
}

class Module {
    constructor(id, parent) {
        this.id = id;
        this.filename = id;
        this.exports = {};
        this.loaded = false;
        this.parent = parent;
        this.children = [];
    }
}

function requireOf(module) {
    const folder = path.dirname(module.filename);

    function require(name) {
        if (typeof name !== 'string' || name === '')
            throw new TypeError('The "id" argument must be of type string. Received ' + typeof name);
        const file = resolve(name, module.filename, folder);

        return file.startsWith('siobroker:') ? builtin(file.slice(10)) : load(file, module).exports;
    }
    require.resolve = (name) => resolve(name, module.filename, folder);
    require.cache = cache;
    require.main = main;
    return require;
}

function run(module, source) {
    // On the first line, so that the numbers of lines are right.
    const fn = native.compile('(function (exports, require, module, __filename, __dirname) {' +
        source.replace(/^\ufeff/, '').replace(/^#!/, '//') + '\n})', module.filename);

    fn.call(module.exports, module.exports, requireOf(module), module, module.filename,
        path.dirname(module.filename));
}

function load(file, parent) {
    let module = cache[file];

    if (module !== undefined)
        return module;
    module = cache[file] = new Module(file, parent);
    if (parent === null)
        main = module;
    try {
        const source = native.readText(file);

        if (file.endsWith('.json'))
            module.exports = JSON.parse(source);
        else
            run(module, source);
        module.loaded = true;
    } finally {
        if (!module.loaded)
            delete cache[file];
    }
    return module;
}

let main;

exports.runMain = function (file) {
    const found = asFile(path.resolve(file));

    if (!found) {
        native.write(2, `siobroker: ${file}: no such file\n`);
        native.exit(2);
    }
    try {
        load(found, null);
    } catch (error) {
        if (!(error instanceof SyntaxError))
            throw error;
        const place = /at (.+:\d+:\d+)\n/.exec(error.stack);
        native.write(2, `${place ? place[1] : file}: ${error}\n`);
        native.exit(2);
    }
};
