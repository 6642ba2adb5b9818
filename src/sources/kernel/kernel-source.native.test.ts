import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { feed, feedWords, mountBpffs, pinnedRings } from '../../../native/test-support.js';
import { OomscopeError } from '../../base/errors.js';
import type { EventOf, OomscopeEvent, Topic } from '../../events/event.js';
import { constants, enums, structs } from '../../events/layout.gen.js';
import { examineHost } from './examine.js';
import { KernelSource, type KernelSourceOptions } from './kernel-source.js';
import { loadAddon } from './native.js';
import { PinDirectory, removeAllPins } from './pins.js';

const bpffs = mountBpffs();
const pinDirectory = join(bpffs.path, 'oomscope');
const canRecord = () => examineHost(loadAddon(), pinDirectory).refusal;
const obstacle = bpffs.obstacle ?? canRecord()?.message ?? null;
const sources: KernelSource[] = [];

beforeEach((context) => {
  if (obstacle !== null) context.skip(obstacle);
});
afterEach(async () => {
  for (const source of sources.splice(0)) await source.stop();
  removeAllPins(loadAddon(), pinDirectory);
});
afterAll(() => bpffs.unmount());

async function start(options: Partial<KernelSourceOptions> = {}) {
  const source = new KernelSource({
    attach: null,
    pinDirectory,
    keepPins: false,
    ringBytes: {},
    sampleIntervalUs: null,
    url: null,
    ...options,
  });
  const events: OomscopeEvent[] = [];
  await source.start((batch) => events.push(...batch));
  sources.push(source);
  const all = <T extends Topic>(topic: T) => events.filter((event): event is EventOf<T> => event.topic === topic);
  return { source, events, all };
}

async function refusalOf(starting: Promise<unknown>): Promise<OomscopeError> {
  const error = await starting.then(
    () => new Error('it started'),
    (reason: unknown) => reason,
  );
  if (error instanceof OomscopeError) return error;
  throw error;
}

const sets = () => readdirSync(pinDirectory).filter((name) => name.startsWith('set-'));

describe('the running kernel as a source', () => {
  it('begins with a session that accounts for every program it attached', async () => {
    const { events, all } = await start();
    expect(events[0]?.topic).toBe('/session');
    const [session] = all('/session');
    expect(session?.attachMode).not.toBe('none');
    const attached = session?.programs.filter((program) => program.state === 'attached').map(({ name }) => name) ?? [];
    const [set = ''] = sets();
    const pinned = readdirSync(join(pinDirectory, set)).filter((name) => name.startsWith('prog_'));
    expect(pinned.map((name) => name.slice('prog_'.length)).sort()).toEqual([...attached].sort());
    for (const program of session?.programs ?? []) {
      expect(program.reason === null, program.name).toBe(program.state === 'attached');
    }
  });

  it('leaves nothing behind when it stops', async () => {
    const { source } = await start();
    expect(readdirSync(bpffs.path)).toContain('oomscope');
    await source.stop();
    expect(readdirSync(bpffs.path)).not.toContain('oomscope');
    await source.stop();
  });

  it('names the page of the one that runs already, and takes nothing from it', async () => {
    await start({ url: 'http://127.0.0.1:7070' });
    const before = sets();
    const error = await refusalOf(start());
    expect(error.code).toBe('E_ALREADY_RUNNING');
    expect(error.toLine()).toContain(`Its process is ${process.pid}. Open http://127.0.0.1:7070`);
    expect(sets()).toEqual(before);
    expect(() => removeAllPins(loadAddon(), pinDirectory)).toThrow('Another oomscope');
  });

  it('adopts what the last one left recording, and tells the gap', async () => {
    const first = await start({ keepPins: true });
    const before = sets();
    await first.source.stop();
    expect(sets()).toEqual(before);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const second = await start();
    const { adopted, tUs, programs } = second.all('/session')[0] ?? {};
    expect(adopted?.how).toBe('adopted');
    expect((adopted?.gapToUs ?? 0) - (adopted?.gapFromUs ?? 0)).toBeGreaterThan(50_000);
    expect(tUs).toBe(adopted?.gapFromUs);
    expect(programs).toEqual(first.all('/session')[0]?.programs);
    expect(sets()).toEqual(before);
  });

  it('replaces what is not the same, reads it to its end, and removes it', async () => {
    const first = await start({ keepPins: true });
    const [older = ''] = sets();
    await first.source.stop();
    const addon = loadAddon();
    // A reaper step whose mark nobody saw: the shortest record there is.
    const second = await start({ ringBytes: { ballot: 65_536 } });
    expect(second.all('/session')[0]?.adopted?.how).toBe('replaced');
    expect(sets()).toHaveLength(2);
    feedWords(join(pinDirectory, older, 'bulk'), reaperStep(addon.clocks().bootUs * 1000, 4711));
    await vi.waitFor(() => expect(second.all('/oom/victim').map(({ tid }) => tid)).toEqual([4711]), 3_000);
    await vi.waitFor(() => expect(sets()).toHaveLength(1), 3_000);
    expect(sets()).not.toContain(older);
  });

  it('replaces at once when it is stopped before the hand-over is over', async () => {
    const first = await start({ keepPins: true });
    await first.source.stop();
    const second = await start({ ringBytes: { ballot: 65_536 }, keepPins: true });
    await second.source.stop();
    expect(sets()).toHaveLength(1);
  });

  it('counts the bytes that another layout left behind, and removes them', async () => {
    mkdirSync(pinDirectory);
    const { set, directory } = pinnedRings({ ...bpffs, path: pinDirectory }, 'set-5-v99-abcdef');
    feed(directory, 'kills', 10);
    set.close();
    const { all } = await start();
    expect(all('/loss').map(({ where, count }) => ({ where, count }))).toEqual([{ where: 'undecodable', count: 320 }]);
    expect(sets()).not.toContain('set-5-v99-abcdef');
  });

  it('clears away what a start that was killed had half-made', async () => {
    const half = join(pinDirectory, `set-5-v${constants.LAYOUT_VERSION}-abcdef`);
    mkdirSync(half, { recursive: true });
    loadAddon().createPinnedValue(join(half, 'loss'), 'loss', 32);
    const { all } = await start();
    expect(all('/loss')).toEqual([]);
    expect(all('/session')[0]?.adopted).toBeNull();
    expect(sets()).toHaveLength(1);
  });

  it('runs without pins when told to, and says what that costs', async () => {
    const { all } = await start({ pinDirectory: null });
    expect(all('/session')[0]?.missing.map(({ code }) => code)).toContain('NO_PINS');
    expect(readdirSync(bpffs.path)).not.toContain('oomscope');
  });

  it('refuses to start where nothing can be pinned', async () => {
    for (const path of ['/tmp/oomscope-no-bpffs', '/nonexistent/oomscope']) {
      const error = await refusalOf(start({ pinDirectory: path }));
      expect([error.code, error.exitCode]).toEqual(['E_NO_BPFFS', 3]);
      expect(error.nextStep).toContain('--no-pins');
    }
  });

  it('leaves nothing behind when a forced way cannot be had', async (context) => {
    const { ways } = examineHost(loadAddon(), pinDirectory);
    const failing = ways.find((way) => way.reason !== null && (way.way === 'fentry' || way.way === 'kprobe'));
    if (failing === undefined) return context.skip('every way works on this kernel, as doctor has just tried');
    const attach = failing.way === 'fentry' ? 'fentry' : 'kprobe';
    const error = await refusalOf(start({ attach }));
    expect([error.code, error.exitCode]).toEqual(['E_ATTACH_FORCED', 3]);
    expect(error.message).toContain(failing.reason);
    expect(readdirSync(bpffs.path)).not.toContain('oomscope');
  });
});

describe('the pin directory', () => {
  it('keeps what is not ours when it is cleared', () => {
    mkdirSync(pinDirectory);
    mkdirSync(join(pinDirectory, 'foreign'));
    const pins = PinDirectory.open(loadAddon(), pinDirectory);
    pins.claim({ pid: 1, url: null, version: '0' });
    pins.close();
    expect(readdirSync(pinDirectory)).toEqual(['foreign']);
  });
});

function reaperStep(timeNs: number, pid: number): bigint[] {
  const word = (low: number, high: number) => BigInt(low) | (BigInt(high) << 32n);
  return [
    word(enums.record_kind.RECORD_REAPER, structs.reaper.bytes),
    BigInt(timeNs),
    0n,
    word(pid, enums.reaper_step.REAPER_FINISHED),
  ];
}
