import { expect, it } from 'vitest';
import { sampleSession } from '../../../test/support/sample-events.js';
import { ago, clockTime, epochMs, momentInWords, utcTime } from './time.js';

it('time since boot becomes time of day by the anchor', () => {
  const session = sampleSession({ anchorBootUs: 5_000_000, anchorEpochUs: 1_700_000_000_000_000 });
  expect(utcTime(epochMs(session, 6_500_000) ?? Number.NaN)).toBe('2023-11-14 22:13:21.500 UTC');
  expect(utcTime(Number.NaN)).toBe('unknown time');
});

it('a log without dates has times since boot, or none', () => {
  const undated = sampleSession({ anchorEpochUs: null });
  expect(momentInWords(undated, 6_500_000, 0)).toBe('6.500 s after boot');
  expect(momentInWords({ ...undated, clock: 'order' }, 2, 0)).toBe('time unknown');
});

it('the day is told when it is not today', () => {
  const ms = Date.UTC(2023, 10, 14, 12, 0, 0);
  expect(clockTime(ms, ms + 1_000)).toMatch(/^\d\d:00:00$/);
  expect(clockTime(ms, ms + 3 * 86_400_000)).toMatch(/14.*, \d\d:00:00$/);
});

it('how long ago reads as a person says it, and a clock that runs ahead does no harm', () => {
  expect([-5, 3, 42, 125, 7_300, 90_000, 200_000].map((seconds) => ago(0, seconds * 1_000))).toEqual([
    'just now',
    'just now',
    '42 s ago',
    '2 min ago',
    '2 h ago',
    '1 day ago',
    '2 days ago',
  ]);
});
