import { open } from 'node:fs/promises';
import { type Explained, explain } from '../report/explain/build.js';
import { CaseCollector } from '../report/explain/case.js';
import { openLog } from '../sources/log/log-input.js';
import { importLog, tellProblems } from './read-log.js';

/** How every MCAP file begins. */
const MCAP_MAGIC = Buffer.from('\x89MCAP', 'latin1');

/** Whether this is no trace but something to be read as a kernel log. What cannot be opened is refused as a trace. */
export async function isLog(path: string): Promise<boolean> {
  if (path === '-') return true;
  if (path.endsWith('.mcap')) return false;
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return false;
  try {
    if (!(await file.stat()).isFile()) return false;
    const begin = Buffer.alloc(MCAP_MAGIC.length);
    await file.read(begin, 0, begin.length, 0);
    return !begin.equals(MCAP_MAGIC);
  } finally {
    await file.close();
  }
}

/** The kills that a kernel log tells, explained, in the log's order. It has no timeline, so nobody is blamed. */
export async function explainLog(path: string): Promise<Explained[]> {
  const collectors = new Map<number, CaseCollector>();
  const collectorOf = (part: number) => {
    const known = collectors.get(part) ?? new CaseCollector();
    collectors.set(part, known);
    return known;
  };
  const { summary, failure } = await importLog(await openLog(path), {
    write: async (part, events) => collectorOf(part).write(events),
    endPart: async () => {},
    isGone: false,
  });
  tellProblems(summary);
  const explained = [...collectors.values()].flatMap((collector) => collector.cases().map(explain));
  if (explained.length === 0 && failure !== null) throw failure;
  return explained;
}
