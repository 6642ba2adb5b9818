import { describe, expect, it } from 'vitest';
import {
  sampleCandidate,
  sampleCgroup,
  sampleCgroupLife,
  sampleCgroupPressure,
  sampleChoice,
  sampleEpisode,
  sampleNode,
  samplePressure,
} from '../../test/support/sample-events.js';
import type { OomscopeEvent } from '../events/event.js';
import { applyEvents, initialModel } from './fold.js';
import { NO_PRESSURE_DATA, pressureAfter, pressureInWords } from './pressure-after.js';
import { SeriesStore } from './series/series.js';

const S = 1_000_000;
const KILL_US = 100 * S;
const [PODS, APP, OTHERS] = [1, 2, 3];
const NAMES = [
  sampleCgroupLife({ tUs: S, id: PODS, path: '/pods' }),
  sampleCgroupLife({ tUs: S, id: APP, path: '/pods/app' }),
  sampleCgroupLife({ tUs: S, id: OTHERS, path: '/pods-of-others' }),
];

const SPAN_US = 100_000;
const psi = (second: number, someUs: number, id = PODS, spanUs = SPAN_US) =>
  samplePressure({
    ...{ tUs: KILL_US + second * S, node: null },
    cgroups: [sampleCgroupPressure({ id, spanUs, someUs, fullUs: 0, stallUs: null, stalls: null })],
  });
const stalls = (second: number, stallUs: number, id: number) =>
  samplePressure({
    ...{ tUs: KILL_US + second * S, node: null },
    cgroups: [sampleCgroupPressure({ id, spanUs: SPAN_US, someUs: null, fullUs: null, stallUs, stalls: 1 })],
  });
const nodePsi = (second: number, someUs: number) =>
  samplePressure({ tUs: KILL_US + second * S, node: { spanUs: SPAN_US, someUs, fullUs: 0 }, cgroups: [] });
/** The record goes on to here. */
const until = (second: number) => sampleNode({ tUs: KILL_US + second * S });

function endOf(events: readonly OomscopeEvent[], scopePath = '/pods', series = new SeriesStore()) {
  for (const event of events) series.apply(event);
  const { memory } = applyEvents(initialModel, [...NAMES, ...events]);
  const [fromUs, toUs] = [KILL_US - 60 * S, KILL_US + 10 * S];
  return pressureAfter(series, memory, { scopePath, fromUs, killUs: KILL_US, toUs });
}

describe('the pressure after a kill', () => {
  it('ended with the last reading that has stalls, when a second without any has passed', () => {
    const rows = [psi(-0.1, 90_000), psi(0.1, 60_000), psi(0.2, 20_000)];
    expect(endOf([...rows, until(3)])).toEqual({ kind: 'ended', withinUs: 200_000, againUs: null });
    expect(endOf([...rows, until(1.1)])).toEqual({ kind: 'lasting', forUs: 200_000, recordEnds: true });
  });

  it('ended at once where no reading after the kill has any', () => {
    expect(endOf([psi(-0.1, 90_000), until(3)])).toEqual({ kind: 'ended', withinUs: 0, againUs: null });
  });

  it('what a page-in now and then costs is none', () => {
    expect(endOf([psi(0.1, 999), until(3)])).toMatchObject({ kind: 'ended', withinUs: 0 });
    expect(endOf([psi(0.1, 1_000), until(3)])).toMatchObject({ kind: 'ended', withinUs: 100_000 });
  });

  it('that comes back is not one that never ended', () => {
    expect(endOf([psi(0.1, 60_000), psi(4, 60_000), until(9)])).toEqual({
      ...{ kind: 'ended', withinUs: 100_000, againUs: 4 * S },
    });
  });

  it('is not called ended in a time that one reading covers as a whole', () => {
    expect(endOf([psi(0.1, 60_000), psi(4, 60_000, PODS, 3.9 * S), until(9)])).toMatchObject({
      ...{ kind: 'ended', withinUs: 4 * S, againUs: null },
    });
  });

  it('may last for as long as one looks; or until the record ends, which is another thing', () => {
    const rows = Array.from({ length: 120 }, (_, n) => psi(n / 10, 50_000));
    expect(endOf(rows)).toEqual({ kind: 'lasting', forUs: 10 * S, recordEnds: false });
    expect(endOf(rows.slice(0, 31))).toEqual({ kind: 'lasting', forUs: 3 * S, recordEnds: true });
  });

  it('is that of what was short: neither of its neighbour nor of the node', () => {
    const rows = [psi(-0.1, 9_000), psi(0.1, 60_000, OTHERS), psi(0.2, 60_000, APP), nodePsi(0.3, 60_000), until(3)];
    expect(endOf(rows)).toMatchObject({ kind: 'ended', withinUs: 0 });
    expect(endOf(rows, '/')).toMatchObject({ kind: 'ended', withinUs: 300_000 });
  });

  it('without PSI is that of the tasks in what was short', () => {
    const rows = [stalls(0.1, 60_000, APP), stalls(0.3, 60_000, PODS), stalls(0.5, 60_000, OTHERS), until(3)];
    expect(endOf(rows)).toMatchObject({ kind: 'ended', withinUs: 300_000 });
    expect(endOf(rows, '/')).toMatchObject({ kind: 'ended', withinUs: 500_000 });
  });

  it('is not known where nothing tells of it, or the record ends with the kill', () => {
    expect(endOf([until(3)])).toBe(NO_PRESSURE_DATA);
    expect(endOf([psi(-0.1, 90_000), until(0.5)])).toEqual({
      kind: 'unknown',
      reason: 'the record ends with the kill',
    });
  });

  it('is not known from readings that have been put together since', () => {
    const series = new SeriesStore({ fineUs: 20 * S });
    expect(endOf([psi(-0.1, 90_000), psi(0.2, 60_000), psi(60, 0)], '/pods', series)).toEqual({
      ...{ kind: 'unknown', reason: 'its readings are not kept any more' },
    });
  });
});

describe('in words', () => {
  const hog = sampleCandidate();
  const episode = sampleEpisode({ choice: sampleChoice(hog), limitCgroup: sampleCgroup({ path: '/pods' }) });

  it('it says whose pressure, and what is not known', () => {
    expect(pressureInWords({ kind: 'ended', withinUs: 240_000, againUs: null }, episode)).toBe(
      'The pressure on /pods ended within 240 ms of the kill.',
    );
    expect(pressureInWords({ kind: 'ended', withinUs: 0, againUs: 4 * S }, { ...episode, limitCgroup: null })).toBe(
      'No pressure on the node was seen after the kill; it was back 4.0 s after the kill.',
    );
    expect(pressureInWords({ kind: 'lasting', forUs: 3 * S, recordEnds: true }, episode)).toBe(
      'The pressure on /pods still lasted 3.0 s after the kill, when the record ended.',
    );
    expect(pressureInWords({ kind: 'lasting', forUs: 10 * S, recordEnds: false }, episode)).toBe(
      'The pressure on /pods still lasted 10 s after the kill.',
    );
    expect(pressureInWords(NO_PRESSURE_DATA, episode)).toBe(
      'How long the pressure on /pods lasted is unknown: no pressure data.',
    );
  });

  it('nothing is said where nobody was killed, or nothing was short', () => {
    expect(pressureInWords(NO_PRESSURE_DATA, { ...episode, choice: null })).toBeNull();
    expect(pressureInWords(NO_PRESSURE_DATA, { ...episode, sysrq: true })).toBeNull();
  });
});
