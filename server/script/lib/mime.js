'use strict';
// Types of content by the ending of a file's name.

const TYPES = {
    html: 'text/html', htm: 'text/html', css: 'text/css', js: 'application/javascript',
    mjs: 'application/javascript', cjs: 'application/javascript', json: 'application/json',
    map: 'application/json', txt: 'text/plain', text: 'text/plain', log: 'text/plain',
    md: 'text/markdown', csv: 'text/csv', xml: 'application/xml', ics: 'text/calendar',
    appcache: 'text/cache-manifest', webmanifest: 'application/manifest+json',
    png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif',
    svg: 'image/svg+xml', webp: 'image/webp', avif: 'image/avif', bmp: 'image/bmp',
    ico: 'image/x-icon', mp3: 'audio/mpeg', wav: 'audio/x-wav', ogg: 'audio/ogg',
    oga: 'audio/ogg', m4a: 'audio/mp4', mp4: 'video/mp4', webm: 'video/webm', ogv: 'video/ogg',
    woff: 'font/woff', woff2: 'font/woff2', ttf: 'font/ttf', otf: 'font/otf',
    eot: 'application/vnd.ms-fontobject', swf: 'application/x-shockwave-flash',
    pdf: 'application/pdf', zip: 'application/zip', gz: 'application/gzip',
    tar: 'application/x-tar', wasm: 'application/wasm', bin: 'application/octet-stream',
};
const UTF8 = /^text\/|^application\/(javascript|json)/;

// Of 'html', '.html' or 'a/b.html'; with a charset where that is text.
exports.typeOf = function (name, charset = 'utf-8') {
    const ending = name.replace(/^.*[./]/s, '').toLowerCase();
    const type = Object.hasOwn(TYPES, ending) ? TYPES[ending] : 'application/octet-stream';

    return UTF8.test(type) ? `${type}; charset=${charset}` : type;
};
