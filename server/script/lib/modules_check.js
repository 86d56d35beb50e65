'use strict';
// --check-config FILE.js: is the text of all modules right, and are they there? Nothing is run.

const errors = builtin('errors');
const modules = builtin('modules');
const names = builtin('modules_names');
const {find, forImport, forRequire, kindOfModule} = builtin('modules_resolve');
const WRONG = 2; // exit status

// Names in require('...'), import ... from '...', import '...' and export ... from '...'.
const required = /\brequire\s*\(\s*(['"])([^'"\n]+)\1\s*\)/g;
const imported = /^[ \t]*(?:import|export)\b[^;'"()]*?(['"])([^'"\n]+)\1/gm;

function namesIn(source, isEs) {
    const text = source.replace(/^[ \t]*\/\/.*$/gm, '').replace(/\/\*[^]*?\*\//g, '');

    return [...text.matchAll(isEs ? imported : required)].map((found) => found[2]);
}

// Files that the module of this text needs. What a package lacks it may know to do without.
function neededBy(file, source, isEs) {
    const found = [];

    for (const name of namesIn(source, isEs)) {
        if (names.find(name) !== undefined)
            continue;
        const target = name.startsWith('node:') ? null
            : find(name, file, isEs ? forImport : forRequire);

        if (target)
            found.push(target);
        else if (names.findInstead(name) === undefined && !file.includes('/node_modules/'))
            throw names.notFound(name, [file], isEs);
    }
    return found;
}

function check(file, seen) {
    if (seen.has(file))
        return;
    seen.add(file);
    const source = native.readText(file);
    let kind = kindOfModule(file);

    if (kind === 'json') {
        errors.parseJson(source, file);
        return;
    }
    if (file.endsWith('.node'))
        return;
    if (kind === '')
        kind = modules.isOfEs(source) ? 'es' : 'commonjs';
    if (kind === 'es')
        builtin('modules_es').compile(file, source);
    else
        modules.compile(source, file);
    for (const one of neededBy(file, source, kind === 'es'))
        check(one, seen);
}

exports.checkMain = function (name) {
    const file = modules.findMain(name);
    const seen = new Set();

    try {
        check(file, seen);
    } catch (error) {
        if (errors.isOfText(error))
            errors.sayWrongText(error);
        else
            native.write(2, `${name}: ${error.message}\n`);
        native.exit(WRONG);
    }
    native.write(1, `${name}: ok (${seen.size} ${seen.size === 1 ? 'file' : 'files'})\n`);
};
