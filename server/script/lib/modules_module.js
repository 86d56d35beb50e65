'use strict';
// Module "module".

const {Module, cache, requireFrom} = builtin('modules');
const names = builtin('modules_names');
const {failure} = builtin('modules_resolve');

function fileOf(where) {
    if (where instanceof URL || String(where).startsWith('file:'))
        return builtin('url').fileURLToPath(where);
    if (typeof where === 'string' && where.startsWith('/'))
        return where;
    throw failure('ERR_INVALID_ARG_VALUE', "The argument 'filename' must be a file URL object, " +
        `file URL string, or absolute path string. Received '${where}'`, TypeError);
}

module.exports = Object.assign(Module, {
    Module,
    _cache: cache,
    builtinModules: names.list(),
    isBuiltin: (name) => names.find(name) !== undefined,
    createRequire: (where) => requireFrom(fileOf(where)),
});
