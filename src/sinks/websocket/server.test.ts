import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleEpisode, sampleProcess, sampleSession, sampleVictim } from '../../../test/support/sample-events.js';
import { get, UPGRADE } from '../../../test/support/web-client.js';
import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import { startWebServer, type WebServer } from './server.js';

let uiDir: string;
let server: WebServer;
let port: number;
let model = initialModel;

beforeEach(async () => {
  uiDir = mkdtempSync(join(tmpdir(), 'oomscope-page-'));
  mkdirSync(join(uiDir, 'assets'));
  writeFileSync(join(uiDir, 'index.html'), '<!doctype html><title>oomscope</title>');
  writeFileSync(join(uiDir, 'assets/index-abc.js'), 'export {};');
  server = await startWebServer({ host: '127.0.0.1', port: 0, uiDir });
  port = Number(new URL(server.url).port);
  model = initialModel;
});

afterEach(async () => {
  await server.close();
  rmSync(uiDir, { recursive: true });
});

function write(...events: OomscopeEvent[]): void {
  model = applyEvents(model, events);
  server.write(events, model);
}

const ask = (path: string, headers?: Record<string, string>, method?: string) => get(port, path, headers, method);

describe('the page', () => {
  it('comes with a policy that lets nothing in but itself', async () => {
    const { status, headers, body } = await ask('/');
    expect(status).toBe(200);
    expect(body).toContain('<title>oomscope');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${port}`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    });
  });

  it('is not sent again when the browser has it', async () => {
    const { headers } = await ask('/');
    const again = await ask('/', { 'if-none-match': String(headers.etag) });
    expect(again).toMatchObject({ status: 304, body: '' });
  });

  it('keeps hashed files for ever, and reads nothing outside its folder', async () => {
    expect((await ask('/assets/index-abc.js')).headers['cache-control']).toContain('immutable');
    for (const path of ['/../package.json', '/..%2fpackage.json', '/assets/../../etc/passwd', '//etc/passwd']) {
      expect((await ask(path)).status).toBe(404);
    }
  });

  it('a Range header of a fool harms nobody', async () => {
    expect((await ask('/', { range: 'bytes=9-1' })).status).toBe(200);
  });

  it('that was not built says how to build it', async () => {
    const bare = await startWebServer({ host: 'localhost', port: 0, uiDir: join(uiDir, 'missing') });
    const answer = await fetch(bare.url);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toMatch(/^E_NO_PAGE: .*make build/);
    await bare.close();
  });
});

describe('strangers', () => {
  it('another host name is refused with one line', async () => {
    const answer = await ask('/', { host: 'evil.example' });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatch(/^E_BAD_HOST: .+\n$/);
    expect(await ask('/ws', { ...UPGRADE, host: `evil.example:${port}` })).toMatchObject({
      status: 403,
      body: expect.stringMatching(/^E_BAD_HOST: .+\n$/),
    });
  });

  it('a page of another origin gets neither socket nor data', async () => {
    const origin = 'http://evil.example';
    expect(await ask('/ws', { ...UPGRADE, origin })).toMatchObject({
      status: 403,
      body: expect.stringMatching(/^E_BAD_ORIGIN: .+\n$/),
    });
    expect(await ask('/api/incidents', { origin })).toMatchObject({ status: 403 });
    expect(await ask('/ws', { ...UPGRADE, origin: 'null' })).toMatchObject({ status: 403 });
  });

  it('who speaks another protocol, or knocks at another door, is told so', async () => {
    expect(await ask('/ws', { ...UPGRADE, 'sec-websocket-protocol': 'chat' })).toMatchObject({
      status: 400,
      body: expect.stringContaining('oomscope.v1'),
    });
    expect(await ask('/other', UPGRADE)).toMatchObject({ status: 404 });
    expect(await ask('/ws')).toMatchObject({ status: 426 });
    expect(await ask('/', {}, 'POST')).toMatchObject({ status: 405 });
  });

  it('garbage instead of HTTP is answered and closed', async () => {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('\x16\x03\x01nonsense\r\n\r\n'));
      let text = '';
      socket.on('data', (data) => {
        text += data.toString();
      });
      socket.on('close', () => resolve(text));
    });
    expect(answer).toContain('400 Bad Request');
    expect((await ask('/healthz')).body).toBe('ok\n');
  });
});

describe('the probes', () => {
  it('alive at once, ready when the session is there', async () => {
    expect(await ask('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    expect(await ask('/readyz')).toMatchObject({ status: 503 });
    write(sampleSession());
    expect(await ask('/readyz')).toMatchObject({ status: 200 });
  });
});

describe('the incidents as JSON', () => {
  it('a list, newest first, and each one whole', async () => {
    write(sampleSession(), sampleVictim(), sampleEpisode());
    const list = JSON.parse((await ask('/api/incidents')).body) as { incidents: object[] };
    expect(list.incidents).toMatchObject([
      {
        id: '1000000000',
        killed: true,
        startTime: '2023-11-14T22:13:20.000Z',
        headline: expect.stringContaining('hog (pid 812) was killed'),
        href: '/api/incidents/1000000000',
      },
    ]);
    const whole = JSON.parse((await ask('/api/incidents/1000000000')).body) as object;
    expect(whole).toMatchObject({ episode: { candidates: [{ comm: 'vector' }, { comm: 'hog' }] } });
    expect((await ask('/api/incidents/7')).status).toBe(404);
  });

  it('a name full of control characters cannot act', async () => {
    write(sampleVictim({ process: sampleProcess({ comm: '\x1b[2J\u202e' }) }));
    const { body } = await ask('/api/incidents/1000000000');
    expect(body).not.toMatch(/\p{Cc}(?<!\n)|\p{Bidi_Control}/u);
    expect(body).toContain('\\u001b[2J');
  });
});

describe('a server that cannot start', () => {
  it('names a port that is taken', async () => {
    await expect(startWebServer({ host: '127.0.0.1', port, uiDir })).rejects.toMatchObject({
      code: 'E_PORT_TAKEN',
      message: expect.stringContaining(String(port)),
    });
  });

  it.each(['0.0.0.0', '::', '192.168.1.1'])('does not listen on %s without a token', async (host) => {
    await expect(startWebServer({ host, port: 0, uiDir })).rejects.toMatchObject({ code: 'E_NO_TOKEN' });
  });
});

it('behind a forwarded port it answers to the public address and prints it', async () => {
  const forwarded = await startWebServer({ host: '127.0.0.1', port: 0, uiDir, publicUrl: 'http://127.0.0.1:9' });
  expect(forwarded.url).toBe('http://127.0.0.1:9/');
  await forwarded.close();
});
