'use strict';
// fetch(): its answer is there when all of its body is.

const {DOMException} = builtin('abort');
const {Headers} = builtin('fetch_headers');
const {Request, Response, REDIRECTS, NO_BODY} = builtin('fetch_response');
const {ask, urlToSend} = builtin('outgoing');
const {URL} = builtin('url');

const MAX_REDIRECTS = 20;
const OF_A_BODY = ['content-type', 'content-encoding', 'content-language', 'content-location'];
const SECRET = ['authorization', 'cookie', 'proxy-authorization', 'host'];
// What the client says by itself.
const OWN = new Set(['connection', 'content-length', 'expect', 'keep-alive', 'te', 'trailer',
    'transfer-encoding', 'upgrade']);

function responseOf(answer, {method, url, n}) {
    const headers = new Headers();

    for (let i = 0; i < answer.raw.length; i += 2)
        headers.append(answer.raw[i], answer.raw[i + 1].replace(/\0/g, ''));
    const hasBody = method !== 'HEAD' && !NO_BODY.includes(answer.status);
    const response = new Response(hasBody ? answer.body : null,
        {status: answer.status, statusText: answer.reason, headers});

    return Object.assign(response, {url: url.href, redirected: n > 0, type: 'basic'});
}

// The next request, when an answer says that it is elsewhere.
function redirect(job, to) {
    const url = new URL(to, job.url.href);

    if (!/^https?:$/.test(url.protocol))
        throw new Error('URL scheme must be a HTTP(S) scheme');
    if (++job.n > MAX_REDIRECTS)
        throw new Error('redirect count exceeded');
    if (url.origin !== job.url.origin)
        SECRET.forEach((name) => job.headers.delete(name));
    job.url = url;
}

function withoutBody(job) {
    job.method = 'GET';
    job.body = undefined;
    OF_A_BODY.forEach((name) => job.headers.delete(name));
}

function isElsewhere(job, response) {
    return REDIRECTS.includes(response.status) && job.redirect !== 'manual' &&
        response.headers.has('location');
}

function onAnswer(job, answer) {
    const response = responseOf(answer, job);

    if (!isElsewhere(job, response)) {
        job.resolve(response);
        return;
    }
    if (job.redirect === 'error')
        throw new Error('unexpected redirect');
    if ((response.status === 303 && job.method !== 'HEAD') ||
        (response.status < 303 && job.method === 'POST'))
        withoutBody(job);
    redirect(job, response.headers.get('location'));
    send(job);
}

function send(job) {
    const headers = [...job.headers].filter(([name]) => !OWN.has(name))
        .map(([name, value]) => `${name}: ${value}`);

    job.call = ask(urlToSend(job.url), job.method, headers, job.body, function (error, answer) {
        try {
            if (error)
                throw error;
            onAnswer(job, answer);
        } catch (cause) {
            job.fail(cause);
        }
    });
}

// failed is made where fetch() is called, so that its stack names that place.
function begin(request, failed, resolve, reject) {
    const {signal} = request;
    const job = {method: request.method, url: new URL(request.url), n: 0,
        redirect: request.redirect, headers: new Headers(request.headers),
        body: request.copyBody() || undefined,
        resolve: (response) => settle(resolve, response),
        fail: (cause) => settle(reject, Object.assign(failed, {cause}))};

    function stop() {
        job.call.cancel();
        settle(reject, signal.reason);
    }
    function settle(fn, value) {
        if (signal)
            signal.removeEventListener('abort', stop);
        fn(value);
    }
    if (!/^https?:$/.test(job.url.protocol))
        throw new Error(`not a URL of http:// or https://: ${request.url}`);
    send(job);
    if (signal)
        signal.addEventListener('abort', stop);
}

module.exports = function fetch(input, init) {
    const failed = new TypeError('fetch failed');

    return new Promise(function (resolve, reject) {
        const request = new Request(input, init);

        if (request.signal && request.signal.aborted)
            throw request.signal.reason || new DOMException('This operation was aborted',
                'AbortError');
        try {
            begin(request, failed, resolve, reject);
        } catch (cause) {
            failed.cause = cause;
            throw failed;
        }
    });
};
