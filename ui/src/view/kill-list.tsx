import { causeInWords, causeOf } from '../../../src/model/cause.js';
import { isKill } from '../../../src/model/incidents.js';
import type { SeenIncident } from '../state/runs.js';
import { momentInWords } from '../state/time.js';
import { STACKED, useMedia } from './hooks.js';
import { victimComm, victimPlace } from './incident-words.js';
import { VirtualRows } from './virtual-rows.js';

export interface KillListProps {
  readonly incidents: readonly SeenIncident[];
  readonly selectedKey: string | null;
  readonly onSelect: (key: string) => void;
  readonly nowMs: number;
}

const ROW_PX = 66;
/** On a phone the incident itself shall be in sight below the list. */
const STACKED_LIST_PX = ROW_PX * 3;

export function KillList({ incidents, selectedKey, onSelect, nowMs }: KillListProps) {
  const isStacked = useMedia(STACKED);
  return (
    <VirtualRows
      label="kills, the newest first"
      idPrefix="kill"
      count={incidents.length}
      rowHeightPx={ROW_PX}
      maxHeightPx={isStacked ? STACKED_LIST_PX : null}
      selected={incidents.findIndex((seen) => seen.key === selectedKey)}
      onSelect={(index) => {
        const seen = incidents[index];
        if (seen !== undefined) onSelect(seen.key);
      }}
      row={(index) => {
        const seen = incidents[index];
        return seen && <KillRow seen={seen} nowMs={nowMs} />;
      }}
    />
  );
}

function KillRow({ seen, nowMs }: { readonly seen: SeenIncident; readonly nowMs: number }) {
  const { incident, session, pods } = seen;
  return (
    <div class={isKill(incident) ? 'kill-row' : 'kill-row is-harmless'}>
      <span class="kill-who">
        <bdi class="comm">{victimComm(incident)}</bdi>
        {incident.victims.length > 1 && <span class="more"> +{incident.victims.length - 1}</span>}
      </span>
      <time class="kill-time">{momentInWords(session, incident.startUs, nowMs)}</time>
      <span class="kill-cause">
        {incident.episode === null ? 'no ballot' : causeInWords(causeOf(incident.episode))}
      </span>
      <span class="kill-cgroup path-end">
        <bdi>{victimPlace(incident, pods)}</bdi>
      </span>
    </div>
  );
}
