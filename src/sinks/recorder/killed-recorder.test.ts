import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTraces } from '../../../test/support/read-traces.js';

const KILLS = 30;
const AT_A_TIME = 10;
/** From the first event to the kill, by the child's own clock. */
const LONGEST_US = 2_500_000;

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
}, 120_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

/** What the child had told when it was killed. */
interface Killed {
  /** Events that it had handed to its recorder. */
  readonly count: number;
  /** The time of the last event that must be in the file, being older than a second; null = none is. */
  readonly dueUs: number | null;
}

/** Kills it when its own clock says so: a child that the machine keeps waiting does not get less time for it. */
function recordAndKill(path: string, afterUs: number): Promise<Killed> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let firstUs: number | null = null;
    let count = 0;
    let dueUs: number | null = null;
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      const [first = '', second = ''] = line.split(' ');
      if (first === 'due') {
        dueUs = Number(second);
        return;
      }
      firstUs ??= Number(first);
      count = Number(second);
      if (Number(first) - firstUs >= afterUs) child.kill('SIGKILL');
    });
    child.on('error', reject);
    const ended = Promise.all([once(child, 'close'), once(lines, 'close')]);
    ended.then(() => resolve({ count, dueUs }), reject);
  });
}

async function expectAllButTheLastSecond(path: string, { count, dueUs }: Killed): Promise<void> {
  // Killed before the first event was on the disk: then there is no file, not a broken one.
  if (!(await isThere(path))) {
    expect(dueUs).toBeNull();
    return;
  }
  const read = await readTraces([path]);
  // It says so.
  expect(read.problems).toEqual(['E_TRACE_CUT_OFF']);
  // Every event up to the last that was saved: none in between is missing.
  expect(read.restarts).toBeLessThanOrEqual(1);
  expect(read.told).toBe(read.events.length);
  expect(read.events.length).toBeLessThanOrEqual(count);
  if (dueUs !== null) expect(read.events.at(-1)?.tUs).toBeGreaterThanOrEqual(dueUs);
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

test(`a recorder killed with SIGKILL at ${KILLS} random moments leaves files that open and lack the last second at most`, {
  timeout: 300_000,
}, async () => {
  let withDue = 0;
  for (let first = 0; first < KILLS; first += AT_A_TIME) {
    await Promise.all(
      Array.from({ length: AT_A_TIME }, async (_, index) => {
        const path = join(directory, `${first + index}.mcap`);
        const killed = await recordAndKill(path, Math.random() * LONGEST_US);
        if (killed.dueUs !== null) withDue++;
        await expectAllButTheLastSecond(path, killed);
      }),
    );
  }
  // Else nothing was asked of the files.
  expect(withDue).toBeGreaterThan(KILLS / 6);
});
