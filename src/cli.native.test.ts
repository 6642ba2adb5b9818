import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { afterAll, afterEach, describe, expect, it, type TestContext } from 'vitest';
import { mountBpffs } from '../native/test-support.js';
import { EXIT } from './base/errors.js';
import { VERSION } from './base/version.js';

/** The command line as it was built, from outside: dist/cli.js in a process of its own. */

const CLI = new URL('../dist/cli.js', import.meta.url).pathname;
const DEADLINE_MS = 30_000;
const bpffs = mountBpffs();
const running: Run[] = [];

class Run {
  out = '';
  err = '';
  readonly status: Promise<number | NodeJS.Signals | null>;
  readonly child;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [CLI, ...args], { env: { ...process.env, ...env } });
    this.child.stdout.on('data', (chunk: Buffer) => {
      this.out += chunk.toString();
    });
    this.child.stderr.on('data', (chunk: Buffer) => {
      this.err += chunk.toString();
    });
    this.status = new Promise((resolve) => {
      this.child.once('close', (code, signal) => resolve(code ?? signal));
    });
    running.push(this);
  }

  /** Waits for `pattern` in what was printed; gives up when the process has ended. */
  async saw(pattern: RegExp): Promise<RegExpExecArray | null> {
    const deadline = Date.now() + DEADLINE_MS;
    let ended = false;
    void this.status.then(() => {
      ended = true;
    });
    while (Date.now() < deadline) {
      const match = pattern.exec(this.out) ?? pattern.exec(this.err);
      if (match !== null || ended) return match;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return null;
  }
}

async function finished(...args: string[]) {
  const run = new Run(args);
  const status = await run.status;
  return { status, out: run.out, err: run.err };
}

/** A tracer that watches; skips the test where this host lets none, by the tracer's own word. */
async function watching(context: TestContext, ...args: string[]): Promise<Run> {
  const run = new Run(['live', '--port', '0', ...args]);
  if ((await run.saw(/Watching.*\n/)) === null) {
    const status = await run.status;
    if (status === EXIT.unsupportedHost) context.skip(run.err.trim());
    expect.fail(`live ended with ${status}: ${run.err}`);
  }
  return run;
}

const pinDir = () => `${bpffs.path}/oomscope`;
const isPinned = () => readdirSync(bpffs.path).includes('oomscope');
const needsBpffs = (context: TestContext) => {
  if (bpffs.obstacle !== null) context.skip(bpffs.obstacle);
};

afterEach(async () => {
  for (const run of running.splice(0)) {
    run.child.kill('SIGKILL');
    await run.status;
  }
});
afterAll(() => bpffs.unmount());

it('ends in silence when its reader has read enough', async () => {
  for (const args of [['--help'], ['live', '--help'], ['lab', '--list']]) {
    const run = new Run(args);
    run.child.stdout.destroy();
    expect(await run.status, args.join(' ')).toBe(EXIT.ok);
    expect(run.err).toBe('');
  }
});

describe('oomscope', () => {
  it('tells its version without loading a command, let alone the addon', async () => {
    // A build that is not there: loading the addon would fail.
    const run = new Run(['--version'], { OOMSCOPE_ADDON_BUILD: 'none' });
    expect(await run.status).toBe(EXIT.ok);
    expect(run.out).toBe(`${VERSION}\n`);
  });

  it('shows each command with an example', async () => {
    const { out, status } = await finished('--help');
    expect(status).toBe(EXIT.ok);
    const commands = [...out.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1] ?? '');
    expect(commands).toContain('live');
    for (const command of commands.filter((name) => name !== 'help' && name !== 'oomscope' && name !== 'sudo')) {
      const help = await finished(command, '--help');
      expect(help, command).toMatchObject({ status: EXIT.ok, out: expect.stringContaining('Example') });
    }
  });

  it('wrong usage is one line with its code, and exit code 2', { timeout: DEADLINE_MS }, async () => {
    for (const args of [
      ['frob'],
      ['live', '--prot', '1'],
      ['live', '--port', '70000'],
      ['live', '--attach', 'magic'],
      ['live', '--ballot-ring-bytes', '5000'],
      ['live', '--kills-ring-bytes', '12'],
      ['live', 'something'],
      ['export', 'kills.mcap', '--to', 'gif'],
    ]) {
      const { status, err, out } = await finished(...args);
      expect({ args, status, out }).toEqual({ args, status: EXIT.usage, out: '' });
      expect(err).toMatch(/^oomscope: E_USAGE: .*See `oomscope.* --help`\.\n$/);
    }
  });

  it('without its addon says what to do, and exit code 3', async () => {
    const run = new Run(['live'], { OOMSCOPE_ADDON_BUILD: 'none' });
    expect(await run.status).toBe(EXIT.unsupportedHost);
    expect(run.err).toMatch(/^oomscope: E_NO_ADDON: .*npm run build:addon.*\n$/);
  });
});

describe('oomscope export', () => {
  const golden = new URL('../test/golden/v1.mcap', import.meta.url).pathname;
  const withoutAddon = { OOMSCOPE_ADDON_BUILD: 'none' };

  it('writes the lines that a replay prints, and needs no addon', async () => {
    const exported = new Run(['export', golden, '--to', 'ndjson'], withoutAddon);
    const replayed = new Run(['replay', golden, '--no-server', '--json'], withoutAddon);
    expect([await exported.status, await replayed.status]).toEqual([EXIT.ok, EXIT.ok]);
    expect(exported.out.length).toBeGreaterThan(10_000);
    expect(exported.out).toBe(replayed.out);
    expect(exported.err).toBe('');
  });

  it('of what is no trace is one line with its code, and leaves no file', async () => {
    const path = `${tmpdir()}/oomscope-export-${process.pid}`;
    const { status, err } = await finished('export', CLI, '--to', 'csv', '-o', path);
    expect(status).toBe(EXIT.failed);
    expect(err).toMatch(/^oomscope: E_NOT_A_TRACE: .+\n$/);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(basename(path)))).toEqual([]);
  });
});

describe('oomscope live', () => {
  it('serves the page beyond loopback to nobody without a token', async () => {
    const { status, err } = await finished('live', '--no-pins', '--host', '0.0.0.0');
    expect(status).toBe(EXIT.usage);
    expect(err).toMatch(/^oomscope: E_NO_TOKEN: .+\n$/);
  });

  it('on a port that is taken leaves nothing behind', async (context) => {
    needsBpffs(context);
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    const { status, err } = await finished('live', '--port', port, '--pin-dir', pinDir());
    other.close();
    expect(status).toBe(EXIT.failed);
    expect(err).toMatch(/^oomscope: E_PORT_TAKEN: .+\n$/);
    expect(isPinned()).toBe(false);
  });

  it('as JSON prints /session first, the URL on standard error, and ends cleanly on Ctrl-C', async (context) => {
    needsBpffs(context);
    const run = await watching(context, '--json', '--pin-dir', pinDir());
    const url = /http:\S+/.exec(run.err)?.[0] ?? '';
    expect((await fetch(new URL('healthz', url))).status).toBe(200);
    expect(isPinned()).toBe(true);
    await run.saw(/\n/);
    expect(JSON.parse(run.out.split('\n')[0] ?? '')).toMatchObject({ topic: '/session', oomscopeVersion: VERSION });
    run.child.kill('SIGINT');
    expect(await run.status).toBe(EXIT.ok);
    expect(isPinned()).toBe(false);
  });

  it('as text prints the host, what it lacks and the URL, and ends cleanly on SIGTERM', async (context) => {
    const run = await watching(context, '--no-pins');
    expect(run.out).toMatch(/^oomscope .* on .*, Linux /);
    expect(run.out).toContain('(NO_PINS)');
    expect(run.out).toMatch(/Watching\. The page: http:\/\/127\.0\.0\.1:\d+\//);
    run.child.kill('SIGTERM');
    expect(await run.status).toBe(EXIT.ok);
    expect(run.err).toBe('');
  });

  it('a second one on the same port names the first, and takes nothing from it', async (context) => {
    needsBpffs(context);
    const first = await watching(context, '--pin-dir', pinDir());
    const url = /http:\S+/.exec(first.out)?.[0] ?? '';
    const second = await finished('live', '--port', new URL(url).port, '--pin-dir', pinDir());
    expect(second.status).toBe(EXIT.failed);
    expect(second.err).toMatch(/^oomscope: E_ALREADY_RUNNING: .+\n$/);
    expect(second.err).toContain(url);
    expect((await fetch(new URL('healthz', url))).status).toBe(200);
    first.child.kill('SIGINT');
    expect(await first.status).toBe(EXIT.ok);
  });

  it('a reader that never reads does not keep it from ending', async (context) => {
    const run = await watching(context, '--no-pins', '--json');
    run.child.stdout.pause();
    run.child.kill('SIGTERM');
    // 'exit', not 'close': the pipe is never drained.
    await new Promise((resolve) => run.child.once('exit', resolve));
    expect(run.child.exitCode).toBe(EXIT.ok);
    run.child.stdout.resume();
  });

  it('with pins kept goes on recording after its end, and the next one says so', async (context) => {
    needsBpffs(context);
    const first = await watching(context, '--keep-pins', '--pin-dir', pinDir());
    first.child.kill('SIGINT');
    expect(await first.status).toBe(EXIT.ok);
    expect(isPinned()).toBe(true);
    const second = await watching(context, '--json', '--pin-dir', pinDir());
    await second.saw(/\n/);
    expect(JSON.parse(second.out.split('\n')[0] ?? '')).toMatchObject({ adopted: { how: 'adopted' } });
    second.child.kill('SIGINT');
    expect(await second.status).toBe(EXIT.ok);
    expect(isPinned()).toBe(false);
  });
});
