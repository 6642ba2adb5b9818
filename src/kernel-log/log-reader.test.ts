import { describe, expect, it } from 'vitest';
import { ASSUMPTIONS, KERNEL_LOGS, kernelLog, onlyReport, read } from '../../test/support/kernel-logs.js';
import { CARRIERS } from '../../test/support/log-carriers.js';
import { type Carrier, FIRST_BOOT_US, FIRST_EPOCH_US, HOST, STEP_US } from '../../test/support/log-forms.js';
import { LogReader, readLog } from './log-reader.js';
import type { OomReport } from './report.js';

/** What a report says, apart from when, where and in which line. */
function content(report: OomReport): unknown {
  return JSON.parse(
    JSON.stringify(report, (key, value: unknown) => {
      if (['firstLine', 'lastLine', 'lineNumber', 'time', 'begin', 'end', 'host', 'bootId'].includes(key))
        return undefined;
      return value instanceof Map ? [...value] : value;
    }),
  );
}

describe('forms of log', () => {
  for (const form of CARRIERS) {
    it(`every kernel's report reads the same: ${form.name}`, () => {
      for (const name of KERNEL_LOGS) {
        const records = kernelLog(name);
        const { reports, summary } = readLog(form.write(records), ASSUMPTIONS);
        expect(summary.firstProblems, name).toEqual([]);
        expect(content(onlyReport(reports)), name).toEqual(content(onlyReport(read(records).reports)));
        expect(onlyReport(reports).host, name).toBe(form.host ? HOST : null);
      }
    });

    it(`times are as exact as the form shows them: ${form.name}`, () => {
      const report = onlyReport(readLog(form.write(kernelLog('6.1-sysrq')), ASSUMPTIONS).reports);
      // The report begins with the second record.
      expectTime(report.begin.bootUs, FIRST_BOOT_US + STEP_US, form.bootUs);
      expectTime(report.begin.epochUs, FIRST_EPOCH_US + STEP_US, form.epochUs);
    });
  }

  it('the time of dmesg -H goes on by its deltas', () => {
    const [, second] = readLog(relative(), ASSUMPTIONS).reports;
    expect(second?.begin.epochUs).toBe(Date.UTC(2024, 0, 2, 3, 4) * 1000 + 1_500_000);
  });
});

function expectTime(value: number | null, expected: number, resolutionUs: Carrier['bootUs']): void {
  if (resolutionUs === null) expect(value).toBeNull();
  else expect(value).toBeCloseTo(Math.floor(expected / resolutionUs) * resolutionUs, -2);
}

function relative(): string {
  const kill = 'Out of memory: Killed process 7 (a) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB';
  return [`[Jan 2 03:04] ${kill}`, '[  +1.000000] usb 1-1: new device', `[  +0.500000] ${kill.replace('7', '8')}`].join(
    '\n',
  );
}

describe('log reader', () => {
  it('chunks may be cut anywhere, also within a character', () => {
    const name = 'dö(m) é';
    const log = new TextEncoder().encode(
      `[ 1.000000] Out of memory: Killed process 7 (${name}) total-vm:8kB, anon-rss:4kB, file-rss:0kB\r\n`,
    );
    for (let size = 1; size < 20; size++) {
      const reports: OomReport[] = [];
      const reader = new LogReader((report) => reports.push(report), ASSUMPTIONS);
      for (let at = 0; at < log.length; at += size) reader.push(log.subarray(at, at + size));
      expect(reader.end()).toMatchObject({ lines: 1, reports: 1, problems: 0 });
      expect(reports[0]?.killed[0]?.comm).toBe(name);
    }
  });

  it('the classic syslog date follows the log over New Year', () => {
    const kill = (stamp: string, pid: number) =>
      `${stamp} h kernel: Out of memory: Killed process ${pid} (a) total-vm:8kB, anon-rss:4kB, file-rss:0kB`;
    const log = [kill('Dec 31 23:59:59', 1), kill('Jan  1 00:00:01', 2), kill('Dec 31 23:59:58', 3)].join('\n');
    const { reports, summary } = readLog(log, { notAfterUs: Date.UTC(2024, 0, 2) * 1000, utcOffsetMinutes: () => 60 });
    expect(reports.map((report) => new Date((report.begin.epochUs ?? 0) / 1000).toISOString())).toEqual([
      '2023-12-31T22:59:59.000Z',
      '2023-12-31T23:00:01.000Z',
      '2023-12-31T22:59:58.000Z',
    ]);
    expect(summary).toMatchObject({ yearAssumed: true, zoneAssumed: true });
  });

  it('a log without a report gives none, and no problem', () => {
    expect(readLog('hello\nworld\n\u0000\u0001\n', ASSUMPTIONS)).toMatchObject({
      reports: [],
      summary: { lines: 3, reports: 0, problems: 0 },
    });
  });

  it('a line that begins like a known one and ends otherwise is a problem with its place', () => {
    const log = [
      '[ 1.000000] Out of memory: Killed process 7 (a) gone',
      '[ 1.000100] memory: usage lots',
      '[ 1.000200] oom_reaper: reaped nobody',
      '[ 1.000300] [ pid ] uid name',
      '[ 1.000400] x invoked oom-killer: order=0',
    ].join('\n');
    const { summary } = readLog(log, ASSUMPTIONS);
    expect(summary.problems).toBe(5);
    expect(summary.firstProblems.map((problem) => problem.lineNumber)).toEqual([1, 2, 3, 4, 5]);
    expect(summary.firstProblems[0]).toEqual({
      lineNumber: 1,
      expected: '"Killed process PID (NAME) total-vm:…kB, anon-rss:…kB, file-rss:…kB"',
      found: 'Out of memory: Killed process 7 (a) gone',
    });
  });

  it('lines of other programs are no reports, though they quote one', () => {
    const quoted = 'Out of memory: Killed process 7 (a) total-vm:8kB, anon-rss:4kB, file-rss:0kB';
    const log = [
      `Jan  2 03:04:05 host monitor[12]: ${quoted}`,
      `2024-01-02T03:04:05.000000+00:00 host monitor: ${quoted}`,
      `Tue 2024-01-02 03:04:05 UTC host monitor[12]: ${quoted}`,
      `30,11,22,-;${quoted}`,
      `<30>${quoted}`,
      `daemon:info  : ${quoted}`,
      JSON.stringify({ MESSAGE: quoted, _TRANSPORT: 'stdout' }),
      JSON.stringify({ note: quoted }),
    ].join('\n');
    expect(readLog(log, ASSUMPTIONS).reports).toEqual([]);
  });
});
