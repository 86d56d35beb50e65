'use strict';
// How inspect() lays out what it has found: in quotes, on a line, in columns.

const ESCAPES = {'\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '\\': '\\\\'};

// In the quotes that need the fewest escapes: ' before " before `.
exports.quote = function (text) {
    const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"'
        : !text.includes('`') && !text.includes('${') ? '`' : "'";
    const escaped = text.replace(/[\x00-\x1f\x7f-\x9f\\]/g, (c) => ESCAPES[c] ||
        '\\x' + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0'));

    return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
};

// Columns of a terminal: most characters take one, those of East Asia and pictures two.
function widthOf(text) {
    let n = 0;

    for (const c of text.normalize('NFC')) {
        const code = c.codePointAt(0);

        n += isWide(code) ? 2 : /^\p{M}$/u.test(c) || code === 0x200d || code < 32 ? 0 : 1;
    }
    return n;
}

const isWide = (code) => code >= 0x1100 && (code <= 0x115f || (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) || (code >= 0x1f300 && code <= 0x1f9ff) ||
    (code >= 0x20000 && code <= 0x3fffd));

exports.widthOf = widthOf;

// With a comma and a blank between them; start: what else is on the line.
exports.isShort = function (parts, start, max) {
    const length = parts.reduce((n, part) => n + part.length, 0);

    return 3 * parts.length + start <= max && length + 2 * parts.length + start <= max;
};

// How many columns make a field that is about as high as wide (a line is 2.5 times as high as a
// character is wide), with a bias for short ones.
function numberOfColumns(widths, longest, indent, max) {
    const cell = longest + 2;
    const sum = widths.reduce((n, width) => n + width + 2, 0);

    if (cell * 3 + indent >= max || (sum / cell <= 5 && longest > 6))
        return 1;
    const biased = Math.max(cell - 3 - Math.sqrt(cell - sum / widths.length), 1);

    return Math.min(Math.round(Math.sqrt(2.5 * biased * widths.length) / biased),
        Math.floor((max - indent) / cell), 12);
}

// Short items of a list in columns: lines of several; the same list when there is no need.
exports.inColumns = function (parts, list, indent, max, maxItems) {
    const hasMore = list.length > maxItems && parts.length > maxItems;
    const items = hasMore ? parts.slice(0, -1) : parts;
    const widths = items.map(widthOf);
    const n = numberOfColumns(widths, Math.max(...widths), indent, max);

    if (n <= 1)
        return parts;
    const isOfNumbers = Array.prototype.every.call(list, (one) =>
        typeof one === 'number' || typeof one === 'bigint');
    const columns = Array.from({length: n}, (_, k) =>
        Math.max(...widths.filter((__, i) => i % n === k)));
    const lines = [];

    for (let i = 0; i < items.length; i += n)
        lines.push(items.slice(i, i + n).map((item, k, row) => {
            const comma = k < row.length - 1 ? ', ' : '';
            const blanks = ' '.repeat(columns[k] - widths[i + k]);

            return isOfNumbers ? blanks + item + comma
                : item + comma + (comma ? blanks : '');
        }).join(''));
    return hasMore ? [...lines, parts[parts.length - 1]] : lines;
};

exports.onLines = function (parts, head, braces, indent) {
    const start = '\n' + ' '.repeat(indent);

    return `${head ? head + ' ' : ''}${braces[0]}${start}  ${parts.join(`,${start}  `)}` +
        `${start}${braces[1]}`;
};
