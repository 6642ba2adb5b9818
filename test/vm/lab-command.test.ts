import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import './harness/provided.js';

const directory = mkdtempSync(join(tmpdir(), 'oomscope-lab-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

interface Lab {
  readonly pid: number;
  stdout: string;
  stderr: string;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when stdout or stderr holds the text. */
  says(text: string): Promise<void>;
}

/** `oomscope lab …` on this host, with a directory for temporary files that nobody else uses. */
function lab(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Lab {
  const child = spawn(process.execPath, ['dist/cli.js', 'lab', ...args], {
    env: { ...process.env, TMPDIR: directory, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const waiting: { text: string; resolve: () => void }[] = [];
  const take = (stream: 'stdout' | 'stderr') => (bytes: Buffer) => {
    run[stream] += bytes.toString();
    for (const { text, resolve } of waiting) if (`${run.stdout}${run.stderr}`.includes(text)) resolve();
  };
  const run: Lab = {
    pid: child.pid ?? 0,
    stdout: '',
    stderr: '',
    ended: new Promise((resolve) => child.once('close', (status, signal) => resolve(status ?? signal))),
    kill: (signal) => child.kill(signal),
    says: async (text) => {
      if (`${run.stdout}${run.stderr}`.includes(text)) return;
      await new Promise<void>((resolve) => waiting.push({ text, resolve }));
    },
  };
  child.stdout.on('data', take('stdout'));
  child.stderr.on('data', take('stderr'));
  return run;
}

function script(name: string, text: string, mode = 0o644): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

/** Children of a process that run a virtual machine. */
function qemuOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return stat.includes('(qemu-system') && stat.slice(stat.lastIndexOf(')')).split(' ')[2] === String(pid);
      } catch {
        return false;
      }
    })
    .map(Number);
}

function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // A zombie waits for its parent only.
    return stat.slice(stat.lastIndexOf(')')).split(' ')[1] !== 'Z';
  } catch {
    return false;
  }
}

const temporaryFiles = () => readdirSync(directory).filter((name) => name.startsWith('oomscope-lab-'));

describe.skipIf(inject('vmSockets') === null)('oomscope lab', () => {
  it('--exec runs a file as root in the guest and passes on its output and its status', async () => {
    const file = script(
      'report',
      'echo "uid $(id -u), $OOMSCOPE_LAB_KERNEL, $(basename "$PWD")"; echo err >&2; which oomscope; exit 7',
    );
    const run = lab(['--kernel', '6.1', '--exec', file]);
    expect(await run.ended).toBe(7);
    expect(run.stdout).toBe(`uid 0, 6.1, ${process.cwd().split('/').at(-1)}\n${process.cwd()}/lab/bin/oomscope\n`);
    expect(run.stderr).toMatch(/booting Linux 6\.1\.[\s\S]*err\n/);
    expect(temporaryFiles()).toEqual([]);
  });

  it('a file that names its interpreter is run by it, and its signal becomes a status', async () => {
    const run = lab(['--exec', script('by-node', '#!/usr/bin/env node\nprocess.kill(process.pid, "SIGTERM");')]);
    expect(await run.ended).toBe(143);
  });

  it('SIGTERM ends the guest and leaves nothing', async () => {
    const run = lab(['--exec', script('sleeper', 'echo begun; sleep 1000')]);
    await run.says('begun');
    const [qemu = 0] = qemuOf(run.pid);
    expect(isRunning(qemu)).toBe(true);
    run.kill('SIGTERM');
    expect(await run.ended).toBe(143);
    expect(isRunning(qemu)).toBe(false);
    expect(temporaryFiles()).toEqual([]);
  });

  it('kill -9 of the command takes the guest along', async () => {
    const run = lab(['--exec', script('sleeper-2', 'echo begun; sleep 1000')]);
    await run.says('begun');
    const [qemu = 0] = qemuOf(run.pid);
    run.kill('SIGKILL');
    await run.ended;
    await expect.poll(() => isRunning(qemu), { timeout: 5_000 }).toBe(false);
    expect(temporaryFiles()).toEqual([]);
  });

  it('Ctrl-C while it boots ends it at once', async () => {
    const run = lab(['--exec', script('never', 'true')]);
    await run.says('booting Linux');
    run.kill('SIGINT');
    expect(await run.ended).toBe(130);
    expect(qemuOf(run.pid)).toEqual([]);
  });

  it('a reader that has read enough ends it', async () => {
    const file = script('flood', 'yes');
    const run = spawn('bash', ['-c', `"$0" dist/cli.js lab --exec ${file} 2>/dev/null | head -c 10`, process.execPath]);
    const output: Buffer[] = [];
    run.stdout.on('data', (bytes: Buffer) => output.push(bytes));
    expect(await new Promise((resolve) => run.once('close', resolve))).toBe(0);
    expect(Buffer.concat(output).toString()).toBe('y\ny\ny\ny\ny\n');
  });
});

describe('oomscope lab refuses before it boots', () => {
  it('a scenario that does not exist', async () => {
    const run = lab(['no-such']);
    expect(await run.ended).toBe(2);
    expect(run.stderr).toMatch(/^oomscope: E_USAGE: There is no scenario no-such\. Choose one of: sidecar, .*\n$/);
  });

  it('a file that is not there', async () => {
    const run = lab(['--exec', join(directory, 'no-such-file')]);
    expect(await run.ended).toBe(2);
    expect(run.stderr).toMatch(/^oomscope: E_USAGE: .*no-such-file.*\n$/);
  });

  it('a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const run = lab(['sidecar', '--port', String(port)]);
    expect(await run.ended).toBe(1);
    expect(run.stderr).toBe(`oomscope: E_PORT_TAKEN: port ${port} is taken. Choose another with --port, 0 for any.\n`);
    server.close();
  });

  it('a host without QEMU', async () => {
    const run = lab(['--exec', script('x', 'true')], { PATH: '/no-such-directory' });
    expect(await run.ended).toBe(3);
    expect(run.stderr).toMatch(/^oomscope: E_NO_QEMU: .* Run: sudo apt-get install qemu-system-x86\n$/);
  });

  it('a kernel that cannot be had', async () => {
    const bin = mkdtempSync(join(directory, 'bin-'));
    script(join(bin.slice(directory.length + 1), 'apt-cache'), '#!/bin/sh\nexit 0\n', 0o755);
    const run = lab(['--exec', script('y', 'true')], {
      PATH: `${bin}:${process.env['PATH']}`,
      XDG_CACHE_HOME: join(directory, 'cache'),
    });
    expect(await run.ended).toBe(3);
    expect(run.stderr).toMatch(/^oomscope: E_NO_KERNEL_PACKAGE: .* Run: sudo apt-get update\..*\n$/);
  });

  it('memory in which nothing would start', async () => {
    const run = lab(['--memory', '64']);
    expect(await run.ended).toBe(2);
    expect(run.stderr).toContain('512 or more');
  });

  it('--list tells every scenario with what is expected of it', async () => {
    const run = lab(['--list']);
    expect(await run.ended).toBe(0);
    expect(run.stdout).toMatch(/^sidecar +.*\n +Shows: .*\n +Expect: vector dies/);
  });
});
