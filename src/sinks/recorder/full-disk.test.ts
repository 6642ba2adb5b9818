import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { EventStream } from '../../../test/support/event-stream.js';
import { readTraces } from '../../../test/support/read-traces.js';
import { sampleLoss } from '../../../test/support/sample-events.js';
import { zstd } from '../../../test/support/trace.js';
import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import { EventNumbers } from './numbered-events.js';
import { Recording } from './recording.js';
import { fileDirectory } from './trace-place.js';
import { TraceSink } from './trace-sink.js';

// A disk of one megabyte. Only root may mount one, so elsewhere the attempt itself says why this is skipped.
const directory = mkdtempSync(join(tmpdir(), 'oomscope-full-'));
const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'oomscope-test', directory], { encoding: 'utf8' });
const mounted = mount.status === 0;

afterAll(() => {
  if (mounted) spawnSync('umount', [directory]);
  rmSync(directory, { recursive: true });
});

/** Noise, so that packing does not make room. */
function noise(bytes: number): string {
  let text = '';
  while (text.length < bytes) text += Math.random().toString(36).slice(2);
  return text;
}

describe.skipIf(!mounted)(`a full disk ${mount.stderr ?? mount.error?.message ?? ''}`.trimEnd(), () => {
  test('stops the recording with an event; live goes on, what was written is intact, and room begins a new file', {
    timeout: 120_000,
  }, async () => {
    const numbers = new EventNumbers();
    const events: OomscopeEvent[] = [];
    let model = initialModel;
    const announced: string[] = [];
    const write = (batch: readonly OomscopeEvent[]) => {
      events.push(...batch);
      model = applyEvents(model, batch);
      sink.write(batch, model);
    };
    const recording = new Recording(
      {
        numbers,
        pack: zstd.pack,
        runId: 'run-1',
        announce: (event) => {
          announced.push(event.meaning);
          write([event]);
        },
      },
      fileDirectory(directory, 'oomscope', Number.POSITIVE_INFINITY),
      { chunkMs: 10, retryMs: 50, resumeFreeBytes: 300 * 1024 },
    );
    const sink = new TraceSink(numbers, [recording]);
    const stream = new EventStream();

    write(stream.session('node-1'));
    const ballast = join(directory, 'ballast');
    await writeFile(ballast, Buffer.alloc(500 * 1024));
    for (let n = 0; announced.length === 0 && n < 500; n++) {
      const [loss = sampleLoss()] = stream.loss(1);
      write([...stream.kill(), sampleLoss({ tUs: loss.tUs, meaning: noise(8_000) })]);
      await sleep(12);
    }
    expect(announced).toHaveLength(1);
    expect(announced[0]).toMatch(/recording to .* has stopped: .*ENOSPC/);

    // Live goes on; of what the disk refused, whole chunks are left out and no half one is left.
    for (let kill = 0; kill < 10; kill++) write(stream.kill());
    const [firstName = ''] = (await readdir(directory)).filter((name) => name.endsWith('.mcap'));
    const first = join(directory, firstName);
    const before = await readTraces([first]);
    expect(before.events.length).toBeGreaterThan(20);
    expect(before.events).toStrictEqual(events.slice(0, before.events.length));
    const firstBytes = (await stat(first)).size;

    await rm(ballast);
    await expect.poll(() => announced[1], { timeout: 60_000 }).toMatch(/a new file begins here/);
    write(stream.kill());
    await sink.close();

    const names = (await readdir(directory)).filter((name) => name.endsWith('.mcap')).sort();
    expect(names).toHaveLength(2);
    expect((await stat(first)).size).toBe(firstBytes);
    const second = await readTraces(names.slice(1).map((name) => join(directory, name)));
    expect(second.problems).toEqual([]);
    expect(second.model).toStrictEqual(model);
    // Every event is told by a file, or counted as missing.
    const both = await readTraces(names.map((name) => join(directory, name)));
    const missing = model.lost.recorder ?? 0;
    const own = announced.length;
    expect(both.told + missing).toBe(events.length - own + 1);
    expect(both.model).toStrictEqual(model);
    expect((await statfs(directory)).bavail).toBeGreaterThan(0);
  });
});
