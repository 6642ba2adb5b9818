import { describe, expect, it } from 'vitest';
import type { OomscopeEvent } from '../../../src/events/event.js';
import type { FrameItem } from '../../../src/wire/frame.js';
import { sampleEpisode, sampleLoss, sampleSession } from '../../../test/support/sample-events.js';
import { type Change, initialState, type PageState, reduce, visibleRuns } from './page-state.js';
import { isUserKill, newestFirst } from './runs.js';

const items = (...events: OomscopeEvent[]): Change => ({
  kind: 'items',
  items: events.map((event): FrameItem => ({ kind: 'event', event })),
});
const complete: Change = { kind: 'items', items: [{ kind: 'history-complete', incidentsLeftOut: 4 }] };
const lost: Change = { kind: 'lost', sinceMs: 1, reason: '', retryAtMs: 2 };
const play = (...changes: Change[]): PageState => changes.reduce(reduce, initialState);
const shown = (state: PageState) =>
  newestFirst(visibleRuns(state)).map((seen) => (isUserKill(seen) ? seen.userKill.id : seen.incident.id));
const episode = (episodeUs: number) => sampleEpisode({ episodeUs });

describe('the state of the page', () => {
  it('half a past is not shown, a whole one is', () => {
    const half: Change[] = [{ kind: 'opened' }, items(sampleSession(), episode(1))];
    expect(shown(play(...half))).toEqual([]);
    const whole = play(...half, complete);
    expect(shown(whole)).toEqual(['1']);
    expect(whole).toMatchObject({ link: { kind: 'live' }, incidentsLeftOut: 4 });
  });

  it('while a lost connection comes back the past is shown, without a double afterwards', () => {
    const seen: Change[] = [{ kind: 'opened' }, items(sampleSession(), episode(1)), complete, lost];
    expect(shown(play(...seen))).toEqual(['1']);
    const reconnecting: Change[] = [...seen, { kind: 'opened' }, items(sampleSession(), episode(1))];
    expect(shown(play(...reconnecting))).toEqual(['1']);
    expect(shown(play(...reconnecting, items(episode(2)), complete))).toEqual(['2', '1']);
  });

  it('a connection lost while its past came in leaves nothing of it', () => {
    expect(shown(play({ kind: 'opened' }, items(sampleSession(), episode(1)), lost))).toEqual([]);
  });

  it('a loss stays told until there is a connection again', () => {
    expect(play(lost, { kind: 'connecting' }).link.kind).toBe('lost');
    expect(play(lost, { kind: 'opened' }).link.kind).toBe('loading');
  });

  it('what this page was too slow for is not forgotten with the connection', () => {
    const missed = sampleLoss({ where: 'client-queue', count: 5 });
    const other = sampleLoss({ where: 'ring-bulk', count: 2 });
    const state = play(
      { kind: 'opened' },
      items(missed, other),
      complete,
      lost,
      { kind: 'opened' },
      items(other),
      complete,
    );
    expect(state.model.lost).toEqual({ 'client-queue': 5, 'ring-bulk': 2 });
  });

  it('a newer server and an unreadable frame are noticed', () => {
    const state = play(
      { kind: 'items', items: [{ kind: 'unknown-topic', topicId: 50 }] },
      { kind: 'unreadable', reason: 'why' },
    );
    expect(state).toMatchObject({ outdated: true, broken: 'why' });
  });
});
