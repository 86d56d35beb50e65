'use strict';
/*
 * api.js - requests to the HTTP API of the broker, on connections that are kept.
 *
 * While the broker is away, or says that it did nothing, a request is tried again, so what it asks
 * for is done at least once. Any other refusal is an Error with the `code` of the answer.
 */

const http = require('node:http');
const https = require('node:https');
const { setTimeout: sleep } = require('node:timers/promises');

const AGAIN = new Set([408, 429, 502, 503]);
const FIRST_PAUSE_MS = 50, LONGEST_PAUSE_MS = 1000;
const TIMEOUT_MS = 90000;       /* longer than the broker waits for anybody */

class Api {
    /* url: http://, https:// or unix:/path */
    constructor(url, key) {
        const isUnix = url.startsWith('unix:');
        const at = new URL(isUnix ? 'http://localhost' : url);
        const module = at.protocol === 'https:' ? https : http;
        this.send = module.request;
        this.options = {
            method: 'POST', timeout: TIMEOUT_MS, agent: new module.Agent({ keepAlive: true }),
            ...(isUnix ? { socketPath: url.slice('unix:'.length) }
                : { protocol: at.protocol, hostname: at.hostname.replace(/^\[|\]$/g, ''),
                    port: at.port }),
        };
        this.headers = { 'Content-Type': 'application/json',
            ...(key ? { Authorization: `Bearer ${key}` } : {}) };
        this.isClosed = false;
    }

    /*
     * Resolves with { status, body } of one attempt. sent() is called when the system has all of
     * the request, and again for each attempt.
     */
    attempt(name, text, sent) {
        return new Promise((resolve, reject) => {
            const request = this.send({ ...this.options, path: `/v1/${name}`, headers: {
                ...this.headers, 'Content-Length': Buffer.byteLength(text) } }, (response) => {
                const chunks = [];
                response.on('data', (chunk) => chunks.push(chunk)).on('error', reject)
                    .on('end', () => resolve({ status: response.statusCode,
                        body: Buffer.concat(chunks).toString() }));
            });
            request.on('finish', sent).on('error', reject)
                .on('timeout', () => request.destroy(new Error('the broker does not answer')))
                .end(text);
        });
    }

    /* The result of POST /v1/NAME. */
    async post(name, text, sent = () => {}) {
        for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
            const answer = await this.attempt(name, text, sent).catch((error) => ({ error }));
            if (answer.status === 200)
                return JSON.parse(answer.body);
            if (this.isClosed || (answer.status && !AGAIN.has(answer.status)))
                throw refusal(answer);
            await sleep(pause);
        }
    }

    /* What is under way may end, but is not tried again. */
    close() {
        this.isClosed = true;
    }

    /* Nothing is under way any more but questions, and nobody waits for their answers. */
    end() {
        this.options.agent.destroy();
    }
}

function refusal({ status, body, error }) {
    if (error)
        return error;
    let told = {};
    try {
        told = JSON.parse(body).error;
    } catch {
        told.message = 'what answers is no siobroker';
    }
    return Object.assign(new Error(`${told.message}${told.at ? `: ${told.at}` : ''}`),
        { code: told.code, status });
}

module.exports = { Api };
