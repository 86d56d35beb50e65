'use strict';
/*
 * report.js - the results as a table and as a picture. A cell has the median of all rounds, the
 * lowest of them, and the ratio to the contestant's base: the median of those of the rounds, since
 * what makes the machine slow for a while makes it slow for both.
 */

const median = (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const half = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

const withCommas = (value, digits) =>
    value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/*
 * rows: { title, unit, best, digits, cells }, a cell for each contestant:
 * { median, lowest, ratio }, or null. results: key of the work to name of the contestant to a list
 * of results, one for each round, null where there is none.
 */
function makeRows(works, contestants, results) {
    return works.flatMap((work) => work.figures.map((figure) => {
        const valuesOf = (name) => (results[work.key][name] || [])
            .map((result) => (result === null ? NaN : figure.value(result)));
        const cells = contestants.map((contestant) => {
            const all = valuesOf(contestant.name);
            const values = all.filter(Number.isFinite);
            if (values.length === 0 || (figure.for && !figure.for(contestant)))
                return null;
            const base = valuesOf(contestant.base);
            const ratios = all.map((value, round) => value / base[round]).filter(Number.isFinite);
            return { median: median(values), lowest: Math.min(...values),
                ratio: ratios.length > 0 ? median(ratios) : undefined };
        });
        const label = figure.unit ? `${figure.title}, ${figure.unit}` : figure.title;
        return { ...figure, label, cells };
    }));
}

function cellText(cell, { digits }) {
    if (cell === null)
        return '-';
    const ratio = cell.ratio === undefined ? '' : ` ${cell.ratio.toFixed(2)}x`;
    return `${withCommas(cell.median, digits)} (${withCommas(cell.lowest, digits)})${ratio}`;
}

function table(rows, contestants) {
    const lines = [['', ...contestants.map(({ title }) => title)],
        ...rows.map((row) => [row.label, ...row.cells.map((cell) => cellText(cell, row))])];
    const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
    return lines.map((line) => line.map((text, i) =>
        (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join('  ')).join('\n');
}

/* --- The picture: for each row a bar for each contestant, in proportion to the longest. --- */

const WIDTH = 860;
const LABEL = 130;
const BAR = 500;
const LINE = 16;
const COLOURS = ['#9aa5b1', '#0b6e4f', '#c58b3b', '#c3cad1', '#3fa67d', '#a3562e', '#6d4c8d',
    '#33658a'];

const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

const textAt = (x, y, text, more = '') => `<text x="${x}" y="${y}"${more}>${escape(text)}</text>`;

function rowPicture(row, contestants, top) {
    const longest = Math.max(...row.cells.filter(Boolean).map((cell) => Math.abs(cell.median)));
    const title = row.label + (row.best === 'most' ? ' (more is better)' : '');
    const lines = [textAt(10, top + 14, title, ' font-weight="bold"')];
    let y = top + 22;
    row.cells.forEach((cell, i) => {
        if (cell === null)
            return;
        const length = longest > 0 ? Math.max(1, BAR * Math.max(0, cell.median) / longest) : 1;
        const ratio = cell.ratio === undefined ? '' : `, ${cell.ratio.toFixed(2)}x`;
        lines.push(textAt(LABEL - 6, y + 11, contestants[i].title, ' text-anchor="end"'),
            `<rect x="${LABEL}" y="${y + 1}" width="${length.toFixed(1)}" height="${LINE - 4}" ` +
            `fill="${COLOURS[i % COLOURS.length]}"/>`,
            textAt(LABEL + length + 6, y + 11, withCommas(cell.median, row.digits) + ratio));
        y += LINE;
    });
    return { lines, bottom: y + 12 };
}

function picture(rows, contestants) {
    const lines = [];
    let y = 8;
    for (const row of rows.filter(({ cells }) => cells.some(Boolean))) {
        const part = rowPicture(row, contestants, y);
        lines.push(...part.lines);
        y = part.bottom;
    }
    return [`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" ` +
        `viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<rect width="${WIDTH}" height="${y}" fill="#fff"/>`, ...lines, '</svg>', ''].join('\n');
}

module.exports = { makeRows, median, table, picture };
