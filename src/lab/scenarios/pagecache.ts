import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { dropCaches } from '../stage/node-memory.js';
import { MIB, type Scenario } from './scenario.js';

const FILE_PATH = '/lab/disk/pagecache.csv';
/** Less than what is read, or the two would look like one rise. */
const HEAP_BYTES = 64 * MIB;
const FILE_BYTES = 120 * MIB;
const LIMIT_BYTES = 176 * MIB;
const READ_BYTES_PER_SECOND = 24 * MIB;
/** What a service holds stands before it grows: seen at least once while nothing moves. */
const CALM_MS = 3_000;
/** Long enough to see that the limit is reached and nobody dies. */
const STAY_MS = 3_000;

/** A service with a fixed heap reads large files: its cgroup grows up to the limit, and reclaim drops cache. Nobody is killed. */
export const pagecache: Scenario = {
  name: 'pagecache',
  summary: 'A service reads large files; its memory grows up to its limit, and nobody dies.',
  shows: 'Growth of file cache is no leak: anonymous memory stays, reclaim drops the cache.',
  expected: 'nobody is killed: what grows is file cache.',
  pauseMs: 10_000,
  async play(stage) {
    await stage.tool('lab-disk');
    // Of somebody else, and not cached any more: what java reads of it is charged to java as it reads.
    await writeFile(FILE_PATH, Buffer.alloc(FILE_BYTES, 'f'));
    await stage.tool('sync');
    dropCaches();
    const cgroup = await stage.cgroup('/kubepods/burstable/pod-reports/java', {
      maxBytes: LIMIT_BYTES,
      swapMaxBytes: 0,
    });
    const java = await stage.hog('reader', cgroup, {
      ...{ comm: 'java', adj: 800, anonBytes: HEAP_BYTES, filePath: FILE_PATH, wait: true },
      ...{ growKind: 'file', growBytes: FILE_BYTES, growBytesPerSecond: READ_BYTES_PER_SECOND },
    });
    await sleep(CALM_MS);
    stage.fact('before', await statOf(cgroup));
    stage.say('java has its heap, and now reads 24 MiB of files a second.');
    java.start();
    await java.until('grown');
    stage.fact('after', await statOf(cgroup));
    await sleep(STAY_MS);
    await stage.clear();
    await rm(FILE_PATH, { force: true });
  },
};

/** The kernel's own breakdown of the cgroup, bytes by name. */
async function statOf(cgroup: { read(file: string): Promise<string> }): Promise<Record<string, number>> {
  const text = await cgroup.read('memory.stat');
  const wanted = ['anon', 'file', 'active_file', 'inactive_file', 'kernel', 'shmem', 'total_rss', 'total_cache'];
  return Object.fromEntries(
    text
      .split('\n')
      .map((line) => line.split(' '))
      .filter(([name]) => name !== undefined && wanted.includes(name))
      .map(([name, value]) => [name, Number(value)]),
  );
}
