#!/usr/bin/env node
// The verdict on a ballot of many candidates, its counterfactuals included, beside brute force: every oom_score_adj there
// is, tried for every candidate with the kernel's own selection (src/model/selection.ts).
//   npm run build:server && node bench/verdict.mjs [CANDIDATES=10000]
// CPU milliseconds of this process: the median, and the first run, whose code is compiled meanwhile, beside it, so that the clock
// shows less. Brute force is run for a few candidates and told for all.
const dist = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { counterfactuals } = await dist('model/counterfactual.js');
const { judge } = await dist('model/verdict.js');
const { adjPages } = await dist('model/badness.js');
const { select } = await dist('model/selection.js');
const { candidatesFromWire, candidatesToWire } = await dist('wire/candidates.js');

const count = Number(process.argv[2] ?? 10_000);
const PAGE = 4096;
const TOTAL_PAGES = 4_000_000;

let seed = 1;
const random = (below) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};

const made = Array.from({ length: count }, (_, n) => {
  const adj = random(10) === 0 ? random(2001) - 1000 : 0;
  const pages = random(60_000);
  const skipped = adj === -1000;
  return {
    ...{
      pid: n + 2,
      tid: n + 2,
      uid: 0,
      comm: `task-${n}`,
      startUs: n,
      adj,
      cgroupId: n,
      cgroupPath: `/many/${n % 500}`,
    },
    ...{
      rssBytes: null,
      rssAnonBytes: pages * PAGE,
      rssFileBytes: 0,
      rssShmemBytes: 0,
      swapBytes: 0,
      pageTableBytes: 0,
    },
    status: skipped ? 'skipped-adj-min' : 'scored',
    points: skipped ? null : pages + adjPages(adj, TOTAL_PAGES),
  };
});
// As the page and a replay have them: objects that were made by spreading are ten times as slow to read.
const candidates = candidatesFromWire(candidatesToWire(made));
const chosen = select(candidates).candidate;
const { pid, tid, uid, comm, startUs, adj, cgroupId, cgroupPath } = chosen;
const victim = { pid, tid, uid, comm, startUs, adj, cgroupId, cgroupPath };
const episode = {
  ...{ topic: '/oom/episode', tUs: 2, episodeUs: 1, durationUs: 1, attachMode: 'fentry', trigger: victim },
  ...{
    triggerCgroup: null,
    limitCgroup: null,
    limitAncestors: [],
    victimCgroup: null,
    constraint: 'none',
    sysrq: false,
  },
  ...{ gfpMask: 0, order: 0, nodemask: null, totalPages: TOTAL_PAGES, pageSizeBytes: PAGE, outcome: 'killed' },
  choice: { process: victim, choiceUs: 1, how: 'selected', points: chosen.points, score: null },
  ...{
    candidates,
    candidatesSeen: count,
    candidatesLost: 0,
    kernelThreadsSkipped: 0,
    recordsLost: 0,
    approximations: [],
  },
};
const incident = { id: '1', startUs: 1, episode, victims: [] };

/** The smallest change of one candidate's adj that changes the victim, by trying all of them. */
function bruteForce(candidate) {
  let best = null;
  const memory =
    candidate.points === null ? candidate.rssAnonBytes / PAGE : candidate.points - adjPages(candidate.adj, TOTAL_PAGES);
  for (let value = -1000; value <= 1000; value++) {
    const changed = candidates.map((other) =>
      other !== candidate
        ? other
        : value === -1000
          ? { ...other, status: 'skipped-adj-min', points: null }
          : { ...other, status: 'scored', points: memory + adjPages(value, TOTAL_PAGES) },
    );
    const won = select(changed).candidate;
    const isSame = won.pid === chosen.pid;
    const delta = Math.abs(value - candidate.adj);
    if (!isSame && (best === null || delta < Math.abs(best - candidate.adj))) best = value;
  }
  return best;
}

function measure(work, runs) {
  const times = Array.from({ length: runs }, () => {
    const [cpu, clock] = [process.cpuUsage(), performance.now()];
    work();
    const { user, system } = process.cpuUsage(cpu);
    return { cpuMs: (user + system) / 1000, clockMs: performance.now() - clock };
  });
  return {
    first: times[0],
    medianCpuMs: times.map(({ cpuMs }) => cpuMs).toSorted((a, b) => a - b)[Math.floor(runs / 2)],
  };
}

const RUNS = 15;
const TRIED = 3;
// Before anything else has run: this is what the first kill of a page costs.
const judged = () => judge({ incident, incidents: [incident], session: null, tracks: [] });
const all = measure(judged, RUNS);
const alone = measure(() => counterfactuals(episode), RUNS);
const found = counterfactuals(episode);
const changes = new Map(found.adjChanges.map((change) => [change.candidate, change.adj]));
const tried = [chosen, ...candidates.slice(0, TRIED - 1)];
const agree = tried.every((candidate) => bruteForce(candidate) === (changes.get(candidate) ?? null));
const brute = (measure(() => tried.forEach(bruteForce), 1).first.cpuMs / TRIED) * count;

console.log(`${count} candidates, ${found.adjChanges.length} of them can change the victim alone`);
const show = ({ first, medianCpuMs }) =>
  `${medianCpuMs.toFixed(1)} ms CPU; the first ${first.cpuMs.toFixed(1)} ms CPU, ${first.clockMs.toFixed(1)} ms by the clock`;
console.log(`verdict with counterfactuals   ${show(all)}`);
console.log(`  counterfactuals alone        ${show(alone)}`);
console.log(
  `brute force, for all of them   ${(brute / 1000).toFixed(0)} s CPU (from ${TRIED} tried; results ${agree ? 'equal' : 'DIFFER'})`,
);
if (!agree) process.exitCode = 1;
