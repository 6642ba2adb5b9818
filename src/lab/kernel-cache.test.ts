import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { obtainKernel } from './kernel-cache.js';
import { SILENT } from './progress.js';

/** Stand-ins for Debian's tools: they write down that they were called. */
const TOOLS = {
  'apt-cache': `case "$1" in
    depends) echo "$4"; echo "  Depends: linux-image-6.1.0-56-amd64" ;;
    show) echo "Size: 1000" ;;
  esac`,
  'apt-get': 'echo downloaded >> "$LOG"; sleep 0.1; echo deb > "$4_1_amd64.deb"',
  'dpkg-deb': 'mkdir -p root/boot root/lib/modules/6.1.0-56-amd64; echo image > root/boot/vmlinuz-6.1.0-56-amd64',
  depmod: 'touch "$2/lib/modules/$3/modules.dep"',
};

describe('the kernel cache', () => {
  let base = '';
  const saved = { ...process.env };
  const log = () => (existsSync(join(base, 'log')) ? readFileSync(join(base, 'log'), 'utf8') : '');
  const kernels = () => join(base, 'cache/oomscope/kernels');

  function tool(name: string, script: string): void {
    const path = join(base, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'oomscope-kernels-'));
    mkdirSync(join(base, 'bin'));
    for (const [name, script] of Object.entries(TOOLS)) tool(name, script);
    Object.assign(process.env, {
      PATH: `${join(base, 'bin')}:${saved['PATH']}`,
      XDG_CACHE_HOME: join(base, 'cache'),
      LOG: join(base, 'log'),
    });
  });

  afterEach(() => {
    Object.assign(process.env, saved);
    if (saved['XDG_CACHE_HOME'] === undefined) delete process.env['XDG_CACHE_HOME'];
    rmSync(base, { recursive: true });
  });

  it('a kernel is downloaded once and then reused, with no network and no package lists', async () => {
    const first = await obtainKernel('6.1', SILENT);
    expect(first).toMatchObject({ packageName: 'linux-image-6.1.0-56-amd64', release: '6.1.0-56-amd64' });
    expect(readFileSync(first.imagePath, 'utf8')).toBe('image\n');
    expect(existsSync(join(first.modulesPath, 'modules.dep'))).toBe(true);
    for (const name of ['apt-get', 'apt-cache']) tool(name, 'exit 100');
    expect(await obtainKernel('6.1', SILENT)).toEqual(first);
    expect(log()).toBe('downloaded\n');
  });

  it('processes that need it at the same time all get it, and nothing half-done stays', async () => {
    const all = await Promise.all([1, 2, 3].map(() => obtainKernel('6.1', SILENT)));
    expect(new Set(all.map((kernel) => kernel.imagePath)).size).toBe(1);
    expect(readdirSync(kernels())).toEqual(['linux-image-6.1.0-56-amd64']);
  });

  it('a download that fails says what to do and leaves nothing', async () => {
    tool('apt-get', 'echo "E: Failed to fetch it" >&2; exit 100');
    await expect(obtainKernel('6.1', SILENT)).rejects.toMatchObject({
      code: 'E_NO_KERNEL_PACKAGE',
      message: expect.stringContaining('E: Failed to fetch it'),
      nextStep: expect.stringContaining('sudo apt-get update'),
    });
    expect(readdirSync(kernels())).toEqual([]);
  });

  it('an interrupted download ends at once and leaves nothing', async () => {
    tool('apt-get', 'exec sleep 60');
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    await expect(obtainKernel('6.1', SILENT, controller.signal)).rejects.toThrow();
    expect(readdirSync(kernels())).toEqual([]);
  });

  it('without package lists the next step is to update them', async () => {
    tool('apt-cache', 'exit 0');
    await expect(obtainKernel('6.1', SILENT)).rejects.toMatchObject({
      code: 'E_NO_KERNEL_PACKAGE',
      nextStep: expect.stringContaining('sudo apt-get update'),
    });
  });

  it('a line whose meta package leads elsewhere is found by the names of its packages', async () => {
    tool(
      'apt-cache',
      `case "$1" in
        depends) echo "  Depends: linux-image-6.12.1-amd64" ;;
        pkgnames) printf 'linux-image-6.1.0-9-amd64\\nlinux-image-6.1.0-56-amd64\\nlinux-image-6.1.0-57-rt-amd64\\n' ;;
      esac`,
    );
    expect((await obtainKernel('6.1', SILENT)).packageName).toBe('linux-image-6.1.0-56-amd64');
  });

  it('what a killed process left is cleared away, what a running one works on is not', async () => {
    const dead = join(kernels(), '.partial-4194999-abc');
    const running = join(kernels(), `.partial-${process.ppid}-abc`);
    for (const directory of [dead, running]) mkdirSync(directory, { recursive: true });
    await obtainKernel('6.1', SILENT);
    expect(existsSync(dead)).toBe(false);
    expect(existsSync(running)).toBe(true);
  });
});
