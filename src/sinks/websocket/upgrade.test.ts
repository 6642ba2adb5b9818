import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  sampleCandidate,
  sampleEpisode,
  sampleLoss,
  sampleSession,
  sampleVictim,
} from '../../../test/support/sample-events.js';
import { get, UPGRADE, WebClient } from '../../../test/support/web-client.js';
import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import { startWebServer, type WebServer } from './server.js';
import { MAX_CLIENTS, SUBPROTOCOL } from './upgrade.js';

let server: WebServer;
let port: number;
let model = initialModel;

beforeEach(async () => {
  server = await startWebServer({ host: '127.0.0.1', port: 0 });
  port = Number(new URL(server.url).port);
  model = initialModel;
});

afterEach(async () => {
  await server.close();
});

function write(...events: OomscopeEvent[]): void {
  model = applyEvents(model, events);
  server.write(events, model);
}

it('a late client gets the past, then what happens', async () => {
  write(sampleSession(), sampleVictim(), sampleEpisode());
  const client = new WebClient(port);
  await expect.poll(() => client.items.length).toBe(4);
  expect(client.socket.protocol).toBe(SUBPROTOCOL);
  write(sampleVictim({ step: 'exited' }), sampleLoss());
  await expect
    .poll(() => client.topics())
    .toEqual(['/session', '/oom/victim', '/oom/episode', 'history-complete', '/oom/victim', '/loss']);
});

describe('a client that misbehaves is shown out with the reason:', () => {
  it.each<[string, number, (client: WebClient) => void]>([
    ['text', 1003, ({ socket }) => socket.send('hello')],
    ['bytes', 1003, ({ socket }) => socket.send(Uint8Array.of(1, 2, 3))],
    ['too much', 1009, ({ socket }) => socket.send(new Uint8Array(5000))],
    ['bytes that are no message', 1002, ({ tcp }) => tcp.write(Uint8Array.of(0xff, 0xff, 0xff))],
    ['text that is not UTF-8', 1007, ({ tcp }) => tcp.write(Uint8Array.of(0x81, 0x81, 0, 0, 0, 0, 0xff))],
  ])('it sent %s', async (_what, code, misbehave) => {
    const client = new WebClient(port);
    await client.opened;
    misbehave(client);
    expect(await client.closed).toEqual({ code, reason: expect.stringMatching(/^E_BAD_MESSAGE/) });
    expect((await get(port, '/healthz')).status).toBe(200);
  });
});

it('a client that vanishes harms nobody', async () => {
  const gone = new WebClient(port);
  const other = new WebClient(port);
  await Promise.all([gone.opened, other.opened]);
  gone.tcp.destroy();
  write(sampleVictim());
  await expect.poll(() => other.topics()).toContain('/oom/victim');
});

it('a client that stops reading is told to come back, and costs the others nothing', async () => {
  const asleep = new WebClient(port);
  const awake = new WebClient(port);
  await Promise.all([asleep.opened, awake.opened]);
  asleep.tcp.pause();
  // 200 of it are more than any queue holds, and it is quick to decode.
  const candidates = Array.from({ length: 20 }, () => sampleCandidate({ comm: 'x'.repeat(8_000) }));
  const big = sampleEpisode({ candidates });
  for (let kill = 0; kill < 200; kill++) {
    write(big);
    // The one that is awake reads meanwhile.
    await new Promise(setImmediate);
  }
  await expect.poll(() => awake.topics().filter((topic) => topic === '/oom/episode').length).toBe(200);
  asleep.tcp.resume();
  expect(await asleep.closed).toEqual({ code: 1013, reason: expect.stringContaining('E_SLOW_CLIENT') });
  expect(asleep.items.length).toBeLessThan(100);
}, 30_000);

it('one client too many is turned away, until another goes', async () => {
  const clients = Array.from({ length: MAX_CLIENTS }, () => new WebClient(port));
  await Promise.all(clients.map((client) => client.opened));
  const refused = await get(port, '/ws', UPGRADE);
  expect(refused).toMatchObject({ status: 503, body: expect.stringMatching(/^E_TOO_MANY_CLIENTS/) });
  clients[0]?.socket.terminate();
  await clients[0]?.closed;
  const late = new WebClient(port);
  await late.opened;
});

it('a clean end says so, even to one who does not listen', async () => {
  const client = new WebClient(port);
  const deaf = new WebClient(port);
  await Promise.all([client.opened, deaf.opened]);
  deaf.tcp.pause();
  await server.close();
  expect(await client.closed).toEqual({ code: 1001, reason: 'oomscope has ended' });
});
