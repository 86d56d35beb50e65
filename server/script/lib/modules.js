'use strict';
// CommonJS: require(), and what the file of the command line is.

const path = builtin('path');
const errors = builtin('errors');
const names = builtin('modules_names');
const {failure, find, forRequire, foldersUp, kindOfModule} = builtin('modules_resolve');
const cache = Object.create(null);
let main;

class Module {
    constructor(id, parent) {
        this.id = id;
        this.path = path.dirname(id);
        this.filename = id;
        this.exports = {};
        this.loaded = false;
        this.parent = parent;
        this.children = [];
        this.paths = foldersUp(this.path);
    }
    require(name) {
        return requireOf(this)(name);
    }
}

function stackOf(module) {
    const stack = [];

    for (let at = module; at; at = at.parent)
        stack.push(at.filename);
    return stack;
}

// The file, or "siobroker:" and the file of lib/.
function resolve(name, module) {
    if (typeof name !== 'string')
        throw failure('ERR_INVALID_ARG_TYPE', 'The "id" argument must be of type string. ' +
            `Received ${name === null || name === undefined ? name : typeof name}`, TypeError);
    if (name === '')
        throw failure('ERR_INVALID_ARG_VALUE', "The argument 'id' must be a non-empty string. " +
            "Received ''", TypeError);
    const ours = names.find(name);

    if (ours !== undefined)
        return 'siobroker:' + ours;
    const found = name.startsWith('node:') ? null : find(name, module.filename, forRequire);
    const instead = found ? undefined : names.findInstead(name);

    if (!found && instead === undefined)
        throw names.notFound(name, stackOf(module), false);
    return found || 'siobroker:' + instead;
}

function requireOf(module) {
    function require(name) {
        const file = resolve(name, module);

        return file.startsWith('siobroker:') ? builtin(file.slice(10)) : load(file, module);
    }
    require.resolve = function (name) {
        const file = resolve(name, module);

        return file.startsWith('siobroker:') ? name : file;
    };
    require.resolve.paths = (name) => names.find(name) !== undefined ? null : module.paths;
    require.cache = cache;
    require.main = main;
    return require;
}

// Our line is the first one: stack.c does not count it.
function wrapped(source) {
    return '(function (exports, require, module, __filename, __dirname) {\n' +
        source.replace(/^\ufeff/, '').replace(/^#!/, '//') + '\n})';
}

function compile(source, file) {
    try {
        return native.compile(wrapped(source), file);
    } catch (error) {
        return errors.throwFromCompiling(error, file);
    }
}

// Does it say import or export, as no text of CommonJS can?
function isOfEs(source) {
    if (!/^[ \t]*(import\b|export\b)/m.test(source) && !source.includes('import.meta'))
        return false;
    try {
        native.compile(wrapped(source), '/');
        return false;
    } catch {
        return true;
    }
}

// Transpiled programs look for a mark beside a default export.
function marked(all) {
    if (!('default' in all) || '__esModule' in all)
        return all;
    const result = Object.create(null, {__esModule: {value: true, enumerable: true}});

    for (const name of Object.keys(all))
        Object.defineProperty(result, name, {get: () => all[name], enumerable: true});
    return result;
}

function requireEs(file) {
    const all = native.requireEs(`\nimport * as all from ${JSON.stringify(file)}; export {all};`);

    if (all === undefined)
        throw failure('ERR_REQUIRE_ASYNC_MODULE', 'require() cannot be used on an ESM graph with ' +
            'top-level await. Use import() instead.');
    return marked(all);
}

function run(module) {
    const source = native.readText(module.filename);
    let kind = kindOfModule(module.filename);

    if (kind === 'json') {
        module.exports = errors.parseJson(source, module.filename);
        return;
    }
    if (kind === '')
        kind = isOfEs(source) ? 'es' : 'commonjs';
    if (kind === 'es') {
        module.exports = requireEs(module.filename);
        return;
    }
    const fn = compile(source, module.filename);

    fn.call(module.exports, module.exports, requireOf(module), module, module.filename,
        module.path);
}

// What the module of that file exports.
function load(file, parent) {
    let module = cache[file];

    if (module !== undefined)
        return module.exports;
    module = cache[file] = new Module(file, parent);
    if (parent)
        parent.children.push(module);
    else if (main === undefined)
        main = module;
    try {
        run(module);
        module.loaded = true;
    } finally {
        if (!module.loaded)
            delete cache[file];
    }
    return module.exports;
}

exports.Module = Module;
exports.cache = cache;
exports.load = load;
exports.compile = compile;
exports.isOfEs = isOfEs;
exports.requireFrom = (file) => requireOf(new Module(file, null));

// --- The file of the command line. ---

exports.findMain = function (name) {
    const file = path.resolve(name);
    const is = native.stat(file);

    if (is === undefined || (is.mode & 0o170000) === 0o040000) {
        native.write(2, `siobroker: ${name}: ${is === undefined ? 'no such file' : 'a folder'}\n`);
        native.exit(2);
    }
    return native.realPath(file);
};

exports.runMain = function (name) {
    const file = exports.findMain(name);
    const kind = kindOfModule(file);

    process.argv[1] = file;
    if (kind === 'es' || (kind === '' && isOfEs(native.readText(file))))
        builtin('modules_es').runMain(file);
    else
        load(file, null);
};
