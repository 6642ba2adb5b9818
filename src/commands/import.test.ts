import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { importedParts } from '../../test/support/imported-log.js';
import { kernelLog } from '../../test/support/kernel-logs.js';
import { CARRIERS } from '../../test/support/log-carriers.js';
import { readTraces } from '../../test/support/read-traces.js';
import { OomscopeError } from '../base/errors.js';
import type { OomscopeEvent } from '../events/event.js';
import { importCommand } from './import.js';

const written = (name: string, carrier: string) =>
  CARRIERS.find((form) => form.name === carrier)?.write(kernelLog(name)) ?? '';
const KILL = 'Out of memory: Killed process 7 (a) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'oomscope-import-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true });
});

interface Ran {
  readonly out: string;
  readonly err: string;
  readonly error: OomscopeError | null;
}

/** The command as a person runs it. */
async function runImport(log: string | Uint8Array, ...options: string[]): Promise<Ran> {
  const path = join(directory, 'kern.log');
  await writeFile(path, log);
  // The dates of these logs are of 2024.
  await utimes(path, new Date('2024-06-01T00:00:00Z'), new Date('2024-06-01T00:00:00Z'));
  let out = '';
  let err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  try {
    await importCommand().parseAsync([path, ...options], { from: 'user' });
    return { out, err, error: null };
  } catch (error) {
    if (!(error instanceof OomscopeError)) throw error;
    return { out, err, error };
  } finally {
    vi.restoreAllMocks();
  }
}

const eventsOf = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as OomscopeEvent);

describe('import', () => {
  it('tells a kill as live does, and what is doubtful about it', async () => {
    const { out, err } = await runImport(written('6.12-memcg', 'syslog, ISO'));
    expect(out).toContain('━━ KILL  2024-01-02');
    expect(out).toContain('next-build (v16 (pid 3963629) was killed: its cgroup');
    expect(out.replace(/\s+/g, ' ')).toContain('hit its own limit of 1.8 GiB');
    expect(out.replace(/\s+/g, ' ')).toContain('doubts points are recomputed from the task table');
    expect(err).toMatch(/^oomscope: 1 OOM report in \d+ lines\.\n$/);
  });

  it('prints events as JSON, the session first', async () => {
    const { out } = await runImport(written('4.14-node', 'journalctl -o json'), '--json');
    expect(eventsOf(out).map(({ topic }) => topic)).toEqual(['/session', '/oom/victim', '/oom/episode', '/oom/victim']);
  });

  it('unpacks gzip, also when it comes in several members', async () => {
    const log = Buffer.from(written('6.12-memcg', 'dmesg'));
    const half = log.indexOf('\n', log.length / 2);
    const packed = Buffer.concat([gzipSync(log.subarray(0, half)), gzipSync(log.subarray(half))]);
    const plain = await runImport(log, '--json');
    expect((await runImport(packed, '--json')).out).toBe(plain.out);
  });

  it('imports what stands before a cut in gzip data, and fails', async () => {
    const log = `[    1.000000] ${KILL}\n${'[    2.000000] nothing but noise 0123456789\n'.repeat(20_000)}`;
    const packed = gzipSync(log, { level: 0 });
    const { out, error } = await runImport(packed.subarray(0, packed.length - 1_000), '--json');
    expect(eventsOf(out)).toHaveLength(3);
    expect(error?.code).toBe('E_IMPORT_UNREADABLE');
  });

  it('names the line that it cannot read, and imports the rest', async () => {
    const { out, err, error } = await runImport(
      `[ 1.000000] Killed process x\n[ 2.000000] Killed process 8 (b)\n[ 3.000000] ${KILL}\n`,
    );
    expect(err).toContain('E_IMPORT_UNREADABLE: Line 2: expected "Killed process PID');
    expect(out).toContain('a (pid 7) was killed');
    expect(error).toBeNull();
  });

  it('fails on a log without a report, and leaves nothing behind', async () => {
    const trace = join(directory, 'out.mcap');
    const { out, error } = await runImport('[ 1.000000] all is well\n', '-o', trace);
    expect(error).toMatchObject({ code: 'E_IMPORT_NOTHING', exitCode: 1 });
    expect(out).toBe('');
    expect(await readdir(directory)).toEqual(['kern.log']);
  });

  it('says which file cannot be read', async () => {
    await expect(importCommand().parseAsync([join(directory, 'none')], { from: 'user' })).rejects.toMatchObject({
      code: 'E_FILE_UNREADABLE',
    });
    await expect(importCommand().parseAsync([directory], { from: 'user' })).rejects.toMatchObject({
      code: 'E_FILE_UNREADABLE',
    });
  });

  it('takes the year from the time of the file', async () => {
    const { out } = await runImport(`Dec 31 23:59:59 h kernel: ${KILL}\nJan  1 00:00:01 h kernel: ${KILL}`, '--json');
    const [session] = eventsOf(out);
    const year = (us: number | null) => new Date((us ?? 0) / 1000 + 86_400_000).getUTCFullYear();
    expect(session?.topic === '/session' && year(session.anchorEpochUs)).toBe(2024);
  });
});

describe('a trace made of a log', () => {
  it('plays the same events, and says what it was made of', async () => {
    const log = ['6.12-memcg', '4.14-node', '5.15-memcg-group']
      .map((name) => written(name, 'journalctl -o json'))
      .join('');
    const trace = join(directory, 'out.mcap');
    const { out } = await runImport(log, '-o', trace);
    expect(out).toBe(`${trace}: 3 kills of web-1.example\n`);
    const read = await readTraces([trace]);
    expect(read.problems).toEqual([]);
    expect(read.meta[0]).toMatchObject({ kind: 'import', hostname: 'web-1.example' });
    const [events = []] = importedParts(log).parts;
    expect(read.events.filter(({ topic }) => topic !== '/session')).toEqual(events.slice(1));
    expect(read.model.incidents).toHaveLength(3);
  });

  it('is one file for each host and boot', async () => {
    const log = ['web-1', 'web-2', 'web-1']
      .map((host) => `2024-01-02T03:04:05+00:00 ${host} kernel: ${KILL}`)
      .join('\n');
    const { out } = await runImport(log, '-o', join(directory, 'out.mcap'));
    expect(out).toMatch(/out\.mcap: 2 kills of web-1\n.*out-2\.mcap: 1 kill of web-2\n$/);
    expect((await readdir(directory)).sort()).toEqual(['kern.log', 'out-2.mcap', 'out.mcap']);
  });

  it('never takes the place of a file that is there', async () => {
    const trace = join(directory, 'out.mcap');
    await writeFile(trace, 'mine');
    const { error } = await runImport(KILL, '-o', trace);
    expect(error?.code).toBe('E_FILE_EXISTS');
  });
});
