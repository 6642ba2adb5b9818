import { plural } from '../base/units.js';
import type { Ranking } from '../model/rank.js';
import { nextInWords, rankedPlace } from '../model/rank-words.js';
import { ballotLines } from '../sinks/text/ballot-lines.js';
import type { Line } from '../sinks/text/line.js';

/** Rankings of one moment. `node` is null where one cgroup was asked for. */
export interface RankReport {
  /** Why processes were read from /proc; null = from the kernel's own list. */
  readonly whyProc: string | null;
  readonly node: Ranking | null;
  /** Those with a limit, the fullest first. */
  readonly cgroups: readonly Ranking[];
}

/** Amounts in bytes, points and their parts in pages, as in docs/events.md. */
export function rankJson({ whyProc, node, cgroups }: RankReport): object {
  return {
    source: whyProc === null ? 'kernel' : 'proc',
    whyProc,
    node: rankingJson(node),
    cgroups: cgroups.map(rankingJson),
  };
}

function rankingJson(ranking: Ranking | null): object | null {
  if (ranking === null) return null;
  const { cgroup, totalPages, pageSizeBytes, next, ballot, group } = ranking;
  return {
    cgroup,
    totalPages,
    pageSizeBytes,
    /** Who dies next; null = nobody new. */
    next: next.kind === 'victim' ? next.candidate : null,
    stillDying: next.kind === 'dying' ? next.candidate : null,
    marginPages: ballot.margin?.pages ?? null,
    group,
    candidates: ballot.rows.map(({ candidate, rank, parts, note }) => ({ rank, ...candidate, parts, note })),
  };
}

/** For a person: the node first, then each cgroup with a limit. `columns` is the width of the screen. */
export function rankLines({ whyProc, node, cgroups }: RankReport, columns: number, cgroupsShown: number): Line[] {
  const shown = cgroups.slice(0, cgroupsShown);
  const hidden = cgroups.length - shown.length;
  const rankings = [...(node === null ? [] : [node]), ...shown];
  return [
    ...(whyProc === null
      ? []
      : [{ text: `Processes are read from /proc (${whyProc}).`, tone: 'quiet', indent: 2 } as const]),
    ...rankings.flatMap((ranking) => [...rankingLines(ranking, columns), { text: '' }]),
    ...(node !== null && cgroups.length === 0 ? [{ text: 'No cgroup has a memory limit.' }] : []),
    ...(hidden > 0
      ? [{ text: `… and ${plural(hidden, 'cgroup')} with a limit; --json lists all, --cgroup PATH shows one.` }]
      : []),
  ];
}

function rankingLines(ranking: Ranking, columns: number): Line[] {
  return [
    { text: `${rankedPlace(ranking)}: ${nextInWords(ranking)}`, indent: 2, tone: 'strong' },
    ...(ranking.group === null ? [] : [{ text: groupText(ranking.group), indent: 2 }]),
    ...ballotLines(ranking, ranking.ballot, columns),
  ];
}

function groupText({ path, processes }: { path: string; processes: number }): string {
  return `  memory.oom.group is set on ${path}: all of its ${plural(processes, 'process', 'processes')} die together`;
}
