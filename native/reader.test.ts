import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Delivery,
  type LoadOptions,
  loadAddon,
  type NativeProgramSet,
  type NativeReader,
} from '../src/sources/kernel/native.js';
import { feed, firstWords, mountBpffs, numbers, pinnedRings, ringsOnly } from './test-support.js';

const bpffs = mountBpffs();
const open: (NativeReader | NativeProgramSet)[] = [];
let number = 0;

beforeEach((context) => {
  if (bpffs.obstacle !== null) context.skip(bpffs.obstacle);
});
afterEach(() => {
  for (const each of open.splice(0)) {
    if ('stop' in each) each.stop();
    else each.close();
  }
});
afterAll(() => bpffs.unmount());

function rings(ringBytes: LoadOptions['ringBytes'] = {}) {
  const pinned = pinnedRings(bpffs, `set${number++}`, ringBytes);
  open.push(pinned.set);
  return pinned;
}

/** A reader that keeps what it gets, and says of each delivery what `settles` says. */
function read(sets: readonly NativeProgramSet[], settles: () => boolean = () => true) {
  const deliveries: Delivery[] = [];
  const reader = new (loadAddon().Reader)(sets, 600_000_000_000n, (delivery) => {
    deliveries.push(delivery);
    return settles();
  });
  open.unshift(reader);
  return { reader, deliveries };
}

const soon = { timeout: 5_000, interval: 5 };

describe('a reader', () => {
  it('delivers records in the order in which they were written', async () => {
    const { set, directory } = rings();
    const { deliveries } = read([set]);
    feed(directory, 'kills', 1_000);
    await vi.waitFor(() => expect(firstWords(deliveries)).toEqual(numbers(1_000)), soon);
  });

  it('delivers what was written before it was there', async () => {
    const { set, directory } = rings();
    feed(directory, 'kills', 10);
    const { deliveries } = read([set]);
    await vi.waitFor(() => expect(firstWords(deliveries)).toEqual(numbers(10)), soon);
  });

  it('has the ballot that was written before a record of kills in the same batch, after it', async () => {
    const { set, directory } = rings();
    feed(directory, 'bulk', 3, 200);
    feed(directory, 'ballot', 5, 100);
    feed(directory, 'kills', 1, 1);
    const { deliveries } = read([set]);
    await vi.waitFor(() => expect(deliveries.length).toBeGreaterThan(0), soon);
    expect(firstWords(deliveries.slice(0, 1))).toEqual([1, ...numbers(5, 100), ...numbers(3, 200)]);
  });

  it('reads the older of two sets first', async () => {
    const [older, newer] = [rings(), rings()];
    feed(newer.directory, 'kills', 2, 10);
    feed(older.directory, 'kills', 2, 0);
    const { deliveries } = read([older.set, newer.set]);
    await vi.waitFor(() => expect(firstWords(deliveries)).toEqual([0, 1, 10, 11]), soon);
  });

  it('loses nothing when JavaScript is busy for longer than its buffer lasts', async () => {
    const { set, directory } = rings();
    const { deliveries } = read([set]);
    const count = 60_000; // 1.4 MB
    // Runs to its end while this thread waits for it and takes no delivery.
    feed(directory, 'kills', count);
    feed(directory, 'kills', count, count);
    await vi.waitFor(() => expect(firstWords(deliveries).length).toBe(2 * count), soon);
    expect(firstWords(deliveries)).toEqual(numbers(2 * count));
  });

  it('gives the rest when it is stopped, and nothing after', async () => {
    const { set, directory } = rings();
    const { reader, deliveries } = read([set]);
    feed(directory, 'bulk', 100);
    reader.stop();
    expect(firstWords(deliveries)).toEqual(numbers(100));
    const count = deliveries.length;
    reader.stop();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(deliveries.length).toBe(count);
  });

  it('may be stopped by what it delivers to', async () => {
    const { set, directory } = rings();
    const delivered: Delivery[] = [];
    const reader = new (loadAddon().Reader)([set], 0n, (delivery) => {
      delivered.push(delivery);
      reader.stop();
      return true;
    });
    feed(directory, 'kills', 5);
    await vi.waitFor(() => expect(firstWords(delivered)).toEqual(numbers(5)), soon);
  });

  it('leaves what was not settled to the next one, and only that', async () => {
    const { set, directory } = rings();
    let settled = true;
    const first = read([set], () => settled);
    feed(directory, 'kills', 5);
    await vi.waitFor(() => expect(firstWords(first.deliveries)).toEqual(numbers(5)), soon);
    settled = false;
    feed(directory, 'kills', 5, 5);
    await vi.waitFor(() => expect(firstWords(first.deliveries)).toEqual(numbers(10)), soon);
    first.reader.stop();

    const gatePath = join(bpffs.path, `gate${number++}`);
    loadAddon().createPinnedValue(gatePath, 'gate', 8);
    const again = loadAddon().ProgramSet.adopt(directory, gatePath, []);
    open.push(again);
    const next = read([again]);
    await vi.waitFor(() => expect(firstWords(next.deliveries)).toEqual(numbers(5, 5)), soon);
  });

  it('forgets what is not settled when the ring is half full of it: new records come first', async () => {
    const { set, directory } = rings({ kills: 65_536 });
    const { deliveries } = read([set], () => false);
    // With its ring headers 16 kB at a time, five times what the ring holds.
    for (let i = 0; i < 20; i++) {
      feed(directory, 'kills', 500, i * 500);
      await vi.waitFor(() => expect(firstWords(deliveries).length).toBe((i + 1) * 500), soon);
    }
    expect(firstWords(deliveries)).toEqual(numbers(10_000));
  });

  it('beats, so that the programs know that somebody reads', async () => {
    const { set } = rings();
    expect(set.heartbeat()).toEqual({ beatUs: 0, timeoutUs: 0 });
    read([set]);
    const first = set.heartbeat();
    expect(Math.abs(first.beatUs - loadAddon().clocks().bootUs)).toBeLessThan(1_000_000);
    expect(first.timeoutUs).toBe(600_000_000);
    await vi.waitFor(() => expect(set.heartbeat().beatUs).toBeGreaterThan(first.beatUs), soon);
  });

  it('tells a loss once, also when the next process reads', async () => {
    const { set, directory } = rings();
    const first = read([set]);
    const counters = new BigUint64Array([2n, 3n, 0n, 0n, 0n, 0n]);
    loadAddon().writePinnedValue(join(directory, 'loss'), new Uint8Array(counters.buffer));
    const told = () => first.deliveries.flatMap((delivery) => delivery.losses);
    await vi.waitFor(() => expect(told().map((loss) => loss.words)).toEqual([[2, 3, 0, 0, 0, 0]]), soon);
    first.reader.stop();
    counters[0] = 5n;
    loadAddon().writePinnedValue(join(directory, 'loss'), new Uint8Array(counters.buffer));
    const next = read([set]);
    next.reader.stop();
    expect(next.deliveries.flatMap((delivery) => delivery.losses.map((loss) => loss.words))).toEqual([
      [3, 0, 0, 0, 0, 0],
    ]);
  });

  it('reads a retired set to its end and then no more', async () => {
    const [older, newer] = [rings(), rings()];
    const { reader, deliveries } = read([older.set, newer.set]);
    feed(older.directory, 'kills', 3);
    reader.retire(older.set);
    await vi.waitFor(() => expect(firstWords(deliveries)).toEqual(numbers(3)), soon);
    feed(older.directory, 'kills', 3, 3);
    feed(newer.directory, 'kills', 2, 10);
    await vi.waitFor(() => expect(firstWords(deliveries)).toEqual([0, 1, 2, 10, 11]), soon);
    reader.retire(older.set);
  });

  it('is one thread with a name that a person finds, and the thread ends with it', () => {
    const named = () => threads().filter((name) => name === 'oomscope-reader');
    expect(named()).toHaveLength(0);
    const { reader } = read([rings().set]);
    expect(named()).toHaveLength(1);
    reader.stop();
    expect(named()).toHaveLength(0);
  });

  it('refuses what is no set and no function', () => {
    const { Reader } = loadAddon();
    expect(() => Reflect.construct(Reader, [])).toThrow(TypeError);
    expect(() => Reflect.construct(Reader, [[{}], 0n, () => true])).toThrow();
    expect(() => Reflect.construct(Reader, [[], 0n, 'no function'])).toThrow(TypeError);
    const closed = ringsOnly();
    closed.close();
    expect(() => Reflect.construct(Reader, [[closed], 0n, () => true])).toThrow('closed');
  });
});

function threads(): string[] {
  return readdirSync('/proc/self/task').map((tid) => readFileSync(`/proc/self/task/${tid}/comm`, 'utf8').trim());
}
