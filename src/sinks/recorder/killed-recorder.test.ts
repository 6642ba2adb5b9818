import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ReadTraces, readTraces } from '../../../test/support/read-traces.js';

const KILLS = 30;
const AT_A_TIME = 10;
/** From the first event to the kill. */
const LONGEST_MS = 2_000;
/** What may be missing, and the time that a busy machine takes to write a chunk. */
const MISSING_MS = 1_000;

const root = fileURLToPath(new URL('../../..', import.meta.url));
let directory: string;
let program: string;

// The child is a process of its own, so it needs JavaScript; within the project, so that it finds the packages.
beforeAll(async () => {
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  directory = await mkdtemp(join(cache, 'recorder-child-'));
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      target: 'node20',
      ssr: join(root, 'test/support/recorder-child.ts'),
      outDir: directory,
      rollupOptions: { output: { entryFileNames: 'child.mjs' } },
    },
  });
  program = join(directory, 'child.mjs');
}, 30_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

/** What the child had handed to its recorder when it was killed. */
interface Killed {
  readonly lastUs: number;
  readonly count: number;
}

function recordAndKill(path: string, afterMs: number): Promise<Killed> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (bytes: Buffer) => {
      if (text === '') setTimeout(() => child.kill('SIGKILL'), afterMs);
      text += bytes.toString();
    });
    child.on('error', reject);
    child.on('close', () => {
      const [lastUs = '0', count = '0'] = text.trimEnd().split('\n').at(-1)?.split(' ') ?? [];
      resolve({ lastUs: Number(lastUs), count: Number(count) });
    });
  });
}

function expectAllButTheLastSecond(read: ReadTraces, killed: Killed): void {
  expect(read.problems).toEqual(['E_TRACE_CUT_OFF']);
  expect(read.restarts).toBe(0);
  expect(read.events.length).toBeLessThanOrEqual(killed.count);
  // Every event up to the last that was saved, so none in between is missing.
  const lastUs = read.events.at(-1)?.tUs ?? 0;
  expect(killed.lastUs - lastUs).toBeLessThan(MISSING_MS * 1000);
}

test(`a recorder killed with SIGKILL at ${KILLS} random moments leaves files that open and lack the last second at most`, {
  timeout: 120_000,
}, async () => {
  for (let first = 0; first < KILLS; first += AT_A_TIME) {
    await Promise.all(
      Array.from({ length: AT_A_TIME }, async (_, index) => {
        const path = join(directory, `${first + index}.mcap`);
        const killed = await recordAndKill(path, Math.random() * LONGEST_MS);
        const names = await readdir(directory);
        // Killed before the first event was on the disk: then there is no file, not a broken one.
        if (!names.includes(`${first + index}.mcap`)) {
          expect(killed.count).toBeLessThan(MISSING_MS / 3);
          return;
        }
        const read = await readTraces([path]);
        if (read.events.length === 0) expect(killed.count).toBeLessThan(MISSING_MS / 3);
        else expectAllButTheLastSecond(read, killed);
      }),
    );
  }
});
