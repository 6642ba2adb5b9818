import { describe, expect, it } from 'vitest';
import { LineSplitter, MAX_LINE_LENGTH } from './line-splitter.js';
import { ProblemList } from './problem.js';

function split(...chunks: readonly string[]): { lines: [string, number][]; problems: ProblemList; read: number } {
  const lines: [string, number][] = [];
  const problems = new ProblemList();
  const splitter = new LineSplitter((line, lineNumber) => lines.push([line, lineNumber]), problems);
  for (const chunk of chunks) splitter.push(new TextEncoder().encode(chunk));
  splitter.end();
  return { lines, problems, read: splitter.linesRead };
}

describe('line splitter', () => {
  it('lines end at LF or CRLF, the last one also at the end', () => {
    expect(split('a\r\nb\n\n', 'c', 'd').lines).toEqual([
      ['a', 1],
      ['b', 2],
      ['', 3],
      ['cd', 4],
    ]);
    expect(split('a\n').read).toBe(1);
    expect(split('').read).toBe(0);
  });

  it('a byte order mark is no part of the first line', () => {
    expect(split('\ufeffa\n').lines).toEqual([['a', 1]]);
  });

  it('a line without end keeps only its beginning, and the next one is whole again', () => {
    const long = 'x'.repeat(MAX_LINE_LENGTH + 1);
    for (const chunks of [
      [`${long}\nb\n`],
      [long, long, `${long}\nb\n`],
      [...(long.match(/x{1,1000}/g) ?? []), '\nb\n'],
    ]) {
      const { lines, problems } = split(...chunks);
      expect(lines.map(([line, lineNumber]) => [line.length, lineNumber])).toEqual([
        [MAX_LINE_LENGTH, 1],
        [1, 2],
      ]);
      expect(problems.total).toBe(1);
      expect(problems.kept[0]).toMatchObject({ lineNumber: 1 });
    }
    expect(split(long, long, 'its end').lines).toHaveLength(1);
  });
});

describe('a log that PowerShell wrote', () => {
  it('is UTF-16, told by its byte order mark', () => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line), new ProblemList());
    const bytes = new Uint8Array(Buffer.from('\ufeffä first\r\nsecond', 'utf16le'));
    for (let at = 0; at < bytes.length; at += 5) splitter.push(bytes.subarray(at, at + 5));
    splitter.end();
    expect(lines).toEqual(['ä first', 'second']);
  });
});
