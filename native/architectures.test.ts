import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, withoutAsan } from './test-support.js';

const bpf = join(root, 'bpf');
const programs = readdirSync(bpf).filter((name) => name.endsWith('.bpf.c'));

/** As the build has it. clang compiles for every architecture; only what the headers make of it differs. */
function flagsFor(architecture: string): string[] {
  const [, flags = ''] = /^set\(bpf_flags (.*)\)$/m.exec(readFileSync(join(root, 'CMakeLists.txt'), 'utf8')) ?? [];
  expect(flags).toContain('-D__TARGET_ARCH_');
  return flags.replace(/\$\{bpf_arch\}/, architecture).split(' ');
}

/** Offsets in a kprobe's context that arguments 1 to 5 and the returned value are read from. */
function registerOffsets(architecture: string): number[] {
  const reads = ['PARM1', 'PARM2', 'PARM3', 'PARM4', 'PARM5', 'RC'];
  const source = [
    '#include "kernel_types.h"',
    '#include <bpf/bpf_helpers.h>',
    '#include <bpf/bpf_tracing.h>',
    ...reads.map((read) => `u64 read_${read}(struct pt_regs *context) { return PT_REGS_${read}(context); }`),
  ].join('\n');
  const args = [...flagsFor(architecture), '-I', bpf, '-x', 'c', '-S', '-o', '-', '-'];
  const assembly = execFileSync('clang', args, { input: source, env: withoutAsan(), encoding: 'utf8' });
  return [...assembly.matchAll(/r0 = \*\(u64 \*\)\(r1 \+ (\d+)\)/g)].map(([, offset]) => Number(offset));
}

/** For a machine that has much else to do. */
const PATIENCE_MS = 60_000;

describe('for arm64', () => {
  it.each(programs)('%s compiles', { timeout: PATIENCE_MS }, (program) => {
    const args = [...flagsFor('arm64'), '-c', join(bpf, program), '-o', '/dev/null'];
    const { status, stderr } = spawnSync('clang', args, { env: withoutAsan(), encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

describe('a kprobe finds arguments and the returned value where the kernel keeps the registers', {
  timeout: PATIENCE_MS,
}, () => {
  it('on x86-64: di, si, dx, cx, r8; ax', () => {
    expect(registerOffsets('x86')).toEqual([14, 13, 12, 11, 9, 10].map((place) => 8 * place));
  });

  it('on arm64: x0 to x4; x0', () => {
    expect(registerOffsets('arm64')).toEqual([0, 1, 2, 3, 4, 0].map((place) => 8 * place));
  });
});
