import { useMemo, useState } from 'preact/hooks';
import { visible } from '../../../src/base/escape.js';
import { formatBytes, formatCount, plural } from '../../../src/base/units.js';
import type { Model } from '../../../src/model/model.js';
import type { Ranking } from '../../../src/model/rank.js';
import { type RanksNow, ranksNow } from '../../../src/model/rank-now.js';
import { filledLimit, nextInWords } from '../../../src/model/rank-words.js';
import { workloadName, workloadOf } from '../../../src/model/workload.js';
import { barScale } from '../view/ballot-geometry.js';
import { BallotRowView } from '../view/ballot-row.js';

export interface RankViewProps {
  readonly model: Model;
  /** The page's clock: the ranking changes no more often than it ticks. */
  readonly nowMs: number;
}

const NODE_ROWS = 5;
const CGROUP_ROWS = 3;
const CGROUPS_SHOWN = 4;

/** Whom the kernel would kill, were the node or a limit out of memory at this moment. */
export function RankView({ model, nowMs }: RankViewProps) {
  const ranks = useMemo(() => ranksNow(model), [nowMs, model.session, model.memory.processes?.tUs]);
  const [shown, setShown] = useState(CGROUPS_SHOWN);
  if (ranks === null) return <p class="quiet cgroups-none">{whyNone(model)}</p>;
  const cgroups = ranks.cgroups.slice(0, shown);
  const hidden = ranks.cgroups.length - cgroups.length;
  return (
    <div class="ranks">
      <RankingView place="The node" note={nodeNote(ranks)} ranking={ranks.node} rows={NODE_ROWS} />
      {cgroups.map((ranking) => (
        <RankingView
          key={ranking.cgroup?.id}
          place={placeName(ranking, model)}
          note={ranking.cgroup === null ? '' : filledLimit(ranking.cgroup)}
          ranking={ranking}
          rows={CGROUP_ROWS}
        />
      ))}
      {ranks.cgroups.length === 0 && <p class="quiet">No cgroup has a memory limit.</p>}
      {hidden > 0 && (
        <button type="button" onClick={() => setShown(shown + CGROUPS_SHOWN * 2)}>
          show {plural(hidden, 'more cgroup')} with a limit
        </button>
      )}
      <p class="quiet ranks-note">{footnote(ranks)}</p>
    </div>
  );
}

/** The same for the page that has no kill to show. */
export function WouldDie(props: RankViewProps) {
  return (
    <section class="would-die">
      <h2>Who would die, were memory to run out now</h2>
      <RankView {...props} />
    </section>
  );
}

interface RankingViewProps {
  /** Safe to show. */
  readonly place: string;
  readonly note: string;
  readonly ranking: Ranking;
  readonly rows: number;
}

/** One contest: the sentence first, then those at its top as on a ballot. */
function RankingView({ place, note, ranking, rows }: RankingViewProps) {
  const { ballot, pageSizeBytes, group, next } = ranking;
  const top = useMemo(() => ballot.rows.filter(({ rank }) => rank !== null).slice(0, rows), [ballot, rows]);
  // Of those that are shown: one far below with a large negative adj would squeeze them.
  const scale = useMemo(() => barScale({ ...ballot, rows: top }), [ballot, top]);
  return (
    <section class="ranking" aria-label={place}>
      <h3>
        <bdi>{place}</bdi> <span class="section-note">{note}</span>
      </h3>
      <p class={next.kind === 'victim' ? 'ranking-next' : 'ranking-next is-nobody'}>{nextInWords(ranking)}.</p>
      {group !== null && (
        <p class="quiet">
          All of <bdi>{visible(group.path)}</bdi> dies with it: memory.oom.group is set.
        </p>
      )}
      <div class="ballot is-compact" style={{ '--rank-width': '14px' }}>
        <ol class="ranking-rows">
          {top.map((row) => (
            <li key={`${row.candidate.pid}-${row.candidate.startUs}`}>
              <BallotRowView
                row={{ ...row, chosen: false }}
                scale={scale}
                pageSizeBytes={pageSizeBytes}
                diedToo={false}
                isCulprit={false}
                wouldDie={row.chosen}
              />
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}

function nodeNote({ node }: RanksNow): string {
  return `RAM and swap: ${formatBytes(node.totalPages * node.pageSizeBytes)}`;
}

/** The pod and container where they are known, else the path. */
function placeName({ cgroup }: Ranking, { pods }: Model): string {
  const path = cgroup?.path ?? null;
  if (path === null) return 'a cgroup';
  const workload = workloadOf(path, pods);
  return workload === null || workload.pod === null ? visible(path) : (workloadName(workload) ?? visible(path));
}

function footnote({ processesSeen, limitsNotRanked, whyProc }: RanksNow): string {
  const told = `By the kernel's own formula, over ${plural(processesSeen, 'process', 'processes')}.`;
  const more =
    limitsNotRanked === 0
      ? ''
      : ` ${formatCount(limitsNotRanked)} less full cgroups with a limit are left out: oomscope rank has them.`;
  const how =
    whyProc === null ? '' : ` Read from /proc, which cannot see all that the kernel does (${visible(whyProc)}).`;
  return told + more + how;
}

/** Plainly: is it too early, or was it never recorded? */
function whyNone({ session, memory }: Model): string {
  if (session === null) return 'Nothing is known of this host yet.';
  if (session.attachMode === 'log') return 'A kernel log tells of kills, and not of the processes in between.';
  if (memory.sampled === null && memory.node === null)
    return 'No processes were told at this moment: nothing was sampled yet.';
  return 'No processes were told at this moment. Traces of older versions have none; live, they come each second.';
}
