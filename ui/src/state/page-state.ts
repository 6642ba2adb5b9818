import type { OomscopeEvent } from '../../../src/events/event.js';
import { applyEvents, initialModel } from '../../../src/model/fold.js';
import type { Model } from '../../../src/model/model.js';
import type { FrameItem } from '../../../src/wire/frame.js';
import { type Run, withModel } from './runs.js';

/** How the page stands with the server. */
export type Link =
  | { readonly kind: 'connecting' }
  /** Connected, and the past is still coming in. */
  | { readonly kind: 'loading' }
  | { readonly kind: 'live' }
  /** What the server shows is a recording that it plays. */
  | { readonly kind: 'replay' }
  /** There is no server: the page waits for a file. */
  | { readonly kind: 'no-server' }
  /** No server is asked: what is shown comes from a file that a person gave to the page. */
  | { readonly kind: 'file'; readonly name: string }
  /** Since when (page clock), why, and when it is tried again. */
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly reason: string; readonly retryAtMs: number };

/** All that the page shows comes from here. Only `reduce` makes a new one. */
export interface PageState {
  readonly link: Link;
  /** What earlier connections showed. */
  readonly past: readonly Run[];
  /** What the present connection shows. Not to be shown while `link` is 'loading': it is half a past. */
  readonly model: Model;
  readonly incidentsLeftOut: number;
  /** How many events came in live since the page was opened; the past that comes with each connection left out. */
  readonly eventCount: number;
  /** The server sends topics that this page does not know: it was loaded from an older one. */
  readonly outdated: boolean;
  /** A frame could not be read. */
  readonly broken: string | null;
  /** What of a file could not be read, a line each. */
  readonly problems: readonly string[];
}

export const initialState: PageState = {
  link: { kind: 'connecting' },
  past: [],
  model: initialModel,
  incidentsLeftOut: 0,
  eventCount: 0,
  outdated: false,
  broken: null,
  problems: [],
};

export type Change =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'no-server' }
  | { readonly kind: 'opened' }
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly reason: string; readonly retryAtMs: number }
  | { readonly kind: 'items'; readonly items: readonly FrameItem[] }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'file'; readonly name: string }
  /** What was before is void: these events are the state now. */
  | { readonly kind: 'restart'; readonly events: readonly OomscopeEvent[] }
  /** A log of several boots: what each of them has told, the oldest first. */
  | { readonly kind: 'models'; readonly models: readonly Model[] }
  | { readonly kind: 'problem'; readonly line: string };

/** A file that is damaged all over does not fill the page. */
const MAX_PROBLEMS = 5;

export function reduce(state: PageState, change: Change): PageState {
  switch (change.kind) {
    case 'connecting':
      // A loss stays told until there is a connection again.
      return state.link.kind === 'lost' ? state : { ...state, link: { kind: 'connecting' } };
    case 'no-server':
      return { ...state, link: { kind: 'no-server' } };
    case 'opened':
      // The server sends its past again: what this connection shows starts anew, what was seen is kept beside it.
      return {
        ...state,
        past: visibleRuns(state),
        model: freshModel(state.model),
        link: { kind: 'loading' },
        broken: null,
      };
    case 'lost':
      // Half a past is none.
      return { ...state, link: change, model: state.link.kind === 'loading' ? initialModel : state.model };
    case 'unreadable':
      return { ...state, broken: change.reason };
    case 'items':
      return withItems(state, change.items);
    case 'file':
      return { ...state, link: { kind: 'file', name: change.name } };
    case 'restart':
      return { ...state, past: [], model: applyEvents(initialModel, change.events) };
    case 'models':
      return {
        ...state,
        past: change.models.slice(0, -1).reduce(withModel, state.past),
        model: change.models.at(-1) ?? initialModel,
      };
    case 'problem':
      if (state.problems.includes(change.line) || state.problems.length >= MAX_PROBLEMS) return state;
      return { ...state, problems: [...state.problems, change.line] };
  }
}

/** The runs as they are to be shown: while a past is still loading, without it. */
export function visibleRuns(state: PageState): readonly Run[] {
  return state.link.kind === 'loading' ? state.past : withModel(state.past, state.model);
}

/** Events that come together are folded together: it costs one copy of what changes, however many they are. */
function withItems(state: PageState, items: readonly FrameItem[]): PageState {
  let next = state;
  let events: OomscopeEvent[] = [];
  const fold = () => {
    if (events.length === 0) return;
    const liveCount = next.link.kind === 'live' ? events.length : 0;
    next = { ...next, model: applyEvents(next.model, events), eventCount: next.eventCount + liveCount };
    events = [];
  };
  for (const item of items) {
    switch (item.kind) {
      case 'event':
        events.push(item.event);
        break;
      case 'history-complete':
        fold();
        next = { ...next, link: { kind: 'live' }, incidentsLeftOut: item.incidentsLeftOut };
        break;
      case 'restart':
        fold();
        // What is shown stays until the other past is whole.
        next = { ...next, past: visibleRuns(next), model: initialModel, link: { kind: 'loading' } };
        break;
      case 'replay':
        fold();
        // Of a recording all that is known is known to the server: what was seen elsewhere in it does not stay.
        if (next.link.kind === 'live') next = { ...next, link: { kind: 'replay' }, past: [] };
        break;
      case 'unknown-topic':
        next = { ...next, outdated: true };
        break;
    }
  }
  fold();
  return next;
}

/** What this client itself was too slow for is known by nobody else, so it is carried over. */
function freshModel(old: Model): Model {
  const missed = old.lost['client-queue'];
  return missed === undefined ? initialModel : { ...initialModel, lost: { 'client-queue': missed } };
}
