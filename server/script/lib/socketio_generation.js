'use strict';
// Which socket.io a script was written for: "0.9", "4" (1 and later), or "" when nothing says so.

const path = builtin('path');

// What the nearest package.json wants; "": nothing.
function wantedVersion(folder) {
    const file = path.join(folder, 'package.json');

    if (native.stat(file) !== undefined) {
        const {dependencies = {}, devDependencies = {}} = JSON.parse(native.readText(file));
        const version = dependencies['socket.io'] || devDependencies['socket.io'];

        return version === undefined ? '' : String(version);
    }
    return folder === '/' ? '' : wantedVersion(path.dirname(folder));
}

exports.generationOf = function () {
    const [, major] = /^[\s~^=v>]*(\d+)/.exec(wantedVersion(path.dirname(path.resolve(
        process.argv[1])))) || [];

    return major === undefined ? '' : major === '0' ? '0.9' : '4';
};
