import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { EXIT, OomscopeError } from '../base/errors.js';
import { visibleJson } from '../base/escape.js';
import type { CgroupMemory } from '../events/cgroup.js';
import { isWithin, type RankInput, type Ranking, rankCgroup, rankNode } from '../model/rank.js';
import { renderLines } from '../sinks/text/line.js';
import { findCgroupMount } from '../sources/host/cgroup-tree.js';
import { RankSource } from '../sources/host/rank-source.js';
import { type RankReport, rankJson, rankLines } from './rank-report.js';
import { stdoutStyle } from './terminal.js';
import { endRequest } from './until-ended.js';

interface RankOptions {
  readonly cgroup?: string;
  readonly watch: boolean;
  readonly json: boolean;
}

const WATCH_MS = 1_000;
const CGROUPS_SHOWN = 10;
/** Moves to the top left and clears what is below: no flicker. */
const HOME = '\x1b[H\x1b[J';

/** `oomscope rank`: who dies next. */
export function rankCommand(): Command {
  return new Command('rank')
    .description(
      "Say who dies next, now, by the kernel's own formula: on the whole node and in each cgroup with a limit.",
    )
    .option(
      '--cgroup <path>',
      'of this cgroup alone, as in /kubepods/pod1; without a limit of its own, of the nearest above',
    )
    .option('--watch', 'again each second, until Ctrl-C', false)
    .option('--json', 'as JSON; with --watch one object a line', false)
    .addHelpText('after', HELP)
    .action(runRank);
}

const HELP = `
The scale differs: an oom_score_adj of 100 weighs 10 % of the limit that is hit, or of RAM and swap on the node.
With CAP_BPF and CAP_PERFMON the kernel's own process list is read, else /proc, which cannot see everything.

Examples:
  sudo oomscope rank
  sudo oomscope rank --cgroup /kubepods --watch
  sudo oomscope rank --json | jq -r '.cgroups[] | "\\(.cgroup.path) \\(.next.comm) \\(.next.pid)"'
`;

async function runRank(options: RankOptions): Promise<void> {
  const source = new RankSource();
  try {
    if (options.watch) await watch(source, options);
    else process.stdout.write(render(reportOf(source, options), options, false));
  } finally {
    source.close();
  }
}

async function watch(source: RankSource, options: RankOptions): Promise<void> {
  const request = endRequest();
  let ended = false;
  const end = request.ended.then(() => {
    ended = true;
  });
  process.stdout.once('error', () => request.end(null));
  try {
    while (!ended) {
      process.stdout.write(render(reportOf(source, options), options, true));
      await Promise.race([sleep(WATCH_MS), end]);
    }
  } finally {
    request.release();
  }
}

function reportOf(source: RankSource, { cgroup }: RankOptions): RankReport {
  const input = source.read();
  const { whyProc } = source;
  if (cgroup !== undefined) return { whyProc, node: null, cgroups: [rankOne(input, cgroup)] };
  return { whyProc, node: rankNode(input), cgroups: rankAll(input) };
}

/** Of every cgroup with a limit and processes, the fullest first. */
function rankAll(input: RankInput): Ranking[] {
  return input.cgroups
    .flatMap((cgroup) => rankCgroup(input, cgroup) ?? [])
    .filter(({ candidates }) => candidates.length > 0)
    .sort((a, b) => fullness(b.cgroup) - fullness(a.cgroup));
}

function fullness(cgroup: CgroupMemory | null): number {
  return typeof cgroup?.maxBytes === 'number' ? (cgroup.usageBytes ?? 0) / Math.max(1, cgroup.maxBytes) : 0;
}

/** Of the cgroup, or of the nearest one above that has a limit: that one is hit first. */
function rankOne(input: RankInput, given: string): Ranking {
  const mountPath = findCgroupMount()?.path ?? '/sys/fs/cgroup';
  const below = given.startsWith(`${mountPath}/`) ? given.slice(mountPath.length) : given;
  const path = `/${below.split('/').filter(Boolean).join('/')}`;
  if (!input.cgroups.some((cgroup) => cgroup.path === path)) {
    throw new OomscopeError(
      'E_USAGE',
      `There is no cgroup ${path}.`,
      'oomscope rank lists those with a limit.',
      EXIT.usage,
    );
  }
  const upwards = input.cgroups.filter((cgroup) => cgroup.path !== null && isWithin(path, cgroup.path)).reverse();
  for (const cgroup of upwards) {
    const ranking = rankCgroup(input, cgroup);
    if (ranking !== null) return ranking;
  }
  return rankNode(input);
}

function render(report: RankReport, { json, watch: again, cgroup }: RankOptions, repeated: boolean): string {
  if (json) {
    // By line: a line end of our own is no character to escape.
    const lines = JSON.stringify(rankJson(report), null, again ? undefined : 2).split('\n');
    return `${lines.map(visibleJson).join('\n')}\n`;
  }
  const style = stdoutStyle();
  const shown = cgroup === undefined ? CGROUPS_SHOWN : 1;
  const text = renderLines(rankLines(report, style.columns, shown), style);
  return repeated && process.stdout.isTTY ? `${HOME}${text}` : text;
}
