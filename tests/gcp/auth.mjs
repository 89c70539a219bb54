#!/usr/bin/env node
// Google's token endpoint and metadata server, strict about what they get.
//
// Held true by Google's own library (test_auth.mjs), it judges the
// assertions that sevtop makes. Alone it prints PORT, KEY (the file of a
// service account), USER (that of a login) and READY, and ends when its
// standard input closes; every other question is answered with {} when it
// has a token of ours, else with 401.
import { createServer } from 'node:http';
import { generateKeyPairSync, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const AUDIENCE = 'https://oauth2.googleapis.com/token';
const LOGIN = { client_id: 'id', client_secret: 'the secret',
  refresh_token: '1//refresh' };

export const makeKeys = () => generateKeyPairSync('rsa', { modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });

// What is wrong with an assertion; empty: Google takes it.
export function assertionFaults(jwt, publicKey) {
  const now = Math.floor(Date.now() / 1000);
  const parts = String(jwt).split('.');
  if (parts.length !== 3) return ['not header.payload.signature'];
  const [head, claims] = parts.slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  const signed = Buffer.from(parts.slice(0, 2).join('.'));
  const rules = {
    'not base64url without padding':
      parts.every((part) => /^[\w-]+$/.test(part)),
    'alg is not RS256': head.alg === 'RS256',
    'typ is not JWT': !head.typ || head.typ === 'JWT',
    'iss is no service account':
      /@.*gserviceaccount\.com$/.test(claims.iss || ''),
    'aud is not the token endpoint': claims.aud === AUDIENCE,
    'scope is no text': String(claims.scope).startsWith('https://'),
    'iat or exp is no integer':
      Number.isInteger(claims.iat) && Number.isInteger(claims.exp),
    'exp is more than 1 hour after iat': claims.exp - claims.iat <= 3600,
    'iat is in the future or exp in the past':
      claims.iat <= now + 60 && claims.exp >= now,
    'the signature is wrong': verify('RSA-SHA256', signed, publicKey,
      Buffer.from(parts[2], 'base64url')),
  };
  return Object.keys(rules).filter((rule) => !rules[rule]);
}

// A server that is to listen; seen is what it was asked for tokens.
export function create(publicKey) {
  const given = new Set();
  const server = createServer((req, res) => {
    let raw = '';
    req.on('data', (bytes) => { raw += bytes; });
    req.on('end', () => answer(req, res, raw));
  });
  server.seen = [];

  function send(res, code, body, headers = {}) {
    res.writeHead(code, { 'content-type': 'application/json', ...headers });
    res.end(typeof body === 'string' ? body : JSON.stringify(body));
  }
  function token() {
    const words = `ya29.local-${given.size + 1}`;
    given.add(`Bearer ${words}`);
    return { access_token: words, expires_in: 3599, token_type: 'Bearer' };
  }
  function metadata(req, res, path) {
    const flavor = { 'metadata-flavor': 'Google' };
    if (req.headers['metadata-flavor'] !== 'Google')
      send(res, 403, 'Missing Metadata-Flavor:Google header.');
    else if (path === '/instance/service-accounts/default/token')
      send(res, 200, token(), flavor);
    else send(res, path.length <= '/instance'.length ? 200 : 404, '', flavor);
  }
  function grant(req, res, form) {
    const fail = (error, why) => send(res, 400,
      { error, error_description: why });
    const kind = form.get('grant_type');
    if (req.headers['content-type'].split(';')[0] !==
        'application/x-www-form-urlencoded')
      fail('invalid_request', 'a form is needed');
    else if (kind === 'refresh_token') {
      const wrong = Object.keys(LOGIN).find((k) => form.get(k) !== LOGIN[k]);
      if (wrong) fail('invalid_grant', `wrong ${wrong}`);
      else send(res, 200, token());
    } else if (kind === GRANT) {
      const faults = assertionFaults(form.get('assertion'), publicKey);
      if (faults.length) fail('invalid_grant', faults.join('; '));
      else send(res, 200, token());
    } else fail('unsupported_grant_type', kind);
  }
  function answer(req, res, raw) {
    const { pathname } = new URL(req.url, 'http://here');
    const root = '/computeMetadata/v1';
    if (pathname.startsWith(root)) {
      server.seen.push(req.url);
      metadata(req, res, pathname.slice(root.length));
    } else if (pathname === '/token' && req.method === 'POST') {
      server.seen.push(raw);
      grant(req, res, new URLSearchParams(raw));
    } else if (given.has(req.headers.authorization)) send(res, 200, {});
    else send(res, 401, { error: { code: 401, status: 'UNAUTHENTICATED' } });
  }
  return server;
}

export { LOGIN };

function main() {
  const { publicKey, privateKey } = makeKeys();
  const folder = mkdtempSync(join(tmpdir(), 'sevtop-auth-'));
  const server = create(publicKey).listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    const files = {
      KEY: { type: 'service_account', private_key: privateKey,
        private_key_id: 'k1', project_id: 'demo',
        client_email: 'watch@demo.iam.gserviceaccount.com',
        token_uri: `http://127.0.0.1:${port}/token` },
      USER: { type: 'authorized_user', ...LOGIN },
    };
    console.log(`PORT=${port}`);
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
      console.log(`${name}=${path}`);
    }
    console.log('READY');
  });
  const end = () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  };
  process.stdin.on('end', end).resume();
  process.on('SIGTERM', end);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main();
