'use strict';
// ES modules: what C asks when QuickJS meets an import (native_modules.c).

const errors = builtin('errors');
const modules = builtin('modules');
const names = builtin('modules_names');
const {fileURLToPath, pathToFileURL} = builtin('url');
const path = builtin('path');
const {failure, find, forImport, kindOfModule} = builtin('modules_resolve');

// The file, or "siobroker:" and the file of lib/.
function resolve(name, from) {
    const ours = names.find(name);

    if (ours !== undefined)
        return 'siobroker:' + ours;
    if (/^[a-z]+:/.test(name) && !name.startsWith('file:') && !name.startsWith('node:'))
        throw failure('ERR_UNSUPPORTED_ESM_URL_SCHEME', 'Only URLs with a scheme in: file and ' +
            `node are supported by the default ESM loader. Received '${name}'`);
    const found = name.startsWith('node:') ? null
        : find(name.startsWith('file:') ? fileURLToPath(name) : name, from, forImport);
    const instead = found ? undefined : names.findInstead(name);

    if (!found && instead === undefined)
        throw names.notFound(name, [from], true);
    return found || 'siobroker:' + instead;
}

native.hook('importResolve', (from, name) => resolve(name, from));

// Attributes are what this QuickJS does not know; blanks keep the places of what follows.
const attributes = /(\b(?:from|import)\s*(['"])[^'"\n]*\2)(\s*\b(?:with|assert)\s*\{[^{}]*\})/g;

function withoutAttributes(source) {
    return source.replace(attributes,
        (all, kept, quote, rest) => kept + rest.replace(/[^\n]/g, ' '));
}

// Our line is the first one: stack.c does not count it.
function wrapped(source) {
    return '\n' + withoutAttributes(source.replace(/^\ufeff/, '').replace(/^#!/, '//'));
}

// What a module exports that is none of ES: the same object as default, and its names.
function valuesOf(value) {
    const values = {};

    if ((typeof value === 'object' && value !== null) || typeof value === 'function')
        for (const name of Object.keys(value))
            values[name] = value[name];
    if (!(values.__esModule && Object.hasOwn(values, 'default')))
        values.default = value;
    return values;
}

// {source}: of an ES module; {values}: of any other.
native.hook('importLoad', function (file) {
    if (file.startsWith('siobroker:'))
        return {values: valuesOf(builtin(file.slice(10)))};
    const kind = kindOfModule(file);
    const source = kind === 'commonjs' || kind === 'json' ? '' : native.readText(file);

    if (kind !== 'es' && !(kind === '' && modules.isOfEs(source)))
        return {values: valuesOf(modules.load(file, null))};
    return {source: wrapped(source)};
});

exports.compile = function (file, source) {
    try {
        native.compileEs(wrapped(source), file);
    } catch (error) {
        errors.throwFromCompiling(error, file);
    }
};

native.hook('importMeta', function (meta, file) {
    meta.dirname = path.dirname(file);
    meta.filename = file;
    meta.resolve = function (name) {
        if (/^(\.{0,2}\/|file:)/.test(name))
            return new URL(name, meta.url).href;
        const found = resolve(name, file);

        return found.startsWith('siobroker:') ? 'node:' + name.replace(/^node:/, '')
            : pathToFileURL(found).href;
    };
    meta.url = pathToFileURL(file).href;
});

native.hook('importFailed', errors.throwFromCompiling);

// When it ends, and nothing that it waits for can come: as Node does.
exports.runMain = function (file) {
    let isDone = false;

    native.importEs(file).then(() => { isDone = true; }, (error) => {
        isDone = true;
        throw error;
    });
    process.on('exit', function () {
        if (isDone || process.exitCode)
            return;
        native.write(2, `Warning: Detected unsettled top-level await at\n${file}\n`);
        process.exitCode = 13;
    });
};
