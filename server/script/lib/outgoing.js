'use strict';
// Requests to other servers, for fetch() and http.request(): so many at once, others wait.

const {nextTick} = builtin('timers');

const MAX_AT_ONCE = 64; // as siobroker.h has it
const MAX_WAITING = 10000;

const CODES = [[/refused/i, 'ECONNREFUSED'],
    [/find the address|not known|resolve host/i, 'ENOTFOUND'],
    [/too long|timed? ?out/i, 'ETIMEDOUT'], [/too large/, 'ERR_ANSWER_TOO_LARGE'],
    [/certificate|SSL|TLS/i, 'ERR_TLS'], [/connect to/i, 'ECONNREFUSED'], [/./, 'ECONNRESET']];

const waiting = new Set();
let n = 0; // under way

function errorOf(job, why) {
    const text = why === true ? 'out of memory' : why;

    return Object.assign(new Error(`${job.method} ${job.url}: ${text}`),
        {code: CODES.find(([words]) => words.test(text))[1]});
}

// { status, reason, raw: names and values in turn, body }
function answerOf(head, body) {
    const [first, ...lines] = head.split('\r\n').filter(Boolean);
    const raw = [];

    for (const line of lines) {
        const i = line.indexOf(':');

        if (i > 0 && !/^\s/.test(line)) // else it is the rest of a folded one
            raw.push(line.slice(0, i), line.slice(i + 1).trim());
    }
    return {status: Number(first.slice(9, 12)), reason: first.slice(13), raw, body};
}

function begin(job) {
    n++;
    try {
        job.call = native.httpAsk(job.url, job.method, job.headers, job.body, (why, head, body) => {
            end();
            job.done(why && errorOf(job, why), why ? undefined : answerOf(head, body));
        });
    } catch (error) {
        nextTick(function () {
            end();
            job.done(error);
        });
    }
}

function end() {
    const [next] = waiting;

    n--;
    native.wait(-1);
    if (next) {
        waiting.delete(next);
        begin(next);
    }
}

// headers: of "Name: value". done(error or null, answer) is called later, unless cancel() is.
exports.ask = function (url, method, headers, body, done) {
    const job = {url, method, headers, body, done};

    if (waiting.size >= MAX_WAITING)
        throw new Error(`${method} ${url}: ${MAX_WAITING} requests wait already`);
    native.wait(1);
    if (n < MAX_AT_ONCE)
        begin(job);
    else
        waiting.add(job);
    return {
        cancel() {
            if (waiting.delete(job)) {
                native.wait(-1);
            } else if (job.call) {
                job.call.cancel();
                end();
            }
            job.call = undefined;
            job.done = () => {};
        },
    };
};

// A URL as it is sent: without its fragment, and nothing but ASCII behind the host.
exports.urlToSend = function (url) {
    const path = (url.pathname + url.search).replace(/[\ud800-\udfff]/gu, '\ufffd')
        .replace(/[^\x21-\x7e]|["<>\\^`{|}]/gu, encodeURIComponent);

    return `${url.protocol}//${url.host}${path}`;
};
