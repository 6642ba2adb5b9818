import { formatBytes, formatCount, plural } from '../base/units.js';
import type { CgroupMemory } from '../events/cgroup.js';
import type { Candidate } from '../events/episode.js';
import { limitInWords } from '../model/cause.js';
import type { Ranking } from '../model/rank.js';
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
    { text: headline(ranking), indent: 2, tone: 'strong' },
    ...(ranking.group === null ? [] : [{ text: groupText(ranking.group), indent: 2 }]),
    ...ballotLines(ranking, ranking.ballot, columns),
  ];
}

function headline({ cgroup, totalPages, pageSizeBytes, next, ballot }: Ranking): string {
  const where =
    cgroup === null ? `node (RAM and swap: ${formatBytes(totalPages * pageSizeBytes)})` : cgroupText(cgroup);
  if (next.kind === 'none') return `${where}: nobody can be killed`;
  const process = processName(next.candidate);
  if (next.kind === 'dying') return `${where}: nobody new, ${process} is still dying of an earlier kill`;
  const { margin } = ballot;
  if (margin === null) return `${where}: ${process} dies next; there is no other`;
  const runnerUp = processName(margin.runnerUp);
  if (margin.pages === 0)
    return `${where}: ${process} dies next, by the order of equals: ${runnerUp} has as many points`;
  const ahead = `${formatCount(margin.pages)} points (${formatBytes(margin.pages * pageSizeBytes)})`;
  return `${where}: ${process} dies next, ${ahead} ahead of ${runnerUp}`;
}

function cgroupText(cgroup: CgroupMemory): string {
  const { path, usageBytes, maxBytes } = cgroup;
  const used =
    usageBytes === null || typeof maxBytes !== 'number' || maxBytes === 0
      ? ''
      : `, ${Math.floor((usageBytes / maxBytes) * 100)} % used`;
  return `${path ?? `cgroup ${cgroup.id}`} (${limitInWords(cgroup)}${used})`;
}

function groupText({ path, processes }: { path: string; processes: number }): string {
  return `  memory.oom.group is set on ${path}: all of its ${plural(processes, 'process', 'processes')} die together`;
}

function processName({ comm, pid }: Pick<Candidate, 'comm' | 'pid'>): string {
  return `${comm} (pid ${pid})`;
}
