import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepareDirectory, prepareFile } from './prepare.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'oomscope-prepare-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('a directory for traces is made for its owner alone, and taken as it is when it is there', async () => {
  const traces = join(directory, 'traces');
  await prepareDirectory(traces);
  expect((await stat(traces)).mode & 0o777).toBe(0o700);
  await prepareDirectory(traces);
});

test('a directory that cannot be made is refused', async () => {
  await expect(prepareDirectory(join(directory, 'a', 'b'))).rejects.toMatchObject({ code: 'E_FILE_UNWRITABLE' });
  await expect(prepareDirectory('/proc/oomscope-test')).rejects.toMatchObject({ code: 'E_FILE_UNWRITABLE' });
  const file = join(directory, 'file');
  await writeFile(file, '');
  await expect(prepareDirectory(file)).rejects.toMatchObject({ code: 'E_FILE_UNWRITABLE' });
});

test('a file that is there is refused, and so is one in a directory that is not', async () => {
  const file = join(directory, 'kills.mcap');
  await prepareFile(file);
  await writeFile(file, '');
  await expect(prepareFile(file)).rejects.toMatchObject({ code: 'E_FILE_EXISTS' });
  await expect(prepareFile(join(directory, 'none', 'kills.mcap'))).rejects.toMatchObject({ code: 'E_FILE_UNWRITABLE' });
});
