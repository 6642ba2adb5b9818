import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseAccelerator } from './accelerator.js';
import { SILENT } from './progress.js';

const KERNEL = { packageName: 'linux-image', release: '6.1', imagePath: '/nowhere/vmlinuz', modulesPath: '/nowhere' };

/** With a stand-in for QEMU: what it does is what KVM does on that host. */
describe('the choice between KVM and emulation', () => {
  let base = '';
  const saved = { ...process.env };
  const choose = (deadlineMs = 5_000) =>
    chooseAccelerator(KERNEL, SILENT, {
      deadlineMs,
      device: join(base, 'kvm'),
      initramfs: async () => Buffer.alloc(4),
    });
  const starts = () => readFileSync(join(base, 'starts'), 'utf8').length;

  function qemu(script: string): void {
    const path = join(base, 'bin/qemu-system-x86_64');
    writeFileSync(path, `#!/bin/sh\nprintf x >> ${base}/starts\n${script}\n`);
    chmodSync(path, 0o755);
  }

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'oomscope-kvm-'));
    mkdirSync(join(base, 'bin'));
    writeFileSync(join(base, 'kvm'), '');
    Object.assign(process.env, { PATH: `${join(base, 'bin')}:${saved['PATH']}`, XDG_CACHE_HOME: base });
    delete process.env['OOMSCOPE_LAB_ACCELERATOR'];
  });

  afterEach(() => {
    Object.assign(process.env, saved);
    if (saved['XDG_CACHE_HOME'] === undefined) delete process.env['XDG_CACHE_HOME'];
    rmSync(base, { recursive: true });
  });

  it('KVM is used where a kernel came up with it, and asked once', async () => {
    qemu('echo "[ 0.5] Linux"; echo "oomscope-lab: user space reached"; exec sleep 60');
    expect((await choose()).accelerator).toBe('kvm');
    expect((await choose()).accelerator).toBe('kvm');
    expect(starts()).toBe(1);
  });

  it('a KVM that hangs is given up at the deadline', async () => {
    qemu('echo "Booting from ROM"; exec sleep 60');
    expect(await choose(300)).toMatchObject({ accelerator: 'tcg', reason: expect.stringContaining('within 0.3 s') });
  });

  it('a KVM that fails is not waited for, and its reason is told', async () => {
    qemu('echo "qemu-system-x86_64: failed to initialize kvm: Permission denied" >&2; exit 1');
    expect(await choose()).toMatchObject({ accelerator: 'tcg', reason: 'failed to initialize kvm: Permission denied' });
  });

  it('the answer of another boot of the host does not count', async () => {
    qemu('exit 1');
    await choose();
    const path = join(base, 'oomscope/lab/accelerator.json');
    const answer = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...answer, accelerator: 'kvm', bootId: 'another' }));
    expect((await choose()).accelerator).toBe('tcg');
    expect(starts()).toBe(2);
  });

  it('a damaged answer is found out again', async () => {
    qemu('exit 1');
    mkdirSync(join(base, 'oomscope/lab'), { recursive: true });
    writeFileSync(join(base, 'oomscope/lab/accelerator.json'), '{"accelerator":"kv');
    expect((await choose()).accelerator).toBe('tcg');
  });

  it('an interrupted try ends at once and is not remembered', async () => {
    qemu('exec sleep 60');
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    const device = join(base, 'kvm');
    const initramfs = async () => Buffer.alloc(4);
    await expect(chooseAccelerator(KERNEL, SILENT, { device, initramfs, signal: controller.signal })).rejects.toThrow();
    expect(() => readFileSync(join(base, 'oomscope/lab/accelerator.json'))).toThrow();
  });

  it('without the device nothing is tried', async () => {
    rmSync(join(base, 'kvm'));
    expect((await choose()).accelerator).toBe('tcg');
    expect(() => starts()).toThrow();
  });
});
