import { describe, expect, it } from 'vitest';
import {
  sampleCgroupSample,
  sampleGap,
  sampleMemorySample,
  sampleNode,
  sampleSession,
} from '../../../test/support/sample-events.js';
import { SeriesFeed } from './series-feed.js';

const at = (second: number) =>
  sampleMemorySample({ tUs: second * 1e6, cgroups: [sampleCgroupSample({ usageBytes: second })] });
const rows = (feed: SeriesFeed) => [...feed.series.line('sample', 42, 'usageBytes', 0, 1e15).values];

describe('the past that a page has seen', () => {
  it('is not doubled by a server that tells it again', () => {
    const feed = new SeriesFeed();
    feed.take([at(1), at(2), at(3)]);
    feed.reconnected();
    feed.take([at(2), at(3), at(4), at(5)]);
    expect(rows(feed)).toEqual([1, 2, 3, 4, 5]);
    expect(feed.gaps).toEqual([]);
  });

  it('begins with whatever is told first, in any order', () => {
    const feed = new SeriesFeed();
    feed.reconnected();
    feed.take([at(5), sampleNode({ tUs: 5e6 }), sampleNode({ tUs: 4e6 })]);
    expect(rows(feed)).toEqual([5]);
    expect(feed.series.ids('node')).toHaveLength(1);
  });

  it('has a gap where nobody was told', () => {
    const feed = new SeriesFeed();
    feed.take([at(1), at(2)]);
    feed.reconnected();
    feed.take([at(30), at(31)]);
    expect(rows(feed)).toEqual([1, 2, 30, 31]);
    expect(feed.gaps).toEqual([{ fromUs: 2e6, toUs: 30e6, why: 'no-connection' }]);
  });

  it('has a gap where samples were late by more than the calm rhythm, told once', () => {
    const feed = new SeriesFeed();
    feed.take([sampleGap({ fromUs: 5e6, tUs: 9e6 }), sampleGap({ fromUs: 5e6, tUs: 9e6 })]);
    expect(feed.gaps).toEqual([{ fromUs: 5e6, toUs: 9e6, why: 'late-tick' }]);
  });

  it('has none where samples came apart, but not farther than those of calm', () => {
    const feed = new SeriesFeed();
    feed.take([sampleGap({ fromUs: 5e6, tUs: 6e6 })]);
    expect(feed.gaps).toEqual([]);
  });

  it('is another one after a jump of a replay: what led to that moment, and no gap', () => {
    const feed = new SeriesFeed();
    feed.take([at(1), at(50), at(51)]);
    feed.jumped();
    feed.take([at(20), at(21)]);
    feed.take([at(22)]);
    expect(rows(feed)).toEqual([20, 21, 22]);
    expect(feed.gaps).toEqual([]);
  });

  it('of another boot is forgotten, since its times mean something else', () => {
    const feed = new SeriesFeed();
    feed.take([sampleSession({ bootId: 'a' }), at(100)]);
    feed.reconnected();
    feed.take([sampleSession({ bootId: 'b' }), at(3), sampleNode({ tUs: 3e6 })]);
    expect(rows(feed)).toEqual([3]);
  });
});
