// Who calls: an App by its JWT, an installation or a person by a token; and what they may do.
import { createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import { refuse } from '../lib/answers.mjs';

const LEVELS = { read: 1, write: 2, admin: 3 };

// A key takes a while to make: the n-th App of this process has the same one after a reset.
const keys = [];

export function newKey(n) {
  return keys[n] ??= generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs1', format: 'pem' } });
}

// As long as GitHub's may be, with dots in it: nobody should count on 40 characters.
export function newToken(app, length) {
  const body = randomBytes(length).toString('base64url');
  const third = Math.floor(length / 3);
  return `ghs_${app.id}_${body.slice(0, third)}.${body.slice(third, 2 * third)}.${body.slice(2 * third)}`.slice(0, length);
}

const part = (text) => JSON.parse(Buffer.from(text, 'base64url').toString());

// → the App that signed the JWT.
export function appOfJwt(forge, jwt) {
  const undecodable = () => refuse(401, 'A JSON web token could not be decoded');
  const parts = jwt.split('.');
  if (parts.length !== 3) undecodable();
  let header, claims;
  try {
    [header, claims] = parts.slice(0, 2).map(part);
  } catch {
    undecodable();
  }
  if (header.alg !== 'RS256') undecodable();
  const app = [...forge.apps.values()].find((one) => String(claims.iss) === String(one.id) || (claims.iss === one.client_id && !forge.settings.app_id_only));
  if (!app) refuse(404, 'Integration not found');
  if (!verify('RSA-SHA256', Buffer.from(`${parts[0]}.${parts[1]}`), createPublicKey(app.public_key), Buffer.from(parts[2], 'base64url'))) undecodable();
  const now = forge.clock.seconds();
  if (!Number.isInteger(claims.iat)) refuse(401, 'Missing \'issued at\' claim (\'iat\') in assertion');
  if (!Number.isInteger(claims.exp)) refuse(401, 'Missing \'expiration\' claim (\'exp\') in assertion');
  if (claims.exp <= now) refuse(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires");
  if (claims.exp > now + 600) refuse(401, "'Expiration time' claim ('exp') is too far in the future");
  if (claims.iat > now + 5) refuse(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
  return app;
}

// → {kind: "app" | "installation" | "person", …}, or null without credentials.
export function callerOf(forge, headers) {
  const told = headers.authorization;
  if (!told) return null;
  const [scheme, text = ''] = told.split(' ');
  if (!/^(bearer|token)$/i.test(scheme)) refuse(401, 'Bad credentials');
  if (/^eyJ/.test(text) && !text.startsWith('ghs_')) return { kind: 'app', app: appOfJwt(forge, text) };
  const token = forge.tokens.get(text);
  if (!token || token.revoked || (token.expires_ms && token.expires_ms <= forge.clock.now())) refuse(401, 'Bad credentials');
  token.uses += 1;
  return token;
}

const allows = (permissions, name, level) => (LEVELS[permissions[name]] ?? 0) >= LEVELS[level];

// Refuses what the caller may not see or do. `about`: {auth: "app" | "token" | "none", need: {permission: level, …} (one of them is enough),
// apps_only: true}.
export function admit(forge, call) {
  const { auth = 'token', need = {}, apps_only } = call.about;
  if (!call.headers['user-agent']) refuse(403, 'Request forbidden by administrative rules. Please make sure your request has a User-Agent header');
  if (auth === 'none') return;
  call.caller = callerOf(forge, call.headers) ?? refuse(401, auth === 'app' ? 'A JSON web token could not be decoded' : 'Requires authentication');
  if (auth === 'app') {
    if (call.caller.kind !== 'app') refuse(401, 'A JSON web token could not be decoded');
    return;
  }
  if (call.caller.kind === 'app') refuse(403, 'Resource not accessible by integration');
  if (call.caller.kind === 'installation') {
    const installation = forge.installations.get(call.caller.installation_id) ?? refuse(401, 'Bad credentials');
    if (installation.suspended_at) refuse(403, 'This installation has been suspended');
    if (call.repo && !(forge.mayReach(installation, call.repo) && (!call.caller.repository_ids || call.caller.repository_ids.has(call.repo.id)))) refuse(404, 'Not Found');
  } else {
    if (apps_only) refuse(403, 'You must authenticate via a GitHub App.');
    if (call.repo && call.caller.repos && !call.caller.repos.includes(call.repo.path)) refuse(404, 'Not Found');
  }
  const wanted = Object.entries(need);
  if (wanted.length && !wanted.some(([name, level]) => allows(call.caller.permissions, name, level))) {
    refuse(403, call.caller.kind === 'installation' ? 'Resource not accessible by integration' : 'Resource not accessible by personal access token');
  }
}
