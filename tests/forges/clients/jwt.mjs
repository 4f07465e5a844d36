// What a forge says to JSON Web Tokens of an App, right and wrong: {which: HTTP status}.
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';

const env = process.env;
const now = Math.floor(Date.now() / 1000);
const part = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');
const other = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } }).privateKey;

function token(claims, { key = env.APP_KEY, alg = 'RS256' } = {}) {
  const text = `${part({ alg, typ: 'JWT' })}.${part({ iat: now - 30, exp: now + 570, iss: Number(env.APP_ID), ...claims })}`;
  if (alg === 'HS256') return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
  return alg === 'none' ? `${text}.` : `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`;
}

const tokens = { 'app id': token({}), 'client id': token({ iss: env.CLIENT_ID }), 'too long': token({ exp: now + 700 }), expired: token({ exp: now - 1 }), 'from the future': token({ iat: now + 120 }), 'another issuer': token({ iss: 1 }),
  'another key': token({}, { key: other }), HS256: token({}, { alg: 'HS256' }), 'no algorithm': token({}, { alg: 'none' }), without: null };
const told = {};
for (const [which, text] of Object.entries(tokens)) {
  told[which] = (await fetch(`${env.FORGE_API}/app`, { headers: { 'user-agent': 'tests', ...(text ? { authorization: `Bearer ${text}` } : {}) } })).status;
}
console.log(JSON.stringify(told));
