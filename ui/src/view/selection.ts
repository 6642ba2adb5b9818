import { useState } from 'preact/hooks';
import type { SeenIncident } from '../state/runs.js';

export interface Selection {
  readonly seen: SeenIncident | null;
  readonly key: string | null;
  /** Incidents that came after the chosen one; 0 while the newest is followed. */
  readonly newerCount: number;
  select(key: string): void;
  followNewest(): void;
}

/** The newest incident is shown until a person picks another: then it stays, and newer ones are only announced. */
export function useSelection(listed: readonly SeenIncident[]): Selection {
  // Null = whatever is newest.
  const [picked, setPicked] = useState<string | null>(() => keyInAddress());
  const index = picked === null ? 0 : listed.findIndex((seen) => seen.key === picked);
  const seen = listed[Math.max(0, index)] ?? null;
  return {
    seen,
    key: seen?.key ?? null,
    newerCount: Math.max(0, index),
    select(key) {
      const isNewest = key === listed[0]?.key;
      setPicked(isNewest ? null : key);
      showInAddress(isNewest ? null : key);
    },
    followNewest() {
      setPicked(null);
      showInAddress(null);
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
