import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventStream } from '../../test/support/event-stream.js';
import { type ServedReplay, serveReplay } from '../../test/support/served-replay.js';
import { WebClient } from '../../test/support/web-client.js';
import type { OomscopeEvent } from '../events/event.js';
import { applyEvent, applyEvents, initialModel } from '../model/fold.js';
import type { Model } from '../model/model.js';
import type { FrameItem } from '../wire/frame.js';
import { encodeReplayCommand, type ReplayCommand, type ReplayState } from '../wire/replay.js';

// A replay as its clients know it: commands and events over the WebSocket.

vi.setConfig({ testTimeout: 60_000 });

const KILLS = 30;
const EVERY_US = 1_000_000;
const stream = new EventStream();
const events: OomscopeEvent[] = [];
for (const batch of [stream.session('node-1'), ...Array.from({ length: KILLS }, () => stream.kill())]) {
  // Kills a second apart, each with its mark and its episode.
  events.push(...batch.map((event, index) => ({ ...event, tUs: 1_000_000_000 + events.length * EVERY_US + index })));
}

let served: ServedReplay;
let client: WebClient;

const newClient = () => new WebClient(Number(new URL(served.url).port));

beforeEach(async () => {
  served = await serveReplay(events);
  client = newClient();
  await soon(() => state()).toBeDefined();
});

afterEach(() => served.stop());

/** However busy the machine is. */
const soon = <T>(probe: () => T) => expect.poll(probe, { timeout: 20_000 });

const ask = (command: ReplayCommand) => client.socket.send(encodeReplayCommand(command));

/** How the replay stands, as the client was told last. */
function state(): ReplayState | undefined {
  return client.items.findLast((item) => item.kind === 'replay')?.state;
}

/** What the client shows: the fold of all since the last restart. */
function shown(): Model {
  return client.items.reduce(
    (model: Model, item: FrameItem) =>
      item.kind === 'restart' ? initialModel : item.kind === 'event' ? applyEvent(model, item.event) : model,
    initialModel,
  );
}

/** What somebody knows who has watched from the start up to this moment. */
function watchedUntil(tUs: number): Model {
  return applyEvents(
    initialModel,
    events.filter((event) => event.tUs <= tUs),
  );
}

const toBootUs = (epochUs: number) => epochUs - (state()?.startUs ?? 0) + (events[0]?.tUs ?? 0);
const position = () => toBootUs(state()?.positionUs ?? 0);

test('a client that pauses and seeks sees what it would know from watching up to there', async () => {
  ask({ kind: 'pause' });
  await soon(() => state()?.playing).toBe(false);
  const { startUs, endUs } = state() ?? { startUs: 0, endUs: 0 };
  for (const share of [0.5, 0.1, 0.93, 0, 1, 0.47]) {
    const timeUs = Math.round(startUs + (endUs - startUs) * share);
    ask({ kind: 'seek', timeUs });
    await soon(() => state()?.positionUs).toBe(timeUs);
    await soon(() => shown().incidents).toStrictEqual(watchedUntil(toBootUs(timeUs)).incidents);
  }
  ask({ kind: 'seek', timeUs: 0 });
  await soon(() => state()?.positionUs).toBe(startUs);
  expect(shown().session).not.toBeNull();
});

test('kills are stepped through, both ways, and it pauses there', async () => {
  const kills = events.filter(({ topic }) => topic === '/oom/episode').map(({ tUs }) => tUs);
  const { endUs } = state() ?? { endUs: 0 };
  ask({ kind: 'seek', timeUs: endUs });
  await soon(() => state()?.positionUs).toBe(endUs);
  for (const kill of kills.slice(0, -1).reverse().slice(0, 3)) {
    ask({ kind: 'kill', direction: 'previous' });
    await soon(position).toBe(kill);
    expect(state()?.playing).toBe(false);
    await soon(() => shown().incidents).toStrictEqual(watchedUntil(kill).incidents);
  }
  ask({ kind: 'kill', direction: 'next' });
  await soon(position).toBe(kills.at(-3));
  ask({ kind: 'seek', timeUs: endUs });
  await soon(() => state()?.positionUs).toBe(endUs);
  ask({ kind: 'kill', direction: 'next' });
  await soon(() => state()?.noKill).toBe('next');
  expect(state()?.positionUs).toBe(endUs);
});

test('at another speed it goes on from where it was, and from its end it begins again', async () => {
  ask({ kind: 'pause' });
  ask({ kind: 'seek', timeUs: (state()?.endUs ?? 0) - 5 * EVERY_US });
  ask({ kind: 'speed', speed: 100 });
  ask({ kind: 'play' });
  await soon(() => state()?.ended).toBe(true);
  expect(state()).toMatchObject({ speed: 100, playing: false, positionUs: state()?.endUs });
  expect(shown().incidents).toStrictEqual(watchedUntil(Number.POSITIVE_INFINITY).incidents);
  ask({ kind: 'speed', speed: 0.1 });
  ask({ kind: 'play' });
  await soon(() => state()?.ended).toBe(false);
  expect(shown().incidents.length).toBeLessThan(KILLS);
});

test('whoever asks for nonsense, or too much, is shown out, and the replay goes on', async () => {
  const [silly, hasty] = [newClient(), newClient()];
  await Promise.all([silly.opened, hasty.opened]);
  silly.socket.send(Uint8Array.of(0x19, 0, 0, 0, 0, 0, 0, 0, 0));
  expect(await silly.closed).toEqual({ code: 1003, reason: expect.stringContaining('a speed of 0') });
  for (let count = 0; count < 1_000; count++) hasty.socket.send(encodeReplayCommand({ kind: 'pause' }));
  expect(await hasty.closed).toEqual({ code: 1003, reason: expect.stringContaining('commands a second') });
  ask({ kind: 'seek', timeUs: 0 });
  await soon(() => state()?.positionUs).toBe(state()?.startUs);
});
