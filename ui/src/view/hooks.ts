import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
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

/** How much a counter grows in a second, from one tick of the page's clock to the next; null = not known yet. */
export function useRate(count: number, nowMs: number): number | null {
  const last = useRef<{ readonly count: number; readonly nowMs: number; readonly rate: number | null } | null>(null);
  const before = last.current;
  if (before === null) last.current = { count, nowMs, rate: null };
  else if (nowMs > before.nowMs) {
    const rate = Math.round(((count - before.count) * 1_000) / (nowMs - before.nowMs));
    last.current = { count, nowMs, rate: Math.max(0, rate) };
  }
  return last.current?.rate ?? null;
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
  return useSizePx(element, 'width', 0);
}

/** The height of an element, kept up to date. */
export function useHeightPx(element: RefObject<HTMLElement>, firstPx: number): number {
  return useSizePx(element, 'height', firstPx);
}

function useSizePx(element: RefObject<HTMLElement>, side: 'width' | 'height', firstPx: number): number {
  const [sizePx, setSizePx] = useState(firstPx);
  useLayoutEffect(() => {
    if (element.current === null) return;
    setSizePx(side === 'width' ? element.current.clientWidth : element.current.clientHeight);
    const observer = new ResizeObserver(([entry]) => setSizePx(entry?.contentRect[side] ?? 0));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element, side]);
  return sizePx;
}
