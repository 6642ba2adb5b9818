import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { calmKube, REPORT_POD, WEB_POD, webKill } from '../../../test/support/kube-scene.js';
import {
  MIB,
  sampleCandidate,
  sampleCgroup,
  sampleCgroupLife,
  sampleCgroupStat,
  sampleChoice,
  sampleEpisode,
  sampleGap,
  sampleIdentity,
  sampleKill,
  sampleLoss,
  sampleMemorySample,
  sampleMemoryStat,
  sampleNearMiss,
  sampleNode,
  samplePressure,
  sampleProcess,
  sampleSession,
  sampleVictim,
} from '../../../test/support/sample-events.js';
import { visible } from '../../base/escape.js';
import type { OomscopeEvent } from '../../events/event.js';
import { applyEvents, initialModel } from '../../model/fold.js';
import { BoundedOutput } from '../bounded-output.js';
import type { TextStyle } from './line.js';
import { TextSink } from './text-sink.js';

const PLAIN: TextStyle = { columns: 100, colour: false, unicode: true };
const EXIT = sampleVictim({ step: 'exited', tUs: sampleVictim().tUs + 38_000 });

/** What a person reads after these batches. */
async function textOf(batches: OomscopeEvent[][], style = PLAIN, close = true): Promise<string> {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const sink = new TextSink(new BoundedOutput(stream, { onGone: () => {} }), () => style);
  let model = initialModel;
  for (const events of batches) {
    model = applyEvents(model, events);
    sink.write(events, model);
  }
  if (close) await sink.close();
  else await new Promise(setImmediate);
  return text;
}

describe('a kill', () => {
  it('is one block: what happened, why this one, what was full, who else stood there, what became of it', async () => {
    const text = await textOf([[sampleSession(), sampleVictim(), sampleEpisode()], [EXIT]]);
    expect(text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'DAY HH:MM')).toBe(
      [
        'oomscope 0.1.0 on node-1, Linux 6.12.0-test x86_64, 2 CPUs, 2 GiB memory, 0 B swap. Kills are',
        '    recorded with their ballot (fentry).',
        '',
        `━━ KILL  DAY HH:MM:20.000 ${'━'.repeat(67)}`,
        'hog (pid 812) was killed: its cgroup /lab/app hit its own limit of 100 MiB.',
        '  culprit  Who caused it is unknown: no timeline.',
        '  why      it had the most points, 20,786, 16,384 (64 MiB) more than vector (pid 99)',
        '  victim   hog (pid 812) of uid 0 in /lab/app, oom_score_adj 0: anon 80 MiB, file 1 MiB, page tables',
        '           200 KiB',
        '  limit    /lab/app: 100 MiB of 100 MiB ◄ hit',
        '  above it /lab: 100 MiB of no limit',
        '  ballot   2 candidates · █ anon  ▓ file  ▒ shmem  ░ swap  ▪ page tables  + oom_score_adj',
        '          points    memory   adj      pid  process',
        `  ►       20,786  81.2 MiB     0      812  hog               ${'█'.repeat(38)}▓`,
        `           4,402  17.2 MiB     0       99  vector            ${'█'.repeat(8)}`,
        'DAY HH:MM:20.038  hog (pid 812) exited 38 ms after its mark, 80.2 MiB freed',
        'DAY HH:MM:20.038  How long the pressure on /lab/app lasted is unknown: no pressure data.',
        '',
      ].join('\n'),
    );
  });

  it('says who caused it by growing, and what to do', async () => {
    const { tUs } = sampleEpisode();
    const grown = [10, 30, 50, 70].map((mib, second) =>
      sampleMemoryStat({
        tUs: tUs - 4_000_000 + second * 1_000_000,
        cgroups: [sampleCgroupStat({ anonBytes: mib * MIB })],
      }),
    );
    const text = await textOf([
      [sampleSession(), sampleCgroupLife({ tUs: tUs - 5_000_000 }), ...grown, sampleEpisode()],
    ]);
    expect(text).toMatch(
      /\n {2}culprit {2}hog \(pid 812\) itself made most of the \d+ MiB that its cgroup grew by [\s\S]* and so caused its own end\.\n {2}do {7}\S/,
    );
  });

  it('says what the API server told of its pod and of the one that caused it, where it was asked', async () => {
    const killUs = 1_100_000_000;
    const kill = webKill(killUs);
    const told = await textOf([[sampleSession(), calmKube(killUs - 20_000_000), ...kill]], { ...PLAIN, columns: 200 });
    expect(told).toContain('\n  owner    ReplicaSet shop/web-5b8c7d9f4\n');
    expect(told).toContain('\n  memory   requests 128 MiB, limit 512 MiB (API server)\n');
    expect(told).toMatch(
      /\n {2}culprit {2}container report of Job batch\/report-28412: requests 64 MiB, no limit \(API server\)\n/,
    );
    // A replay that is played fast tells of the kill and of what came long after it at once.
    const later = calmKube(killUs + 600_000_000, { pods: [] });
    const before = calmKube(killUs - 20_000_000);
    const fast = await textOf([[sampleSession(), before, ...kill, calmKube(later.tUs - 1, { pods: [] }), later]]);
    expect(fast).toContain('\n  owner    ReplicaSet shop/web-5b8c7d9f4\n');
    const unasked = await textOf([[sampleSession(), ...kill]], { ...PLAIN, columns: 200 });
    expect(unasked).not.toMatch(/API server|^ {2}(?:owner|memory|evicted|pressure) /m);
  });

  it('is followed by when the pressure ended, once: as soon as a second without any has passed', async () => {
    const { tUs } = sampleEpisode();
    const name = sampleCgroupLife({ tUs: tUs - 5_000_000 });
    const pressure = [-0.1, 0.1, 0.3].map((second) => samplePressure({ tUs: tUs + second * 1e6, node: null }));
    const batches = [[sampleSession(), name, sampleEpisode()], pressure];
    const quiet = [2, 4, 6].map((second) => [sampleNode({ tUs: tUs + second * 1e6 })]);
    const text = await textOf([...batches, ...quiet]);
    expect(text.match(/pressure on/g)).toHaveLength(1);
    expect(text).toMatch(/:22\.\d+ {2}The pressure on \/lab\/app ended within 3\d\d ms of the kill\.\n/);
    expect(await textOf(batches)).toContain('still lasted 30');
  });

  it('of a log says nothing of pressure, which no log tells', async () => {
    expect(await textOf([[sampleSession(), sampleEpisode({ attachMode: 'log' })]])).not.toContain('pressure');
  });

  it('whose steps come before its episode is told in the right order, once', async () => {
    const early = sampleVictim({ step: 'exited', tUs: sampleVictim().tUs + 50 });
    const text = await textOf([[sampleVictim(), early], [sampleEpisode()]]);
    expect(text.match(/━━ KILL/g)).toHaveLength(1);
    expect(text.indexOf('exited')).toBeGreaterThan(text.indexOf('━━ KILL'));
    expect(text.match(/exited/g)).toHaveLength(1);
  });

  it('whose episode never comes is told all the same', async () => {
    const later = sampleLoss({ tUs: sampleVictim().tUs + 11_000_000 });
    for (const batches of [[[sampleVictim(), EXIT]], [[sampleVictim(), EXIT], [later]]]) {
      const text = await textOf(batches, PLAIN, batches.length === 1);
      expect(text).toContain('hog (pid 812) was killed: the record of the choice has not arrived.');
      expect(text.match(/exited/g)).toHaveLength(1);
    }
  });

  it('seen by tracepoints alone says at once that there is no ballot', async () => {
    const mark = sampleVictim({ episodeUs: null, sigkilled: null, chosen: null });
    const text = await textOf([[mark]], PLAIN, false);
    expect(text).toContain('  missing  no ballot: only tracepoints could be attached');
    expect(text).toContain('  victim   hog (pid 812)');
    const unnamed = await textOf([[{ ...mark, process: null, memory: null }]]);
    expect(unnamed).toContain('thread 812; the kernel gave nothing but its number');
  });

  it('of a group lists every member', async () => {
    const member = (pid: number) => sampleVictim({ tid: pid, process: sampleProcess({ pid }), chosen: false });
    const text = await textOf([[sampleVictim(), member(7), member(8), sampleEpisode()]]);
    expect(text).toMatch(/^ {2}and {6}hog \(pid 7\).*\n.*\n? *and {6}hog \(pid 8\)/m);
  });

  it('by the node, with losses and with a trigger elsewhere, says so', async () => {
    const episode = sampleEpisode({
      limitCgroup: null,
      limitAncestors: [],
      constraint: 'none',
      candidatesSeen: 12,
      candidatesLost: 10,
      trigger: sampleProcess({ pid: 3, comm: 'asker', cgroupId: 9, cgroupPath: '/ask' }),
    });
    const text = await textOf([[episode]]);
    expect(text).toContain('the whole node ran out of memory; it was asker (pid 3) in /ask that\nasked for memory.');
    expect(text).toContain('  node     memory and swap of the node: 100 MiB');
    expect(text).toContain('  missing  10 of 12 candidates lost');
  });

  it('with a long ballot shows the top and always the victim; those passed over are counted by reason', async () => {
    const crowd = Array.from({ length: 30 }, (_, i) =>
      sampleCandidate({ pid: 1_000 + i, rssAnonBytes: (90 - i) * MIB }),
    );
    const last = sampleCandidate({ pid: 5, comm: 'unlucky', rssAnonBytes: MIB });
    const skipped = [1, 2].map((pid) => sampleCandidate({ pid, status: 'skipped-adj-min', adj: -1000 }));
    const choice = sampleChoice(last, { how: 'allocating-task', points: null });
    const text = await textOf([[sampleEpisode({ candidates: [...crowd, last, ...skipped], choice })]]);
    expect(text.match(/^ +[\d,]+ +[\d.]+ MiB/gm)).toHaveLength(8);
    expect(text).toMatch(/► .*unlucky/);
    expect(text).toContain('… and 22 more with fewer points');
    expect(text).toContain('2 not weighed: oom_score_adj is −1000');
  });

  it('whose points could not be recomputed shows the difference', async () => {
    const hog = sampleCandidate();
    const moved = { ...hog, points: (hog.points ?? 0) - 3 };
    expect(await textOf([[sampleEpisode({ candidates: [moved] })]])).toContain('(approximate: −3)');
  });
});

describe('what is no kill', () => {
  it('a flood of episodes that killed nobody is one line and a count', async () => {
    const dying = (n: number) =>
      sampleEpisode({
        episodeUs: n,
        outcome: 'victim-dying',
        choice: null,
        candidates: [sampleCandidate({ status: 'dying' })],
      });
    const flood = Array.from({ length: 43 }, (_, n) => dying(n));
    const text = await textOf([flood, [sampleVictim(), sampleEpisode()]]);
    expect(text.match(/Nobody new was killed/g)).toHaveLength(1);
    expect(text).toContain('… and 42 more episodes like this');
    expect(text.indexOf('42 more')).toBeLessThan(text.indexOf('━━ KILL'));
  });

  it('losses and what the host lacks are in the open', async () => {
    const missing = [{ code: 'no-btf', what: 'No BTF.', lost: 'The ballot.', remedy: 'Use a newer kernel.' }];
    const adopted = { gapFromUs: 0, gapToUs: 12_000_000, how: 'adopted' as const };
    const text = await textOf([[sampleSession({ attachMode: 'tracepoint', missing, adopted }), sampleLoss()]]);
    expect(text).toContain('WITHOUT their ballot');
    expect(text).toContain('missing (no-btf): No BTF. Lost by it: The ballot. Use a newer kernel.');
    expect(text).toContain('nobody was watching for 12 s');
    expect(text).toContain('LOST 3 (ring-ballot): Three candidates are missing.');
  });

  it('the reaper is told where it changed something, and memory that is still shared', async () => {
    const reaper = (step: 'reaper-queued' | 'reaper-started' | 'reaper-finished') =>
      sampleVictim({ step, process: null, memory: null, tUs: sampleVictim().tUs + 2_000_000 });
    const shared = { ...EXIT, memory: sampleVictim().memory, memorySharedBy: 2, tUs: EXIT.tUs + 3_000_000 };
    const text = await textOf([
      [sampleVictim(), sampleEpisode()],
      [reaper('reaper-queued'), reaper('reaper-started'), reaper('reaper-finished'), shared],
    ]);
    const after = text.slice(text.lastIndexOf('vector')).replaceAll('\n    ', ' ').split('\n').slice(1, -1);
    expect(after).toHaveLength(4);
    expect(after[0]).toContain('hog (pid 812) is not gone yet: the OOM reaper takes over');
    expect(after[1]).toContain('the OOM reaper took the memory of hog (pid 812)');
    expect(after[2]).toContain(
      'exited 3.0 s after its mark, 0 B freed; its memory is NOT free: 2 other processes share it',
    );
  });
});

describe('a kill by user space', () => {
  it('is a sentence when it is sent: who, and that the OOM killer had no part', async () => {
    const text = await textOf([[sampleSession(), sampleKill()], [sampleKill({ step: 'exited' })]]);
    const [, , line, more] = text.split('\n').map((part) => part.trim());
    expect(line).toContain('hog (pid 812) was killed by earlyoom (pid 50)');
    expect(more).toContain("The kernel's OOM killer had no part in it.");
    expect(text.split('was killed')).toHaveLength(2);
  });

  it('by cgroup.kill is told once for all that it hit, and a SIGTERM not at all', async () => {
    const killedCgroup = { id: 7, path: '/lab' };
    const target = (pid: number) => sampleProcess({ pid, comm: `p${pid}` });
    const text = await textOf([
      [1, 2, 3].map((pid) => sampleKill({ how: 'cgroup-kill', killedCgroup, target: target(pid) })),
      [sampleKill({ signal: 'SIGTERM', target: target(9) })],
    ]);
    expect(text).toContain('p1 (pid 1)');
    expect(text).not.toMatch(/p[239] /);
    expect(text.trimEnd()).toMatch(/… and 2 more processes$/);
  });

  it('of many in one cgroup names the first, and counts the others as soon as there are no more', async () => {
    const target = (pid: number) => sampleProcess({ pid, comm: `p${pid}` });
    const kills = [1, 2, 3].map((pid) => sampleKill({ target: target(pid) }));
    const untilUs = (tUs: number) => textOf([[sampleSession(), ...kills], [sampleIdentity({ tUs })]], PLAIN, false);
    const { tUs } = sampleKill();
    expect(await untilUs(tUs + 500_000)).not.toContain('more processes');
    const text = await untilUs(tUs + 2_000_000);
    expect(text.match(/was killed by/g)).toHaveLength(1);
    expect(text).toContain('… and 2 more processes\n');
  });
});

describe('the terminal', () => {
  const HOSTILE = '\x1b]0;owned\x07\u202e';

  it('gets none from an owner that the API server tells', async () => {
    const owner = { kind: '\x1b[2J', name: '\u202eoliame\n' };
    const pods = [WEB_POD, REPORT_POD].map((pod) => ({ ...pod, owner }));
    const text = await textOf([[sampleSession(), calmKube(1_080_000_000, { pods }), ...webKill(1_100_000_000)]]);
    expect(text).toContain('\\x1b[2J shop/\\u{202e}oliame\\x0a');
    expect(text.split('\n').filter((line) => visible(line) !== line)).toEqual([]);
  });

  it('gets no control character from outside, wherever a name stands', async () => {
    const hog = sampleCandidate({ comm: HOSTILE, cgroupPath: HOSTILE });
    const trigger = sampleProcess({ pid: 2, comm: HOSTILE, cgroupPath: HOSTILE, cgroupId: 1 });
    const limitCgroup = sampleCgroup({ path: HOSTILE });
    const limitAncestors = [limitCgroup];
    const choice = sampleChoice(hog);
    const missing = [{ code: HOSTILE, what: HOSTILE, lost: HOSTILE, remedy: HOSTILE }];
    const text = await textOf([
      [sampleSession({ hostname: HOSTILE, kernelRelease: HOSTILE, missing }), sampleLoss({ meaning: HOSTILE })],
      [
        sampleVictim({ process: hog }),
        sampleEpisode({ trigger, limitCgroup, limitAncestors, victimCgroup: limitCgroup, choice, candidates: [hog] }),
        { ...EXIT, process: hog },
      ],
    ]);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
    expect(text).toContain('\\x1b]0;owned\\x07\\u{202e}');
  });

  it('gets colour and signs only where it can show them', async () => {
    const batches = [[sampleSession(), sampleVictim(), sampleEpisode()]];
    expect(await textOf(batches)).not.toContain('\x1b');
    expect(await textOf(batches, { ...PLAIN, colour: true })).toContain('\x1b[1;31m━━ KILL');
    expect(await textOf(batches, { ...PLAIN, unicode: false })).toMatch(/^[\n\x20-\x7e]*$/);
  });

  it('that is narrow gets narrow text', async () => {
    const text = await textOf([[sampleSession(), sampleVictim(), sampleEpisode()]], { ...PLAIN, columns: 60 });
    const wide = text.split('\n').filter((line) => [...line].length > 60);
    // The table's rows keep a bar of ten cells.
    expect(wide.every((line) => /[█▓]/.test(line))).toBe(true);
  });
});

describe('what is not a kill', () => {
  it('is one line each: near misses by the name of their cgroup, gaps of a second and more with what they lack', async () => {
    const aLongGap = sampleGap({ fromUs: sampleGap().tUs - 1_200_000, ticksMissed: 119 });
    const nearMisses = [
      sampleNearMiss(),
      sampleNearMiss({ what: 'throttled', count: 4, throttledUs: 2_500_000, cgroupId: 77 }),
      sampleNearMiss({ what: 'episode-without-kill', count: 1, cgroupId: null }),
    ];
    const text = await textOf([[sampleSession(), sampleCgroupLife(), ...nearMisses, sampleGap(), aLongGap]]);
    expect(text).toContain('near miss: /lab/app hit its limit 120 times in 10 s, and reclaim made room');
    expect(text).toContain('near miss: memory.high kept tasks of cgroup 77 asleep for 2.5 s in 10 s');
    expect(text).toContain('near miss: memory ran out 1 time in 10 s in the node, and nobody was killed');
    expect(text).toContain('gap of 1.2 s: 119 samples missing of one each 10 ms');
    expect(text.match(/gap of/g)).toHaveLength(1);
  });

  it('samples are for those who draw them: text does not print a hundred lines a second', async () => {
    const quiet = await textOf([[sampleSession()]]);
    expect(await textOf([[sampleSession(), sampleMemorySample(), samplePressure(), sampleNode()]])).toBe(quiet);
  });
});

describe('a jump in a replay', () => {
  const inGap = sampleEpisode({ tUs: sampleEpisode().tUs + 9_000, episodeUs: sampleEpisode().episodeUs + 9_000 });

  async function textAfter(written: OomscopeEvent[], state: OomscopeEvent[]): Promise<string> {
    const stream = new PassThrough();
    const sink = new TextSink(new BoundedOutput(stream, { onGone: () => {} }), () => PLAIN);
    if (written.length > 0) sink.write(written, applyEvents(initialModel, written));
    stream.read();
    sink.restart(state, applyEvents(initialModel, state));
    await new Promise(setImmediate);
    return String(stream.read() ?? '');
  }

  it('tells the kills that stand in the gap, and none twice', async () => {
    const before = [sampleSession(), sampleEpisode()];
    expect(await textAfter(before, [...before, inGap])).toMatch(/^\n?━━ KILL [^━]*━+\n[^━]*$/);
  });

  it('to a moment at the start tells of the host, not of kills before that moment', async () => {
    const text = await textAfter([], [sampleSession(), sampleEpisode()]);
    expect(text).toContain('on node-1');
    expect(text).not.toContain('KILL');
  });
});
