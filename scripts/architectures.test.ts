import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const setup = fileURLToPath(new URL('./setup.sh', import.meta.url));

describe('the image', () => {
  const dockerfile = readFileSync(new URL('../Dockerfile', import.meta.url), 'utf8');
  const [build = '', last = ''] = dockerfile.split(/^(?=FROM )/m).slice(1);

  it('is compiled on the processor of the builder, for that of the target', () => {
    expect(build).toMatch(/^FROM --platform=\$BUILDPLATFORM /);
    expect(build).toMatch(/^ARG TARGETARCH\nENV OOMSCOPE_TARGET_ARCH=\$TARGETARCH\n/m);
  });

  it('consists of the target’s own files', () => {
    expect(last).toMatch(/^FROM \$\{NODE_IMAGE\}-slim$/m);
  });
});

/** On a machine of its own, that has none of the packages and where installing changes nothing. */
describe('setup.sh', () => {
  let directory: string;
  const tool = (name: string, script: string) =>
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'oomscope-setup-'));
    for (const name of ['bash', 'sh', 'cut', 'mktemp', 'rm', 'tail']) {
      symlinkSync(`/bin/${name}`, join(directory, name));
    }
    symlinkSync(process.execPath, join(directory, 'node'));
    tool('npm', '');
    tool('id', 'echo 0');
    tool('uname', 'echo x86_64');
    tool('pkg-config', 'exit 1');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** The packages that it names as missing. */
  const asksFor = (targetArchitecture: string) => {
    tool('apt-get', '');
    tool('dpkg', '');
    const env = { PATH: directory, OOMSCOPE_TARGET_ARCH: targetArchitecture };
    const { stdout, stderr } = spawnSync('/bin/bash', [setup, 'build'], { env, encoding: 'utf8' });
    return [...new Set(`${stdout}${stderr}`.match(/(?<=^ {2})[a-z]\S+(?= +[a-z])/gm))];
  };

  it('takes the compiler and the libraries for arm64 from the cross toolchain, and the tools from here', () => {
    const wanted = asksFor('arm64');
    expect(wanted).toEqual(
      expect.arrayContaining([
        'clang',
        'g++-aarch64-linux-gnu',
        'libbpf-dev:arm64',
        'libelf-dev:arm64',
        'zlib1g-dev:arm64',
      ]),
    );
    expect(wanted).not.toContain('g++');
  });

  it.each(['', 'amd64'])('takes those of this machine for "%s"', (architecture) => {
    expect(asksFor(architecture)).toEqual(expect.arrayContaining(['g++', 'libbpf-dev', 'libelf-dev', 'zlib1g-dev']));
  });

  it('refuses an architecture that it does not know', () => {
    const { status, stderr } = spawnSync('/bin/bash', [setup, 'build'], {
      env: { PATH: directory, OOMSCOPE_TARGET_ARCH: 'riscv64' },
      encoding: 'utf8',
    });
    expect(stderr).toContain('riscv64');
    expect(status).toBe(2);
  });
});
