import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as tlsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { sampleSession } from '../../../test/support/sample-events.js';
import { type Answer, get, UPGRADE } from '../../../test/support/web-client.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import { MAX_ATTEMPTS } from './attempts.js';
import { startWebServer, type WebServer, type WebServerOptions } from './server.js';
import { SUBPROTOCOL } from './upgrade.js';

const TOKEN = 'correct-horse-battery-staple';
const tlsFile = (name: string) => fileURLToPath(new URL(`../../../test/fixtures/tls/${name}`, import.meta.url));

let directory: string;
let tokenFile: string;
let server: WebServer | null = null;
let port = 0;
let audit: string[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'oomscope-access-'));
  tokenFile = join(directory, 'token');
  writeFileSync(tokenFile, `${TOKEN}\n`);
  writeFileSync(join(directory, 'index.html'), '<!doctype html><title>oomscope</title>');
  audit = [];
});

afterEach(async () => {
  await server?.close();
  server = null;
  rmSync(directory, { recursive: true });
});

async function start(options: Partial<WebServerOptions> = {}): Promise<WebServer> {
  const door = { host: '127.0.0.1', port: 0, uiDir: directory, tokenFile };
  server = await startWebServer({ ...door, audit: (line) => audit.push(line), ...options });
  port = Number(new URL(server.url).port);
  return server;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** As a browser sends the form. */
function login(token: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const body = new URLSearchParams({ token }).toString();
    const socket = connect(port, '127.0.0.1');
    const lines = {
      host: `127.0.0.1:${port}`,
      origin: `http://127.0.0.1:${port}`,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(body.length),
      connection: 'close',
      ...headers,
    };
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', reject).on('close', () => {
      const [head = '', ...rest] = text.split('\r\n\r\n');
      const fields = head
        .split('\r\n')
        .slice(1)
        .map((field) => field.split(': '));
      const answerHeaders = Object.fromEntries(fields.map(([name = '', value]) => [name.toLowerCase(), value]));
      resolve({ status: Number(head.split(' ')[1]), headers: answerHeaders, body: rest.join('\r\n\r\n') });
    });
    const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`POST /login HTTP/1.1\r\n${head.join('')}\r\n${body}`);
  });
}

describe('with a token', () => {
  it('who brings none, or a wrong one, gets nothing, on any path', async () => {
    await start();
    for (const path of ['/', '/index.html', '/api/incidents', '/api/incidents/1', '/metrics', '/nothing']) {
      for (const headers of [{}, bearer('wrong'), { cookie: 'oomscope-session=made-up' }]) {
        expect(await get(port, path, headers)).toMatchObject({
          status: 401,
          body: expect.stringMatching(/^E_NO_TOKEN/),
        });
      }
      if (path !== '/') continue;
    }
    expect(await get(port, '/ws', { ...UPGRADE })).toMatchObject({ status: 401 });
    expect(await get(port, '/', { accept: 'text/html' })).toMatchObject({
      status: 303,
      headers: { location: 'login' },
    });
    expect((await get(port, '/healthz')).body).toBe('ok\n');
  });

  it('a tool reads with the header', async () => {
    const { write } = await start();
    const model = applyEvents(initialModel, [sampleSession()]);
    write([sampleSession()], model);
    expect((await get(port, '/api/incidents', bearer(TOKEN))).status).toBe(200);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, SUBPROTOCOL, { headers: bearer(TOKEN) });
    await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject));
    socket.terminate();
    expect(audit).toEqual(['127.0.0.1 reads with the token']);
  });

  it('a person logs in once and gets a cookie that no script and no other site can use', async () => {
    await start();
    expect(await get(port, '/login')).toMatchObject({ status: 200, body: expect.stringContaining('type="password"') });
    expect((await get(port, '/login')).headers['content-security-policy']).toContain("form-action 'self'");
    const { status, headers } = await login(TOKEN);
    expect(status).toBe(303);
    const cookie = String(headers['set-cookie']);
    expect(cookie).toMatch(/^oomscope-session=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=43200$/);
    const session = { cookie: cookie.split(';')[0] ?? '' };
    expect((await get(port, '/', session)).body).toContain('<title>oomscope');
    await expect(get(port, '/ws', { ...UPGRADE, ...session })).rejects.toThrow('upgraded');
    expect(audit).toEqual(['login from 127.0.0.1']);
  });

  it('guessing ends soon, also for the right token; who is logged in goes on', async () => {
    await start();
    const session = { cookie: String((await login(TOKEN)).headers['set-cookie']).split(';')[0] ?? '' };
    for (let n = 0; n < MAX_ATTEMPTS; n++) expect((await login(`guess-${n}`)).status).toBe(401);
    for (let n = 0; n < 50; n++) expect((await login(`guess-${n}`)).status).toBe(429);
    expect(await login(TOKEN)).toMatchObject({ status: 429, body: expect.stringMatching(/^E_TOO_MANY_ATTEMPTS/) });
    expect((await get(port, '/api/incidents', bearer(TOKEN))).status).toBe(429);
    expect((await get(port, '/api/incidents', session)).status).toBe(200);
    // One line an attempt, then silence: a log cannot be flooded.
    expect(audit).toHaveLength(1 + MAX_ATTEMPTS);
    expect(audit.join('\n')).not.toMatch(new RegExp(`guess|${TOKEN}`));
  });

  it('another site cannot log anybody in, nor read with a stolen Origin', async () => {
    await start();
    expect((await login(TOKEN, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await login(TOKEN, { origin: 'null' })).status).toBe(403);
    expect((await login(TOKEN, { host: 'evil.example' })).status).toBe(403);
    expect((await get(port, '/', { ...bearer(TOKEN), host: `evil.example:${port}` })).status).toBe(403);
  });

  it('a form that is too large, and one that never ends, cost nobody anything', async () => {
    await start();
    expect((await login('x'.repeat(100_000))).status).toBe(401);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`POST /login HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 50\r\n\r\ntok`);
    expect((await get(port, '/healthz')).status).toBe(200);
    socket.destroy();
  });
});

describe('beyond loopback', () => {
  it('there is nothing without a token, nor without TLS or the word that it goes without', async () => {
    await expect(start({ host: '0.0.0.0', tokenFile: undefined })).rejects.toMatchObject({ code: 'E_NO_TOKEN' });
    await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'E_NO_TLS' });
    await expect(start({ host: '::', insecure: true, tokenFile: join(directory, 'none') })).rejects.toMatchObject({
      code: 'E_BAD_TOKEN',
    });
    await expect(start({ host: 'node-1.example', insecure: true })).rejects.toMatchObject({ code: 'E_BAD_ADDRESS' });
    writeFileSync(tokenFile, 'short');
    await expect(start({ host: '0.0.0.0', insecure: true })).rejects.toMatchObject({ code: 'E_BAD_TOKEN' });
  });

  it('it stays on loopback while there is no token file, where that was asked for', async () => {
    const { url } = await start({
      host: '0.0.0.0',
      tokenFile: join(directory, 'none'),
      loopbackWithoutToken: true,
      insecure: true,
    });
    expect(new URL(url).hostname).toBe('127.0.0.1');
    expect((await get(port, '/')).status).toBe(200);
  });

  it('it answers to addresses, and to no name that anybody could point at it', async () => {
    await start({ host: '0.0.0.0', insecure: true });
    const ask = (host: string, origin?: string) =>
      get(port, '/', { ...bearer(TOKEN), host, ...(origin === undefined ? {} : { origin }) });
    expect((await ask(`10.1.2.3:${port}`)).status).toBe(200);
    expect((await ask(`10.1.2.3:${port}`, `http://10.1.2.3:${port}`)).status).toBe(200);
    expect((await ask(`10.1.2.3:${port}`, `http://10.9.9.9:${port}`)).status).toBe(403);
    expect((await ask(`evil.example:${port}`)).status).toBe(403);
  });

  it('TLS is spoken with the given certificate, and the cookie stays on it', async () => {
    const { url } = await start({ host: '0.0.0.0', tlsCert: tlsFile('cert.pem'), tlsKey: tlsFile('key.pem') });
    expect(url).toMatch(/^https:/);
    const ca = readFileSync(tlsFile('cert.pem'));
    const body = `token=${TOKEN}`;
    const cookie = await new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path: '/login', method: 'POST', ca, agent: false };
      tlsRequest(options, (response) => {
        response.resume();
        resolve(response.headers['set-cookie']?.[0]);
      })
        .on('error', reject)
        .end(body);
    });
    expect(cookie).toMatch(/; Secure$/);
    const socket = new WebSocket(`wss://127.0.0.1:${port}/ws`, SUBPROTOCOL, {
      ca,
      headers: { cookie: String(cookie).split(';')[0] ?? '' },
    });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.terminate();
    await expect(get(port, '/healthz')).rejects.toThrow();
  });

  it('a certificate without its key, and one that is none, are refused by name', async () => {
    await expect(start({ tlsCert: tlsFile('cert.pem') })).rejects.toMatchObject({ code: 'E_BAD_TLS' });
    const broken = { tlsCert: tokenFile, tlsKey: tlsFile('key.pem') };
    await expect(start(broken)).rejects.toMatchObject({ code: 'E_BAD_TLS' });
  });
});

describe('the probe address', () => {
  it('tells life and readiness without a token, and nothing else', async () => {
    const probePort = 20_000 + (process.pid % 20_000);
    const { write } = await start({ probeAddress: `127.0.0.1:${probePort}` });
    expect(await get(probePort, '/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    expect((await get(probePort, '/readyz', { host: 'any' })).status).toBe(503);
    write([sampleSession()], applyEvents(initialModel, [sampleSession()]));
    expect((await get(probePort, '/readyz')).status).toBe(200);
    for (const path of ['/', '/api/incidents', '/metrics']) expect((await get(probePort, path)).status).toBe(404);
  });

  it('that is none is refused', async () => {
    await expect(start({ probeAddress: '7071' })).rejects.toMatchObject({ code: 'E_USAGE' });
    await expect(start({ probeAddress: 'node:7071' })).rejects.toMatchObject({ code: 'E_BAD_ADDRESS' });
  });
});
