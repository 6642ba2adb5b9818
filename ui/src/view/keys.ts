import { useEffect, useRef } from 'preact/hooks';
import { timeKey } from '../chart/gestures.js';
import type { Playback } from '../files/playback.js';
import type { TimeStore } from '../time/time-store.js';
import { replayKey } from './replay-bar.js';
import type { Selection } from './selection.js';

export interface KeyTargets {
  readonly playback: Playback | null;
  readonly time: TimeStore;
  readonly selection: Selection;
  readonly onHelp: () => void;
}

/** Keys that work wherever the focus is, unless what has the focus wants them for itself. */
export function useKeys(targets: KeyTargets): void {
  const current = useRef(targets);
  current.current = targets;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (wantsKey(event.target, event.key) || !take(event.key, current.current)) return;
      event.preventDefault();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
}

/** False = the key means nothing here. */
function take(key: string, { playback, time, selection, onHelp }: KeyTargets): boolean {
  if (key === '?') {
    onHelp();
    return true;
  }
  if (playback !== null && replayKey(key, playback)) return true;
  if (key === '[' || key === ']') {
    selection.step(key === '[' ? 'older' : 'newer');
    return true;
  }
  return timeKey(key, time);
}

function wantsKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('dialog, textarea, select, input:not([type=range], [type=checkbox], [type=file])') !== null)
    return true;
  if (key === ' ') return target.closest('button, summary, a, input') !== null;
  return /^(Arrow|Home|End|Page)/.test(key) && target.closest('input, [role=listbox]') !== null;
}
