'use strict';
/* tokens.js - JSON Web Tokens and their keys, made by the library jose. */

const jose = require('jose');

const SECRET = 'a secret of a test, of at least 32 bytes';
const ALGORITHMS = ['HS256', 'RS256', 'ES256', 'EdDSA'];

const now = () => Math.floor(Date.now() / 1000);

/* A key: { kid, algorithm, sign, jwk: what others may know of it }. */
async function makeKey(algorithm, kid = algorithm) {
    if (algorithm === 'HS256') {
        const bytes = Buffer.from(SECRET);
        return { kid, algorithm, sign: bytes,
            jwk: { kty: 'oct', kid, k: bytes.toString('base64url') } };
    }
    const { publicKey, privateKey } = await jose.generateKeyPair(algorithm, { crv: 'Ed25519',
        extractable: true });
    return { kid, algorithm, sign: privateKey,
        pem: await jose.exportPKCS8(privateKey),
        jwk: { ...await jose.exportJWK(publicKey), kid, use: 'sig' } };
}

/* A token, good for a minute unless the claims say otherwise. */
function makeToken(key, claims = {}, header = {}) {
    return new jose.SignJWT({ exp: now() + 60, ...claims })
        .setProtectedHeader({ alg: key.algorithm, kid: key.kid, ...header })
        .sign(key.sign);
}

/* The same of two texts, for what no library makes: signed with HS256 and the secret. */
function makeRaw(header, claims, secret = SECRET) {
    const { createHmac } = require('node:crypto');
    const text = [header, claims].map((part) => Buffer.from(part).toString('base64url')).join('.');
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

module.exports = { SECRET, ALGORITHMS, now, makeKey, makeToken, makeRaw };
