'use strict';
/* signature.js - is a webhook from the broker? (Standard Webhooks 1.0) */

const crypto = require('node:crypto');

const MAX_AGE_S = 300;

/* A function of the request and its body, for this secret ("whsec_..."). */
function verifier(secret) {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return ({ headers }, body) => {
        const id = headers['webhook-id'], timestamp = headers['webhook-timestamp'];
        const ours = crypto.createHmac('sha256', key)
            .update(`${id}.${timestamp}.`).update(body).digest();
        return Math.abs(Date.now() / 1000 - Number(timestamp)) <= MAX_AGE_S &&
            String(headers['webhook-signature']).split(' ').some((part) => {
                const theirs = Buffer.from(part.replace(/^v1,/, ''), 'base64');
                return theirs.length === ours.length && crypto.timingSafeEqual(theirs, ours);
            });
    };
}

module.exports = { verifier };
