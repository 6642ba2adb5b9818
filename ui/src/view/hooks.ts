import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { PageState } from '../state/page-state.js';
import type { Store } from '../state/store.js';

export function useStore(store: Store): PageState {
  const [state, setState] = useState(store.state);
  useEffect(() => {
    const take = () => setState(store.state);
    // What happened between the first rendering and now.
    take();
    return store.subscribe(take);
  }, [store]);
  return state;
}

/** The page's clock, told anew every `everyMs`. */
export function useNow(everyMs: number): number {
  const [nowMs, setNowMs] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return nowMs;
}

/** Whether a media query holds. The same break point stands in frame.css. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const take = () => setMatches(list.matches);
    take();
    list.addEventListener('change', take);
    return () => list.removeEventListener('change', take);
  }, [query]);
  return matches;
}

/** The list of kills stands above the incident, not beside it. */
export const STACKED = '(max-width: 860px)';

/** The width of an element, kept up to date; 0 before it is on the page. */
export function useWidthPx(element: RefObject<HTMLElement>): number {
  const [widthPx, setWidthPx] = useState(0);
  useLayoutEffect(() => {
    if (element.current === null) return;
    setWidthPx(element.current.clientWidth);
    const observer = new ResizeObserver(([entry]) => setWidthPx(entry?.contentRect.width ?? 0));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return widthPx;
}
