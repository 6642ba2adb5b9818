import { expect, it } from 'vitest';
import { MIB, sampleProcessRow, sampleProcessSample } from '../../../test/support/sample-events.js';
import { ProcessHistory } from './process-history.js';

const S = 1_000_000;
const row = (pid: number, mib: number, startUs = 1) => sampleProcessRow({ pid, startUs, rssAnonBytes: mib * MIB });

function historyOf(samples: readonly (readonly [second: number, ...rows: ReturnType<typeof row>[]])[]): ProcessHistory {
  const history = new ProcessHistory();
  for (const [second, ...processes] of samples) history.add(sampleProcessSample({ tUs: second * S, processes }));
  return history;
}

function linesOf(history: ProcessHistory, from = 0, to = 9_999) {
  return history
    .tracks(from * S, to * S)
    .map(({ pid, startUs, points }) => [pid, startUs, points.map(({ tUs, bytes }) => [tUs / S, bytes / MIB])]);
}

it('a process is one line, and another one that has its pid later is another', () => {
  expect(
    linesOf(
      historyOf([
        [1, row(7, 10)],
        [2, row(7, 20), row(8, 5)],
        [3, row(7, 1, 2 * S)],
      ]),
    ),
  ).toEqual([
    [
      7,
      1,
      [
        [1, 10],
        [2, 20],
      ],
    ],
    [8, 1, [[2, 5]]],
    [7, 2 * S, [[3, 1]]],
  ]);
});

it('what was held at the beginning of a window is what the sample before it says', () => {
  const history = historyOf([
    [1, row(7, 10)],
    [2, row(7, 20)],
    [4, row(7, 40)],
    [5, row(7, 50)],
  ]);
  expect(linesOf(history, 3, 4)).toEqual([
    [
      7,
      1,
      [
        [2, 20],
        [4, 40],
      ],
    ],
  ]);
});

it('is kept for a quarter of an hour and so many rows, and the newest always', () => {
  expect(
    linesOf(
      historyOf([
        [1, row(7, 10)],
        [901, row(7, 20)],
        [902, row(7, 30)],
      ]),
    ),
  ).toEqual([
    [
      7,
      1,
      [
        [901, 20],
        [902, 30],
      ],
    ],
  ]);
  const rows = Array.from({ length: 1_000 }, (_, pid) => row(pid + 1, 1));
  const many = historyOf(Array.from({ length: 50 }, (_, second) => [second, ...rows] as const));
  expect(many.tracks(0, 9_999 * S).map(({ points }) => points.length)).toEqual(rows.map(() => 40));
});
