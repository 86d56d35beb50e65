'use strict';
// Module "path": that of POSIX.

function normalizeParts(parts, isAbsolute) {
    const kept = [];

    for (const part of parts) {
        if (part === '' || part === '.')
            continue;
        if (part !== '..')
            kept.push(part);
        else if (kept.length > 0 && kept[kept.length - 1] !== '..')
            kept.pop();
        else if (!isAbsolute)
            kept.push('..');
    }
    return kept;
}

exports.sep = '/';
exports.delimiter = ':';

exports.isAbsolute = (path) => path.startsWith('/');

exports.normalize = function (path) {
    const isAbsolute = path.startsWith('/');
    let is = normalizeParts(path.split('/'), isAbsolute).join('/');

    if (is !== '' && path.endsWith('/'))
        is += '/';
    return isAbsolute ? '/' + is : is || (path.endsWith('/') && path !== '' ? './' : '.');
};

exports.join = (...parts) => exports.normalize(parts.filter((p) => p !== '').join('/') || '.');

exports.resolve = function (...parts) {
    let path = '';

    for (let i = parts.length - 1; i >= 0 && !path.startsWith('/'); i--)
        if (parts[i] !== '')
            path = parts[i] + (path ? '/' + path : '');
    if (!path.startsWith('/'))
        path = native.cwd() + (path ? '/' + path : '');
    return '/' + normalizeParts(path.split('/'), true).join('/');
};

exports.dirname = function (path) {
    const is = path.replace(/\/+$/, '');
    const at = is.lastIndexOf('/');

    if (at < 0)
        return is === '' && path !== '' ? '/' : '.';
    return is.slice(0, at).replace(/\/+$/, '') || '/';
};

exports.basename = function (path, end) {
    const is = path.replace(/\/+$/, '');
    const name = is.slice(is.lastIndexOf('/') + 1);

    return end && name !== end && name.endsWith(end) ? name.slice(0, -end.length) : name;
};

exports.extname = function (path) {
    const name = exports.basename(path);
    const at = name.lastIndexOf('.');

    return at > 0 ? name.slice(at) : '';
};

exports.relative = function (from, to) {
    const a = exports.resolve(from).split('/').filter(Boolean);
    const b = exports.resolve(to).split('/').filter(Boolean);
    let n = 0;

    while (n < a.length && a[n] === b[n])
        n++;
    return [...a.slice(n).map(() => '..'), ...b.slice(n)].join('/');
};

exports.parse = function (path) {
    const base = exports.basename(path);
    const ext = exports.extname(path);
    const dir = path.slice(0, path.replace(/\/+$/, '').length - base.length).replace(/(.)\/+$/, '$1');

    return {root: path.startsWith('/') ? '/' : '', dir, base, ext,
        name: ext ? base.slice(0, -ext.length) : base};
};

exports.format = (p) => (p.dir ? p.dir + (p.dir === '/' ? '' : '/') : p.root || '') +
    (p.base || (p.name || '') + (p.ext || ''));

exports.posix = exports;
