import { describe, expect, it } from 'vitest';
import { mutate } from '../../test/fuzz/mutate-bytes.js';
import { Random } from '../../test/fuzz/random.js';
import { ASSUMPTIONS, KERNEL_LOGS, kernelLog } from '../../test/support/kernel-logs.js';
import { CARRIERS } from '../../test/support/log-carriers.js';
import { decodeEvent, encodeEvent } from '../wire/codec.js';
import { LogEvents } from './log-events.js';
import { readLog } from './log-reader.js';
import type { OomReport } from './report.js';

// A thousand here; `npm run test:fuzz`, a stage of `make test`, takes 200,000.
const RUNS = Number(process.env['OOMSCOPE_FUZZ_RUNS'] ?? 1_000);
const SEED = Number(process.env['OOMSCOPE_FUZZ_SEED'] ?? 1);
const MOST_MS = 1_000;
const MOST_BYTES = 512 * 1024 * 1024;

/** As expect(), which costs more than all that is tested here when it is asked a million times. */
function hold(isSo: boolean, claim: string): void {
  if (!isSo) throw new Error(`not so: ${claim}`);
}

/** All numbers in a report are exact and in their range. */
function expectSound(report: OomReport, lines: number): void {
  const { firstLine, lastLine } = report;
  hold(
    firstLine >= 1 && firstLine <= lastLine && lastLine <= lines,
    `lines ${firstLine} to ${lastLine} are among ${lines}`,
  );
  const unsound = (value: unknown, path: string): string[] => {
    if (typeof value === 'number') {
      const signed = path.endsWith('.adj') || path.endsWith('.order');
      return Number.isSafeInteger(value) && (signed || value >= 0) ? [] : [`${path} = ${value}`];
    }
    if (value instanceof Map) return [...value].flatMap(([key, entry]) => unsound(entry, `${path}.${key}`));
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, entry]) => unsound(entry, `${path}.${key}`));
  };
  const found = unsound(report, 'report');
  hold(found.length === 0, `all numbers are sound: ${found.join(', ')}`);
}

/** The events of reports, each in order of time within its part; those that do not fit the wire throw. */
function soundEvents(reports: readonly OomReport[]): number {
  const newestUs = new Map<number, number>();
  let count = 0;
  const log = new LogEvents(
    {
      events(part, events) {
        for (const event of events) {
          hold(event.tUs >= (newestUs.get(part) ?? 0), `${event.topic} at ${event.tUs} is in order`);
          newestUs.set(part, event.tUs);
          decodeEvent(encodeEvent(event));
          if (event.topic === '/oom/episode') count++;
        }
      },
      end: () => {},
    },
    '0.1.0',
  );
  for (const report of reports) log.take(report, { year: false, zone: false });
  log.end();
  return count;
}

describe('mutated logs', () => {
  it(`no crash, no hang, no flood of memory, whatever ${RUNS} of them hold`, { timeout: RUNS * 100 }, () => {
    const logs = CARRIERS.flatMap((form) =>
      KERNEL_LOGS.map((name) => new TextEncoder().encode(form.write(kernelLog(name)))),
    );
    const random = new Random(SEED);
    let slowestMs = 0;
    let mostBytes = 0;
    let reportCount = 0;
    for (let run = 0; run < RUNS; run++) {
      const log = mutate(random.pick(logs), random, logs);
      const startMs = performance.now();
      const { reports, summary } = readLog(log, ASSUMPTIONS);
      const episodes = soundEvents(reports);
      slowestMs = Math.max(slowestMs, performance.now() - startMs);
      reportCount += reports.length;
      for (const report of reports) expectSound(report, summary.lines);
      hold(episodes === reports.length, `run ${run}: ${reports.length} reports make as many episodes, not ${episodes}`);
      for (const { lineNumber, expected } of summary.firstProblems) {
        hold(
          lineNumber >= 1 && lineNumber <= summary.lines + 1 && expected !== '',
          `run ${run}: the problem in line ${lineNumber} of ${summary.lines} says what was expected: "${expected}"`,
        );
      }
      if (run % 1000 === 0) mostBytes = Math.max(mostBytes, process.memoryUsage().rss);
    }
    expect(slowestMs).toBeLessThan(MOST_MS);
    expect(mostBytes).toBeLessThan(MOST_BYTES);
    // The mutations leave enough of the logs to get past their first lines.
    expect(reportCount).toBeGreaterThan(RUNS / 2);
    if (process.env['OOMSCOPE_FUZZ_RUNS'] !== undefined)
      console.log(
        `${RUNS} mutated logs, seed ${SEED}: ${reportCount} reports; slowest ${slowestMs.toFixed(0)} ms; ${(mostBytes / 2 ** 20).toFixed(0)} MiB`,
      );
  });
});
