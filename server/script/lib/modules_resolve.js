'use strict';
// What a name of a module means: files, folders, packages, as in Node.

const path = builtin('path');
const {parseJson} = builtin('errors');
const FOLDER = 0o040000, KIND = 0o170000;
const packages = new Map(); // what package.json of a folder says; null: there is none

function kindOf(file) {
    const is = native.stat(file);

    if (is === undefined)
        return 'none';
    return (is.mode & KIND) === FOLDER ? 'folder' : 'file';
}

function asFile(file, endings) {
    for (const ending of endings)
        if (kindOf(file + ending) === 'file')
            return native.realPath(file + ending);
    return null;
}

function packageOf(folder) {
    if (!packages.has(folder)) {
        const file = path.join(folder, 'package.json');

        packages.set(folder, kindOf(file) === 'file' ? parseJson(native.readText(file), file)
            : null);
    }
    return packages.get(folder);
}

// The package that a file is of: {folder, about}, or null.
function scopeOf(file) {
    for (let at = path.dirname(file); ; at = path.dirname(at)) {
        if (path.basename(at) === 'node_modules')
            return null;
        const about = packageOf(at);

        if (about !== null)
            return {folder: at, about};
        if (at === '/')
            return null;
    }
}

function failure(code, message, type = Error) {
    const error = new type(message);

    error.code = code;
    return error;
}

// --- "exports" and "imports" of package.json. ---

// What a rule says under these conditions; null: forbidden; undefined: nothing.
function chosen(rule, conditions, star) {
    if (typeof rule === 'string')
        return rule.replaceAll('*', () => star);
    if (Array.isArray(rule)) {
        for (const one of rule) {
            const target = chosen(one, conditions, star);

            if (target)
                return target;
        }
        return null;
    }
    if (rule === null || typeof rule !== 'object')
        return null;
    for (const condition of Object.keys(rule)) {
        if (condition !== 'default' && !conditions.includes(condition))
            continue;
        const target = chosen(rule[condition], conditions, star);

        if (target !== undefined)
            return target;
    }
    return undefined;
}

// The rule for a name, or the longest pattern with a star that is like it.
function ruled(rules, name, conditions) {
    if (Object.hasOwn(rules, name) && !name.includes('*'))
        return chosen(rules[name], conditions, '');
    let best = null;

    for (const pattern of Object.keys(rules)) {
        const [before, after] = pattern.split('*');

        if (after !== undefined && name.startsWith(before) && name.endsWith(after) &&
            name.length >= pattern.length && (!best || before.length > best.before.length))
            best = {pattern, before, after};
    }
    if (!best)
        return undefined;
    return chosen(rules[best.pattern], conditions,
        name.slice(best.before.length, name.length - best.after.length));
}

// A file of a package with "exports". part: "." or "./lib/x.js"
function exported(folder, about, part, {conditions}) {
    let rules = about.exports;

    if (typeof rules !== 'object' || Array.isArray(rules) ||
        !Object.keys(rules).some((key) => key.startsWith('.')))
        rules = {'.': rules};
    const target = ruled(rules, part, conditions);
    const where = path.join(folder, 'package.json');

    if (!target)
        throw failure('ERR_PACKAGE_PATH_NOT_EXPORTED', part === '.'
            ? `No "exports" main defined in ${where}`
            : `Package subpath '${part}' is not defined by "exports" in ${where}`);
    if (!target.startsWith('./'))
        throw failure('ERR_INVALID_PACKAGE_TARGET', `Invalid "exports" target "${target}" ` +
            `defined for '${part}' in the package config ${where}`);
    const file = path.join(folder, target);

    return kindOf(file) === 'file' ? native.realPath(file) : null;
}

// --- Files, folders, packages. ---

function asFolder(folder, how) {
    if (kindOf(folder) !== 'folder')
        return null;
    const about = packageOf(folder);
    const main = about && typeof about.main === 'string' && path.join(folder, about.main);

    return (main && (asFile(main, how.endings) || asFile(main + '/index', how.endings.slice(1)))) ||
        asFile(path.join(folder, 'index'), how.endings.slice(1));
}

function asPath(file, isFolder, how) {
    if (how.isExact)
        return kindOf(file) === 'file' ? native.realPath(file) : null;
    return (!isFolder && asFile(file, how.endings)) || asFolder(file, how);
}

exports.foldersUp = function (from) {
    const found = [];

    for (let at = from; ; at = path.dirname(at)) {
        if (path.basename(at) !== 'node_modules')
            found.push(path.join(at, 'node_modules'));
        if (at === '/')
            return found;
    }
};

function splitName(name) {
    const [, main, part] = /^((?:@[^/]+\/)?[^/@][^/]*)(?:\/(.*))?$/.exec(name) || [];

    return {main, part};
}

function asPackage(name, from, how) {
    const {main, part} = splitName(name);
    const own = main && scopeOf(from);

    if (own && own.about.name === main && own.about.exports)
        return exported(own.folder, own.about, part ? './' + part : '.', how);
    for (const at of main ? exports.foldersUp(path.dirname(from)) : []) {
        const folder = path.join(at, main);
        const about = kindOf(folder) === 'folder' ? packageOf(folder) : null;

        if (about && about.exports !== undefined && about.exports !== null)
            return exported(folder, about, part ? './' + part : '.', how);
        const found = part ? asPath(path.join(at, name), name.endsWith('/'), how)
            : asPath(folder, false, {...how, isExact: false});

        if (found)
            return found;
    }
    return null;
}

// "#name" of the package that the file is of.
function asImport(name, from, how) {
    const own = scopeOf(from);
    const target = own && own.about.imports && ruled(own.about.imports, name, how.conditions);

    if (!target)
        throw failure('ERR_PACKAGE_IMPORT_NOT_DEFINED', `Package import specifier "${name}" is ` +
            `not defined${own ? ` in package ${own.folder}/package.json` : ''} imported from ` +
            from, TypeError);
    return target.startsWith('./') ? asPath(path.join(own.folder, target), false, how)
        : asPackage(target, from, how);
}

// How require() and import look for a file.
exports.forRequire = {conditions: ['node', 'require', 'module-sync'], isExact: false,
    endings: ['', '.js', '.json', '.cjs']};
exports.forImport = {conditions: ['node', 'import', 'module-sync'], isExact: true,
    endings: ['', '.js', '.json', '.cjs']};

// The file that is meant by name in the file from; null: there is none.
exports.find = function (name, from, how) {
    if (/^(\.\.?(\/|$)|\/)/.test(name))
        return asPath(path.resolve(path.dirname(from), name), /(^|\/)\.{0,2}$/.test(name), how);
    return name.startsWith('#') ? asImport(name, from, how) : asPackage(name, from, how);
};

// Is that file an ES module, a CommonJS module or JSON? '' : its text decides.
exports.kindOfModule = function (file) {
    const ending = path.extname(file);

    if (ending === '.mjs')
        return 'es';
    if (ending === '.cjs')
        return 'commonjs';
    if (ending === '.json')
        return 'json';
    const own = scopeOf(file);
    const type = own && own.about.type;

    return type === 'module' ? 'es' : type === 'commonjs' ? 'commonjs' : '';
};
exports.failure = failure;
exports.scopeOf = scopeOf;
