import { useState } from 'preact/hooks';
import { changeAddress, openedAddress } from '../state/address.js';
import type { Seen } from '../state/runs.js';

export interface Selection {
  readonly seen: Seen | null;
  readonly key: string | null;
  /** Incidents that came after the chosen one; 0 while the newest is followed. */
  readonly newerCount: number;
  select(key: string): void;
  followNewest(): void;
  /** To the next older one, or the next newer one. */
  step(towards: 'older' | 'newer'): void;
}

/** The newest incident is shown until a person picks another: then it stays, and newer ones are only announced. */
export function useSelection(listed: readonly Seen[]): Selection {
  // Null = whatever is newest.
  const [picked, setPicked] = useState<string | null>(() => openedAddress().incident);
  const index = picked === null ? 0 : listed.findIndex((seen) => seen.key === picked);
  const seen = listed[Math.max(0, index)] ?? null;
  const select = (key: string) => {
    const isNewest = key === listed[0]?.key;
    setPicked(isNewest ? null : key);
    changeAddress({ incident: isNewest ? null : key, candidate: null });
  };
  return {
    seen,
    key: seen?.key ?? null,
    newerCount: Math.max(0, index),
    select,
    followNewest() {
      setPicked(null);
      changeAddress({ incident: null, candidate: null });
    },
    step(towards) {
      const next = listed[Math.max(0, index) + (towards === 'older' ? 1 : -1)];
      if (next !== undefined) select(next.key);
    },
  };
}
