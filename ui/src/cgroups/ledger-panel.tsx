import { useMemo } from 'preact/hooks';
import { visible } from '../../../src/base/escape.js';
import { formatBytes } from '../../../src/base/units.js';
import type { Ledger } from '../../../src/model/ledger.js';
import { ledgerNow } from '../../../src/model/ledger-now.js';
import type { Model } from '../../../src/model/model.js';

const UNITS_SHOWN = 12;

/** Where all of the node's memory is: a bar that adds up to its capacity, and what stands outside of pods by name. */
export function LedgerPanel({ model, nowMs }: { readonly model: Model; readonly nowMs: number }) {
  const ledger = useMemo(() => ledgerNow(model), [nowMs]);
  if (ledger === null) return <p class="quiet cgroups-none">The node's memory was not sampled yet.</p>;
  const parts = partsOf(ledger).filter(({ bytes }) => bytes > 0);
  return (
    <div class="ledger">
      <p>
        <strong>{formatBytes(ledger.capacityBytes)}</strong> on this node
        {ledger.unaccountedBytes < 0 && (
          <span class="quiet">; the counters add up to {formatBytes(-ledger.unaccountedBytes)} more</span>
        )}
      </p>
      <div class="ledger-bar" role="img" aria-label={parts.map(partInWords).join(', ')}>
        {parts.map(({ key, bytes }) => (
          <span key={key} class={`ledger-part ledger-${key}`} style={{ flexGrow: bytes / ledger.capacityBytes }} />
        ))}
      </div>
      <ul class="ledger-parts">
        {parts.map(({ key, words, bytes }) => (
          <li key={key}>
            <span class={`swatch ledger-${key}`} aria-hidden="true" /> {words} <strong>{formatBytes(bytes)}</strong>
          </li>
        ))}
      </ul>
      <h3>Outside of pods</h3>
      {ledger.outsidePods.length === 0 && <p class="quiet">Nothing.</p>}
      <ul class="ledger-units">
        {ledger.outsidePods.slice(0, UNITS_SHOWN).map(({ path, usageBytes, anonBytes }) => (
          <li key={path}>
            <bdi>{visible(path)}</bdi> <strong>{formatBytes(usageBytes)}</strong>
            {anonBytes !== null && <span class="quiet"> anon {formatBytes(anonBytes)}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

interface Part {
  readonly key: string;
  readonly words: string;
  readonly bytes: number;
}

function partsOf(ledger: Ledger): Part[] {
  const { guaranteed, burstable, besteffort } = ledger.pods;
  const { cgroupsBytes, rootBytes, hugetlbBytes } = ledger.other;
  return [
    { key: 'pods', words: 'pods', bytes: guaranteed + burstable + besteffort },
    { key: 'system', words: 'system.slice', bytes: ledger.systemBytes },
    { key: 'user', words: 'user.slice', bytes: ledger.userBytes },
    { key: 'other', words: 'other', bytes: cgroupsBytes + rootBytes + hugetlbBytes },
    { key: 'kernel', words: 'kernel', bytes: ledger.kernelBytes },
    { key: 'free', words: 'free', bytes: ledger.freeBytes },
    { key: 'unaccounted', words: 'unaccounted', bytes: ledger.unaccountedBytes },
  ];
}

function partInWords({ words, bytes }: Part): string {
  return `${words} ${formatBytes(bytes)}`;
}
