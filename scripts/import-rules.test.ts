import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// Each case starts dependency-cruiser, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const run = promisify(execFile);
let house: string;

beforeEach(() => {
  house = mkdtempSync(join(tmpdir(), 'oomscope-imports-'));
  for (const path of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json', 'node_modules']) {
    symlinkSync(join(root, path), join(house, path));
  }
});

afterEach(() => rmSync(house, { recursive: true, force: true }));

/** Names of the rules that a house of these files breaks. */
async function brokenRules(files: Readonly<Record<string, string>>): Promise<string[]> {
  for (const [path, source] of Object.entries({ 'src/cli.ts': '', 'ui/main.ts': '', ...files })) {
    mkdirSync(dirname(join(house, path)), { recursive: true });
    writeFileSync(join(house, path), source);
  }
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src', 'ui'];
  const cruise = run(join(root, 'node_modules/.bin/depcruise'), args, { cwd: house, maxBuffer: 1e8 });
  // It exits with the number of violations, which is not a failure to run.
  const { stdout } = await cruise.catch((error: { stdout: string }) => error);
  const report = JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[] } };
  return [...new Set(report.summary.violations.map((violation) => violation.rule.name))].sort();
}

const thing = 'export const thing = 1;\nexport type Thing = typeof thing;\n';

describe('the import order of the rooms', () => {
  it('lets a room import the rooms below it', async () => {
    expect(
      await brokenRules({
        'src/base/thing.ts': thing,
        'src/events/user.ts': "export { thing } from '../base/thing.js';\n",
        'src/sinks/user.ts':
          "import { readFileSync } from 'node:fs';\nexport * from '../events/user.js';\nreadFileSync('');\n",
        'ui/main.ts': "import { thing } from '../src/events/user.js';\nconsole.log(thing);\n",
      }),
    ).toEqual([]);
  });

  it('forbids the way up, even for a type alone', async () => {
    expect(
      await brokenRules({
        'src/sinks/thing.ts': thing,
        'src/model/user.ts': "import type { Thing } from '../sinks/thing.js';\nexport type User = Thing;\n",
      }),
    ).toEqual(['order-model']);
  });

  it('forbids a neighbour of the same level', async () => {
    expect(
      await brokenRules({ 'src/sinks/thing.ts': thing, 'src/sources/user.ts': "export * from '../sinks/thing.js';\n" }),
    ).toEqual(['order-sources']);
  });

  it('forbids cycles', async () => {
    expect(
      await brokenRules({
        'src/model/a.ts': "import type { B } from './b.js';\nexport type A = B | 1;\n",
        'src/model/b.ts': "import type { A } from './a.js';\nexport type B = A | 2;\n",
      }),
    ).toEqual(['no-circular']);
  });

  it('keeps Node out of the rooms that the browser runs', async () => {
    expect(await brokenRules({ 'src/model/user.ts': "export { readFileSync } from 'node:fs';\n" })).toEqual([
      'pure-rooms',
    ]);
  });

  it('keeps the page out of the server', async () => {
    expect(
      await brokenRules({ 'src/sinks/thing.ts': thing, 'ui/main.ts': "export * from '../src/sinks/thing.js';\n" }),
    ).toEqual(['ui-sees-the-pure-rooms']);
  });

  it('has one door to the addon', async () => {
    const loading = "import bindings from 'bindings';\nexport const addon: unknown = bindings('oomscope');\n";
    expect(
      await brokenRules({ 'src/sources/kernel/native.ts': loading, 'src/sources/kernel/other.ts': loading }),
    ).toEqual(['one-door-to-the-addon']);
  });

  it('demands a place in the order for a new room', async () => {
    expect(
      await brokenRules({ 'src/attic/thing.ts': thing, 'src/attic/user.ts': "export * from './thing.js';\n" }),
    ).toEqual(['known-room']);
  });

  it('forbids an import that leads nowhere', async () => {
    expect(await brokenRules({ 'src/model/user.ts': "export * from './nowhere.js';\n" })).toEqual([
      'not-to-unresolvable',
    ]);
  });
});
