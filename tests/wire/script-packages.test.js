'use strict';
/*
 * Packages of npm in pure JavaScript, as scripts of siobroker use them: the same program on Node
 * and here, and the same output.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe } = require('node:test');
const { run, scratch } = require('../lib/program.js');
const { BROKER, REFERENCE } = require('../lib/server.js');

const suite = { skip: REFERENCE && 'about our own program' };
const MODULES = path.join(__dirname, '../node_modules');

/* By the name of the package: what a program does with it, and tells. */
/* eslint-disable */
const USES = {
    async: (async, tell) => {
        /* One after the other: who is first of two clocks depends on the machine. */
        const waterfall = () => async.waterfall([(next) => next(null, 1, 2),
            (a, b, next) => setTimeout(next, 1, null, a + b)],
        (error, sum) => { tell('waterfall', error, sum); parallel(); });
        const parallel = () => async.parallel({ a: (done) => setImmediate(done, null, 'x'),
            b: (done) => done(null, 'y') },
        (error, all) => { tell('parallel', error, all.a, all.b); each(); });
        const each = () => async.eachSeries([3, 1, 2],
            (n, next) => setTimeout(() => { tell('each', n); next(); }, n),
            (error) => tell('each', error));
        waterfall();
        const queue = async.queue((task, done) => { tell('task', task); done(); }, 2);
        queue.push(['a', 'b', 'c']);
        queue.drain(() => tell('drained'));
        async.auto({ a: (done) => done(null, 1), b: ['a', ({ a }, done) => done(null, a + 1)] },
            (error, all) => tell('auto', all));
    },
    underscore: (_, tell) => {
        tell(_.groupBy([1.3, 2.1, 2.4], Math.floor), _.sortBy([3, 1, 2]), _.uniq([1, 1, 2]),
            _.range(0, 10, 3), _.chain([1, 2, 3]).map((n) => n * 2).filter((n) => n > 2).value(),
            _.template('hello <%= name %>')({ name: 'Ann' }), _.escape('<a & b>'),
            _.isEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }), _.extend({ a: 1 }, { b: 2 }));
    },
    lodash: (_, tell) => {
        tell(_.get({ a: [{ b: 7 }] }, 'a[0].b'), _.merge({ a: { b: 1 } }, { a: { c: 2 } }),
            _.cloneDeep({ d: new Date(0), r: [1, new Map([[1, 2]]).size] }),
            _.camelCase('foo bar-baz'),
            _.chunk([1, 2, 3, 4, 5], 2), _.debounce.length, _.orderBy([{ a: 2 }, { a: 1 }], 'a'),
            _.template('${ a } <% for (const x of b) { %>[<%- x %>]<% } %>')({ a: 1, b: ['<', 2] }),
            _.words('a bC d'), _.padStart('7', 3, '0'), _.isPlainObject(Object.create(null)));
        const throttled = _.throttle((n) => tell('throttled', n), 5);
        throttled(1);
        throttled(2);
    },
    moment: (moment, tell) => {
        const m = moment.utc('2013-02-08T09:30:26.123Z');
        tell(m.format('dddd, MMMM Do YYYY, h:mm:ss a'), m.clone().add(1, 'month').format(),
            m.isoWeek(), moment.utc('12-25-1995', 'MM-DD-YYYY').toISOString(), m.valueOf(),
            moment.duration(90, 'minutes').humanize(), m.from(moment.utc('2013-02-10')),
            moment.utc('nonsense', 'YYYY', true).isValid(), m.startOf('week').format('LLLL'));
    },
    dayjs: (dayjs, tell) => {
        const d = dayjs(1360315826123);
        tell(d.toISOString(), d.add(7, 'day').diff(d, 'hour'), d.valueOf(),
            dayjs('2019-01-25').format('YYYY [escaped] DD/MM'), dayjs('x').isValid());
    },
    uuid: (uuid, tell) => {
        const one = uuid.v4();
        tell(uuid.v5('hello.example.com', uuid.v5.DNS), uuid.v3('x', uuid.v3.URL), one.length,
            uuid.validate(one), uuid.version(one), uuid.validate('no'), uuid.v1().length,
            uuid.stringify(uuid.parse('6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b')));
    },
    nanoid: ({ nanoid, customAlphabet }, tell) => {
        tell(nanoid().length, /^[\w-]+$/.test(nanoid(40)), nanoid() === nanoid(),
            /^[ab]{9}$/.test(customAlphabet('ab', 9)()));
    },
    validator: (validator, tell) => {
        tell(validator.isEmail('a@b.org'), validator.isEmail('a@b'), validator.isIP('::1'),
            validator.isURL('http://x.org/y'), validator.escape('<b>'),
            validator.isMobilePhone('+4915123456789'),
            validator.normalizeEmail('Ab.C@gmail.com'), validator.isISO8601('2020-02-30'),
            validator.isUUID('6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b'), validator.isLength('é', 2));
    },
    eventemitter3: (EventEmitter, tell) => {
        const emitter = new EventEmitter();
        const context = { name: 'me' };
        emitter.on('a', function (n) { tell(this.name, n); }, context);
        emitter.once('a', (n) => tell('once', n));
        tell(emitter.emit('a', 1), emitter.emit('a', 2), emitter.emit('b'),
            emitter.listenerCount('a'), emitter.eventNames());
    },
    bcryptjs: (bcrypt, tell) => {
        const hash = bcrypt.hashSync('secret', '$2a$04$abcdefghijklmnopqrstuu');
        tell(hash, bcrypt.compareSync('secret', hash), bcrypt.compareSync('other', hash));
        bcrypt.hash('x', 4, (error, made) => bcrypt.compare('x', made,
            (error, is) => tell(made.length, is)));
    },
    debug: (debug, tell) => {
        debug.enable('chat:*,-chat:none');
        const log = debug('chat:room');
        log.log = (text) =>
            tell('log', text.replace(/.*chat/, 'chat').replace(/ \+\d+ms/, ''));
        log('hello %s %d %j', 'Ann', 5, { a: 1 });
        tell(log.enabled, debug('chat:none').enabled, debug('other').enabled,
            log.extend('more').namespace);
    },
    jsonwebtoken: (jwt, tell) => {
        const token = jwt.sign({ name: 'Ann', iat: 1360315826 }, 'secret');
        tell(token, jwt.verify(token, 'secret'), jwt.decode(token, { complete: true }).header);
        for (const [text, secret, options] of [[token, 'other'], [token + 'x', 'secret'],
            ['none', 'x'], [token, 'secret', { maxAge: '1h' }],
            [token, 'secret', { algorithms: ['HS512'] }]])
            try {
                jwt.verify(text, secret, options);
            } catch (error) {
                tell(error.name, error.message);
            }
        jwt.sign({ iat: 1 }, Buffer.from('key'), { algorithm: 'HS384', subject: 'é' },
            (error, made) => jwt.verify(made, Buffer.from('key'),
                (error, is) => tell(made, error, is)));
    },
    ms: (ms, tell) => tell(ms('2 days'), ms('1.5h'), ms(60000), ms(2 * 60000, { long: true })),
    'component-emitter': (Emitter, tell) => {
        const emitter = new Emitter();
        emitter.on('a', (n) => tell(n)).emit('a', 1);
        tell(emitter.hasListeners('a'), emitter.off('a').hasListeners('a'));
    },
    cookie: (cookie, tell) => tell(cookie.parse('a=1; b="x%20y"; c'),
        cookie.serialize('sid', 'é', { maxAge: 5, httpOnly: true, sameSite: 'lax' })),
    utf8: (utf8, tell) => tell(utf8.encode('é€😀'), utf8.decode('\xc3\xa9')),
    ajv: (Ajv, tell) => {
        const ajv = new Ajv({ allErrors: true });
        const check = ajv.compile({ type: 'object', required: ['a'],
            properties: { a: { type: 'integer', minimum: 3 },
                b: { type: 'array', items: { enum: ['x'] } } } });
        tell(check({ a: 3 }), check({ a: 1, b: ['y'] }), ajv.errorsText(check.errors));
    },
    yaml: (yaml, tell) => tell(yaml.parse('a: [1, {b: two}]\nc: |\n  text\n  more\n'),
        yaml.stringify({ list: [1, 'a: b', null], deep: { x: true } })),
    'fast-deep-equal': (equal, tell) => tell(equal({ a: [1] }, { a: [1] }), equal(NaN, NaN),
        equal([1], [2])),
    'mime-types': (mime, tell) => tell(mime.lookup('a.html'), mime.contentType('json'),
        mime.extension('text/css'), mime.lookup('none')),
    'uglify-js': (uglify, tell) => {
        const { ast_mangle, ast_squeeze, gen_code } = uglify.uglify;
        tell(gen_code(ast_squeeze(ast_mangle(uglify.parser.parse(
            'var first = 1 + 2;\nfunction f(long) { return long * first; }')))));
    },
};
/* eslint-enable */

function write(name) {
    const file = path.join(scratch(), 'app.js');
    fs.writeFileSync(file, `const loaded = require(${JSON.stringify(path.join(MODULES, name))});
        const tell = (...args) => process.stdout.write(JSON.stringify(args) + '\\n');
        (${USES[name]})(loaded, tell);`);
    return file;
}

describe('the same program on Node and here', suite, () => {
    for (const name of Object.keys(USES)) {
        test(name, async () => {
            const file = write(name);
            const theirs = await run(process.execPath, [file]), ours = await run(BROKER, [file]);
            assert.strictEqual(theirs.code, 0, theirs.stderr);
            assert.notStrictEqual(theirs.stdout, '');
            assert.strictEqual(ours.stdout, theirs.stdout, ours.stderr);
            assert.strictEqual(ours.code, 0, ours.stderr);
            assert.doesNotMatch(ours.stderr, /Sanitizer|runtime error/);
        });
    }
});
