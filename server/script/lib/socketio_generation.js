'use strict';
// Which generation of a package a script was written for, by the nearest package.json.

const path = builtin('path');

// What that wants; "": nothing.
function wantedVersion(name, folder) {
    const file = path.join(folder, 'package.json');

    if (native.stat(file) !== undefined) {
        const {dependencies = {}, devDependencies = {}} = JSON.parse(native.readText(file));

        return String(dependencies[name] || devDependencies[name] || '');
    }
    return folder === '/' ? '' : wantedVersion(name, path.dirname(folder));
}

// The first number of the version, as a text; undefined: nothing says so.
exports.majorOf = function (name) {
    const folder = path.dirname(path.resolve(process.argv[1]));

    return (/^[\s~^=v>]*(\d+)/.exec(wantedVersion(name, folder)) || [])[1];
};

// Of socket.io: "0.9", "4" (1 and later), or "".
exports.generationOf = function () {
    const major = exports.majorOf('socket.io');

    return major === undefined ? '' : major === '0' ? '0.9' : '4';
};
