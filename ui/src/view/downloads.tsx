import { visibleJson } from '../../../src/base/escape.js';
import type { Verdict } from '../../../src/model/verdict.js';
import type { SeenIncident } from '../state/runs.js';

/** What one takes away for a ticket or a colleague. Made in the page, so it works for files as well. */
export function Downloads({ seen, verdict }: { readonly seen: SeenIncident; readonly verdict: Verdict }) {
  const save = () => {
    const { incident, session } = seen;
    const { ballot: _, ...judged } = verdict;
    const json = JSON.stringify({ session, incident, verdict: judged });
    saveAs(`oomscope-${incident.id}.json`, new Blob([visibleJson(json)], { type: 'application/json' }));
  };
  return (
    <span class="downloads">
      <button type="button" title="all that is known of this incident" onClick={save}>
        <span aria-hidden="true">↓ </span>JSON
      </button>
    </span>
  );
}

function saveAs(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
