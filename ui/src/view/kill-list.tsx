import { causeInWords, causeOf } from '../../../src/model/cause.js';
import { isKill } from '../../../src/model/incidents.js';
import { isOrdinaryStop, userKillCauseInWords } from '../../../src/model/user-kill.js';
import { isUserKill, type Seen, type SeenIncident, type SeenUserKill, startUsOf } from '../state/runs.js';
import type { SeriesFeed } from '../state/series-feed.js';
import { momentInWords } from '../state/time.js';
import { STACKED, useMedia } from './hooks.js';
import { targetComm, targetPlace, victimComm, victimPlace } from './incident-words.js';
import { findingOf } from './user-kill-finding.js';
import { VirtualRows } from './virtual-rows.js';

export interface KillListProps {
  readonly incidents: readonly Seen[];
  readonly feed: SeriesFeed;
  readonly selectedKey: string | null;
  readonly onSelect: (key: string) => void;
  readonly nowMs: number;
}

const ROW_PX = 66;
/** On a phone the incident itself shall be in sight below the list. */
const STACKED_LIST_PX = ROW_PX * 3;

export function KillList({ incidents, feed, selectedKey, onSelect, nowMs }: KillListProps) {
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
        if (seen === undefined) return null;
        return isUserKill(seen) ? (
          <UserKillRow seen={seen} feed={feed} nowMs={nowMs} />
        ) : (
          <KillRow seen={seen} nowMs={nowMs} />
        );
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

/** What user space did is told apart at a glance: no ballot, and no limit of the kernel's. */
function UserKillRow({
  seen,
  feed,
  nowMs,
}: {
  readonly seen: SeenUserKill;
  readonly feed: SeriesFeed;
  readonly nowMs: number;
}) {
  const { userKill: kill, session, pods } = seen;
  const finding = findingOf(seen, feed);
  return (
    <div class={isOrdinaryStop(kill, finding) ? 'kill-row is-harmless' : 'kill-row'}>
      <span class="kill-who">
        <bdi class="comm">{targetComm(kill)}</bdi>
        {kill.targets.length > 1 && <span class="more"> +{kill.targets.length - 1}</span>}
      </span>
      <time class="kill-time">{momentInWords(session, startUsOf(seen), nowMs)}</time>
      <span class="kill-cause">
        <span class="by-user">⊘ user space</span> {userKillCauseInWords(kill, finding)}
      </span>
      <span class="kill-cgroup path-end">
        <bdi>{targetPlace(kill, pods)}</bdi>
      </span>
    </div>
  );
}
