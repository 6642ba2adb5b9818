import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  sampleEpisode,
  sampleLoss,
  sampleProcess,
  sampleSession,
  sampleVictim,
} from '../../../test/support/sample-events.js';
import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import { decodeFrame, type FrameItem } from '../../wire/frame.js';
import { startWebServer, type WebServer } from './server.js';
import { MAX_CLIENTS, SUBPROTOCOL } from './upgrade.js';

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

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request: ClientRequest = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false });
    request.on('error', reject);
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new Error('upgraded'));
    });
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    request.end();
  });
}

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': SUBPROTOCOL,
};

class TestClient {
  readonly items: FrameItem[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly opened: Promise<void>;

  constructor(readonly socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, SUBPROTOCOL)) {
    socket.binaryType = 'nodebuffer';
    socket.on('message', (data: Buffer) => this.items.push(...decodeFrame(data)));
    socket.on('error', () => {});
    this.opened = new Promise((resolve) => socket.once('open', resolve));
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  topics(): string[] {
    return this.items.map((item) => (item.kind === 'event' ? item.event.topic : item.kind));
  }
}

describe('the page', () => {
  it('comes with a policy that lets nothing in but itself', async () => {
    const { status, headers, body } = await get('/');
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
    const { headers } = await get('/');
    const again = await get('/', { 'if-none-match': String(headers.etag) });
    expect(again).toMatchObject({ status: 304, body: '' });
  });

  it('keeps hashed files for ever, and reads nothing outside its folder', async () => {
    expect((await get('/assets/index-abc.js')).headers['cache-control']).toContain('immutable');
    for (const path of ['/../package.json', '/..%2fpackage.json', '/assets/../../etc/passwd', '//etc/passwd']) {
      expect((await get(path)).status).toBe(404);
    }
  });

  it('a Range header of a fool harms nobody', async () => {
    expect((await get('/', { range: 'bytes=9-1' })).status).toBe(200);
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
    const answer = await get('/', { host: 'evil.example' });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatch(/^E_BAD_HOST: .+\n$/);
    expect(await get('/ws', { ...UPGRADE, host: `evil.example:${port}` })).toMatchObject({
      status: 403,
      body: expect.stringMatching(/^E_BAD_HOST: .+\n$/),
    });
  });

  it('a page of another origin gets neither socket nor data', async () => {
    const origin = 'http://evil.example';
    expect(await get('/ws', { ...UPGRADE, origin })).toMatchObject({
      status: 403,
      body: expect.stringMatching(/^E_BAD_ORIGIN: .+\n$/),
    });
    expect(await get('/api/incidents', { origin })).toMatchObject({ status: 403 });
    expect(await get('/ws', { ...UPGRADE, origin: 'null' })).toMatchObject({ status: 403 });
  });

  it('who speaks another protocol, or knocks at another door, is told so', async () => {
    expect(await get('/ws', { ...UPGRADE, 'sec-websocket-protocol': 'chat' })).toMatchObject({
      status: 400,
      body: expect.stringContaining('oomscope.v1'),
    });
    expect(await get('/other', UPGRADE)).toMatchObject({ status: 404 });
    expect(await get('/ws')).toMatchObject({ status: 426 });
    expect(await get('/', {}, 'POST')).toMatchObject({ status: 405 });
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
    expect((await get('/healthz')).body).toBe('ok\n');
  });
});

describe('the probes', () => {
  it('alive at once, ready when the session is there', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    expect(await get('/readyz')).toMatchObject({ status: 503 });
    write(sampleSession());
    expect(await get('/readyz')).toMatchObject({ status: 200 });
  });
});

describe('the incidents as JSON', () => {
  it('a list, newest first, and each one whole', async () => {
    write(sampleSession(), sampleVictim(), sampleEpisode());
    const list = JSON.parse((await get('/api/incidents')).body) as { incidents: object[] };
    expect(list.incidents).toMatchObject([
      {
        id: '1000000000',
        killed: true,
        startTime: '2023-11-14T22:13:20.000Z',
        headline: expect.stringContaining('hog (pid 812) was killed'),
        href: '/api/incidents/1000000000',
      },
    ]);
    const whole = JSON.parse((await get('/api/incidents/1000000000')).body) as object;
    expect(whole).toMatchObject({ episode: { candidates: [{ comm: 'vector' }, { comm: 'hog' }] } });
    expect((await get('/api/incidents/7')).status).toBe(404);
  });

  it('a name full of control characters cannot act', async () => {
    write(sampleVictim({ process: sampleProcess({ comm: '\x1b[2J\u202e' }) }));
    const { body } = await get('/api/incidents/1000000000');
    expect(body).not.toMatch(/\p{Cc}(?<!\n)|\p{Bidi_Control}/u);
    expect(body).toContain('\\u001b[2J');
  });
});

describe('the WebSocket', () => {
  it('a late client gets the past, then what happens', async () => {
    write(sampleSession(), sampleVictim(), sampleEpisode());
    const client = new TestClient();
    await expect.poll(() => client.items.length).toBe(4);
    expect(client.socket.protocol).toBe(SUBPROTOCOL);
    write(sampleVictim({ step: 'exited' }), sampleLoss());
    await expect
      .poll(() => client.topics())
      .toEqual(['/session', '/oom/victim', '/oom/episode', 'history-complete', '/oom/victim', '/loss']);
    client.socket.close();
  });

  it.each([
    ['text', (socket: WebSocket) => socket.send('hello'), 1003],
    ['bytes', (socket: WebSocket) => socket.send(Uint8Array.of(1, 2, 3)), 1003],
    ['too much', (socket: WebSocket) => socket.send(new Uint8Array(5000)), 1009],
    [
      'bytes that are no message',
      (socket: WebSocket) => rawSocket(socket).write(Uint8Array.of(0xff, 0xff, 0xff)),
      1002,
    ],
    [
      'text that is not UTF-8',
      (socket: WebSocket) => rawSocket(socket).write(Uint8Array.of(0x81, 0x81, 0, 0, 0, 0, 0xff)),
      1007,
    ],
  ])('a client that sends %s is shown out with the reason', async (_what, misbehave, code) => {
    const client = new TestClient();
    await client.opened;
    misbehave(client.socket);
    expect(await client.closed).toEqual({ code, reason: expect.stringMatching(/^E_BAD_MESSAGE/) });
    expect((await get('/healthz')).status).toBe(200);
  });

  it('a client that vanishes harms nobody', async () => {
    const gone = new TestClient();
    const other = new TestClient();
    await Promise.all([gone.opened, other.opened]);
    rawSocket(gone.socket).destroy();
    write(sampleVictim());
    await expect.poll(() => other.topics()).toContain('/oom/victim');
    other.socket.close();
  });

  it('one client too many is turned away', async () => {
    const clients = Array.from({ length: MAX_CLIENTS }, () => new TestClient());
    await Promise.all(clients.map((client) => client.opened));
    expect(await get('/ws', UPGRADE)).toMatchObject({
      status: 503,
      body: expect.stringMatching(/^E_TOO_MANY_CLIENTS/),
    });
    clients[0]?.socket.terminate();
    await expect.poll(() => new TestClient().opened.then(() => true), { timeout: 3000 }).toBe(true);
  });

  it('a clean end says so, even to one who does not listen', async () => {
    const client = new TestClient();
    const deaf = new TestClient();
    await Promise.all([client.opened, deaf.opened]);
    rawSocket(deaf.socket).pause();
    await server.close();
    expect(await client.closed).toEqual({ code: 1001, reason: 'oomscope has ended' });
  });
});

describe('a server that cannot start', () => {
  it('names a port that is taken', async () => {
    await expect(startWebServer({ host: '127.0.0.1', port, uiDir })).rejects.toMatchObject({
      code: 'E_PORT_TAKEN',
      message: expect.stringContaining(String(port)),
    });
  });

  it.each(['0.0.0.0', '::', '192.168.1.1', 'example.com'])('does not listen on %s', async (host) => {
    await expect(startWebServer({ host, port: 0, uiDir })).rejects.toMatchObject({ code: 'E_BAD_ADDRESS' });
  });
});

it('behind a forwarded port it answers to the public address and prints it', async () => {
  const forwarded = await startWebServer({ host: '127.0.0.1', port: 0, uiDir, publicUrl: 'http://127.0.0.1:9' });
  expect(forwarded.url).toBe('http://127.0.0.1:9/');
  await forwarded.close();
});

/** The TCP socket under a client. `ws` has no public name for it. */
function rawSocket(socket: WebSocket): { write(bytes: Uint8Array): void; destroy(): void; pause(): void } {
  return Reflect.get(socket, '_socket');
}
