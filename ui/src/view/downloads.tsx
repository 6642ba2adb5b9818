import { visibleJson } from '../../../src/base/escape.js';
import { type KubeFacts, kubeJson } from '../../../src/model/kube-facts.js';
import type { Verdict } from '../../../src/model/verdict.js';
import type { SeenIncident } from '../state/runs.js';

export interface DownloadsProps {
  readonly seen: SeenIncident;
  readonly verdict: Verdict;
  readonly kube: KubeFacts;
  /** There is a server that makes the larger ones; of a file the page has been given, the person has the trace. */
  readonly isServed: boolean;
}

/** By the ending of their address (src/sinks/websocket/incident-files.ts). */
const SERVED = [
  { ending: 'html', name: 'report', about: 'a report as one HTML file, to attach to a ticket' },
  { ending: 'mcap', name: 'trace', about: 'a trace file with what led to it, for oomscope replay, or to drop here' },
  { ending: 'perfetto', name: 'Perfetto', about: 'for ui.perfetto.dev' },
] as const;

/** What one takes away for a ticket or a colleague. The JSON is made in the page, so it works for files as well. */
export function Downloads({ seen, verdict, kube, isServed }: DownloadsProps) {
  const { incident, session } = seen;
  const json = () => {
    const { ballot: _, ...judged } = verdict;
    return visibleJson(JSON.stringify({ session, incident, verdict: judged, kubernetes: kubeJson(kube) }));
  };
  return <DownloadLinks id={incident.id} json={json} isServed={isServed} />;
}

export interface DownloadLinksProps {
  readonly id: string;
  /** Made when it is asked for. */
  readonly json: () => string;
  readonly isServed: boolean;
}

export function DownloadLinks({ id, json, isServed }: DownloadLinksProps) {
  const save = () => saveAs(`oomscope-${id}.json`, new Blob([json()], { type: 'application/json' }));
  return (
    <span class="downloads">
      {isServed &&
        SERVED.map(({ ending, name, about }) => (
          <a key={ending} class="download" download title={about} href={`api/incidents/${id}.${ending}`}>
            <span aria-hidden="true">↓ </span>
            {name}
          </a>
        ))}
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
