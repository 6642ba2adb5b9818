import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EventStream } from '../../test/support/event-stream.js';
import { readTraces } from '../../test/support/read-traces.js';
import { applyEvents, initialModel } from '../model/fold.js';
import { type RecordingOptions, recordingSink } from './recording.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'oomscope-record-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function recordKill(options: RecordingOptions) {
  const sink = await recordingSink(options, () => {});
  const stream = new EventStream();
  const events = [...stream.session('node-1'), ...stream.kill()];
  sink?.write(events, applyEvents(initialModel, events));
  await sink?.close();
  return events;
}

describe('the options of a recording', () => {
  test('without any, nothing is written and there is no sink', async () => {
    expect(await recordingSink({}, () => {})).toBeNull();
  });

  test('name a file, a directory for all and one for kills, each written by itself', async () => {
    const recordFile = join(directory, 'all.mcap');
    const record = join(directory, 'traces');
    const incidents = join(directory, 'incidents');
    const events = await recordKill({ recordFile, record, incidents });
    expect((await readTraces([recordFile])).events).toStrictEqual(events);
    for (const [path, name] of [
      [record, /^oomscope-node-1-[\dTZ.]+\.mcap$/],
      [incidents, /^incident-node-1-[\dTZ.]+-\d+\.mcap$/],
    ] as const) {
      const [file = ''] = await readdir(path);
      expect(file).toMatch(name);
      expect((await readTraces([join(path, file)])).events).toStrictEqual(events);
    }
  });

  test('with --redact leave no name in any of them', async () => {
    const recordFile = join(directory, 'all.mcap');
    await recordKill({ recordFile, redact: true });
    const text = JSON.stringify((await readTraces([recordFile])).events);
    expect(text).not.toMatch(/hog|vector|lab/);
    expect(text).toMatch(/"comm":"p-[0-9a-f]{8}"/);
  });

  test('are refused before anything is written', async () => {
    const recordFile = join(directory, 'all.mcap');
    await writeFile(recordFile, '');
    await expect(recordingSink({ recordFile }, () => {})).rejects.toMatchObject({ code: 'E_FILE_EXISTS' });
    const incidents = join(directory, 'a', 'b');
    await expect(recordingSink({ incidents }, () => {})).rejects.toMatchObject({ code: 'E_FILE_UNWRITABLE' });
    expect(await readdir(directory)).toEqual(['all.mcap']);
  });
});
