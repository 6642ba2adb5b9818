import type { MissingFeature, ProgramOutcome } from '../../events/session.js';
import type { HostFacts } from './host-facts.js';
import { MODE_OF_WAY, type OptionalFact, PROGRAMS_OF_WAY, type Way } from './programs.js';
import { remedyFor, type WayFailure } from './support.js';
import { markVictimLayout } from './tracepoint-format.js';

/** Every code of /session.missing, most important first. Each is explained in docs/requirements.md; none is ever renamed. */
export const MISSING_CODES = [
  'NO_BALLOT',
  'NO_MARK_DETAILS',
  'PAUSED_IN_GAP',
  'NO_SKIPPED_CANDIDATES',
  'NO_EXITS',
  'NO_REAPER_STEPS',
  'NO_SIGKILL_FACT',
  'NO_USER_KILLS',
  'NO_COMMAND_LINES',
  'NO_KILLED_CGROUP',
  'NO_RELEASES',
  'NO_MEMORY_CONTROLLER',
  'CGROUP_V1',
  'NO_PINS',
  'NO_FENTRY',
  'NO_CGROUP_WALK',
  'NO_CGROUP_NAMES',
  'NO_PSI',
  'NO_STALL_TIMES',
  'NO_RECLAIM',
  'NO_THROTTLING',
  'NO_KSWAPD',
] as const;

export type MissingCode = (typeof MISSING_CODES)[number];

/** What was attached in the end, and what became of the better ways. */
export interface AttachResult {
  readonly way: Way;
  readonly programs: readonly ProgramOutcome[];
  /** Ways that would have been better, and why they are not used. */
  readonly failures: readonly WayFailure[];
  readonly pinned: boolean;
  /** The time in a gap without reader in which the programs had paused themselves, µs since boot; null = none. */
  readonly pausedFromUs: number | null;
}

/** What this session cannot show, most important first. */
export function missingFeatures(facts: HostFacts, result: AttachResult): MissingFeature[] {
  const features = [
    ...missingByWay(facts, result),
    ...missingByProgram(result),
    ...missingByHost(facts),
    ...missingByRun(facts, result),
  ];
  const rank = (feature: Feature) => MISSING_CODES.indexOf(feature.code);
  return features.sort((a, b) => rank(a) - rank(b));
}

type Feature = MissingFeature & { readonly code: MissingCode };

function missingByWay(facts: HostFacts, { way, failures }: AttachResult): Feature[] {
  if (way === 'fentry') return [];
  const forced = failures.length === 0;
  const why = forced
    ? `--attach ${MODE_OF_WAY[way]} was given`
    : failures.map((failure) => `${failure.way}: ${failure.reason}`).join('; ');
  const remedy = forced ? 'Leave --attach out.' : remedyFor(facts);
  if (way === 'kprobe') {
    return [
      {
        code: 'NO_FENTRY',
        what: `Kernel functions are hooked by kprobes (${why}).`,
        lost: 'Nothing of the kills, each takes a little longer; of the pressure before them what NO_STALL_TIMES and its like say.',
        remedy,
      },
    ];
  }
  return [
    {
      code: 'NO_BALLOT',
      what: `Only tracepoints could be attached (${why}).`,
      lost: 'Who triggered it, whose limit was hit, and the candidates with their points: a kill shows its victim only.',
      remedy,
    },
    ...(way === 'tracepoint' ? missingMarkDetails(facts) : []),
  ];
}

function missingMarkDetails(facts: HostFacts): Feature[] {
  const layout = markVictimLayout(facts.tracefs.formats['oom:mark_victim'] ?? '', facts.pageSizeBytes);
  if (layout === null || layout.absent.length === 0) return [];
  return [
    {
      code: 'NO_MARK_DETAILS',
      what: `The tracepoint oom:mark_victim of this kernel lacks ${layout.absent.join(', ')}.`,
      lost: "The victim's name, owner and memory: only its thread id is known.",
      remedy: 'Use a kernel of 6.9 or later, or one with BTF.',
    },
  ];
}

const LOST_BY_FACT: Readonly<Record<OptionalFact, { code: MissingCode; lost: string }>> = {
  'skipped-candidates': {
    code: 'NO_SKIPPED_CANDIDATES',
    lost: 'Processes that the kernel passed over without scoring them, and the reason.',
  },
  exits: { code: 'NO_EXITS', lost: 'When a victim was gone, and whether its memory was freed.' },
  'reaper-steps': { code: 'NO_REAPER_STEPS', lost: 'What the OOM reaper did to a victim that would not die.' },
  'cgroup-walk': {
    code: 'NO_CGROUP_WALK',
    lost: 'Samples each 10 ms: usage and limits are read from files, ten times a second at most.',
  },
  'cgroup-names': {
    code: 'NO_CGROUP_NAMES',
    lost: 'Cgroups that live for less than five seconds: names come from looking into the file system.',
  },
  stalls: {
    code: 'NO_STALL_TIMES',
    lost: 'How long the tasks of each cgroup waited for memory, each counted in full.',
  },
  reclaim: {
    code: 'NO_RECLAIM',
    lost: 'Reclaim for the sake of cgroup limits: how often, how long, how much it freed.',
  },
  throttling: { code: 'NO_THROTTLING', lost: 'How long tasks slept because of memory.high.' },
  kswapd: { code: 'NO_KSWAPD', lost: 'How often and how long kswapd ran.' },
  'user-kills': {
    code: 'NO_USER_KILLS',
    lost: 'Kills by user space: who sent SIGKILL or SIGTERM to whom (earlyoom, systemd-oomd, a runtime, a shell).',
  },
  'command-lines': { code: 'NO_COMMAND_LINES', lost: 'The command lines of victims.' },
  'killed-cgroup': {
    code: 'NO_KILLED_CGROUP',
    lost: 'Which cgroup a write to cgroup.kill meant: such kills look like single signals.',
  },
  'released-memory': { code: 'NO_RELEASES', lost: 'That process_mrelease() took the memory of a target.' },
  'sigkill-fact': { code: 'NO_SIGKILL_FACT', lost: 'Whether a victim was sent SIGKILL or was dying already.' },
};

function missingByProgram({ way, programs }: AttachResult): Feature[] {
  const byFact = new Map<OptionalFact, ProgramOutcome>();
  for (const outcome of programs) {
    const fact = PROGRAMS_OF_WAY[way].find((program) => program.name === outcome.name)?.loses;
    if (outcome.state !== 'attached' && fact && !byFact.has(fact)) byFact.set(fact, outcome);
  }
  const features = [...byFact].map(([fact, outcome]) =>
    missingFact(fact, `${outcome.name} is not attached (${outcome.reason ?? 'no reason was given'}).`),
  );
  const provided = new Set(PROGRAMS_OF_WAY[way].map((program) => program.loses));
  const unprovided = FACTS_OF_SOME_WAYS.filter((fact) => !provided.has(fact)).map((fact) =>
    missingFact(fact, `With ${way} there is no program for it.`),
  );
  return [...features, ...unprovided];
}

/** Facts that not every way has a program for. */
const FACTS_OF_SOME_WAYS = [
  ...(['cgroup-walk', 'cgroup-names', 'stalls', 'reclaim', 'throttling', 'kswapd'] as const),
  ...(['user-kills', 'command-lines', 'killed-cgroup', 'released-memory'] as const),
] as const;

function missingFact(fact: OptionalFact, what: string): Feature {
  const { code, lost } = LOST_BY_FACT[fact];
  return { code, what, lost, remedy: 'Nothing is needed for the rest; `oomscope doctor` shows every program.' };
}

function missingByHost(facts: HostFacts): Feature[] {
  return [...missingByCgroups(facts), ...(facts.psi ? [] : [NO_PSI])];
}

const NO_PSI: Feature = {
  code: 'NO_PSI',
  what: 'The kernel keeps no pressure stall information.',
  lost: 'PSI of the node and of cgroups.',
  remedy: 'Boot with psi=1, on a kernel with CONFIG_PSI=y.',
};

function missingByCgroups(facts: HostFacts): Feature[] {
  if (facts.cgroupVersion === 2) return [];
  if (facts.cgroupVersion === 1) {
    return [
      {
        code: 'CGROUP_V1',
        what: 'The memory controller is on cgroup v1.',
        lost: 'memory.high, memory.oom.group and PSI per cgroup do not exist; swap is counted together with memory.',
        remedy: 'Boot with systemd.unified_cgroup_hierarchy=1 (or cgroup_no_v1=all) for cgroup v2.',
      },
    ];
  }
  return [
    {
      code: 'NO_MEMORY_CONTROLLER',
      what: 'No mounted cgroup hierarchy carries the memory controller.',
      lost: 'Limits of cgroups: only kills of the whole node are to be expected.',
      remedy: 'Mount cgroup2 on /sys/fs/cgroup; boot with cgroup_enable=memory where it is switched off.',
    },
  ];
}

function missingByRun(facts: HostFacts, { pinned, pausedFromUs }: AttachResult): Feature[] {
  const features: Feature[] = [];
  if (pausedFromUs !== null) {
    features.push({
      code: 'PAUSED_IN_GAP',
      what: `No reader was there for so long that the programs paused, at ${pausedFromUs} µs since boot.`,
      lost: 'Kills between that moment and now.',
      remedy: 'Keep oomscope running, for example as a systemd service with Restart=always.',
    });
  }
  if (!pinned) {
    features.push({
      code: 'NO_PINS',
      what: `The programs are not pinned (${facts.bpffs.obstacle ?? '--no-pins was given'}).`,
      lost: 'Kills while oomscope is not running, also if it is killed itself.',
      remedy: 'Mount a BPF file system (`mount -t bpf bpf /sys/fs/bpf`); until then, --no-pins starts without it.',
    });
  }
  return features;
}
