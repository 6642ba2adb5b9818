import { describe, expect, it } from 'vitest';
import { FakeSocket } from '../../../test/support/fake-socket.js';
import {
  sampleCandidate,
  sampleCgroupSample,
  sampleEpisode,
  sampleLoss,
  sampleMemorySample,
  sampleVictim,
} from '../../../test/support/sample-events.js';
import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import { encodeHistoryComplete } from '../../wire/frame.js';
import { FlightRecorder } from '../flight-recorder.js';
import { EventNumbers } from '../recorder/numbered-events.js';
import { Batch } from './batch.js';
import { BEHIND_BYTES, Client, QUEUE_LIMIT_BYTES } from './client.js';
import { FanOut } from './fan-out.js';

const encode = new EventNumbers();
const marker = encodeHistoryComplete(0, 0);

function batchOf(...events: OomscopeEvent[]): Batch {
  const batch = new Batch();
  for (const event of events) batch.add(event, encode.frame(event));
  return batch;
}

/** An episode of about 200 KiB. */
function bigEpisode(episodeUs: number): OomscopeEvent {
  const candidates = Array.from({ length: 5_000 }, (_, row) => sampleCandidate({ pid: row + 1 }));
  return sampleEpisode({ episodeUs, candidates });
}

const big = bigEpisode(1);
const bigBytes = encode.frame(big).length;

/** More than fits unsent. */
const manyBig = Math.ceil(BEHIND_BYTES / bigBytes) + 2;

describe('a client that reads', () => {
  it('gets the past, then each batch whole', () => {
    const socket = new FakeSocket({ slow: false });
    const client = new Client(socket, [marker]);
    client.offer(batchOf(sampleVictim(), sampleLoss()), 1);
    client.offer(batchOf(sampleEpisode()), 2);
    expect(socket.received.map((item) => (item.kind === 'event' ? item.event.topic : item.kind))).toEqual([
      'history-complete',
      '/oom/victim',
      '/loss',
      '/oom/episode',
    ]);
  });
});

describe('a client that reads slowly', () => {
  it('gets its past at its own pace, and all that happened meanwhile after it', () => {
    const socket = new FakeSocket({ slow: true });
    const past = Array.from({ length: manyBig * 2 }, () => encode.frame(big));
    const client = new Client(socket, [...past, marker]);
    client.offer(batchOf(sampleLoss({ count: 5 }), sampleVictim()), 1);
    expect(socket.received.length).toBeLessThan(past.length);
    while (socket.bufferedAmount > 0) socket.drain(1);
    expect(socket.received.slice(past.length)).toEqual([
      { kind: 'history-complete', incidentsLeftOut: 0 },
      { kind: 'event', event: sampleLoss({ count: 5 }) },
      { kind: 'event', event: sampleVictim() },
    ]);
    expect(socket.highestBuffered).toBeLessThan(BEHIND_BYTES + 2 * bigBytes);
  });

  it('misses what may be dropped and is told how much, but misses no kill', () => {
    const socket = new FakeSocket({ slow: true });
    const client = new Client(socket, [marker]);
    for (let n = 0; n < manyBig; n++) client.offer(batchOf(big), n);
    for (let n = 0; n < 10; n++) client.offer(batchOf(sampleLoss(), sampleVictim({ tid: n })), 100 + n);
    expect(socket.highestBuffered).toBeLessThan(BEHIND_BYTES + 2 * bigBytes);
    while (socket.bufferedAmount > 0) socket.drain(1);
    expect(socket.events.filter((event) => event.topic === '/oom/episode')).toHaveLength(manyBig);
    expect(socket.events.flatMap((event) => (event.topic === '/oom/victim' ? [event.tid] : []))).toEqual(
      Array.from({ length: 10 }, (_, n) => n),
    );
    const losses = socket.events.filter((event) => event.topic === '/loss');
    expect(losses).toMatchObject([{ where: 'client-queue', count: 10, tUs: 109 }]);

    client.offer(batchOf(sampleLoss()), 200);
    expect(socket.events.at(-1)).toEqual(sampleLoss());
  });

  it('misses samples, and gets all values anew once it has caught up: what stays as it is would never come again', () => {
    const socket = new FakeSocket({ slow: true });
    const fanOut = new FanOut(new FlightRecorder());
    fanOut.add(socket);
    let model = initialModel;
    const write = (...events: OomscopeEvent[]) => {
      model = applyEvents(model, events);
      fanOut.write(events, model);
      fanOut.flush();
    };
    const row = (id: number, usageBytes: number) => sampleCgroupSample({ id, usageBytes });
    write(sampleMemorySample({ tUs: 1, cgroups: [row(1, 10), row(2, 20)] }));
    socket.drain();
    for (let n = 0; n < manyBig; n++) write(bigEpisode(n));
    write(sampleMemorySample({ tUs: 2_000_000_000, kind: 'delta', cgroups: [row(1, 11)] }));
    write(sampleMemorySample({ tUs: 2_000_000_001, kind: 'delta', cgroups: [row(2, 22)] }), sampleVictim());
    while (socket.bufferedAmount > 0) socket.drain(1);
    const times = socket.events.flatMap((event) => (event.topic === '/memory/sample' ? [event.tUs] : []));
    expect(times).toEqual([1, 2_000_000_001]);
    const seen = applyEvents(initialModel, socket.events);
    expect(seen.memory.samples).toStrictEqual(model.memory.samples);
    expect(seen.incidents).toStrictEqual(model.incidents);
    expect(seen.lost['client-queue']).toBe(2);
  });

  it('is told to come back once too much waits for it', () => {
    const socket = new FakeSocket({ slow: true });
    const client = new Client(socket, [marker]);
    const enough = Math.ceil((QUEUE_LIMIT_BYTES + BEHIND_BYTES) / bigBytes) + 2;
    for (let n = 0; n < enough; n++) client.offer(batchOf(big), n);
    expect(socket.ended).toMatchObject({ code: 1013, reason: expect.stringContaining('E_SLOW_CLIENT') });
  });

  it('is given up when it shows no life between two pings', () => {
    const socket = new FakeSocket({ slow: true });
    const client = new Client(socket, [marker]);
    client.checkAlive();
    socket.drain();
    client.checkAlive();
    expect(socket).toMatchObject({ pings: 2, ended: null });
    client.checkAlive();
    expect(socket.ended).toBe('terminated');
  });
});
