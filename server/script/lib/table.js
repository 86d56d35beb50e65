'use strict';
// console.table(): rows and columns in a frame.

const inspect = builtin('inspect');
const {widthOf} = builtin('inspect_layout');

const INDEX = '(index)', KEY = '(iteration index)', VALUES = 'Values';

const cell = (value) => inspect(value, {depth: typeof value === 'object' && value !== null &&
    !Array.isArray(value) && Object.keys(value).length > 2 ? -1 : 0, maxArrayLength: 3,
breakLength: Infinity});

const line = (widths, [left, middle, right]) =>
    left + widths.map((width) => '─'.repeat(width + 2)).join(middle) + right;
const row = (cells, widths) => '│ ' + cells.map((text, i) =>
    text + ' '.repeat(widths[i] - widthOf(text))).join(' │ ') + ' │';

// A head, and rows of as many texts.
function draw(head, rows) {
    const widths = head.map((name, i) => Math.max(...[head, ...rows].map((one) => widthOf(one[i]))));

    return [line(widths, '┌┬┐'), row(head, widths), line(widths, '├┼┤'),
        ...rows.map((one) => row(one, widths)), line(widths, '└┴┘')].join('\n');
}

// [index, value] of each row.
function entriesOf(data) {
    if (data instanceof Map)
        return [...data].map(([key, value], i) => [String(i), value, key]);
    if (data instanceof Set)
        return [...data].map((value, i) => [String(i), value]);
    return Object.keys(data).map((key) => [key, data[key]]);
}

module.exports = function table(data, wanted) {
    const entries = entriesOf(data);
    const isMap = data instanceof Map;
    const columns = wanted ? [...wanted] : [...new Set(entries.flatMap(([, value]) =>
        isMap || typeof value !== 'object' || value === null ? [] : Object.keys(value)))];
    const hasValues = isMap || entries.some(([, value]) => typeof value !== 'object' ||
        value === null);
    const head = [isMap || data instanceof Set ? KEY : INDEX, ...(isMap ? ['Key'] : []), ...columns,
        ...(hasValues ? [VALUES] : [])];

    return draw(head, entries.map(([index, value, key]) => {
        const isObject = !isMap && typeof value === 'object' && value !== null;

        return [index, ...(isMap ? [cell(key)] : []),
            ...columns.map((name) => isObject && Object.hasOwn(value, name)
                ? cell(value[name]) : ''),
            ...(hasValues ? [isObject ? '' : cell(value)] : [])];
    }));
};
