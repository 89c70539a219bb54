#!/usr/bin/env node
// Google's own library against auth.mjs, which judges sevtop's credentials.
import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { Compute, JWT, UserRefreshClient, gaxios }
  from 'google-auth-library';
import { LOGIN, assertionFaults, create, makeKeys } from './auth.mjs';
import { check, done } from './tap.mjs';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const EMAIL = 'watch@demo.iam.gserviceaccount.com';
const { publicKey, privateKey } = makeKeys();
const server = create(publicKey);

await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const base = `http://127.0.0.1:${server.address().port}`;
const login = (refreshToken) => new UserRefreshClient({
  clientId: LOGIN.client_id, clientSecret: LOGIN.client_secret, refreshToken,
  endpoints: { oauth2TokenUrl: `${base}/token` } });

await check('a login', async () => {
  const { token } = await login(LOGIN.refresh_token).getAccessToken();
  assert.match(token, /^ya29\./);
});
await check('a login that was revoked', () => assert.rejects(
  login('another').getAccessToken(), /invalid_grant/));

// Its token endpoint is a constant: what it sends is caught and sent here.
await check('an assertion of the official library is taken', async () => {
  let sent;
  const transporter = Object.assign(new gaxios.Gaxios(), {
    request: async (options) => {
      sent = options;
      return { data: { access_token: 'x', expires_in: 3599 } };
    } });
  await new JWT({ email: EMAIL, key: privateKey, keyId: 'k1',
    scopes: [SCOPE], transporter }).authorize();
  const body = new URLSearchParams(sent.data);
  assert.deepEqual(assertionFaults(body.get('assertion'), publicKey), []);
  const answer = await fetch(`${base}/token`, { method: 'POST', body });
  assert.equal(answer.status, 200);
});

await check('wrong assertions are refused', () => {
  const now = Math.floor(Date.now() / 1000);
  const good = { iss: EMAIL, scope: SCOPE, iat: now, exp: now + 3600,
    aud: 'https://oauth2.googleapis.com/token' };
  const faults = (claims, key = privateKey) => {
    const text = [{ alg: 'RS256', typ: 'JWT' }, { ...good, ...claims }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature = sign('RSA-SHA256', Buffer.from(text), key);
    return assertionFaults(`${text}.${signature.toString('base64url')}`,
      publicKey).join();
  };
  assert.equal(faults({}), '');
  assert.match(faults({ aud: base }), /aud/);
  assert.match(faults({ exp: now + 7200 }), /1 hour/);
  assert.match(faults({ iat: String(now) }), /integer/);
  assert.match(faults({}, makeKeys().privateKey), /signature/);
});

await check('the metadata server', async () => {
  process.env.GCE_METADATA_HOST = base.slice('http://'.length);
  process.env.METADATA_SERVER_DETECTION = 'assume-present';
  const { token } = await new Compute({ scopes: [SCOPE] }).getAccessToken();
  assert.match(token, /^ya29\./);
  assert.match(server.seen.at(-1), /\/service-accounts\/default\/token/);
  const bare = await fetch(`${base}/computeMetadata/v1/instance`);
  assert.equal(bare.status, 403);
});
done();
