import { applyEvent, initialModel } from '../../../src/model/fold.js';
import type { Model } from '../../../src/model/model.js';
import type { FrameItem } from '../../../src/wire/frame.js';
import { type Run, withModel } from './runs.js';

/** How the page stands with the server. */
export type Link =
  | { readonly kind: 'connecting' }
  /** Connected, and the past is still coming in. */
  | { readonly kind: 'loading' }
  | { readonly kind: 'live' }
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
}

export const initialState: PageState = {
  link: { kind: 'connecting' },
  past: [],
  model: initialModel,
  incidentsLeftOut: 0,
  eventCount: 0,
  outdated: false,
  broken: null,
};

export type Change =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'opened' }
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly reason: string; readonly retryAtMs: number }
  | { readonly kind: 'items'; readonly items: readonly FrameItem[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

export function reduce(state: PageState, change: Change): PageState {
  switch (change.kind) {
    case 'connecting':
      // A loss stays told until there is a connection again.
      return state.link.kind === 'lost' ? state : { ...state, link: { kind: 'connecting' } };
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
      return change.items.reduce(withItem, state);
  }
}

/** The runs as they are to be shown: while a past is still loading, without it. */
export function visibleRuns(state: PageState): readonly Run[] {
  return state.link.kind === 'loading' ? state.past : withModel(state.past, state.model);
}

function withItem(state: PageState, item: FrameItem): PageState {
  switch (item.kind) {
    case 'event':
      return {
        ...state,
        model: applyEvent(state.model, item.event),
        eventCount: state.eventCount + (state.link.kind === 'live' ? 1 : 0),
      };
    case 'history-complete':
      return { ...state, link: { kind: 'live' }, incidentsLeftOut: item.incidentsLeftOut };
    case 'unknown-topic':
      return { ...state, outdated: true };
  }
}

/** What this client itself was too slow for is known by nobody else, so it is carried over. */
function freshModel(old: Model): Model {
  const missed = old.lost['client-queue'];
  return missed === undefined ? initialModel : { ...initialModel, lost: { 'client-queue': missed } };
}
