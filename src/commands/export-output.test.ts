import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileOutput, streamOutput } from './export-output.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'oomscope-export-'));
});
afterEach(() => rm(directory, { recursive: true }));

const never = new Promise<never>(() => {});

describe('a file', () => {
  test('has its name when it is whole, and only its owner may read it', async () => {
    const path = join(directory, 'a.csv');
    const output = await fileOutput(path);
    await output.write('text, ');
    await output.write(new Uint8Array([0x62, 0x79]));
    expect(await readdir(directory)).not.toContain('a.csv');
    await output.finish();
    expect(await readdir(directory)).toEqual(['a.csv']);
    expect(await readFile(path, 'utf8')).toBe('text, by');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('that was given up leaves nothing behind', async () => {
    const output = await fileOutput(join(directory, 'a.csv'));
    await output.write('half');
    await output.abandon();
    expect(await readdir(directory)).toEqual([]);
  });

  test('never replaces another, not even one that came meanwhile', async () => {
    const path = join(directory, 'a.csv');
    const output = await fileOutput(path);
    await writeFile(path, 'precious');
    await expect(fileOutput(path)).rejects.toMatchObject({ code: 'E_FILE_EXISTS' });
    await expect(output.finish()).rejects.toMatchObject({ code: 'E_FILE_EXISTS' });
    await output.abandon();
    expect(await readdir(directory)).toEqual(['a.csv']);
    expect(await readFile(path, 'utf8')).toBe('precious');
  });

  test('where none can be is refused with its path', async () => {
    await expect(fileOutput(join(directory, 'none', 'a.csv'))).rejects.toMatchObject({
      code: 'E_FILE_UNWRITABLE',
      message: expect.stringContaining('none/a.csv') as string,
    });
  });
});

describe('a stream', () => {
  test('is written as fast as it is read', async () => {
    const stream = new PassThrough({ highWaterMark: 4 });
    const output = streamOutput(stream, never);
    let written = false;
    const writing = output.write('more than that').then(() => {
      written = true;
    });
    await new Promise(setImmediate);
    expect(written).toBe(false);
    expect((stream.read() as Buffer).toString()).toBe('more than that');
    await writing;
    await output.finish();
  });

  test('whose reader has gone is no error; one that fails is', async () => {
    const gone = new PassThrough();
    const output = streamOutput(gone, never);
    gone.destroy(Object.assign(new Error('gone'), { code: 'EPIPE' }));
    await new Promise(setImmediate);
    await output.write('text');
    expect(output.isGone).toBe(true);
    await output.finish();

    const full = new PassThrough();
    const failing = streamOutput(full, never);
    full.destroy(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
    await new Promise(setImmediate);
    await expect(failing.write('text')).rejects.toMatchObject({ code: 'E_OUTPUT' });
  });

  test('that nobody reads does not hold an end that was asked for', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    await streamOutput(stream, Promise.resolve()).write('more than that');
  });
});
