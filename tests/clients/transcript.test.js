'use strict';
/*
 * The same raw exchanges (transcript-script.js) with the real socket.io 0.9.16 and with our server,
 * compared step by step. Where the two differ, transcript-differences.js must say so and why.
 */

const assert = require('node:assert');
const path = require('node:path');
const { test, describe } = require('node:test');
const { CONTRACT, startBroker } = require('../lib/server.js');
const { Transcript } = require('../lib/transcript.js');
const DIFFERENCES = require('./transcript-differences.js');
const { CHAPTERS, CONFIG } = require('./transcript-script.js');

const ORIGINAL = path.join(__dirname, '../lib/reference-contract.js');

/* Is our side a script? Values are written anew then; what no script decides is not repeated. */
const IS_SCRIPT = /script09/.test(CONTRACT || '');
const OF_SCRIPTS = /^(contract|odd packets|session store) /;
const chapters = CHAPTERS.filter(({ name }) => !IS_SCRIPT || OF_SCRIPTS.test(name));
const listed = DIFFERENCES.filter(({ ofBytes }) => !IS_SCRIPT || !ofBytes);

const both = { skip: CONTRACT === undefined ? 'build/contract-server is not built'
    : path.resolve(CONTRACT) === ORIGINAL && 'compares the original with our own program' };

async function transcribe(chapter, file) {
    const broker = await startBroker({ file, config: { ...CONFIG, ...chapter.config } });
    const transcript = new Transcript(broker);
    try {
        await chapter.script(transcript);
    } catch (error) {
        error.message = `${path.basename(file)}: ${error.message}\n${broker.program.tail()}`;
        throw error;
    } finally {
        await broker.stop();
    }
    return transcript.steps;
}

const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/* What is wrong with a step: a difference nobody explains, or a known one not as written. */
function judge(step, found, known) {
    const shown = JSON.stringify({ original: found[0], ours: found[1] }, null, 4);
    if (isSame(...found))
        return known === undefined ? [] : [`"${step}" is listed but differs no more: ${shown}`];
    if (known === undefined)
        return [`"${step}" differs, and the list does not say why: ${shown}`];
    return isSame(found, known) ? [] : [`"${step}" does not differ as the list says: ${shown}`];
}

/* The listed differences in a chapter, by step. */
function knownIn(chapter) {
    return Object.assign({}, ...listed.filter(({ where }) => where.includes(chapter))
        .map(({ steps }) => steps));
}

describe('the same exchanges with both', { ...both, concurrency: 2 }, () => {
    for (const chapter of chapters) {
        test(chapter.name, async () => {
            const [original, ours] = await Promise.all([transcribe(chapter, ORIGINAL),
                transcribe(chapter, CONTRACT)]);
            assert.deepStrictEqual([...ours.keys()], [...original.keys()], 'the same steps');
            const known = knownIn(chapter.name);
            const wrong = [...original.keys()].flatMap((step) =>
                judge(step, [original.get(step), ours.get(step)], known[step]));
            wrong.push(...Object.keys(known).filter((step) => !original.has(step))
                .map((step) => `"${step}" is listed but is no step`));
            assert.ok(wrong.length === 0, wrong.join('\n'));
        });
    }
});

test('each difference is listed once, with a reason, in a chapter that there is', () => {
    const chapters = CHAPTERS.map(({ name }) => name);
    const seen = new Set();
    for (const { section, why, where, steps } of DIFFERENCES) {
        assert.ok(section && why);
        for (const place of where.flatMap((name) => Object.keys(steps).map((s) => [name, s]))) {
            assert.ok(chapters.includes(place[0]), `no chapter "${place[0]}"`);
            assert.ok(!seen.has(String(place)), `listed twice: ${place}`);
            seen.add(String(place));
        }
    }
});
