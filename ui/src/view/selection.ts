import { useState } from 'preact/hooks';
import type { SeenIncident } from '../state/runs.js';

export interface Selection {
  readonly seen: SeenIncident | null;
  readonly key: string | null;
  /** Incidents that came after the chosen one; 0 while the newest is followed. */
  readonly newerCount: number;
  select(key: string): void;
  followNewest(): void;
  /** To the next older one, or the next newer one. */
  step(towards: 'older' | 'newer'): void;
}

/** The newest incident is shown until a person picks another: then it stays, and newer ones are only announced. */
export function useSelection(listed: readonly SeenIncident[]): Selection {
  // Null = whatever is newest.
  const [picked, setPicked] = useState<string | null>(() => keyInAddress());
  const index = picked === null ? 0 : listed.findIndex((seen) => seen.key === picked);
  const seen = listed[Math.max(0, index)] ?? null;
  const select = (key: string) => {
    const isNewest = key === listed[0]?.key;
    setPicked(isNewest ? null : key);
    showInAddress(isNewest ? null : key);
  };
  return {
    seen,
    key: seen?.key ?? null,
    newerCount: Math.max(0, index),
    select,
    followNewest() {
      setPicked(null);
      showInAddress(null);
    },
    step(towards) {
      const next = listed[Math.max(0, index) + (towards === 'older' ? 1 : -1)];
      if (next !== undefined) select(next.key);
    },
  };
}

/** The address names the picked incident, so that it can be passed on and survives a reload. */
const PREFIX = '#incident=';

function keyInAddress(): string | null {
  if (!location.hash.startsWith(PREFIX)) return null;
  try {
    return decodeURIComponent(location.hash.slice(PREFIX.length));
  } catch {
    return null;
  }
}

function showInAddress(key: string | null): void {
  const path = location.pathname + location.search;
  history.replaceState(null, '', key === null ? path : `${path}${PREFIX}${encodeURIComponent(key)}`);
}
